"""judgments: one row a judgment, with what the profile of the release hands on."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from calibration.exports.facts import JudgmentFacts
from calibration.exports.options import Options
from calibration.exports.pseudonyms import Pseudonyms
from calibration.exports.records.columns import Column, Kind, Table

TABLE = Table(
    "judgments",
    "judgment/1",
    "every judgment in force, non-verdicts included",
    (
        Column("judgment_id", Kind.TEXT, "id that holds in this release only"),
        Column("campaign_id", Kind.TEXT, "campaign"),
        Column("task_id", Kind.TEXT, "the task"),
        Column("task_type", Kind.TEXT, "comparison, rating or labeling"),
        Column("task_snapshot_sha256", Kind.TEXT, "hash of prompt, responses and rubric as shown"),
        Column("criterion", Kind.TEXT, "question of the rubric"),
        Column("rubric_sha256", Kind.TEXT, "version of the rubric"),
        Column(
            "annotator_id",
            Kind.TEXT,
            "pseudonym that holds in this release only; the record's id in the internal profile",
        ),
        Column("annotator_kind", Kind.TEXT, "human, judge, oracle or heuristic"),
        Column("annotator_version", Kind.TEXT, "hash of a judge's frozen configuration, empty for people"),
        Column("prompt_id", Kind.TEXT, "prompt"),
        Column("system_a", Kind.TEXT, "system of response a; (system, response) of a is smaller by code point"),
        Column("response_a_id", Kind.TEXT, "response a among those of its system, often empty"),
        Column("system_b", Kind.TEXT, "system of response b"),
        Column("response_b_id", Kind.TEXT, "response b among those of its system, often empty"),
        Column("shown_order", Kind.TEXT, "ab: a was shown left or first; null: unknown"),
        Column("outcome", Kind.TEXT, "a, b, tie, both_bad; abstain, refused, filtered, invalid, error are no verdicts"),
        Column("strength", Kind.INTEGER, "-3 to 3, positive: a better; null: not asked"),
        Column("score", Kind.INTEGER, "place on the rating scale of the criterion, 1 is lowest; null: no rating"),
        Column("labels", Kind.OBJECT, "labels that apply, with their severities; null: no labeling"),
        Column("rationale", Kind.TEXT, "the annotator's words; null unless the profile hands them on"),
        Column("round", Kind.INTEGER, "0: first answer; above: repeats, and further orders and samples of judges"),
        Column("started_at", Kind.TIME, "start, truncated to the hour unless the profile is internal", "UTC"),
        Column("submitted_at", Kind.TIME, "answer, truncated to the hour unless the profile is internal", "UTC"),
        Column("active_ms", Kind.INTEGER, "time at work on it, idle left out", "ms"),
        Column("is_gold", Kind.FLAG, "the task has a known answer"),
        Column("cluster_id", Kind.TEXT, "shared by pairs derived from one ranking"),
        Column("split", Kind.TEXT, "train, validation or test"),
        Column("provenance", Kind.TEXT, "live, import or synthetic"),
        Column("flags", Kind.TEXTS, "marks of importers, judges and evaluators"),
        Column("extra", Kind.OBJECT, "further columns of an imported file, empty unless asked for"),
    ),
)


WITH_RATIONALES = ("partner", "internal")


def records(
    facts: Iterable[JudgmentFacts], *, campaign_id: str, names: Pseudonyms, options: Options
) -> Iterator[dict[str, Any]]:
    """Yield public records in their final order; facts come sorted by task and criterion.

    Only the few rows of one task and criterion are held and sorted at a time.
    """
    for _, group in groupby(facts, key=lambda row: (row.task_id, row.criterion)):
        yield from sorted((_record(row, campaign_id, names, options) for row in group), key=_place)


def _place(record: dict[str, Any]) -> tuple[Any, ...]:
    """Sort by released values only, so that the order tells nothing more than they do."""
    submitted = record["submitted_at"]
    return (record["annotator_id"], submitted is not None, submitted or datetime.min, record["judgment_id"])


def _record(row: JudgmentFacts, campaign_id: str, names: Pseudonyms, options: Options) -> dict[str, Any]:
    record = row._asdict()
    record |= {
        "campaign_id": campaign_id,
        "judgment_id": names.judgment(row.judgment_id),
        "annotator_id": names.annotator(row.annotator_id),
        "annotator_version": "" if row.annotator_kind == "human" else row.annotator_version,
        "started_at": row.started_at if options.profile == "internal" else _hour(row.started_at),
        "submitted_at": row.submitted_at if options.profile == "internal" else _hour(row.submitted_at),
        "rationale": (row.rationale or None) if options.profile in WITH_RATIONALES else None,
        "flags": sorted(row.flags),
        "extra": row.extra if options.extra and options.profile != "hash_only" else {},
    }
    return {column.name: record[column.name] for column in TABLE.columns}


def _hour(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(minute=0, second=0, microsecond=0)
