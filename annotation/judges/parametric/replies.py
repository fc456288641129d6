"""What the simulated endpoint sends: well-formed completions and every way in which real ones go wrong."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One HTTP answer; `cut_after` drops the connection after that many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut_after: int | None = None


type Behavior = str | Reply | Callable[[dict[str, Any]], Reply]


class UnknownBehavior(ValueError):
    """A behavior the script of the simulated endpoint does not know."""


def completion(
    request: dict[str, Any],
    content: str | None,
    *,
    finish_reason: str = "stop",
    refusal: str | None = None,
    fingerprint: str = "fp_parametric",
    odds: dict[str, float] | None = None,
) -> dict[str, Any]:
    """Return the body of a chat completion."""
    asked = json.dumps(request, sort_keys=True)
    tokens_in, tokens_out = max(1, len(asked) // 4), max(1, len(content or refusal or "") // 4)
    return {
        "id": f"chatcmpl-{sha256(asked.encode()).hexdigest()[:24]}",
        "object": "chat.completion",
        "created": 0,
        "model": request.get("model"),
        "system_fingerprint": fingerprint,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": refusal},
                "finish_reason": finish_reason,
                "logprobs": _logprobs(odds) if odds else None,
            }
        ],
        "usage": {
            "prompt_tokens": tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
        },
    }


def _logprobs(odds: dict[str, float]) -> dict[str, Any]:
    listed = [{"token": word, "logprob": math.log(max(p, 1e-12))} for word, p in odds.items()]
    listed.sort(key=lambda entry: -float(str(entry["logprob"])))
    return {"content": [listed[0] | {"top_logprobs": listed}]}


def ok(body: dict[str, Any]) -> Reply:
    """Send the body with status 200."""
    return Reply(body=json.dumps(body).encode())


def failure(status: int, code: str, message: str, **headers: str) -> Reply:
    """Send an error as the API words it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, body=json.dumps({"error": {"message": message, "code": code}}).encode(), headers=named)


def scripted(behavior: Behavior, request: dict[str, Any], normal: Reply) -> Reply:
    """Return the reply of one behavior, given the `normal` one; a name may carry an argument, as in `slow:0.5`."""
    if isinstance(behavior, Reply):
        return behavior
    if not isinstance(behavior, str):
        return behavior(request)
    name, _, argument = behavior.partition(":")
    if name in _FAILURES:
        return _FAILURES[name](argument)
    if name not in _VARIANTS:
        raise UnknownBehavior(f"No behavior {name!r}; known are {', '.join(sorted(BEHAVIORS))}.")
    return _VARIANTS[name](request, normal, argument)


_FAILURES: dict[str, Callable[[str], Reply]] = {
    "429": lambda ms: failure(429, "rate_limit_exceeded", "Slow down.", retry_after_ms=ms or "50"),
    "500": lambda _: failure(500, "server_error", "Try again."),
    "400": lambda _: failure(400, "context_length_exceeded", "The prompt is too long."),
    "401": lambda _: failure(401, "invalid_api_key", "Who are you?"),
    "redirect": lambda to: Reply(status=307, headers={"Location": to}),
}
_VARIANTS: dict[str, Callable[[dict[str, Any], Reply, str], Reply]] = {
    "ok": lambda _request, normal, _argument: normal,
    "bad_json": lambda request, *_: ok(completion(request, '{"reason": "fine", "verdict": "A"')),
    "off_menu": lambda request, *_: ok(completion(request, '{"reason": "fine", "verdict": "C"}')),
    "two_verdicts": lambda request, *_: ok(
        completion(request, '{"reason": "x", "verdict": "A"}\n{"reason": "y", "verdict": "B"}')
    ),
    "refusal": lambda request, *_: ok(completion(request, None, refusal="I cannot judge this.")),
    "content_filter": lambda request, *_: ok(completion(request, None, finish_reason="content_filter")),
    "truncated": lambda request, *_: ok(completion(request, '{"reason": "it is', finish_reason="length")),
    "slow": lambda _request, normal, seconds: replace(normal, delay_s=float(seconds or 1)),
    "hang": lambda _request, normal, seconds: replace(normal, delay_s=float(seconds or 600)),
    "reset_mid_body": lambda _request, normal, _argument: replace(normal, cut_after=len(normal.body) // 2),
    "fingerprint_change": lambda _request, normal, _: _changed(normal, system_fingerprint="fp_other"),
    "model_change": lambda _request, normal, _: _changed(normal, model="another-model"),
    "no_usage": lambda _request, normal, _: _changed(normal, usage=None),
}
BEHAVIORS = (*_FAILURES, *_VARIANTS)


def _changed(normal: Reply, **values: object) -> Reply:
    body = json.loads(normal.body)
    body.update(values)
    return replace(normal, body=json.dumps({key: value for key, value in body.items() if value is not None}).encode())
