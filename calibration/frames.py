"""Read annotation's tables into the long frame that every statistic takes; the one place that does."""

import hashlib
from collections.abc import Iterator, Sequence

import pandas as pd
from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import Campaign, Criterion, Gold, Judgment
from annotation.models.judgments import JudgmentQuerySet

CHUNK = 10_000
COLUMNS = {
    "item": "task__public_id",
    "annotator": "annotator__public_id",
    "annotator_kind": "annotator__kind",
    "annotator_family": "annotator__family",
    "annotator_group": "annotator__group",
    "criterion": "criterion__key",
    "system_a": "task__response_a__system__key",
    "system_b": "task__response_b__system__key",
    "outcome": "outcome",
    "strength": "strength",
    "shown_order": "shown_order",
    "length_a": "task__response_a__length",
    "length_b": "task__response_b__length",
    "round": "round",
    "submitted_at": "submitted_at",
    "prompt": "task__prompt__key",
    "pool": "task__pool",
    "tags": "task__tags",
    "language": "task__prompt__language",
    "judgment_id": "public_id",
}
SORT = ["item", "criterion", "annotator", "round", "judgment_id"]
# What must be equal for two frames to give equal figures; ids of rows are not part of it.
HASHED = [name for name in COLUMNS if name not in {"judgment_id", "submitted_at", "tags", "language", "pool"}]


def effective(campaign: Campaign, *, up_to: int) -> JudgmentQuerySet:
    """Return the judgments in force once the judgment with id `up_to` had been recorded."""
    later = Judgment.objects.filter(supersedes=OuterRef("pk"), pk__lte=up_to)
    return Judgment.objects.filter(~Exists(later), campaign=campaign, pk__lte=up_to, is_retraction=False)


def judgments(campaign: Campaign, *, criterion: Criterion | None = None, up_to: int) -> pd.DataFrame:
    """Return one row per effective verdict, sorted by stable keys; non-verdicts are counted by `nonverdicts`."""
    rows = effective(campaign, up_to=up_to).filter(outcome__in=Judgment.MENU)
    if criterion:
        rows = rows.filter(criterion__key=criterion.key)
    frame = pd.DataFrame.from_records(_records(rows), columns=list(COLUMNS))
    return _typed(frame).sort_values(SORT, kind="stable", ignore_index=True)


def _records(rows: QuerySet[Judgment]) -> Iterator[tuple[object, ...]]:
    return rows.order_by("pk").values_list(*COLUMNS.values()).iterator(chunk_size=CHUNK)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    for name in ("item", "annotator", "judgment_id"):
        frame[name] = frame[name].astype(str)
    for name in ("annotator_family", "annotator_group", "language"):
        frame[name] = frame[name].replace({"": None})
    for name in ("length_a", "length_b"):
        frame[name] = frame[name].astype("float64")
    frame["strength"] = frame["strength"].astype("Int8")
    frame["submitted_at"] = pd.to_datetime(frame["submitted_at"], utc=True)
    frame["tags"] = frame["tags"].map(tuple)
    return frame


def gold(campaign: Campaign) -> pd.DataFrame:
    """Return the known outcome of each task that has one."""
    columns = {
        "item": "task__public_id",
        "system_a": "task__response_a__system__key",
        "system_b": "task__response_b__system__key",
        "outcome": "outcome",
    }
    found = Gold.objects.filter(task__campaign=campaign).order_by("task").values_list(*columns.values())
    frame = pd.DataFrame.from_records(list(found), columns=list(columns))
    return frame.assign(item=frame["item"].astype(str))


def turns(campaign: Campaign, *, up_to: int) -> pd.DataFrame:
    """Return question and turn of the verdicts whose source names them."""
    rows = effective(campaign, up_to=up_to).verdicts().filter(extra__has_keys=["question", "turn"])
    found = rows.order_by("pk").values_list("public_id", "extra__question", "extra__turn")
    frame = pd.DataFrame.from_records(
        found.iterator(chunk_size=CHUNK), columns=["judgment_id", "question", "turn"], coerce_float=False
    )
    return frame.assign(judgment_id=frame["judgment_id"].astype(str))


def sha256(frame: pd.DataFrame, hashed: Sequence[str] = HASHED) -> str:
    """Identify a frame by its content."""
    text = frame[list(hashed)].to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()


def nonverdicts(campaign: Campaign, *, up_to: int) -> dict[str, int]:
    """Count answers that carry no verdict: abstained, refused, filtered, invalid, failed."""
    rows = effective(campaign, up_to=up_to).filter(outcome__in=Judgment.NON_VERDICTS)
    counts: dict[str, int] = {}
    for outcome in rows.values_list("outcome", flat=True).iterator():
        counts[outcome] = counts.get(outcome, 0) + 1
    return counts
