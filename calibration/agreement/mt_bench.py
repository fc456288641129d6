"""The agreement table of MT-Bench: expert votes against the judge and against each other, by turn."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from calibration.agreement import frames
from calibration.agreement.coding import Floats, encode
from calibration.agreement.frames import HUMAN, JUDGE, TIE, MissingColumns, Rows
from calibration.agreement.kappa import cohen
from calibration.agreement.sums import pair_table

EXPERT = "expert"
NEEDED = ("question", "turn", "annotator_kind", "annotator_group", "system_a", "system_b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: of `total` pairs of votes `agree` agree; `kappa` is symmetric Cohen over the same pairs."""

    turn: str
    who: str
    ties: str
    agree: int
    total: int
    kappa: float | None

    @property
    def share(self) -> float | None:
        """Return the share of agreeing pairs, None without pairs."""
        return self.agree / self.total if self.total else None


def mt_bench_table(frame: pd.DataFrame) -> list[Cell]:
    """Count how often experts agree with the judge and with each other, as Zheng et al. do.

    A key is (question, turn, pair of systems). Judge and human: every expert vote against every judge verdict of its
    key. Human and human: all unordered pairs of expert votes of one key. "Counted" takes all pairs, "dropped" only
    those without a tie on either side. A tie is any tie, also an inconsistent one; people outside the group "expert"
    do not count.

    Parameters
    ----------
    frame
        Long frame with question, turn, annotator_kind, annotator_group ("expert" or other), system_a, system_b.

    Returns
    -------
    list of Cell
        For each turn: judge and human with ties counted and dropped, human and human likewise.

    Raises
    ------
    MissingColumns, UnknownValues
        If the frame lacks a column or holds a value that is not allowed.

    References
    ----------
    Zheng et al. (2023), arXiv:2306.05685, Table 5.
    """
    if missing := [name for name in NEEDED if name not in frame]:
        raise MissingColumns(missing)
    counts = frame[(frame["annotator_kind"] != "human") | (frame["annotator_group"] == EXPERT)]
    keyed = counts.assign(item=counts["question"].astype(str) + "\n" + counts["turn"].astype(str))
    return [
        cell
        for turn, part in keyed.groupby(keyed["turn"].astype(str), sort=True)
        for cell in _cells(str(turn), frames.read(part))
    ]


def _cells(turn: str, rows: Rows) -> Iterator[Cell]:
    used = rows.among(rows.used)
    for who, kinds in (("human-judge", (HUMAN, JUDGE)), ("human", (HUMAN,))):
        table = _table(used.among(np.isin(used.kind, kinds)), cross=JUDGE in kinds)
        yield _cell(turn, who, "counted", table)
        yield _cell(turn, who, "dropped", np.delete(np.delete(table, TIE, 0), TIE, 1))


def _table(votes: Rows, *, cross: bool) -> Floats:
    """Tabulate the pairs of votes: experts by judge, or each two experts half in either order."""
    coded = encode(votes.unit, votes.annotator, votes.outcome, n_codes=3, kind=votes.kind, cross=cross)
    return pair_table(coded, np.ones(coded.n_units)) / (1 if cross else 2)


def _cell(turn: str, who: str, ties: str, table: Floats) -> Cell:
    kappa = cohen(table, symmetric=True).value
    return Cell(turn=turn, who=who, ties=ties, agree=round(table.trace()), total=round(table.sum()), kappa=kappa)
