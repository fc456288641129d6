"""What calls cost: the worst case set aside before one, the actual cost after it."""

from decimal import Decimal

from django.db.models import F

from annotation.judges import client, envelope, prompts
from annotation.models import JudgeConfig, JudgeRequest, JudgeRun

MILLION = Decimal(1_000_000)
# Bytes of text per token at least; templates and roles are part of the text.
BYTES_A_TOKEN = 3


def tokens_of(prompt: prompts.Prompt) -> int:
    """Estimate the tokens of a prompt, rather too many than too few."""
    return sum(len(message["content"].encode()) for message in prompt.messages) // BYTES_A_TOKEN + 16


def worst(config: JudgeConfig, tokens_in: int, max_tokens: int) -> Decimal:
    """Return the most a call can cost."""
    return (tokens_in * config.price_in + max_tokens * config.price_out) / MILLION


def actual(config: JudgeConfig, usage: envelope.Usage) -> Decimal:
    """Return what the counted tokens cost."""
    cached = min(usage.cached, usage.prompt)
    inputs = (usage.prompt - cached) * config.price_in + cached * config.price_cached
    return (inputs + usage.completion * config.price_out) / MILLION


def of_attempt(request: JudgeRequest, attempt: client.Attempt) -> tuple[Decimal, bool]:
    """Return the cost of an attempt and whether it is estimated.

    An endpoint that answered without counting, or whose answer got lost on the way, may have charged the worst case.
    One that refused the request, or was never reached, charged nothing.
    """
    if attempt.usage is not None:
        return actual(request.config, attempt.usage), False
    was_refused = attempt.http_status is not None and attempt.http_status >= 300
    if was_refused or not attempt.request or attempt.error_code == "connect":
        return Decimal(0), False
    return request.reserved, request.reserved > 0


def reserve(run: JudgeRun, amount: Decimal) -> bool:
    """Set the worst case aside, unless the budget does not hold it; under the lock of the run."""
    if run.budget is not None and run.spent + run.reserved + amount > run.budget:
        return False
    JudgeRun.objects.filter(pk=run.pk).update(reserved=F("reserved") + amount)
    return True


def settle(run: JudgeRun, reserved: Decimal, cost: Decimal) -> None:
    """Turn what was set aside into what was spent."""
    JudgeRun.objects.filter(pk=run.pk).update(reserved=F("reserved") - reserved, spent=F("spent") + cost)
