"""Carry out one leased request: ask, keep the raw bytes, bind the answer, record it or plan the next attempt."""

import hashlib
import random
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from annotation.judges import client, envelope, parsing, retries, sealing
from annotation.models import JudgeAttempt, JudgeRequest, JudgeRun
from annotation.services import audit
from annotation.services.judging import drifting, endpoints, limiting, recording, runs, spending
from annotation.services.judging.leasing import Leased

State = JudgeRequest.State
USAGE = ("prompt", "completion", "cached", "reasoning")


class NotRecorded(LookupError):
    """A replay came to a request for which no answer is stored."""


def carry_out(leased: Leased) -> None:
    """Get an answer, from the endpoint or the stored bytes, and settle what it means."""
    request, frozen = leased.request, leased.frozen
    stored = _stored(request)
    attempt = stored or _ask(leased)
    verdict = parsing.parse(
        attempt.response, leased.prompt.form, http_status=attempt.http_status, version=frozen.parser_version
    )
    decision = retries.decide(
        attempt,
        verdict,
        request.attempts_made,
        max_tokens=1 if frozen.output == "logprob" else frozen.max_tokens,
        jitter=random.random(),  # noqa: S311  (spreads retries, keeps no secret)
        repairs_left=0 if stored else frozen.repairs - _repairs_used(request),
    )
    if stored and decision.state == "retry":
        decision = retries.Decision("invalid" if verdict.state == "invalid" else "failed")
    _settle(leased, attempt, verdict, decision, is_stored=stored is not None)


def _ask(leased: Leased) -> client.Attempt:
    config, key = leased.request.config, leased.request.idempotency_key
    try:
        endpoint = endpoints.opened(config.endpoint)
    except sealing.CannotOpen:
        return client.Attempt(request=b"", error_code="key_cannot_be_opened", http_status=401)
    return client.ask(endpoint, leased.frozen, leased.prompt, idempotency_key=key, max_tokens=leased.max_tokens)


def _stored(request: JudgeRequest) -> client.Attempt | None:
    """Return the last stored answer where the run takes stored ones."""
    if request.run.mode == JudgeRun.Mode.LIVE:
        return None
    last = request.attempts.order_by("-number").first()
    if last is not None and (request.run.mode == JudgeRun.Mode.REPLAY or last.response_body):
        return attempt_from(last)
    if request.run.mode == JudgeRun.Mode.REPLAY:
        with transaction.atomic():
            runs.pause_now(request.run, "A request has no stored answer, and a replay calls nobody.")
            JudgeRequest.objects.filter(pk=request.pk).update(state=State.QUEUED)
        raise NotRecorded(f"No answer is stored for request {request.idempotency_key}.")
    return None


def attempt_from(row: JudgeAttempt) -> client.Attempt:
    """Rebuild an attempt from its stored bytes."""
    raw = bytes(row.response_body or b"")
    answer = envelope.read(raw)
    return client.Attempt(
        request=bytes(row.request_body), response=raw, http_status=row.http_status, max_tokens=row.max_tokens,
        usage=answer.usage, model=answer.model, system_fingerprint=answer.system_fingerprint,
        finish_reason=answer.finish_reason,
        error_code=None if row.http_status and row.http_status < 300 and not answer.is_error else row.error_code,
    )  # fmt: skip


@transaction.atomic
def _settle(
    leased: Leased, attempt: client.Attempt, verdict: parsing.Verdict, decision: retries.Decision, *, is_stored: bool
) -> None:
    request = leased.request
    locked = JudgeRequest.objects.select_for_update().get(pk=request.pk)
    if locked.state != State.LEASED or locked.attempts_made != request.attempts_made:
        return
    if not is_stored:
        _keep_attempt(request, attempt, verdict)
        _tell_endpoint(request, attempt, decision)
    locked.code, locked.reserved = verdict.code or attempt.error_code or "", 0
    has_drifted = decision.state != "retry" and drifting.check(request, attempt)
    if decision.state == "retry" or has_drifted:
        locked.state = State.QUEUED
        locked.retry_at = Now() + timedelta(seconds=decision.after_s)
    else:
        locked.state = State(decision.state)
        locked.verdict = recording.canonical(verdict, request.shown_order)
        if not request.probe:
            recording.submit(request, verdict)
    locked.save(update_fields=["state", "retry_at", "code", "verdict", "reserved"])
    audit.record(
        "judge_call.complete",
        request,
        by=request.config.annotator,
        campaign=request.campaign,
        request_sha256=hashlib.sha256(attempt.request).hexdigest(),
        response_sha256=hashlib.sha256(attempt.response).hexdigest(),
        state=decision.state,
    )


def _tell_endpoint(request: JudgeRequest, attempt: client.Attempt, decision: retries.Decision) -> None:
    if attempt.http_status == 429:
        limiting.slow_down(request.config.endpoint_id, attempt.retry_after_s or 0.0)
    elif attempt.error_code is None:
        limiting.recover(request.config.endpoint)
    if decision.pause_endpoint:
        reason = f"The endpoint refuses our key (status {attempt.http_status}). Enter the key again, then resume."
        runs.pause_endpoint(request.config, reason)


def _keep_attempt(request: JudgeRequest, attempt: client.Attempt, verdict: parsing.Verdict) -> None:
    cost, is_estimated = spending.of_attempt(request, attempt)
    spending.settle(request.run, request.reserved, cost)
    values: dict[str, Any] = {"cost": cost, "is_cost_estimated": is_estimated}
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
        **values,
    )


def _repairs_used(request: JudgeRequest) -> int:
    return request.attempts.filter(http_status=200).exclude(error_code__in=["", "truncated"]).count()
