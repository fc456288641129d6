"""HTTP client that connects to one checked address and nowhere else, within limits of time and size.

Import it inside functions: it brings the HTTP stack.
"""

import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import httpcore2
import httpx2

from annotation.judges.outbound import Target


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for connecting, for each read and for the whole call; bytes of the whole answer, headers included."""

    connect_s: float = 3.0
    read_s: float = 60.0
    total_s: float = 120.0
    answer_bytes: int = 10_000_000


class AnswerTooLarge(httpcore2.ReadError):
    """The answer went on beyond the limit, or came compressed although plain bytes were asked for."""


class WrongAddress(httpcore2.ConnectError):
    """Something asked the pinned client for another host."""


def client(target: Target, *, limits: Limits | None = None) -> httpx2.Client:
    """Return a client for calls to the target alone: no redirects, no proxies, no settings from the environment."""
    limits = limits or Limits()
    return httpx2.Client(
        transport=_PinnedTransport(target, limits),
        timeout=httpx2.Timeout(limits.read_s, connect=limits.connect_s),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_refuse_compressed]},
    )


def _refuse_compressed(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise httpx2.ReadError("The answer is compressed.", request=response.request) from AnswerTooLarge()


class _PinnedTransport(httpx2.HTTPTransport):
    def __init__(self, target: Target, limits: Limits) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        # The transport's constructor has no place for a network backend; its pool has.
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_tls(), max_keepalive_connections=0, network_backend=_PinnedBackend(target, limits)
        )


@cache
def _tls() -> ssl.SSLContext:
    return httpcore2.default_ssl_context()


class _PinnedBackend(httpcore2.SyncBackend):
    def __init__(self, target: Target, limits: Limits) -> None:
        self._target, self._limits = target, limits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        if (host, port) != (self._target.host, self._target.port):
            raise WrongAddress("This client calls one host only.")
        stream = super().connect_tcp(self._target.address, port, timeout, local_address, socket_options)
        return _LimitedStream(stream, time.monotonic() + self._limits.total_s, self._limits.answer_bytes)


class _LimitedStream(httpcore2.NetworkStream):
    """One connection that ends at its deadline and after its share of bytes; it serves one call."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float, bytes_left: int) -> None:
        self._stream, self._deadline, self._bytes_left = stream, deadline, bytes_left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._within(timeout))
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise AnswerTooLarge("The answer is larger than allowed.")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._within(timeout))
        return _LimitedStream(stream, self._deadline, self._bytes_left)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

    def _within(self, timeout: float | None) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("The call took longer than allowed.")
        return left if timeout is None else min(left, timeout)
