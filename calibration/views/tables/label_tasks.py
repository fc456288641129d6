"""Rows about labeled tasks: what annotators said, what the run makes of it, and how sure it is."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from annotation.models import Judgment, Task
from calibration.models import ItemClass, Run
from calibration.views import evidence
from calibration.views.tables.labels import Question, questions
from calibration.views.tables.tasks import excerpt

PAGE = 25
SURE = 0.9
STATES = {"": "All", "open": "Open", "sure": "Sure", "contested": "Contested"}
KEY = re.compile(r"[0-9.e-]{1,30}:\d{1,18}")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What a run makes of one task by one question, beside what annotators said."""

    question: Question
    item: ItemClass
    said: str
    label: str
    chances: str
    href: str

    @property
    def excerpt(self) -> str:
        return excerpt(self.item.task.prompt)

    @property
    def is_sure(self) -> bool:
        return self.item.sure >= SURE

    @property
    def n(self) -> int:
        return self.item.n_human + self.item.n_judge


def page(run: Run, question: Question, *, state: str, after: str) -> tuple[list[TaskRow], str]:
    """Return one page of tasks, the least sure first, and the key after which the next page begins."""
    found = _in_state(ItemClass.objects.filter(run=run, **question.of), state).order_by("sure", "pk")
    if after:
        sure, pk = after.split(":")
        found = found.filter(Q(sure__gt=float(sure)) | Q(sure=float(sure), pk__gt=int(pk)))
    items = list(found.select_related("task__prompt").defer("task__prompt__html")[: PAGE + 1])
    shown = items[:PAGE]
    following = f"{shown[-1].sure!r}:{shown[-1].pk}" if len(items) > PAGE else ""
    said = _said(question, [item.task_id for item in shown])
    return [_task(run, question, item, said[item.task_id]) for item in shown], following


def _in_state(found: QuerySet[ItemClass], state: str) -> QuerySet[ItemClass]:
    if state == "contested":
        return found.filter(is_contested=True)
    return {"sure": found.filter(sure__gte=SURE), "open": found.filter(sure__lt=SURE)}.get(state, found)


def _task(run: Run, question: Question, item: ItemClass, said: Counter[str]) -> TaskRow:
    return TaskRow(
        question,
        item,
        ", ".join(f"{label} {n}" for label, n in sorted(said.items(), key=lambda one: (-one[1], one[0]))),
        question.name(item.label) if item.label else "tied",
        chances(question, item),
        evidence.href(run.campaign, run=run, use="agreement", criterion=question.criterion, task=item.task),
    )


def chances(question: Question, item: ItemClass) -> str:
    """Write the chance of every class, the likeliest first."""
    ranked = sorted(item.chances.items(), key=lambda one: -one[1])
    return ", ".join(f"{question.name(label)} {chance:.2f}" for label, chance in ranked if chance >= 0.005)


def _said(question: Question, tasks: Iterable[int]) -> defaultdict[int, Counter[str]]:
    """Count what annotators said of tasks in the question's words, in one query."""
    rows = Judgment.objects.filter(task__in=list(tasks), criterion__key=question.criterion, outcome="labeled")
    counted: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for task, labels in rows.effective().first_round().values_list("task", "labels"):
        counted[task][_word(question, labels or {})] += 1
    return counted


def _word(question: Question, labels: Mapping[str, int | None]) -> str:
    if not question.option:
        return ", ".join(question.name(label) for label in labels) or "None"
    if question.option not in labels:
        return "Absent"
    severity = labels[question.option]
    graded = len(question.classes) > 2 and severity is not None
    return question.name(question.classes[1 + severity]) if graded and severity is not None else "Present"


def of_task(run: Run | None, task: Task) -> list[TaskRow]:
    """Return what the run makes of one task, question by question."""
    if run is None:
        return []
    rows = ItemClass.objects.filter(run=run, task=task).select_related("criterion", "task__prompt")
    found = {(row.criterion.key, row.option): row for row in rows}
    asked = [(question, found.get((question.criterion, question.option))) for question in questions(run)]
    return [_task(run, question, row, Counter()) for question, row in asked if row]


def totals(run: Run, question: Question) -> dict[str, int]:
    rows = ItemClass.objects.filter(run=run, **question.of)
    return {
        "all": rows.count(),
        "sure": rows.filter(sure__gte=SURE).count(),
        "contested": rows.filter(is_contested=True).count(),
    }
