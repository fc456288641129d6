"""Say before a run what it will take: calls, tokens, money, time."""

from dataclasses import dataclass
from decimal import Decimal

from annotation.judges import config as judge_config
from annotation.models import JudgeConfig
from annotation.services.judging import asking, planning, spending

SAMPLE = 50
# Tokens of an answer that gives its reason in a sentence or two, for the lower end.
SHORT_ANSWER = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run would add; costs from short answers to the worst case, time from the rate alone."""

    calls: int
    tokens_in: int
    cost_low: Decimal
    cost_high: Decimal
    currency: str
    minutes: float


def estimate(config: JudgeConfig) -> Estimate:
    """Plan without queueing; prompts are measured on a sample spread over the tasks."""
    frozen = judge_config.JudgeConfig.from_json(config.settings)
    known = set(config.requests.values_list("idempotency_key", flat=True))
    wanted = [r for r in planning.wanted_requests(config, frozen) if r.idempotency_key not in known]
    sentinels = planning.sentinel_requests(config, frozen, len(wanted)) if wanted else []
    calls = len(wanted) + len(sentinels)
    sample = wanted[:: max(1, len(wanted) // SAMPLE)][:SAMPLE]
    sizes = [spending.tokens_of(asking.prompt(request, frozen)) for request in sample]
    tokens_in = round(calls * sum(sizes) / len(sizes)) if sizes else 0
    longest = 1 if frozen.output == "logprob" else frozen.max_tokens
    return Estimate(
        calls=calls,
        tokens_in=tokens_in,
        cost_low=spending.worst(config, tokens_in, calls * min(SHORT_ANSWER, longest)),
        cost_high=spending.worst(config, tokens_in, calls * longest),
        currency=config.currency,
        minutes=calls / config.endpoint.requests_per_minute,
    )
