"""Read what a run saw, row by row, out of the record: judgments in force at its end, estimates, texts."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Collate

from annotation.models import Annotator, Gold, System
from annotation.models.judgments import JudgmentQuerySet
from calibration import frames
from calibration.exports.facts import AnnotatorFacts, Estimate, Item, JudgmentFacts, SystemFacts, Votes
from calibration.models import ItemEstimate, Run

CHUNK = 2_000
TEXT_CHUNK = 100
RELEASED_SPLITS = ("train", "validation", "test")
JUDGMENT_COLUMNS = (
    "public_id", "task__public_id", "task__task_type", "task__snapshot_sha256", "criterion__key",
    "task__rubric__sha256", "annotator__public_id", "annotator__kind", "annotator__version", "task__prompt__key",
    "task__response_a__system__key", "task__response_a__key", "task__response_b__system__key",
    "task__response_b__key", "shown_order", "outcome", "strength", "rating", "labels",
    "rationale", "round", "started_at", "submitted_at",
    "active_ms", "is_gold", "cluster_id", "task__split", "provenance", "flags", "extra",
)  # fmt: skip
ITEM_COLUMNS = (
    "task__public_id", "criterion__key", "task__prompt__key", "task__response_a__system__key",
    "task__response_a__key", "task__response_b__system__key", "task__response_b__key",
    "p_a", "p_tie", "p_b", "p_a_better", "sd", "ci_low", "ci_high", "ci_level", "n_human", "n_judge",
)  # fmt: skip
TEXT_COLUMNS = ("task__prompt__messages", "task__response_a__text", "task__response_b__text")
# Two responses of one system: counted once, at place a.
OWN_SYSTEM = F("task__response_b__system")
ESTIMATE_COLUMNS = ("criterion__key", "quantity", "value", "sd", "ci_low", "ci_high", "ci_level", "n", "parameter")


class Snapshot:
    """What one run saw. Held-out tasks are left out of everything; streams come sorted by task and criterion."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._seen = frames.effective(run.campaign, up_to=run.last_judgment_id or 0)

    @property
    def released(self) -> JudgmentQuerySet:
        return self._seen.filter(task__split__in=RELEASED_SPLITS)

    def verdicts(self) -> int:
        """Count the verdicts that the run saw, those on held-out tasks included."""
        return self._seen.verdicts().count()

    def judgments(self, criterion: str | None = None) -> Iterator[JudgmentFacts]:
        """Yield the released judgments, those on one criterion or all."""
        released = self.released if criterion is None else self.released.filter(criterion__key=criterion)
        rows = released.annotate(is_gold=Exists(Gold.objects.filter(task=OuterRef("task"))))
        rows = rows.order_by("task__public_id", Collate("criterion__key", "C"))
        for row in rows.values_list(*JUDGMENT_COLUMNS).iterator(chunk_size=CHUNK):
            yield JudgmentFacts._make((str(row[0]), str(row[1]), *row[2:6], str(row[6]), *row[7:]))

    def votes(self) -> Iterator[Votes]:
        is_judge = Q(annotator__kind=Annotator.Kind.JUDGE) & ~Q(annotator__family="")
        counted = (
            self.released.verdicts()
            .values_list("task__public_id", "criterion__key")
            .annotate(
                a=Count("pk", filter=Q(outcome="a")),
                b=Count("pk", filter=Q(outcome="b")),
                tie=Count("pk", filter=Q(outcome__in=["tie", "both_bad"])),
                families=Count("annotator__family", distinct=True, filter=is_judge),
            )
            .order_by("task__public_id", Collate("criterion__key", "C"))
        )
        for task_id, *rest in counted.iterator(chunk_size=CHUNK):
            yield Votes._make((str(task_id), *rest))

    def items(self) -> Iterator[Item]:
        for task_id, *rest in self._items().values_list(*ITEM_COLUMNS).iterator(chunk_size=CHUNK):
            yield Item._make((str(task_id), *rest, [], None, None))

    def items_with_texts(self, criterion: str) -> Iterator[Item]:
        rows = self._items().filter(criterion__key=criterion).values_list(*ITEM_COLUMNS, *TEXT_COLUMNS)
        for task_id, *rest in rows.iterator(chunk_size=TEXT_CHUNK):
            yield Item._make((str(task_id), *rest))

    def _items(self) -> QuerySet[ItemEstimate]:
        rows = self._run.items.filter(task__split__in=RELEASED_SPLITS)
        return rows.order_by("task__public_id", Collate("criterion__key", "C"))

    def annotators(self) -> list[AnnotatorFacts]:
        """Return who judged on which criterion; a person's name is not even read."""
        rows = self.released.values_list(
            "annotator__public_id", "annotator__kind", "annotator__version", "annotator__family", "annotator__group",
            "criterion__key",
        ).annotate(n_judgments=Count("pk"), n_tasks=Count("task", distinct=True))  # fmt: skip
        names = dict(
            Annotator.objects.in_campaign(self._run.campaign).exclude(kind=Annotator.Kind.HUMAN)
            .values_list("public_id", "name")
        )  # fmt: skip
        return [
            AnnotatorFacts(str(who), kind, names.get(who), version, family, group, criterion, n, tasks)
            for who, kind, version, family, group, criterion, n, tasks in rows.order_by()
        ]

    def systems(self) -> list[SystemFacts]:
        """Return every system that was compared, with its counts over both places."""
        counts: dict[tuple[int, str], tuple[int, int]] = {}
        for place in ("a", "b"):
            rows = self.released if place == "a" else self.released.filter(task__response_b__isnull=False)
            rows = rows if place == "a" else rows.exclude(task__response_a__system=OWN_SYSTEM)
            rows_of_place = rows.values_list(f"task__response_{place}__system", "criterion__key").order_by()
            counted = rows_of_place.annotate(n_judgments=Count("pk"), n_tasks=Count("task", distinct=True))
            for system, criterion, judgments, tasks in counted:
                seen = counts.get((system, criterion), (0, 0))
                counts[system, criterion] = (seen[0] + judgments, seen[1] + tasks)
        systems = System.objects.in_bulk({system for system, _ in counts})
        return [_system(systems[pk], criterion, *seen) for (pk, criterion), seen in counts.items()]

    def annotator_estimates(self) -> Iterable[Estimate]:
        return self._estimates("annotator__public_id", annotator__isnull=False)

    def system_estimates(self) -> Iterable[Estimate]:
        return self._estimates("system__key", system__isnull=False, against__isnull=True)

    def _estimates(self, owner: str, **which: Any) -> Iterator[Estimate]:
        rows = self._run.estimates.filter(**which).values_list(owner, *ESTIMATE_COLUMNS)
        for key, *rest in rows.order_by("pk").iterator(chunk_size=CHUNK):
            yield Estimate._make((str(key), *rest))

    def outcomes(self) -> dict[str, int]:
        """Count released judgments by outcome."""
        rows = self.released.order_by("outcome").values_list("outcome").annotate(n=Count("pk"))
        return dict(rows)

    def sizes(self) -> dict[str, int]:
        """Count what the release holds and what stays behind because it is held out."""
        counted = self._seen.aggregate(
            judgments=Count("pk", filter=Q(task__split__in=RELEASED_SPLITS)),
            tasks=Count("task", distinct=True, filter=Q(task__split__in=RELEASED_SPLITS)),
            held_out_judgments=Count("pk", filter=Q(task__split="held_out")),
            held_out_tasks=Count("task", distinct=True, filter=Q(task__split="held_out")),
        )
        return {**counted, "items": self._items().order_by().count()}

    def criteria(self) -> list[str]:
        """Return the keys of the campaign's criteria, those of its newest rubric first and in its order."""
        rows = self.released.order_by(F("criterion__rubric__version").desc(), "criterion__position")
        keys = rows.values_list("criterion__key", "criterion__rubric__version", "criterion__position").distinct()
        return list(dict.fromkeys(key for key, _, _ in keys))


def _system(system: System, criterion: str, n: int, tasks: int) -> SystemFacts:
    return SystemFacts(system.key, system.name, system.family, system.generation, criterion, n, tasks)
