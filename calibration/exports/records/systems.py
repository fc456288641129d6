"""systems: one row a system and criterion, how strong each is."""

from collections.abc import Iterable
from typing import Any

from calibration.exports.facts import Estimate, SystemFacts
from calibration.exports.records.columns import Column, Kind, Table, interval
from calibration.exports.records.estimates import Lookup, spread

QUANTITIES = {
    "strength": ("latent quality, 0 on average over the systems", "logit"),
    "win_probability": ("probability of being preferred to another system of the campaign", "probability"),
    "rank": ("1 is best", "rank"),
}
TABLE = Table(
    "systems",
    "system/1",
    "which systems were compared, and their strength",
    (
        Column("system_id", Kind.TEXT, "key of the system"),
        Column("system_name", Kind.TEXT, "name"),
        Column("system_family", Kind.TEXT, "family"),
        Column("generation", Kind.OBJECT, "settings it generated with; null: not recorded"),
        Column("criterion", Kind.TEXT, "question of the rubric"),
        Column("n_judgments", Kind.INTEGER, "rows about this system in judgments", "judgments"),
        Column("n_tasks", Kind.INTEGER, "tasks among them", "tasks"),
        Column("ci_level", Kind.NUMBER, "level of the intervals"),
        *(column for name, (meaning, unit) in QUANTITIES.items() for column in interval(name, meaning, unit)),
    ),
)


def records(systems: Iterable[SystemFacts], estimates: Iterable[Estimate]) -> list[dict[str, Any]]:
    """Return the records sorted by key and criterion."""
    lookup = Lookup(estimates)
    return sorted((_record(row, lookup) for row in systems), key=lambda r: (r["system_id"], r["criterion"]))


def _record(row: SystemFacts, lookup: Lookup) -> dict[str, Any]:
    return {
        "system_id": row.system_id,
        "system_name": row.name,
        "system_family": row.family or None,
        "generation": row.generation,
        "criterion": row.criterion,
        "n_judgments": row.n_judgments,
        "n_tasks": row.n_tasks,
        **spread(lookup, QUANTITIES, row.system_id, row.criterion),
    }
