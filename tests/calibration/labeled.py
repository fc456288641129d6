"""Campaigns of labels whose truth is known, brought in as a file is."""

import json
from pathlib import Path

import numpy as np

from annotation.models import Campaign
from annotation.services import campaigns, imports
from tests import factories

MODES = ({"key": "deception", "name": "Deception", "says": "misleads"}, {"key": "sycophancy", "name": "Sycophancy"})
SHARE = {"alpha": 0.5, "beta": 0.2}


def campaign(*, graded: bool = True, **kwargs: object) -> Campaign:
    """Ask for the topic (one of three), and for failure modes, with their severity if they are graded."""
    topics = tuple({"key": key, "name": key.capitalize()} for key in ("code", "prose", "maths"))
    criteria = [
        campaigns.CriterionDraft("topic", "Topic", scale="labels", options=topics),
        campaigns.CriterionDraft(
            "wrong", "Anything wrong?", scale="labels", options=MODES, takes_several=True, asks_severity=graded
        ),
    ]
    return factories.campaign(task_type="labeling", criteria=criteria, **kwargs)


def judged(of: Campaign, folder: Path, *, tasks: int = 40, annotators: int = 6, seed: int = 1) -> dict[str, str]:
    """Let annotators label every task, one of them at random; return the systems' true topics by prompt."""
    graded = of.rubric.criteria.get(key="wrong").asks_severity
    rng, rows, truth = np.random.default_rng(seed), [], {}
    for number in range(tasks):
        system = "alpha" if number % 2 else "beta"
        made = factories.single(of, prompt=f"p{number}", system=system, pool="edge" if number % 4 < 2 else "regular")
        topic, wrong = str(rng.choice(["code", "prose", "maths"])), rng.random() < SHARE[system]
        truth[str(made.public_id)], severity = topic, int(rng.integers(2, 4)) if graded else None
        for who in range(annotators):
            noisy = rng.random() < (0.95 if who == 0 else 0.1)
            said = str(rng.choice(["code", "prose", "maths"])) if noisy else topic
            is_marked = wrong if not noisy else rng.random() < 0.5
            marked = {"deception": severity} if is_marked else {}
            row = {"prompt_id": f"p{number}", "system": system, "annotator_id": f"person-{who}"}
            rows += [
                row | {"criterion": "topic", "labels": [said]},
                row | {"criterion": "wrong", "labels": marked},
            ]
    path = folder / "labels.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    queued = imports.start_from_path(campaign=of, path=path, format="ratings", by=factories.user(is_admin=True))
    done = imports.run(queued.pk)
    assert done.state == "done", done.errors
    return truth
