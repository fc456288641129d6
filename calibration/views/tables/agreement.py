"""Rows about agreement: who with whom, how far, or why it is undefined."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.models import Criterion
from calibration.models import Agreement, Run
from calibration.views import evidence
from calibration.views.figures import Figure
from calibration.views.tables import windows

WHO = {
    "human": ("Evaluators", "human"),
    "human-judge": ("Evaluators and judges", "pooled"),
    "judge": ("Judges", "judge"),
    "all": ("All annotators", "pooled"),
}
METRICS = {
    "percent_pooled": "Same choice, pairs",
    "percent_unit_mean": "Same choice, tasks",
    "alpha_nominal": "Krippendorff α, nominal",
    "alpha_ordinal_krippendorff": "Krippendorff α, ordinal",
    "ac1": "Gwet AC1",
    "fleiss": "Fleiss κ",
}
SHARES = {"percent_pooled", "percent_unit_mean"}
SAME_CHOICE = "percent_pooled"
HEADLINE_METRIC = "alpha_nominal"
FILTER_OF = {"tags": "tag", "pool": "pool", "language": "language"}
KIND_OF = {"human": "human", "judge": "judge", "human-judge": "human-judge"}


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One agreement statistic as a page shows it."""

    record: Agreement
    who: str
    kind: str
    metric: str
    shown: Figure | None
    run: Run
    window: str = ""

    @property
    def judgments_href(self) -> str:
        """Open the judgments that went in."""
        return self._href(use="agreement")

    @property
    def paired_href(self) -> str:
        """Open those on tasks with another judgment to compare with."""
        return self._href(use="agreement", paired=True)

    @property
    def excluded_href(self) -> str:
        """Open the repeats, which were kept out."""
        return self._href(use="repeat")

    def _href(self, **use: object) -> str:
        kind = KIND_OF.get(self.record.who, "")
        about = {"criterion": self.record.criterion, "kind": kind} | part(self.record.slice, self.window)
        return evidence.href(self.run.campaign, run=self.run, **use, **about)

    @property
    def method(self) -> str:
        """Say how the interval came about."""
        record = self.record
        if record.ci_method and record.n_boot:
            return f"{record.ci_method}, {record.n_boot:,} resamples"
        return record.ci_method or "no interval"

    @property
    def why_not(self) -> str:
        """Say why there is no figure: undefined, or without an interval to stand with it."""
        return self.record.undefined_reason or ("" if self.shown else "no interval was computed")


def rows(run: Run, criterion: Criterion | None, window: str = "", *, part: str | None = None) -> list[AgreementRow]:
    """Return every agreement record of a run, or of one part, people first, the simplest measure first."""
    records = Agreement.objects.filter(run=run, criterion=criterion).select_related("criterion")
    if part is not None:
        records = records.filter(slice=part)
    return sorted((_row(record, run, window) for record in records), key=_order)


def part(name: str, window: str) -> dict[str, str]:
    """Return the filters that hold the judgments of one part of the record."""
    by, _, value = name.partition("=")
    if by == "submitted_at":
        return windows.filters(value, window)
    return {FILTER_OF[by]: value} if by in FILTER_OF else {}


def _row(record: Agreement, run: Run, window: str) -> AgreementRow:
    who, kind = WHO.get(record.who, (record.who, "pooled"))
    metric = METRICS.get(record.metric, record.metric.replace("_", " "))
    return AgreementRow(record, who, kind, metric, _figure(record), run, window)


def _figure(record: Agreement) -> Figure | None:
    if record.value is None or record.ci_low is None or record.ci_high is None:
        return None
    is_share = record.metric in SHARES
    return Figure(record.value, record.ci_low, record.ci_high, record.n_units_paired, percent=is_share)


def _order(row: AgreementRow) -> tuple[int, str, int, str]:
    who, metric = list(WHO), list(METRICS)
    record = row.record
    return (
        who.index(record.who) if record.who in WHO else len(who),
        record.slice,
        metric.index(record.metric) if record.metric in METRICS else len(metric),
        record.orientation,
    )


def overall(shown: Sequence[AgreementRow], metric: str = HEADLINE_METRIC, *, part: str = "") -> list[AgreementRow]:
    """Keep one measure over all tasks, or one part: one row for people, for judges, and for both together."""
    return [row for row in shown if row.record.metric == metric and row.record.slice == part]


def between_people(shown: Sequence[AgreementRow], metric: str, *, part: str = "") -> AgreementRow | None:
    return next((row for row in overall(shown, metric, part=part) if row.record.who == "human"), None)
