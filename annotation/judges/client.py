"""One call to a judge through the openai SDK, kept as raw bytes. No retries here: every attempt is a row."""

import email.utils
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from annotation.judges import envelope, outbound
from annotation.judges.config import JudgeConfig
from annotation.judges.prompts import Prompt
from annotation.judges.schema import response_format

if TYPE_CHECKING:
    import httpx2

# The last one is how the SDK remembers, from the sent request, that raw bytes were asked for.
_HEADERS = """
    host connection accept accept-encoding content-type content-length user-agent idempotency-key
    x-stainless-raw-response
"""
MIN_KEY_CHARS = 8
TOP_LOGPROBS = 20


class BadKey(ValueError):
    """An API key that cannot stand in a header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a judge is reached. `allow_listed` is an administrator's word that a local or http address is meant."""

    base_url: str
    api_key: str = field(default="", repr=False)
    allow_listed: bool = False
    timeout_s: float = 60.0
    total_s: float = 120.0

    def __post_init__(self) -> None:
        if not (self.api_key.isascii() and self.api_key.isprintable() and " " not in self.api_key):
            raise BadKey("The API key holds a space or a character no key has; enter it again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What was sent, what came back, and how it went; `error_code` is None when the endpoint answered 2xx."""

    request: bytes
    response: bytes = b""
    http_status: int | None = None
    latency_ms: int = 0
    request_id: str | None = None
    retry_after_s: float | None = None
    max_tokens: int = 0
    usage: envelope.Usage | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    finish_reason: str | None = None
    error_code: str | None = None


def ask(
    endpoint: Endpoint, config: JudgeConfig, prompt: Prompt, *, idempotency_key: str, max_tokens: int | None = None
) -> Attempt:
    """Send the prompt once and return the attempt, whatever happens on the way."""
    body = request_body(config, prompt, max_tokens=max_tokens)
    limit = body[config.max_tokens_field]
    started = time.monotonic()
    attempt = replace(_send(endpoint, body, idempotency_key), max_tokens=limit)
    return replace(attempt, latency_ms=round(1000 * (time.monotonic() - started)))


def request_body(config: JudgeConfig, prompt: Prompt, *, max_tokens: int | None = None) -> dict[str, Any]:
    """Return the JSON body of the request."""
    body: dict[str, Any] = {"model": config.model_id, "messages": list(prompt.messages)}
    body[config.max_tokens_field] = 1 if config.output == "logprob" else max_tokens or config.max_tokens
    for name in ("temperature", "top_p"):
        value = getattr(config, name)
        if value is not None:
            body[name] = float(value)
    if config.seed is not None:
        body["seed"] = config.seed
    if config.output == "schema":
        body["response_format"] = response_format(prompt.form.menu, prompt.form.labels)
    if config.output == "logprob":
        body |= {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
    return body


def _send(endpoint: Endpoint, body: dict[str, Any], idempotency_key: str) -> Attempt:
    try:
        target = outbound.resolve(endpoint.base_url, allow_listed=endpoint.allow_listed)
    except outbound.OutboundRefused:
        return Attempt(request=b"", error_code="refused_by_policy")
    except outbound.Unresolvable:
        return Attempt(request=b"", error_code="connect")
    return _send_to(target, endpoint, body, idempotency_key)


def _send_to(target: outbound.Target, endpoint: Endpoint, body: dict[str, Any], idempotency_key: str) -> Attempt:
    # Slow to import, so only a process that really calls a judge pays for it.
    import openai

    from annotation.judges import pinned

    limits = pinned.Limits(read_s=endpoint.timeout_s, total_s=endpoint.total_s)
    with pinned.client(target, limits=limits) as http:
        http.event_hooks["request"].append(_only_our_headers(endpoint.api_key))
        # The hook above sets or drops the key; the SDK only wants to see something here.
        sdk = openai.OpenAI(
            api_key="set-by-hook", base_url=target.url, max_retries=0, timeout=endpoint.timeout_s, http_client=http
        )
        create: Any = sdk.chat.completions.with_raw_response.create
        try:
            raw = create(**body, extra_headers={"Idempotency-Key": idempotency_key})
            return _answered(raw.http_response, endpoint.api_key)
        except openai.APIStatusError as error:
            return _answered(error.response, endpoint.api_key)
        except openai.APIConnectionError as error:
            return Attempt(request=error.request.content, error_code=_connection_code(error))


def _only_our_headers(api_key: str) -> Callable[["httpx2.Request"], None]:
    """Keep what the call needs: no platform description, nothing the SDK picks up from the environment."""

    def hook(request: "httpx2.Request") -> None:
        for name in [name for name in request.headers if name.lower() not in _HEADERS.split()]:
            del request.headers[name]
        if api_key:
            request.headers["Authorization"] = f"Bearer {api_key}"

    return hook


def _answered(response: "httpx2.Response", api_key: str) -> Attempt:
    content = _without_key(response.content, api_key)
    answer = envelope.read(content)
    return Attempt(
        request=response.request.content,
        response=content,
        http_status=response.status_code,
        request_id=envelope.label(response.headers.get("x-request-id")),
        retry_after_s=retry_after(response.headers),
        usage=answer.usage,
        model=answer.model,
        system_fingerprint=answer.system_fingerprint,
        finish_reason=answer.finish_reason,
        error_code=_error_code(response.status_code, answer),
    )


def _without_key(content: bytes, api_key: str) -> bytes:
    """Blank out our key if the endpoint sent it back: raw answers are shown to researchers."""
    return content.replace(api_key.encode(), b"*" * 8) if len(api_key) >= MIN_KEY_CHARS else content


def _error_code(status: int, answer: envelope.Envelope) -> str | None:
    if 200 <= status < 300 and not answer.is_error:
        return None
    return answer.error_code or f"http_{status}"


def _connection_code(error: Exception) -> str:
    import httpx2
    import openai

    from annotation.judges import pinned

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, pinned.AnswerTooLarge):
            return "too_large"
        if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
            return "connect"
        cause = cause.__cause__
    return "timeout" if isinstance(error, openai.APITimeoutError) else "dropped"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds the endpoint asks us to wait, in any of the three forms in use."""
    milliseconds, seconds = headers.get("retry-after-ms"), headers.get("retry-after")
    for text, unit in ((milliseconds, 0.001), (seconds, 1.0)):
        if text and text.strip().replace(".", "", 1).isdecimal() and len(text) <= 12:
            return float(text) * unit
    if not seconds:
        return None
    try:
        at = email.utils.parsedate_to_datetime(seconds)
    except ValueError:
        return None
    return max(0.0, at.timestamp() - time.time())
