"""Rows about tasks: what was chosen, what the run makes of it, and how sure it is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Greatest

from annotation.models import Criterion, Judgment, Prompt, Task
from calibration.models import ItemEstimate, Run
from calibration.views.figures import Figure
from calibration.views.tables import contested as contested_table

SURE = 0.9
PAGE = 25
EXCERPT = 90
STATES = {"": "All", "open": "Open", "sure": "Sure", "contested": "Contested"}
SORTS = {"least": "Least sure", "most": "Most sure", "newest": "Newest"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; every part is optional."""

    words: str = ""
    state: str = ""
    sort: str = "least"
    after: str = ""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task: its judgments by outcome, and the posterior of its outcome."""

    estimate: ItemEstimate
    task: Task
    counts: dict[str, int]
    is_contested: bool = False

    @property
    def excerpt(self) -> str:
        return excerpt(self.task.prompt)

    @property
    def likeliest(self) -> tuple[str, float]:
        return likeliest(self.estimate)

    @property
    def is_sure(self) -> bool:
        return self.likeliest[1] >= SURE

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def preference(self) -> Figure:
        return preference(self.estimate)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows and the key after which the next page begins; empty on the last page."""

    rows: list[TaskRow]
    following: str


@dataclass(frozen=True, slots=True)
class Totals:
    all: int
    sure: int

    @property
    def open(self) -> int:
        return self.all - self.sure


class Sureness(Greatest):
    """The posterior of the likeliest outcome."""

    def __init__(self, **extra: Any) -> None:
        super().__init__("p_a", "p_tie", "p_b", **extra)


def likeliest(estimate: ItemEstimate) -> tuple[str, float]:
    outcomes = {"A": estimate.p_a, "tie": estimate.p_tie, "B": estimate.p_b}
    return max(outcomes.items(), key=lambda item: item[1])


def preference(estimate: ItemEstimate) -> Figure:
    """Return the chance that A is the better one; a task has few judgments by design, so it is shown all the same."""
    n = estimate.n_human + estimate.n_judge
    return Figure(estimate.p_a_better, estimate.ci_low, estimate.ci_high, n, floor=0)


def excerpt(prompt: Prompt) -> str:
    """Return the first words of the last thing asked, or the prompt's key where the source has no text."""
    asked = [message.get("content", "") for message in prompt.messages if message.get("role") == "user"]
    text = " ".join(str(asked[-1]).split()) if asked else prompt.key
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT].rpartition(' ')[0] or text[:EXCERPT]}…"


def page(run: Run, criterion: Criterion | None, filters: Filters) -> Page:
    """Return one page of tasks in two queries, found by key and not by offset."""
    marked = contested(run, criterion)
    everything = ItemEstimate.objects.filter(run=run, criterion=criterion).annotate(sure=Sureness())
    if filters.state == "contested":
        everything = everything.filter(task__public_id__in=marked)
    estimates = list(_related(_after(_filtered(everything, filters), filters))[: PAGE + 1])
    shown = estimates[:PAGE]
    following = _key(shown[-1], filters.sort) if len(estimates) > PAGE else ""
    rows = [replace(row, is_contested=str(row.task.public_id) in marked) for row in with_counts(shown, criterion)]
    return Page(rows, following)


def contested(run: Run, criterion: Criterion | None) -> set[str]:
    """Return the public ids of tasks on which people truly differ, as the run found them."""
    return {str(row["item"]) for row in contested_table.found(run, criterion).get("items", [])}


def totals(run: Run, criterion: Criterion | None) -> Totals:
    counted = (
        ItemEstimate.objects.filter(run=run, criterion=criterion)
        .annotate(posterior=Sureness())
        .aggregate(every=Count("pk"), sure=Count("pk", filter=Q(posterior__gte=SURE)))
    )
    return Totals(counted["every"], counted["sure"])


def _filtered(found: QuerySet[Any], filters: Filters) -> QuerySet[Any]:
    if filters.state in {"sure", "open"}:
        found = found.filter(sure__gte=SURE) if filters.state == "sure" else found.filter(sure__lt=SURE)
    if filters.words:
        texts = Func(
            F("task__prompt__messages"), Value("$[*].content"), function="jsonb_path_query_array", arg_joiner=", "
        )
        found = found.annotate(words=Cast(texts, TextField())).filter(words__icontains=filters.words)
    return found


def _after(found: QuerySet[Any], filters: Filters) -> QuerySet[Any]:
    if filters.sort == "newest":
        found = found.order_by("-task_id")
        return found.filter(task_id__lt=int(filters.after)) if filters.after else found
    descending = filters.sort == "most"
    found = found.order_by("-sure" if descending else "sure", "pk")
    if not filters.after:
        return found
    sure, pk = filters.after.split(":")
    beyond = found.filter(sure__lt=float(sure)) if descending else found.filter(sure__gt=float(sure))
    return beyond | found.filter(sure=float(sure), pk__gt=int(pk))


def _key(last: Any, sort: str) -> str:
    return str(last.task_id) if sort == "newest" else f"{last.sure!r}:{last.pk}"


def _related(found: QuerySet[Any]) -> QuerySet[Any]:
    return found.select_related("task__prompt", "task__response_a__system", "task__response_b__system").defer(
        "task__prompt__html",
        "task__response_a__text",
        "task__response_a__html",
        "task__response_b__text",
        "task__response_b__html",
    )


def with_counts(estimates: Sequence[ItemEstimate], criterion: Criterion | None) -> list[TaskRow]:
    counts = outcomes([estimate.task_id for estimate in estimates], criterion)
    return [TaskRow(estimate, estimate.task, counts[estimate.task_id]) for estimate in estimates]


def outcomes(task_ids: Iterable[int], criterion: Criterion | None) -> defaultdict[int, dict[str, int]]:
    """Count the effective judgments of tasks by outcome, in one query."""
    rows = (
        Judgment.objects.filter(task__in=list(task_ids), criterion__key=criterion.key if criterion else None)
        .effective()
        .verdicts()
        .values_list("task", "outcome")
        .annotate(n=Count("pk"))
    )
    counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for task_id, outcome, n in rows:
        counts[task_id][outcome] = n
    return counts
