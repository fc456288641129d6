"""Rows about labels: how often a class occurs, who names it rightly, which tasks it is not clear on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.models import Annotator, System
from calibration.models import ClassShare, LabelAccuracy, Run, ShareDifference
from calibration.views import evidence
from calibration.views.figures import Figure


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a run asked of every response, as the run keeps it."""

    key: str
    facts: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.facts["title"])

    @property
    def criterion(self) -> str:
        return str(self.facts["criterion"])

    @property
    def option(self) -> str:
        return str(self.facts["option"])

    @property
    def part(self) -> str:
        """Return the name of the question's part of the agreement records."""
        return f"label={self.option}" if self.option else ""

    @property
    def of(self) -> dict[str, str]:
        """Return the lookups of the question's rows."""
        return {"criterion__key": self.criterion, "option": self.option}

    @property
    def classes(self) -> list[str]:
        return list(self.facts["classes"])

    @property
    def warnings(self) -> list[str]:
        return list(self.facts["warnings"])

    @property
    def floor(self) -> str:
        """Say what the probabilities rest on."""
        return str(self.facts["floor"]["kind"])

    def name(self, label: str) -> str:
        """Return what a person calls a class."""
        return str(self.facts["names"].get(label, label))

    @property
    def shown(self) -> list[str]:
        """Return the classes whose shares a page shows, in the order of the scale."""
        return list(self.facts["shown"])


@dataclass(frozen=True, slots=True)
class ShareRow:
    """How often one class occurs in one system's answers, and in one pool's."""

    label: str
    system: System | None
    pool: str
    share: Figure
    naive: str
    bound: str
    n_judgments: int
    href: str


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    label: str
    first: System
    second: System
    gap: Figure
    p_positive: float


@dataclass(frozen=True, slots=True)
class AccuracyRow:
    annotator: Annotator
    accuracy: Figure
    favorite: str
    is_spam: bool
    href: str


@dataclass(frozen=True, slots=True)
class Cell:
    """The chance that an annotator says one class where another is true."""

    shown: Figure
    is_right: bool


@dataclass(frozen=True, slots=True)
class Confusion:
    truth: str
    cells: list[Cell | None]


def questions(run: Run | None) -> list[Question]:
    """Return what a run asked, in the order of the rubric."""
    found = run.adequacy if run else {}
    return [Question(key, facts) for key, facts in found.items() if "classes" in facts]


def shares(run: Run, question: Question) -> list[ShareRow]:
    """Return the share of every class of interest, by system, then of all together, then by pool."""
    order = {label: place for place, label in enumerate(question.shown)}
    found = ClassShare.objects.filter(run=run, label__in=order, **question.of).select_related("system")
    rows = sorted(found, key=lambda row: (row.pool, order[row.label], row.system is None, row.system_id or 0))
    return [_share(run, question, row) for row in rows]


def _share(run: Run, question: Question, row: ClassShare) -> ShareRow:
    about = {"criterion": question.criterion, "system": row.system, "pool": row.pool}
    return ShareRow(
        label=question.name(row.label),
        system=row.system,
        pool=row.pool,
        share=Figure(row.value, row.ci_low, row.ci_high, row.n, percent=True),
        naive=f"{row.naive:.0%}",
        bound="" if row.unseen_upper is None else f"at most {row.unseen_upper:.1%}",
        n_judgments=row.n_judgments,
        href=evidence.href(run.campaign, run=run, use="agreement", **about),
    )


def differences(run: Run, question: Question) -> list[DifferenceRow]:
    """Return how systems differ, the surest first."""
    wanted = question.shown
    rows = ShareDifference.objects.filter(run=run, label__in=wanted, **question.of).select_related("first", "second")
    found = [
        DifferenceRow(
            question.name(row.label),
            row.first,
            row.second,
            Figure(row.value, row.ci_low, row.ci_high, row.n, percent=True, signed=True),
            row.p_positive,
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (-abs(row.p_positive - 0.5), row.label))


def accuracies(run: Run, question: Question) -> list[AccuracyRow]:
    """Return annotators, those whose answers say nothing first, then the least accurate."""
    rows = LabelAccuracy.objects.filter(run=run, **question.of).select_related("annotator").defer("confusion")
    return [_accuracy(run, question, row) for row in rows.order_by("-is_spam", "value", "pk")]


def _accuracy(run: Run, question: Question, row: LabelAccuracy) -> AccuracyRow:
    return AccuracyRow(
        row.annotator,
        Figure(row.value, row.ci_low, row.ci_high, row.n, percent=True),
        question.name(row.favorite) if row.favorite else "",
        row.is_spam,
        evidence.href(run.campaign, run=run, use="agreement", criterion=question.criterion, annotator=row.annotator),
    )


def accuracy_of(run: Run, question: Question, annotator: Annotator) -> AccuracyRow | None:
    row = LabelAccuracy.objects.filter(run=run, annotator=annotator, **question.of).first()
    return _accuracy(run, question, row) if row else None


def confusion(run: Run, question: Question, annotator: Annotator) -> list[Confusion]:
    """Return an annotator's matrix: a row for each true class, a cell for each thing it may say."""
    row = LabelAccuracy.objects.filter(run=run, annotator=annotator, **question.of).first()
    cells = {(truth, label): rest for truth, label, *rest in (row.confusion if row else [])}
    return [
        Confusion(
            question.name(truth), [_cell(cells.get((truth, label)), truth == label) for label in question.classes]
        )
        for truth in question.classes
        if cells
    ]


def _cell(found: list[float] | None, is_right: bool) -> Cell | None:
    if found is None:
        return None
    p, low, high, n = found
    return Cell(Figure(p, low, high, round(n)), is_right)
