"""The door: agreement on pairwise comparisons, straight from the long frame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from calibration.agreement import frames, slicing
from calibration.agreement.coding import Coded, encode
from calibration.agreement.frames import HUMAN, JUDGE, OTHER, Rows
from calibration.agreement.metrics import METRICS, Metric, named
from calibration.agreement.records import Origin, Resampling, measure
from calibration.agreement.results import Agreement

CROSS = "human-judge"
WHO = {"all": (HUMAN, JUDGE, OTHER), "human": (HUMAN,), CROSS: (HUMAN, JUDGE), "judge": (JUDGE,)}
DEFAULT = ("percent_pooled", "percent_unit_mean", "alpha_nominal", "alpha_ordinal_krippendorff", "ac1", "fleiss")
# Outcomes of a comparison have no zero, and the distance would change with the sides.
RATIO = "alpha_ratio"
ORIENTATIONS = ("symmetric", "canonical")


class UnknownChoice(ValueError):
    """A choice that is none of those offered."""

    def __init__(self, name: str, value: str, offered: Sequence[str]) -> None:
        super().__init__(f"{name} is one of {', '.join(offered)}, not {value!r}")


def comparisons(
    frame: pd.DataFrame,
    *,
    who: Sequence[str] = tuple(WHO),
    metrics: Sequence[str] = DEFAULT,
    seed: int,
    n_boot: int = 1_000,
    level: float = 0.9,
    orientation: str = "symmetric",
    code_version: str = "",
    data_sha256: str = "",
) -> list[Agreement]:
    """Measure how far annotators agree on comparisons.

    A unit is one item and pair of systems, its values are a, tie (also both_bad) and b in canonical order; where no tie
    occurs in a criterion there are two values. The symmetric orientation averages the chance term with its mirror
    image (a and b exchanged): coincidences (o + RoRᵀ)/2, shares (p + Rp)/2; no statistic then depends on names. Only
    answers of round 0 count, and where an annotator answered a unit again the last by submitted_at, else by row.

    ``who`` chooses the judgments: ``human`` those of people, ``judge`` those of judges, ``all`` everyone's, and
    ``human-judge`` only pairs of one human and one judge. There, with H and J judgments of a unit, each of the 2HJ
    ordered cross pairs weighs (H + J)/2HJ in the coincidence matrix, so that a unit weighs as much as in alpha of all
    its judgments and both kinds shape the margins equally; with one human and one judge it is Krippendorff's alpha.
    The shares of Fleiss and AC1 are (h_c/H + j_c/J)/2, averaged over units with both.

    Parameters
    ----------
    frame
        Long frame, one row per judgment: item, annotator, outcome, and optionally criterion, annotator_kind,
        system_a, system_b, round, submitted_at (see `frames.read`).
    who, metrics
        Which judgments, and which statistics (keys of `metrics.METRICS` except alpha_ratio).
    seed, n_boot, level
        Of the pigeonhole bootstrap over items and annotators; n_boot 0 gives no intervals.
    orientation
        symmetric, or canonical for the chance term as the system ids happen to order.
    code_version, data_sha256
        Written into the records.

    Returns
    -------
    list of Agreement
        One for each criterion, ``who`` and metric. A value is None with a reason if no unit has a pair, or, for a
        chance-corrected statistic, if all compared judgments are ties.

    Raises
    ------
    MissingColumns, UnknownValues, MixedKinds
        If the frame lacks a column, holds a value that is not allowed, or has an annotator of two kinds.
    UnknownChoice, UnknownMetric, InvalidSetting
        If a setting is none of those offered.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; Gwet (2014), Handbook of Inter-Rater Reliability;
    Fleiss (1971), doi:10.1037/h0031619; Owen (2007), doi:10.1214/07-AOAS122.
    """
    plan = Plan.of(who, metrics, orientation, Resampling(seed=seed, n_boot=n_boot, level=level))
    origin = Origin(code_version=code_version, data_sha256=data_sha256)
    found = []
    for criterion, part in frames.by_criterion(frame):
        found += plan.measure(frames.read(part), replace(origin, criterion=criterion))
    return found


def slices(
    frame: pd.DataFrame,
    *,
    by: str,
    who: Sequence[str] = ("all", "human"),
    metrics: Sequence[str] = DEFAULT,
    window: str = "W",
    seed: int,
    n_boot: int = 1_000,
    level: float = 0.9,
    orientation: str = "symmetric",
    code_version: str = "",
    data_sha256: str = "",
) -> list[Agreement]:
    """Measure agreement on comparisons within each value of a column.

    Parameters
    ----------
    by
        Column of the frame: pool, language, prompt, annotator_group, ... A row with several tags (a list or tuple)
        counts in each of them; submitted_at is cut into windows of calendar time, and only judgments of one window
        are then compared. Rows without a value form the slice "by=(none)".
    window
        Length of a window of submitted_at, a pandas period: D, W, M, Q or Y.
    frame, who, metrics, seed, n_boot, level, orientation, code_version, data_sha256
        As for `comparisons`.

    Returns
    -------
    list of Agreement
        As for `comparisons`, with ``slice`` "by=value".

    Raises
    ------
    MissingColumns, UnknownValues, MixedKinds, UnknownChoice, UnknownMetric, InvalidSetting
        As for `comparisons`; MissingColumns also if there is no column ``by``.
    UnknownWindow
        If ``window`` is none of those.
    """
    plan = Plan.of(who, metrics, orientation, Resampling(seed=seed, n_boot=n_boot, level=level))
    origin = Origin(code_version=code_version, data_sha256=data_sha256)
    found = []
    for criterion, part in frames.by_criterion(frame):
        rows, members = frames.read(part), slicing.members(part, by=by, window=window)
        for name, chosen in members.items():
            found += plan.measure(rows.among(chosen), replace(origin, criterion=criterion, slice=name))
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, checked once."""

    who: tuple[str, ...]
    chosen: list[Metric]
    orientation: str
    resampling: Resampling

    @classmethod
    def of(cls, who: Sequence[str], names: Sequence[str], orientation: str, resampling: Resampling) -> "Plan":
        """Check the choices."""
        for group in who:
            if group not in WHO:
                raise UnknownChoice("who", group, tuple(WHO))
        if orientation not in ORIENTATIONS:
            raise UnknownChoice("orientation", orientation, ORIENTATIONS)
        if RATIO in names:
            raise UnknownChoice("a statistic of comparisons", RATIO, [name for name in METRICS if name != RATIO])
        return cls(tuple(who), named(names), orientation, resampling)

    def measure(self, rows: Rows, origin: Origin) -> list[Agreement]:
        """Measure one criterion, or one slice of it, for every group."""
        found: dict[str, list[Agreement]] = {}
        judgments: dict[bytes, str] = {}
        for group in self.who:
            mine = np.isin(rows.kind, WHO[group])
            # Without judges everyone is human: the same judgments are not resampled twice.
            twin = judgments.setdefault(mine.tobytes() + (b"x" if group == CROSS else b""), group)
            if twin in found:
                found[group] = [replace(record, who=group) for record in found[twin]]
                continue
            coded = self._coded(rows.among(mine & rows.used), group)
            theirs = replace(origin, who=group, n_excluded=int((mine & ~rows.used).sum()))
            found[group] = measure(coded, self.chosen, self.resampling, theirs, orientation=self.orientation)
        return [record for group in self.who for record in found[group]]

    def _coded(self, rows: Rows, group: str) -> Coded:
        n_codes = 3 if rows.has_ties else 2
        return encode(
            rows.unit,
            rows.annotator,
            rows.outcome if rows.has_ties else rows.outcome // 2,
            n_codes=n_codes,
            mirror=np.arange(n_codes)[::-1].copy() if self.orientation == "symmetric" else None,
            kind=rows.kind,
            cross=group == CROSS,
        )
