"""Whether answers without a verdict fall on some systems more than on others."""

from dataclasses import dataclass

import scipy.stats

LINE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Answers without a verdict on the tasks of one system, and the exact test against all other systems."""

    system: str
    counts: dict[str, int]
    total: int
    p_value: float
    is_uneven: bool

    @property
    def missing(self) -> int:
        """Return how many answers carry no verdict."""
        return sum(self.counts.values())


def by_system(counts: dict[str, dict[str, int]], totals: dict[str, int]) -> list[Missing]:
    """Test each system's missing share against that of the others: two-sided exact test, Holm over systems.

    Parameters
    ----------
    counts
        For each system the answers without a verdict, by kind.
    totals
        For each system all answers.
    """
    lost = {system: sum(counts.get(system, {}).values()) for system in totals}
    p_values = {system: _p_value(system, lost, totals) for system in totals}
    uneven = _holm(p_values)
    return [
        Missing(
            system=system, counts=counts.get(system, {}), total=totals[system], p_value=p_values[system],
            is_uneven=system in uneven,
        )
        for system in sorted(totals)
    ]  # fmt: skip


def _p_value(system: str, lost: dict[str, int], totals: dict[str, int]) -> float:
    others_lost = sum(lost.values()) - lost[system]
    others = sum(totals.values()) - totals[system]
    table = [[lost[system], totals[system] - lost[system]], [others_lost, others - others_lost]]
    return float(scipy.stats.fisher_exact(table).pvalue)


def _holm(p_values: dict[str, float]) -> set[str]:
    rejected: set[str] = set()
    for place, system in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        if p_values[system] >= LINE / (len(p_values) - place):
            break
        rejected.add(system)
    return rejected
