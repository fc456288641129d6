"""What an endpoint wrapped around an answer, read from its raw bytes without trusting any of them."""

from dataclasses import dataclass
from typing import Any, Literal

from annotation.judges import strict_json

LABEL_CHARS = 200
MAX_TOKENS_COUNT = 2**31 - 1

type Fault = Literal["not_json", "missing", "conflict", ""]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens the endpoint says it counted."""

    prompt: int
    completion: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Envelope:
    """The parts of a chat completion we use; `fault` says why there is no message to read."""

    content: object = None
    refusal: str = ""
    finish_reason: str | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    usage: Usage | None = None
    first_token: tuple[tuple[str, float], ...] = ()
    error_code: str | None = None
    is_error: bool = False
    fault: Fault = ""


def read(raw: bytes) -> Envelope:
    """Read a chat completion or an error answer; never raise."""
    try:
        body = strict_json.loads(raw)
    except strict_json.DuplicateKey:
        return Envelope(fault="conflict")
    except strict_json.NotJSON:
        return Envelope(fault="not_json")
    if not isinstance(body, dict):
        return Envelope(fault="missing")
    choice, fault = _only_choice(body.get("choices"))
    message = _mapping(choice.get("message"))
    refusal = message.get("refusal")
    return Envelope(
        content=message.get("content"),
        refusal=refusal if isinstance(refusal, str) else "",
        finish_reason=label(choice.get("finish_reason")),
        model=label(body.get("model")),
        system_fingerprint=label(body.get("system_fingerprint")),
        usage=_usage(_mapping(body.get("usage"))),
        first_token=_first_token(_mapping(choice.get("logprobs")).get("content")),
        error_code=_error_code(_mapping(body.get("error"))),
        # Some routers answer 200 and put the upstream error in the body.
        is_error=bool(body.get("error")) and not choice,
        fault=fault,
    )


def _only_choice(choices: object) -> tuple[dict[str, Any], Fault]:
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return {}, "missing"
    if len(choices) > 1:
        return {}, "conflict"
    return choices[0], "" if isinstance(choices[0].get("message"), dict) else "missing"


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def label(value: object) -> str | None:
    """Return a short printable string as it is, anything else as None: it will be stored and shown."""
    usable = isinstance(value, str) and value.isprintable() and 0 < len(value) <= LABEL_CHARS
    return str(value) if usable else None


def _error_code(error: dict[str, Any]) -> str | None:
    return label(error.get("code")) or label(error.get("type"))


def _usage(usage: dict[str, Any]) -> Usage | None:
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if prompt is None or completion is None:
        return None
    cached = _count(_mapping(usage.get("prompt_tokens_details")).get("cached_tokens"))
    reasoning = _count(_mapping(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    return Usage(prompt, completion, cached or 0, reasoning or 0)


def _first_token(content: object) -> tuple[tuple[str, float], ...]:
    """Return the alternatives of the first token with their log probabilities."""
    first = _mapping(content[0]) if isinstance(content, list) and content else {}
    listed = first.get("top_logprobs")
    found = [_mapping(entry) for entry in listed] if isinstance(listed, list) else []
    return tuple(
        (entry["token"], float(entry["logprob"]))
        for entry in found
        if isinstance(entry.get("token"), str) and type(entry.get("logprob")) in (int, float)
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= MAX_TOKENS_COUNT else None
