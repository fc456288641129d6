import re
import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from annotation.views.access import SignedInRequest, signed_in
from calibration.views import basis, labels
from calibration.views.figures import PREFERENCE
from calibration.views.tables import contested, label_tasks, task_detail, tasks
from calibration.views.tables.tasks import Filters

KEYS = {"least": r"[0-9.e-]{1,30}:\d{1,18}", "most": r"[0-9.e-]{1,30}:\d{1,18}", "newest": r"\d{1,18}"}
MAX_WORDS = 200


@signed_in
@require_GET
def index(request: SignedInRequest, slug: str) -> HttpResponse:
    """List tasks with the posterior of their outcome, the least sure first."""
    stands = basis.of(request, slug)
    if stands.is_labeled:
        return labels.tasks(request, stands)
    template = "calibration/tasks.html"
    if stands.run is None:
        return render(request, template, stands.context("tasks"))
    filters = _filters(request)
    context = stands.context(
        "tasks",
        filters=filters,
        sorts=tasks.SORTS,
        states=tasks.STATES,
        sure_line=tasks.SURE,
        n_contested=contested.count(stands.run, stands.criterion),
        totals=tasks.totals(stands.run, stands.criterion),
        page=tasks.page(stands.run, stands.criterion, filters),
        preference_scale=PREFERENCE,
        note=f"{tasks.SORTS[filters.sort].lower()} first" if filters.sort != "newest" else "newest first",
        first_query=_query(request),
        next_query=f"{_query(request)}&after=",
    )
    is_part = request.headers.get("HX-Target") == "tasks"
    return render(request, f"{template}#tasks" if is_part else template, context)


def _filters(request: SignedInRequest) -> Filters:
    state, sort = request.GET.get("state", ""), request.GET.get("sort", "least")
    sort = sort if sort in tasks.SORTS else "least"
    after = request.GET.get("after", "")
    if after and not re.fullmatch(KEYS[sort], after):
        raise Http404("There is no such page of tasks.")
    words = request.GET.get("words", "").replace("\0", "").strip()[:MAX_WORDS]
    return Filters(words, state if state in tasks.STATES else "", sort, after)


def _query(request: SignedInRequest) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    return query.urlencode()


@signed_in
@require_GET
def detail(request: SignedInRequest, slug: str, public_id: uuid.UUID) -> HttpResponse:
    """Show one task with its texts, its judgments and its posterior."""
    stands = basis.of(request, slug)
    task = get_object_or_404(task_detail.found(stands.campaign), public_id=public_id)
    judgments = task_detail.judgments(task)
    context = stands.context(
        "tasks",
        task=task,
        name=task_detail.name(task),
        estimates=task_detail.estimates(task, stands.run),
        estimates_note=f"run {stands.run.pk}, 90% intervals, n = judgments" if stands.run else "",
        classes=label_tasks.of_task(stands.run, task) if stands.is_labeled else [],
        contested=contested.of_task(stands.run, stands.criterion, task),
        judgments=judgments,
        judgments_note=f"{len(judgments)} in force, people first",
        preference_scale=PREFERENCE,
    )
    return render(request, "calibration/task.html", context)
