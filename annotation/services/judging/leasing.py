"""Choose the next request, and let it go only where limits and budget allow."""

from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from annotation.judges import config as judge_config
from annotation.judges import prompts, templates
from annotation.models import JudgeConfig, JudgeEndpoint, JudgeRequest, JudgeRun
from annotation.services.judging import asking, limiting, runs, spending

State = JudgeRequest.State
LEASE = timedelta(minutes=5)
CANNOT_ASK = (prompts.NonceInText, prompts.BadRole, templates.TemplateChanged, templates.UnknownTemplate)


class Wait(NamedTuple):
    """Nothing may be sent for so long."""

    seconds: float


class Leased(NamedTuple):
    """A request that may be sent now, and what is to be sent."""

    request: JudgeRequest
    frozen: judge_config.JudgeConfig
    prompt: prompts.Prompt
    max_tokens: int


def due(config: JudgeConfig) -> Q:
    """Describe requests that may be sent now: queued and not resting, or left behind by a dead worker."""
    rested = Q(state=State.QUEUED) & (Q(retry_at__isnull=True) | Q(retry_at__lte=Now()))
    orphaned = Q(state=State.LEASED, lease_expires_at__lte=Now())
    return Q(config=config, run__state=JudgeRun.State.RUNNING) & (rested | orphaned)


@transaction.atomic
def take(config: JudgeConfig) -> Leased | Wait | None:
    """Lease the next request that is due; None when there is none, or its run has to stop."""
    request = (
        JudgeRequest.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("config__annotator", "config__endpoint", "campaign", "run", "task__rubric", "task__prompt")
        .select_related("task__response_a", "task__response_b")
        .filter(due(config))
        .order_by("id")
        .first()
    )
    if request is None:
        return _resting(config)
    frozen = judge_config.JudgeConfig.from_json(config.settings)
    try:
        prompt = asking.prompt(request, frozen)
    except CANNOT_ASK as error:
        JudgeRequest.objects.filter(pk=request.pk).update(state=State.DEAD, code=type(error).__name__)
        return Wait(0)
    return _admitted(Leased(request, frozen, prompt, _room(request, frozen)))


def _resting(config: JudgeConfig) -> Wait | None:
    """Wait for requests that rest or are under way elsewhere, while the run goes on."""
    waiting = config.requests.filter(state__in=JudgeRequest.OPEN, run__state=JudgeRun.State.RUNNING)
    return Wait(1.0) if waiting.exists() else None


def _admitted(leased: Leased) -> Leased | Wait | None:
    request, tokens = leased.request, spending.tokens_of(leased.prompt) + leased.max_tokens
    run = JudgeRun.objects.select_for_update(no_key=True).get(pk=request.run_id)
    if run.mode != JudgeRun.Mode.REPLAY:
        endpoint = JudgeEndpoint.objects.select_for_update(no_key=True).annotate(now=Now())
        found = endpoint.get(pk=request.config.endpoint_id)
        run = _give_up(request, run)
        seconds = limiting.admit(found, found.now, tokens)
        if seconds > 0:
            return Wait(seconds)
        amount = spending.worst(request.config, spending.tokens_of(leased.prompt), leased.max_tokens)
        if not spending.reserve(run, amount):
            runs.pause_now(run, "The budget does not hold another call. Raise it, then resume.")
            return None
        found.save(update_fields=["requests_left", "tokens_left", "refilled_at"])
        request.reserved = amount
    request.state = State.LEASED
    request.attempts_made += 1
    request.lease_expires_at = Now() + LEASE
    request.save(update_fields=["state", "attempts_made", "lease_expires_at", "reserved"])
    request.run = run
    return leased


def _give_up(request: JudgeRequest, run: JudgeRun) -> JudgeRun:
    """Book what a dead worker had set aside as spent, because its call may have been charged."""
    if not request.reserved:
        return run
    spending.settle(run, request.reserved, request.reserved)
    request.reserved = type(request.reserved)(0)
    request.save(update_fields=["reserved"])
    run.refresh_from_db()
    return run


def _room(request: JudgeRequest, frozen: judge_config.JudgeConfig) -> int:
    """Return the token limit, doubled once an answer was cut off."""
    if frozen.output == "logprob":
        return 1
    was_cut = request.attempts.filter(error_code="truncated").exists()
    return frozen.max_tokens * (2 if was_cut else 1)
