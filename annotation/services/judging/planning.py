"""Plan a run: one request for each task, order, sample and criterion still open to a judge, and the sentinels."""

import math
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from annotation.judges import config as judge_config
from annotation.judges import orders, probes
from annotation.models import Criterion, JudgeConfig, JudgeRequest, JudgeRun, Task, User
from annotation.permissions import check_may_change
from annotation.services import audit
from annotation.services.judging.endpoints import JudgeRefused

SENTINEL_SHARE, FEWEST_SENTINELS = 0.05, 40
BATTERY_TASKS = 60


@transaction.atomic
def plan(
    *,
    config: JudgeConfig,
    by: User,
    mode: str = JudgeRun.Mode.LIVE,
    kind: str = JudgeRun.Kind.JUDGING,
    budget: Decimal | None = None,
) -> int:
    """Open a run, or add to the one that is open, and queue what is new in it; return how many of its tasks' are."""
    check_may_change(by, config.campaign)
    run = _run(config, by, mode, kind, budget)
    frozen = judge_config.JudgeConfig.from_json(config.settings)
    before = config.requests.count()
    wanted = wanted_requests(config, frozen) if kind == JudgeRun.Kind.JUDGING else battery_requests(config, frozen)
    _queue(run, wanted)
    new = config.requests.count() - before
    if new and kind == JudgeRun.Kind.JUDGING:
        _queue(run, sentinel_requests(config, frozen, new))
    return new


def _run(config: JudgeConfig, by: User, mode: str, kind: str, budget: Decimal | None) -> JudgeRun:
    JudgeConfig.objects.select_for_update().get(pk=config.pk)
    found = config.runs.select_for_update().filter(state__in=["running", "paused"]).first()
    if found and found.kind != kind:
        raise JudgeRefused("Another run of this judge is still open. Let it end, or cancel it.")
    if found is None:
        found = JudgeRun(campaign=config.campaign, config=config, kind=kind, mode=mode, budget=budget)
        audit.save(found, "judge_run.create", by=by, campaign=config.campaign, kind=kind, mode=mode)
        return found
    found.state, found.reason = JudgeRun.State.RUNNING, ""
    if budget is not None:
        found.budget = budget
    audit.save(found, "judge_run.resume", by=by, campaign=config.campaign)
    return found


def _queue(run: JudgeRun, requests: list[JudgeRequest]) -> None:
    for request in requests:
        request.run = run
    # Sorted by their keys, so that nothing in the order of calls tells a sentinel from a task.
    requests.sort(key=lambda request: request.idempotency_key)
    JudgeRequest.objects.bulk_create(requests, ignore_conflicts=True, batch_size=2_000)


def wanted_requests(config: JudgeConfig, frozen: judge_config.JudgeConfig) -> list[JudgeRequest]:
    """Return a request for each question the campaign has for the judge, asked before or not."""
    criteria = list(config.campaign.rubric.criteria.order_by("position"))
    return [
        request(config, task, criterion, showing)
        for task in open_tasks(config)
        for showing in showings(config, frozen, task)
        for criterion in criteria
    ]


def open_tasks(config: JudgeConfig) -> QuerySet[Task]:
    """Return tasks whose judge overlap is not filled by other judges that passed the gate."""
    others = Count(
        "judge_requests__config",
        distinct=True,
        filter=~Q(judge_requests__config=config)
        & Q(judge_requests__config__gate=JudgeConfig.Gate.PASS, judge_requests__probe="")
        & ~Q(judge_requests__state="cancelled"),
    )
    tasks = config.campaign.tasks.servable().annotate(judges=others)
    # A judge that fills nothing yet may be asked everywhere: that is how it comes to be known.
    wanted = tasks.filter(judges__lt=config.campaign.judge_overlap) if config.gate == JudgeConfig.Gate.PASS else tasks
    return wanted.order_by("pk")


def showings(config: JudgeConfig, frozen: judge_config.JudgeConfig, task: Task) -> tuple[orders.Showing, ...]:
    """Return the orders and samples in which the judge sees the task; one response has no order."""
    found = orders.showings(
        bytes(config.campaign.seed),
        str(task.public_id),
        str(config.annotator.public_id),
        samples=frozen.samples,
        policy=frozen.orders if task.response_b_id else "single",
    )
    if task.response_b_id:
        return found
    return tuple(orders.Showing(showing.round, showing.sample, "ab") for showing in found)


def sentinel_requests(config: JudgeConfig, frozen: judge_config.JudgeConfig, planned: int) -> list[JudgeRequest]:
    """Return one sentinel for each twenty calls, at least forty, in both orders by turns."""
    tasks = list(config.campaign.tasks.servable().order_by("shuffle_key", "pk")[:planned])
    criterion = config.campaign.rubric.criteria.order_by("position").first()
    if not tasks or criterion is None:
        return []
    count = max(FEWEST_SENTINELS, math.ceil(planned * SENTINEL_SHARE / (1 - SENTINEL_SHARE)))
    named = probes.sentinels(count, is_pair=tasks[0].response_b_id is not None)
    made = []
    for number, probe in enumerate(named):
        task = tasks[number % len(tasks)]
        order = showings(config, frozen, task)[0].shown_order
        made.append(request(config, task, criterion, orders.Showing(0, number // len(tasks), order), probe=probe))
    return made


def battery_requests(config: JudgeConfig, frozen: judge_config.JudgeConfig) -> list[JudgeRequest]:
    """Return every probe of the battery on a sample of pairs, in both orders, beside the pairs themselves."""
    tasks = config.campaign.tasks.servable().filter(response_b__isnull=False).order_by("shuffle_key", "pk")
    criterion = config.campaign.rubric.criteria.order_by("position").first()
    if criterion is None or criterion.scale != Criterion.Scale.COMPARISON:
        raise JudgeRefused("The bias battery changes one of two responses; this campaign shows one at a time.")
    return [
        request(config, task, criterion, orders.Showing(0, 0, order), probe=probe)
        for task in tasks[:BATTERY_TASKS]
        for probe in probes.battery()
        for order in ("ab", "ba")
    ]


def request(
    config: JudgeConfig, task: Task, criterion: Criterion, showing: orders.Showing, *, probe: str = ""
) -> JudgeRequest:
    """Return the unsaved request of one question, under the key that makes it the only one of its kind."""
    key = judge_config.request_key(
        config_hash=config.config_hash,
        task_sha256=f"{task.public_id}|{task.snapshot_sha256}" + (f"|{probe}" if probe else ""),
        criterion=criterion.key,
        shown_order=showing.shown_order,
        sample=showing.sample,
    )
    return JudgeRequest(
        campaign=config.campaign,
        config=config,
        task=task,
        criterion_key=criterion.key,
        probe=probe,
        shown_order=showing.shown_order,
        round=showing.round,
        sample=showing.sample,
        idempotency_key=key,
    )
