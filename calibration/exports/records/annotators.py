"""annotators: one row an annotator and criterion, how far each can be trusted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from calibration.exports.facts import AnnotatorFacts, Estimate
from calibration.exports.pseudonyms import Pseudonyms
from calibration.exports.records.columns import Column, Kind, Table, interval
from calibration.exports.records.estimates import Lookup, spread

QUANTITIES = {
    "reliability": ("expected accuracy against the consensus on a typical task", "probability"),
    "discrimination": ("how sharply choices follow quality, relative to the human mean", ""),
    "position_bias": ("pull towards the response shown first", "logit"),
    "position_shift": ("the same as a shift of probability between equal responses", "probability"),
    "length_bias": ("pull towards the longer response, per scaled log ratio of lengths", "logit"),
    "tie_width": ("half width of the band in which a tie is chosen", "logit"),
    "tie_rate": ("share of ties among the verdicts", "probability"),
}
TABLE = Table(
    "annotators",
    "annotator/1",
    "who judged, how much, how reliably",
    (
        Column("annotator_id", Kind.TEXT, "pseudonym that holds in this release only"),
        Column("annotator_kind", Kind.TEXT, "human, judge, oracle or heuristic"),
        Column("annotator_name", Kind.TEXT, "name of a judge; null for people"),
        Column("annotator_version", Kind.TEXT, "hash of a judge's frozen configuration, empty for people"),
        Column("annotator_family", Kind.TEXT, "family of a judge"),
        Column("annotator_group", Kind.TEXT, "stakeholder group; null where fewer than five people share it"),
        Column("criterion", Kind.TEXT, "question of the rubric"),
        Column("n_judgments", Kind.INTEGER, "rows of this annotator in judgments", "judgments"),
        Column("n_tasks", Kind.INTEGER, "tasks among them", "tasks"),
        Column("little_information", Kind.FLAG, "too few judgments for the figures to say much beyond the prior"),
        Column("ci_level", Kind.NUMBER, "level of the intervals"),
        *(column for name, (meaning, unit) in QUANTITIES.items() for column in interval(name, meaning, unit)),
    ),
)
SMALLEST_GROUP = 5
LITTLE = "little information"


def records(
    annotators: Iterable[AnnotatorFacts],
    estimates: Iterable[Estimate],
    names: Pseudonyms,
    *,
    is_internal: bool = False,
) -> list[dict[str, Any]]:
    """Return the records sorted by pseudonym and criterion."""
    facts = list(annotators)
    # Without a public there is nobody to hide a small group from.
    sizes = Counter({row.group: SMALLEST_GROUP for row in facts}) if is_internal else group_sizes(facts)
    lookup = Lookup(estimates)
    return sorted(
        (_record(row, sizes, lookup, names) for row in facts), key=lambda r: (r["annotator_id"], r["criterion"])
    )


def group_sizes(annotators: Iterable[AnnotatorFacts]) -> Counter[str]:
    """Count the people of each stakeholder group."""
    return Counter(group for group, _ in {(row.group, row.annotator_id) for row in annotators if row.kind == "human"})


def suppressed(annotators: Iterable[AnnotatorFacts]) -> int:
    """Count the people whose group is left out because too few share it."""
    sizes = group_sizes(annotators)
    return sum(size for group, size in sizes.items() if group and size < SMALLEST_GROUP)


def _record(row: AnnotatorFacts, sizes: Mapping[str, int], lookup: Lookup, names: Pseudonyms) -> dict[str, Any]:
    is_human = row.kind == "human"
    is_shown = row.group and (not is_human or sizes[row.group] >= SMALLEST_GROUP)
    return {
        "annotator_id": names.annotator(row.annotator_id),
        "annotator_kind": row.kind,
        "annotator_name": None if is_human else row.name,
        "annotator_version": "" if is_human else row.version,
        "annotator_family": None if is_human else row.family or None,
        "annotator_group": row.group if is_shown else None,
        "criterion": row.criterion,
        "n_judgments": row.n_judgments,
        "n_tasks": row.n_tasks,
        "little_information": lookup.has_remark(row.annotator_id, row.criterion, LITTLE),
        **spread(lookup, QUANTITIES, row.annotator_id, row.criterion),
    }
