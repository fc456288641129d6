"""The record of one agreement statistic: value, interval, counts, origin."""

from dataclasses import asdict, dataclass

INDICATIVE = "indicative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One agreement statistic, or the reason why it is undefined.

    Attributes
    ----------
    metric
        Name of the statistic, a key of `calibration.agreement.metrics.METRICS`.
    level
        Level of measurement or weighting: nominal, ordinal, interval, ratio, linear, quadratic.
    orientation
        symmetric, canonical (comparisons) or none (labels).
    value, undefined_reason
        The value, or None and the reason.
    ci_low, ci_high, ci_level, ci_method, n_boot
        Equal-tailed percentile interval over `n_boot` draws (the draws kept; `ci_method` says how many were
        degenerate and dropped, and whether the interval is only indicative), or None.
    n_units, n_units_paired
        Units with a judgment; units with at least one pair of judgments that may be compared.
    n_annotators, n_judgments, n_pairs
        Annotators, judgments used, unordered pairs of judgments compared.
    n_excluded
        Judgments of these annotators left out because the annotator judged the same unit again.
    seed, code_version, data_sha256
        What the figures come from.
    who, criterion, slice
        Whose judgments, on which criterion, of which slice ('' for all).
    """

    metric: str
    level: str
    orientation: str
    value: float | None
    undefined_reason: str
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None
    ci_method: str
    n_boot: int | None
    n_units: int
    n_units_paired: int
    n_annotators: int
    n_judgments: int
    n_pairs: int
    n_excluded: int
    seed: int | None
    code_version: str
    data_sha256: str
    who: str
    criterion: str | None
    slice: str

    @property
    def is_indicative(self) -> bool:
        """Say whether so few annotators stand behind the interval that it only indicates."""
        return self.ci_method.endswith(INDICATIVE)

    def as_dict(self) -> dict[str, object]:
        """Return the record as plain values for JSON."""
        return asdict(self)
