"""The limits of an endpoint: one bucket of requests and one of tokens in its row, shared by every worker."""

from datetime import datetime, timedelta

from django.db.models.functions import Now

from annotation.models import JudgeEndpoint, JudgeRequest

# The least share of the rate that 429s can bring it down to, and what an answer gives back.
LEAST_SHARE, REGROWTH = 1 / 64, 1 / 64
BURST_S = 1.0
POLL_S = 0.1


def admit(endpoint: JudgeEndpoint, now: datetime, tokens: int) -> float:
    """Take one call of so many tokens out of the buckets; else return how many seconds to wait.

    The caller holds the lock of the endpoint's row and saves it.
    """
    if endpoint.rests_until and endpoint.rests_until > now:
        return (endpoint.rests_until - now).total_seconds()
    if _under_way(endpoint) >= endpoint.max_concurrent:
        return POLL_S
    elapsed = (now - endpoint.refilled_at).total_seconds() if endpoint.refilled_at else 60.0
    requests, tokens_left = _refilled(endpoint, max(0.0, elapsed), tokens)
    wait = max(_wait(1 - requests, _rate(endpoint.requests_per_minute, endpoint)), 0.0)
    if endpoint.tokens_per_minute:
        wait = max(wait, _wait(tokens - tokens_left, _rate(endpoint.tokens_per_minute, endpoint)))
    if wait > 0:
        return wait
    endpoint.requests_left, endpoint.tokens_left, endpoint.refilled_at = requests - 1, tokens_left - tokens, now
    return 0.0


def _refilled(endpoint: JudgeEndpoint, elapsed: float, tokens: int) -> tuple[float, float]:
    per_s = _rate(endpoint.requests_per_minute, endpoint)
    requests = min(max(1.0, per_s * BURST_S), endpoint.requests_left + elapsed * per_s)
    per_s = _rate(endpoint.tokens_per_minute, endpoint)
    # A call larger than a second's worth must fit in some day.
    return requests, min(max(float(tokens), per_s * BURST_S), endpoint.tokens_left + elapsed * per_s)


def _rate(per_minute: int, endpoint: JudgeEndpoint) -> float:
    return per_minute * endpoint.rate_share / 60


def _wait(missing: float, per_s: float) -> float:
    return missing / per_s if missing > 1e-9 else 0.0


def _under_way(endpoint: JudgeEndpoint) -> int:
    leased = JudgeRequest.objects.filter(state=JudgeRequest.State.LEASED, config__endpoint=endpoint)
    return leased.filter(lease_expires_at__gt=Now()).count()


def slow_down(endpoint_id: int, after_s: float) -> None:
    """Halve the rate after a 429, and rest as long as the endpoint asks."""
    endpoint = JudgeEndpoint.objects.select_for_update().annotate(now=Now()).get(pk=endpoint_id)
    endpoint.rate_share = max(LEAST_SHARE, endpoint.rate_share / 2)
    until = endpoint.now + timedelta(seconds=after_s)
    endpoint.rests_until = max(until, endpoint.rests_until or until)
    endpoint.requests_left = min(endpoint.requests_left, 0.0)
    endpoint.save(update_fields=["rate_share", "rests_until", "requests_left"])


def recover(endpoint: JudgeEndpoint) -> None:
    """Give back a little of the rate after an answer."""
    if endpoint.rate_share < 1:
        grown = min(1.0, endpoint.rate_share + REGROWTH)
        JudgeEndpoint.objects.filter(pk=endpoint.pk, rate_share__lt=grown).update(rate_share=grown)
