"""What a run sees: the judgments up to one row, their counts, and what else its figures follow from."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from django.db.models import Max

from annotation.models import Judgment
from calibration import frames
from calibration.models import Run
from calibration.services import versions


def freeze(run: Run) -> int:
    """Fix the last judgment that the run sees and return its id; a second try of the same run sees the same."""
    if run.last_judgment_id is None:
        last = Judgment.objects.filter(campaign=run.campaign).aggregate(last=Max("pk"))["last"]
        run.last_judgment_id = last or 0
        Run.objects.filter(pk=run.pk).update(last_judgment_id=run.last_judgment_id)
    return run.last_judgment_id


def note(run: Run, frame: pd.DataFrame, hashed: Sequence[str], counts: dict[str, Any]) -> None:
    """Keep with the run what identifies its data and its code."""
    run.data_sha256, run.code_version = frames.sha256(frame, hashed), versions.code_version()
    run.versions, run.counts = versions.libraries(), counts


def counts(run: Run, frame: pd.DataFrame) -> dict[str, Any]:
    """Count what a frame of any kind holds, and the answers without a verdict beside it."""
    by_kind = frame["annotator_kind"].value_counts()
    who = frame.drop_duplicates("annotator")["annotator_kind"].value_counts()
    return {
        "judgments": len(frame),
        "by_kind": {str(kind): int(n) for kind, n in by_kind.items()},
        "annotators": int(who.sum()),
        "humans": int(who.get("human", 0)),
        "judges": int(who.get("judge", 0)),
        "tasks": int(frame["item"].nunique()),
        "repeats": int((frame["round"] > 0).sum()),
        "nonverdicts": frames.nonverdicts(run.campaign, up_to=run.last_judgment_id or 0),
        "excluded": 0,
    }
