"""What to do after an attempt: the retry matrix as a pure function."""

from dataclasses import dataclass
from typing import Literal

from annotation.judges.client import Attempt
from annotation.judges.parsing import Verdict

type Next = Literal["retry", "succeeded", "invalid", "refused", "filtered", "failed", "dead"]

MAX_ATTEMPTS = 6
BASE_S, CAP_S = 1.0, 60.0
RETRY_AFTER_CAP_S = 3600.0
_PASSING = {"connect", "timeout", "dropped"}
_PASSING_STATUS = {408, 409, 429}


@dataclass(frozen=True, slots=True)
class Decision:
    """Retry after some seconds (with the given max_tokens), or the state in which the request ends."""

    state: Next
    after_s: float = 0.0
    max_tokens: int | None = None
    pause_endpoint: bool = False


def decide(
    attempt: Attempt, verdict: Verdict, attempt_no: int, *, max_tokens: int, jitter: float, repairs_left: int = 0
) -> Decision:
    """Decide on attempt number `attempt_no` (from 1); `jitter` in [0, 1) is drawn by the caller.

    `max_tokens` is the configured limit: an attempt above it has used its one retry with twice as many.
    `repairs_left` counts the repeats still allowed after an answer that could not be bound.
    """
    if verdict.state in ("refused", "filtered"):
        return Decision(verdict.state)
    if verdict.state == "error" or attempt.error_code is not None:
        return _after_error(attempt, attempt_no, jitter)
    if verdict.state != "invalid":
        return Decision("succeeded")
    if verdict.code == "truncated" and attempt.max_tokens <= max_tokens:
        return Decision("retry", max_tokens=2 * max_tokens)
    if verdict.code != "truncated" and repairs_left > 0:
        return Decision("retry", max_tokens=attempt.max_tokens)
    return Decision("invalid")


def _after_error(attempt: Attempt, attempt_no: int, jitter: float) -> Decision:
    if not _is_passing(attempt):
        return Decision("dead", pause_endpoint=attempt.http_status in (401, 403))
    if attempt_no >= MAX_ATTEMPTS:
        return Decision("failed")
    backoff = jitter * min(CAP_S, BASE_S * 2 ** (attempt_no - 1))
    asked = min(attempt.retry_after_s or 0.0, RETRY_AFTER_CAP_S)
    return Decision("retry", after_s=max(backoff, asked), max_tokens=attempt.max_tokens or None)


def _is_passing(attempt: Attempt) -> bool:
    status = attempt.http_status
    if status is None:
        return attempt.error_code in _PASSING
    return status in _PASSING_STATUS or status >= 500 or 200 <= status < 300
