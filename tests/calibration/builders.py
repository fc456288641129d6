"""Runs with plausible figures, written straight into the tables, so that pages are tested without a fit."""

import hashlib
import itertools
import random
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from annotation.models import Annotator, Campaign, Criterion, System, Task
from annotation.services import audit
from calibration.models import Agreement, Estimate, Export, ItemEstimate, Run
from tests import factories

Quantity = Estimate.Quantity
SHA = hashlib.sha256(b"snapshot").hexdigest()
DIAGNOSTICS = {
    "passed": True,
    "reasons": [],
    "rhat_max": 1.004,
    "ess_bulk_min": 1210.0,
    "ess_tail_min": 1482.0,
    "divergences": 0,
    "tree_depth_hits": 0,
    "ebfmi_min": 0.82,
    "chains": 4,
    "draws": 1000,
    "tune": 1000,
    "retried": False,
    "seconds": 41.5,
}
FAILED_DIAGNOSTICS = DIAGNOSTICS | {
    "passed": False,
    "reasons": ["R-hat is 1.034, the bar is 1.01", "14 divergences after warm-up"],
    "rhat_max": 1.034,
    "divergences": 14,
}


@dataclass(frozen=True)
class Profile:
    """How one annotator stands in a run: name, kind, estimates of reliability and position shift, n."""

    name: str
    kind: str = "human"
    reliability: float = 0.85
    shift: float = 0.01
    n: int = 400


PROFILES = (
    Profile("heron", reliability=0.88, n=702),
    Profile("lapwing", reliability=0.84, shift=-0.03, n=655),
    Profile("dunlin", reliability=0.58, shift=0.02, n=188),
    Profile("turnstone", reliability=0.79, shift=0.18, n=96),
    Profile("plover", n=12),
    Profile("Quill-S, config 9f2c", "judge", reliability=0.74, shift=0.21, n=1452),
    Profile("Tally-32b, config c7e8", "judge", reliability=0.8, shift=-0.06, n=1452),
)
SYSTEM_NAMES = ("Cobalt 3", "Feldspar 7b", "Cobalt 2", "Basalt 1.5", "Slate base")
_numbers = itertools.count(1)


def campaign(*, tasks: int = 3, systems: int = 3, **kwargs: Any) -> Campaign:
    """Return an open campaign with tasks between each two of its systems."""
    made = factories.campaign(**kwargs)
    keys = [f"s{number:02d}" for number in range(systems)]
    for number, (first, second) in zip(range(tasks), itertools.cycle(itertools.combinations(keys, 2)), strict=False):
        factories.task(made, system_a=first, system_b=second, prompt=f"question {number}")
    for number, row in enumerate(made.systems.order_by("key")):
        System.objects.filter(pk=row.pk).update(name=SYSTEM_NAMES[number % len(SYSTEM_NAMES)] + "i" * (number // 5))
    return made


def judged(of: Campaign, *, evaluators: int = 3, seed: int = 1) -> list[Annotator]:
    """Let evaluators answer every task through the service, each with a mind of their own."""
    dice = random.Random(seed)
    people = [factories.evaluator(of) for _ in range(evaluators)]
    for person in people:
        for _ in range(of.tasks.count()):
            side = dice.choices(["left", "right", "tie", "both_bad"], weights=[5, 4, 2, 1])[0]
            factories.judgment(person, of, side)
    return people


def annotator(profile: Profile) -> Annotator:
    made = Annotator(kind=profile.kind, name=profile.name, import_key=f"test:{profile.name}:{next(_numbers)}")
    audit.seal(made)
    made.save()
    return made


def run(of: Campaign, state: str = Run.State.PASSED, **values: object) -> Run:
    """Write a run in a state, with diagnostics that fit it."""
    made = Run(campaign=of, state=state, seed=20417, data_sha256=SHA, code_version="0.1.0+test")
    made.settings, made.versions = {"draws": 1000}, {"pymc": "6.4.0", "python": "3.13"}
    made.last_judgment_id = of.judgments.order_by("-pk").values_list("pk", flat=True).first()
    if made.is_finished:
        made.finished_at = timezone.now()
        made.diagnostics = DIAGNOSTICS if state == Run.State.PASSED else FAILED_DIAGNOSTICS
    if state == Run.State.PASSED:
        made.counts = {
            "judgments": 4957,
            "humans": 5,
            "judges": 2,
            "systems": of.systems.count(),
            "tasks": of.tasks.count(),
            "excluded": 38,
        }
        made.headline = "People prefer Cobalt 3 to Feldspar 7b with probability 0.64 [0.57, 0.71], on 4,957 judgments."
    for name, value in values.items():
        setattr(made, name, value)
    audit.seal(made)
    made.save()
    return made


def passed_run(of: Campaign, profiles: Sequence[Profile] = PROFILES, seed: int = 1) -> Run:
    """Write a passed run with estimates of all systems, tasks and of annotators as profiled."""
    dice = random.Random(seed)
    made = run(of)
    for criterion in of.rubric.criteria.order_by("position"):
        Estimate.objects.bulk_create(_of_systems(made, criterion) + _of_annotators(made, criterion, profiles))
        ItemEstimate.objects.bulk_create(_of_task(made, criterion, task, dice) for task in of.tasks.order_by("pk"))
        Agreement.objects.bulk_create(_agreements(made, criterion))
    return made


def _estimate(
    made: Run, criterion: Criterion, quantity: str, value: float, half: float, n: int, **on: object
) -> Estimate:
    values = {"value": value, "ci_low": value - half, "ci_high": value + half, "n": n}
    return Estimate(run=made, criterion=criterion, quantity=quantity, **values, **on)


def _of_systems(made: Run, criterion: Criterion) -> list[Estimate]:
    systems = list(made.campaign.systems.order_by("key"))
    middle = (len(systems) - 1) / 2
    rows = []
    for place, system in enumerate(systems):
        strength = 0.23 * (middle - place)
        rows.append(_estimate(made, criterion, Quantity.STRENGTH, strength, 0.13, 1990 + place, system=system))
        rows.append(_estimate(made, criterion, Quantity.RANK, place + 1, 0.5 * (0 < place < 3), 1990, system=system))
    for (place, one), (other_place, other) in itertools.combinations(enumerate(systems), 2):
        chance, n = 0.5 + 0.06 * (other_place - place), 24 if other_place - place > 3 else 200 + place
        row = _estimate(made, criterion, Quantity.WIN_PROBABILITY, min(chance, 0.9), 0.07, n, system=one, against=other)
        rows.append(row)
    return rows


def group_parameter(made: Run) -> None:
    """Give a run one estimate of a whole group."""
    criterion = made.campaign.rubric.criteria.first()
    assert criterion is not None
    _estimate(made, criterion, Quantity.POPULATION, 0.11, 0.05, 4957, parameter="position_mean (human)").save()


def profile_of(made: Run, who: Annotator, profile: Profile = PROFILES[0]) -> None:
    """Give one annotator estimates in a run."""
    for criterion in made.campaign.rubric.criteria.all():
        Estimate.objects.bulk_create(_of_annotator(made, criterion, who, profile))


def _of_annotators(made: Run, criterion: Criterion, profiles: Sequence[Profile]) -> list[Estimate]:
    return [row for profile in profiles for row in _of_annotator(made, criterion, annotator(profile), profile)]


def _of_annotator(made: Run, criterion: Criterion, who: Annotator, profile: Profile) -> list[Estimate]:
    quantities = (
        (Quantity.RELIABILITY, profile.reliability, 0.04),
        (Quantity.DISCRIMINATION, 4 * (profile.reliability - 0.5), 0.2),
        (Quantity.POSITION_SHIFT, profile.shift, 0.05),
        (Quantity.POSITION_BIAS, 4 * profile.shift, 0.2),
        (Quantity.LENGTH_BIAS, 0.07, 0.06),
        (Quantity.TIE_WIDTH, 0.22, 0.05),
        (Quantity.TIE_RATE, 0.14, 0.03),
    )
    return [
        _estimate(made, criterion, quantity, value, half, profile.n, annotator=who)
        for quantity, value, half in quantities
    ]


def _of_task(made: Run, criterion: Criterion, task: Task, dice: random.Random) -> ItemEstimate:
    p_a = dice.uniform(0.02, 0.96)
    p_tie = dice.uniform(0, 1 - p_a)
    better = p_a + p_tie / 2
    values = {
        "ci_low": max(better - 0.2, 0.0),
        "ci_high": min(better + 0.2, 1.0),
        "sd": 0.12,
        "n_human": 3,
        "n_judge": 2,
    }
    outcome = {"p_a": p_a, "p_tie": p_tie, "p_b": 1 - p_a - p_tie, "p_a_better": better}
    return ItemEstimate(run=made, task=task, criterion=criterion, **outcome, **values)


def _agreements(made: Run, criterion: Criterion) -> list[Agreement]:
    rows = [_agreement(made, criterion, who, metric, value) for who, metric, value in AGREEMENTS]
    undefined = _agreement(made, criterion, "judge", "alpha_ordinal_krippendorff", None)
    undefined.undefined_reason = "no task has two judgments by judges"
    return [*rows, undefined]


AGREEMENTS = (
    ("human", "percent_pooled", 0.73),
    ("human", "alpha_nominal", 0.58),
    ("human", "alpha_ordinal_krippendorff", 0.61),
    ("human-judge", "alpha_nominal", 0.54),
    ("judge", "alpha_nominal", 0.66),
    ("all", "alpha_nominal", 0.57),
)


def _agreement(made: Run, criterion: Criterion, who: str, metric: str, value: float | None) -> Agreement:
    counts = {"n_units": 2400, "n_units_paired": 1918, "n_annotators": 7, "n_judgments": 4957, "n_pairs": 6100}
    row = Agreement(run=made, criterion=criterion, who=who, metric=metric, orientation="symmetric", **counts)
    if value is not None:
        row.value, row.ci_low, row.ci_high, row.ci_level = value, value - 0.05, value + 0.05, 0.9
        row.ci_method, row.n_boot = "bootstrap of tasks and annotators", 2000
    return row


def export(of: Run, state: str = Export.State.DONE) -> Export:
    """Write a release of a run; a finished one has a small archive on disk."""
    made = Export(campaign=of.campaign, run=of, state=state)
    if state == Export.State.DONE:
        finish(made)
    audit.seal(made)
    made.save()
    return made


def finish(made: Export) -> None:
    """Give a release the files and the hashes that its build would give."""
    made.state = Export.State.DONE
    folder = Path(settings.EXPORTS_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    made.archive = f"{made.public_id}.zip"
    with zipfile.ZipFile(folder / made.archive, "w") as packed:
        packed.writestr("manifest.json", "{}")
    made.archive_sha256 = hashlib.sha256((folder / made.archive).read_bytes()).hexdigest()
    made.bytes, made.manifest_sha256, made.finished_at = (folder / made.archive).stat().st_size, SHA, timezone.now()
    names = (
        "judgments.parquet",
        "calibrated.jsonl",
        "annotators.jsonl",
        "systems.jsonl",
        "data/preference/train.jsonl",
    )
    made.manifest = {"files": [{"path": name, "rows": 4957, "bytes": 1_204_331, "sha256": SHA} for name in names]}
