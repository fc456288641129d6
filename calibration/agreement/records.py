"""Measure coded judgments and write down each statistic with its interval, its counts and its origin."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.agreement import bootstrap, krippendorff
from calibration.agreement.bootstrap import Interval
from calibration.agreement.coding import Coded
from calibration.agreement.metrics import NO_PAIRS, NO_VARIATION, Metric
from calibration.agreement.results import Agreement
from calibration.agreement.sums import Sums, observe

NO_INTERVAL = Interval(None, None, 0.0, "", 0)


class InvalidSetting(ValueError):
    """A setting of the bootstrap makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How intervals are made; without draws there are none."""

    seed: int
    n_boot: int = 1_000
    level: float = 0.9

    def __post_init__(self) -> None:
        """Refuse settings that would only fail later."""
        if self.seed < 0 or self.n_boot < 0:
            raise InvalidSetting(f"seed and n_boot must be 0 or more, not {self.seed} and {self.n_boot}")
        if not 0 < self.level < 1:
            raise InvalidSetting(f"level is the mass of the interval, between 0 and 1, not {self.level}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whose judgments of what, and the code and data behind the figures."""

    who: str = "all"
    criterion: str | None = None
    slice: str = ""
    n_excluded: int = 0
    code_version: str = ""
    data_sha256: str = ""


def measure(
    coded: Coded, chosen: Sequence[Metric], resampling: Resampling, origin: Origin, *, orientation: str
) -> list[Agreement]:
    """Return one record for each statistic, in the order asked for."""
    prepared = {metric.name: metric.prepare(coded) for metric in chosen}
    needed = tuple({distance.name: distance for distance in prepared.values() if distance}.values())
    sums = observe(coded, needed)
    values = {metric.name: float(metric.of(coded, sums, prepared[metric.name])[0]) for metric in chosen}
    values |= {name: _by_package(coded, name) for name, value in values.items() if _is_for_package(coded, name, value)}
    defined = [metric for metric in chosen if np.isfinite(values[metric.name])]
    found = _intervals(coded, defined, resampling)
    return [
        _record(metric, values[metric.name], found.get(metric.name), coded, sums, resampling, origin, orientation)
        for metric in chosen
    ]


def _is_for_package(coded: Coded, name: str, value: float) -> bool:
    plain = coded.mirror is None and not coded.cross
    return name in krippendorff.LEVELS and plain and bool(np.isfinite(value)) and krippendorff.fits(coded)


def _by_package(coded: Coded, name: str) -> float:
    return krippendorff.alpha(coded, krippendorff.LEVELS[name])


def _intervals(coded: Coded, defined: Sequence[Metric], resampling: Resampling) -> dict[str, Interval]:
    if not defined or not resampling.n_boot:
        return {}
    return bootstrap.intervals(coded, defined, seed=resampling.seed, n_boot=resampling.n_boot, level=resampling.level)


def _record(
    metric: Metric,
    value: float,
    interval: Interval | None,
    coded: Coded,
    sums: Sums,
    resampling: Resampling,
    origin: Origin,
    orientation: str,
) -> Agreement:
    defined = bool(np.isfinite(value))
    return Agreement(
        metric=metric.name,
        level=metric.level,
        orientation=orientation,
        value=value if defined else None,
        undefined_reason="" if defined else _reason(sums),
        ci_low=interval.low if interval else None,
        ci_high=interval.high if interval else None,
        ci_level=interval.level if interval else None,
        ci_method=interval.method if interval else "",
        n_boot=interval.n_boot if interval else None,
        n_units=coded.n_units,
        n_units_paired=int(sums.units_paired[0]),
        n_annotators=coded.n_annotators,
        n_judgments=coded.annotator.size,
        n_pairs=round(float(sums.pairs[0]) / 2),
        n_excluded=origin.n_excluded,
        seed=resampling.seed if interval else None,
        code_version=origin.code_version,
        data_sha256=origin.data_sha256,
        who=origin.who,
        criterion=origin.criterion,
        slice=origin.slice,
    )


def _reason(sums: Sums) -> str:
    return NO_PAIRS if not sums.pairs[0] else NO_VARIATION
