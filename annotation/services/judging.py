"""LLM judges as annotators: a frozen configuration, planned requests, raw attempts, the same door for verdicts."""

import hashlib
import hmac
import os
import random
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now

from annotation.judges import client, orders, outbound, parsing, prompts, retries, templates
from annotation.judges import config as judge_config
from annotation.judges.schema import Menu
from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    Criterion,
    JudgeAttempt,
    JudgeConfig,
    JudgeRequest,
    Task,
    User,
)
from annotation.permissions import check_may_change
from annotation.services import audit, judgments

State = JudgeRequest.State
LEASE = timedelta(minutes=5)
JUDGE_ASSIGNMENT_LEASE = timedelta(days=30)
# Other variables hold other secrets, and a judge's endpoint is chosen by researchers.
KEY_NAME = re.compile(r"JUDGE_KEY_[A-Z0-9_]{1,80}")


class JudgeRefused(ValueError):
    """The judge cannot be added as described."""


@transaction.atomic
def add_judge(
    *,
    campaign: Campaign,
    name: str,
    family: str,
    base_url: str,
    model: str,
    by: User,
    settings_: dict[str, Any] | None = None,
    api_key_variable: str = "",
) -> JudgeConfig:
    """Freeze a configuration and register its annotator."""
    check_may_change(by, campaign)
    if campaign.task_type != Campaign.TaskType.COMPARISON:
        raise JudgeRefused("Judges compare two responses. This campaign shows one at a time.")
    if api_key_variable and not KEY_NAME.fullmatch(api_key_variable):
        raise JudgeRefused("A judge's key is read from an environment variable named JUDGE_KEY_ and more letters.")
    try:
        outbound.resolve(base_url, allow_listed=_allow_listed(base_url))
        frozen = judge_config.JudgeConfig(
            endpoint_alias=urlsplit(base_url).netloc,
            model_id=model,
            family=family,
            rubric_sha256=campaign.rubric.sha256,
            **(settings_ or {}),
        )
    except (outbound.OutboundRefused, outbound.Unresolvable, judge_config.BadConfig, TypeError) as error:
        raise JudgeRefused(str(error)) from None
    if JudgeConfig.objects.filter(campaign=campaign, config_hash=frozen.config_hash).exists():
        raise JudgeRefused("This campaign has a judge with exactly this configuration already.")
    annotator = Annotator(kind=Annotator.Kind.JUDGE, name=name, family=family, version=frozen.config_hash)
    audit.save(annotator, "annotator.create", by=by, campaign=campaign)
    config = JudgeConfig(annotator=annotator, campaign=campaign, base_url=base_url, config_hash=frozen.config_hash)
    config.settings, config.api_key_variable = frozen.as_json(), api_key_variable
    audit.save(config, "judge_config.create", by=by, campaign=campaign, config_hash=frozen.config_hash)
    return config


@transaction.atomic
def plan(*, config: JudgeConfig, by: User) -> int:
    """Queue one request for each task, order and criterion still open to this judge; return how many are new."""
    check_may_change(by, config.campaign)
    JudgeConfig.objects.filter(pk=config.pk).update(paused_reason="")
    frozen = judge_config.JudgeConfig.from_json(config.settings)
    others = Count("judge_requests__config", distinct=True, filter=~Q(judge_requests__config=config))
    tasks = config.campaign.tasks.servable().annotate(judges=others).filter(judges__lt=config.campaign.judge_overlap)
    criteria = list(config.campaign.rubric.criteria.order_by("position"))
    requests = [
        _request(config, frozen, task, criterion, showing)
        for task in tasks
        for showing in orders.showings(
            bytes(config.campaign.seed),
            str(task.public_id),
            str(config.annotator.public_id),
            samples=frozen.samples,
            policy=frozen.orders,
        )
        for criterion in criteria
    ]
    before = config.requests.count()
    JudgeRequest.objects.bulk_create(requests, ignore_conflicts=True, batch_size=2_000)
    return config.requests.count() - before


def _request(
    config: JudgeConfig, frozen: judge_config.JudgeConfig, task: Task, criterion: Criterion, showing: orders.Showing
) -> JudgeRequest:
    key = judge_config.request_key(
        config_hash=config.config_hash,
        task_sha256=f"{task.public_id}|{task.snapshot_sha256}",
        criterion=criterion.key,
        shown_order=showing.shown_order,
        sample=showing.sample,
    )
    return JudgeRequest(
        campaign=config.campaign,
        config=config,
        task=task,
        criterion_key=criterion.key,
        shown_order=showing.shown_order,
        round=showing.round,
        sample=showing.sample,
        idempotency_key=key,
    )


def due(config: JudgeConfig) -> "Q":
    """Describe requests that may be sent now: queued and not resting, or left behind by a dead worker."""
    rested = Q(state=State.QUEUED) & (Q(retry_at__isnull=True) | Q(retry_at__lte=Now()))
    orphaned = Q(state=State.LEASED, lease_expires_at__lte=Now())
    return Q(config=config, config__paused_reason="") & (rested | orphaned)


@transaction.atomic
def take(config: JudgeConfig) -> JudgeRequest | None:
    """Lease the next request that is due."""
    request = (
        JudgeRequest.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("config__annotator", "campaign", "task__rubric", "task__prompt")
        .select_related("task__response_a", "task__response_b")
        .filter(due(config))
        .order_by("id")
        .first()
    )
    if request:
        request.state = State.LEASED
        request.attempts_made += 1
        request.lease_expires_at = Now() + LEASE
        request.save(update_fields=["state", "attempts_made", "lease_expires_at"])
    return request


def carry_out(request: JudgeRequest) -> None:
    """Ask once, keep the raw bytes, and record the verdict or plan the next attempt."""
    frozen = judge_config.JudgeConfig.from_json(request.config.settings)
    criterion = request.task.rubric.criteria.get(key=request.criterion_key)
    task = _judge_task(request, criterion)
    try:
        prompt = prompts.build(task, frozen, idempotency_key=request.idempotency_key, nonce_key=_nonce_key())
    except (prompts.NonceInText, prompts.BadRole, templates.TemplateChanged, templates.UnknownTemplate) as error:
        JudgeRequest.objects.filter(pk=request.pk).update(state=State.DEAD, code=type(error).__name__)
        return
    room = _room(request, frozen)
    attempt = client.ask(
        _endpoint(request.config), frozen, prompt, idempotency_key=request.idempotency_key, max_tokens=room
    )
    verdict = parsing.parse(
        attempt.response, prompt.form, http_status=attempt.http_status, version=frozen.parser_version
    )
    decision = retries.decide(
        attempt,
        verdict,
        request.attempts_made,
        max_tokens=frozen.max_tokens,
        jitter=random.random(),  # noqa: S311  (spreads retries, keeps no secret)
        repairs_left=frozen.repairs - _repairs_used(request),
    )
    _settle(request, attempt, verdict, decision)


@transaction.atomic
def _settle(
    request: JudgeRequest, attempt: client.Attempt, verdict: parsing.Verdict, decision: retries.Decision
) -> None:
    locked = JudgeRequest.objects.select_for_update().get(pk=request.pk)
    if locked.state != State.LEASED or locked.attempts_made != request.attempts_made:
        return
    _keep_attempt(request, attempt, verdict)
    locked.code = verdict.code or attempt.error_code or ""
    if decision.state == "retry":
        locked.state = State.QUEUED
        locked.retry_at = Now() + timedelta(seconds=decision.after_s)
    else:
        locked.state = State(decision.state)
        _submit(request, verdict)
    if decision.pause_endpoint:
        reason = f"The endpoint refuses our key (status {attempt.http_status}). Mend the key, then start again."
        JudgeConfig.objects.filter(pk=request.config_id).update(paused_reason=reason)
    locked.save(update_fields=["state", "retry_at", "code"])
    audit.record(
        "judge_call.complete",
        request,
        by=request.config.annotator,
        campaign=request.campaign,
        request_sha256=hashlib.sha256(attempt.request).hexdigest(),
        response_sha256=hashlib.sha256(attempt.response).hexdigest(),
        state=decision.state,
    )


def _submit(request: JudgeRequest, verdict: parsing.Verdict) -> None:
    """Pass the verdict, or the fact that there is none, through the one door of judgments."""
    assignment = _assignment(request)
    side = {"first": "left", "second": "right"}.get(verdict.outcome or "", verdict.outcome) or verdict.state
    strength = None if verdict.strength is None else abs(verdict.strength)
    answer = judgments.Answer(side, strength=strength, rationale=verdict.reason[:20_000])
    judgments.submit(
        by=request.config.annotator,
        assignment_id=assignment.public_id,
        answers={request.criterion_key: answer},
        idempotency_key=request.idempotency_key,
    )


def _assignment(request: JudgeRequest) -> Assignment:
    annotator = request.config.annotator
    found = Assignment.objects.filter(task=request.task, annotator=annotator, round=request.round).first()
    if found:
        return found
    assignment = Assignment(campaign=request.campaign, task=request.task, annotator=annotator, round=request.round)
    assignment.shown_order = request.shown_order
    assignment.leased_at, assignment.expires_at = Now(), Now() + JUDGE_ASSIGNMENT_LEASE
    audit.save(assignment, "assignment.create", by=annotator, campaign=request.campaign)
    return assignment


def _keep_attempt(request: JudgeRequest, attempt: client.Attempt, verdict: parsing.Verdict) -> None:
    JudgeAttempt.objects.create(
        request=request,
        number=request.attempts_made,
        request_body=attempt.request,
        response_body=attempt.response,
        http_status=attempt.http_status,
        latency_ms=attempt.latency_ms,
        provider_request_id=(attempt.request_id or "")[:200],
        model=(attempt.model or "")[:200],
        fingerprint=(attempt.system_fingerprint or "")[:200],
        usage=None if attempt.usage is None else {name: getattr(attempt.usage, name) for name in USAGE},
        error_code=(attempt.error_code or (verdict.code if verdict.state == "invalid" else "") or "")[:60],
        max_tokens=attempt.max_tokens,
    )


USAGE = ("prompt", "completion", "cached", "reasoning")


def _judge_task(request: JudgeRequest, criterion: Criterion) -> prompts.JudgeTask:
    shown = [response.text or "" for response in (request.task.response_a, request.task.response_b) if response]
    first, second = shown[::-1] if request.shown_order == "ba" else shown
    return prompts.JudgeTask(
        criterion_name=criterion.name,
        criterion_question=criterion.question,
        guide=request.task.rubric.guide,
        messages=tuple(prompts.Message(m["role"], m["content"]) for m in request.task.prompt.messages),
        response_1=first,
        response_2=second,
        menu=Menu(
            tie=criterion.allow_tie,
            both_bad=criterion.allow_both_bad,
            levels=criterion.levels if criterion.levels > 3 else 0,  # type: ignore[arg-type]
        ),
    )


def _repairs_used(request: JudgeRequest) -> int:
    return request.attempts.filter(http_status=200).exclude(error_code__in=["", "truncated"]).count()


def _room(request: JudgeRequest, frozen: judge_config.JudgeConfig) -> int | None:
    """Return the doubled token limit once an answer was cut off."""
    return 2 * frozen.max_tokens if request.attempts.filter(error_code="truncated").exists() else None


def _endpoint(config: JudgeConfig) -> client.Endpoint:
    key = os.environ.get(config.api_key_variable, "") if config.api_key_variable else ""
    return client.Endpoint(base_url=config.base_url, api_key=key, allow_listed=_allow_listed(config.base_url))


def _allow_listed(base_url: str) -> bool:
    return (urlsplit(base_url).hostname or "") in settings.JUDGE_ALLOWED_HOSTS


def _nonce_key() -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"judge-nonce", "sha256")
