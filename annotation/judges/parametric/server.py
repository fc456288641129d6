"""Serve the simulated judge at /v1/chat/completions and /v1/models on the loopback address."""

import json
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast

from annotation.judges.parametric import replies, verdicts
from annotation.judges.parametric.quality import QualityTable
from annotation.judges.parametric.settings import Settings

HOST = "127.0.0.1"
BODY_BYTES = 10_000_000
CHARS_PER_TOKEN = 4


class ParametricServer(ThreadingHTTPServer):
    """The judge as a context manager: inside it, a thread serves at `base_url` and `seen` keeps the last requests.

    `script` is a queue of behaviors for the next requests; when it is empty the judge answers by its settings.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        port: int = 0,
        qualities: Mapping[str, float] | None = None,
        script: Iterable[replies.Behavior] = (),
        keep: int = 0,
    ) -> None:
        super().__init__((HOST, port), _Handler)
        self.settings = settings or Settings()
        self.table = QualityTable(self.settings.table, qualities)
        self.script = deque(script)
        self.seen: deque[tuple[dict[str, str], bytes]] = deque(maxlen=keep)

    @property
    def base_url(self) -> str:
        """Return what a client takes as its base URL."""
        return f"http://{HOST}:{self.server_address[1]}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client hangs up before its answer, as a client with a timeout does."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def reply_to(self, raw: bytes) -> replies.Reply:
        """Answer the raw body of a chat request."""
        try:
            request = json.loads(raw)
            content = verdicts.answer(request, raw, self.settings, self.table)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return replies.failure(400, "bad_request", str(error))
        normal = replies.ok(_completion(request, content, self._odds(request)))
        behavior = self._next_behavior()
        return replies.scripted(behavior, request, normal)

    def _odds(self, request: dict[str, Any]) -> dict[str, float] | None:
        return verdicts.odds(verdicts.read(request), self.settings, self.table) if request.get("logprobs") else None

    def _next_behavior(self) -> replies.Behavior:
        try:
            return self.script.popleft()
        except IndexError:
            return "ok"


def _completion(request: dict[str, Any], content: str, odds: dict[str, float] | None) -> dict[str, Any]:
    limit = CHARS_PER_TOKEN * int(request.get("max_tokens") or request.get("max_completion_tokens") or 10**6)
    reason = "stop" if len(content) <= limit else "length"
    return replies.completion(request, content[:limit], finish_reason=reason, odds=odds)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120

    @property
    def judge(self) -> ParametricServer:
        return cast(ParametricServer, self.server)

    def do_GET(self) -> None:
        if self.path.rstrip("/") != "/v1/models":
            return self._send(replies.failure(404, "not_found", "There is only /v1/models and /v1/chat/completions."))
        model = {"id": self.judge.settings.model, "object": "model", "created": 0, "owned_by": "simulated"}
        return self._send(replies.ok({"object": "list", "data": [model]}))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES:
            self.close_connection = True
            return self._send(replies.failure(413, "bad_length", "Send a Content-Length of at most 10 MB."))
        raw = self.rfile.read(int(length))
        if self.path != "/v1/chat/completions":
            return self._send(replies.failure(404, "not_found", "There is only /v1/models and /v1/chat/completions."))
        self.judge.seen.append(({name.lower(): value for name, value in self.headers.items()}, raw))
        return self._send(self.judge.reply_to(raw), self.judge.settings.latency_ms / 1000)

    def _send(self, reply: replies.Reply, latency_s: float = 0.0) -> None:
        time.sleep(latency_s + reply.delay_s)
        self.send_response(reply.status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(reply.body)), **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: reply.cut_after])
        if reply.cut_after is not None:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: request lines of a test server tell nothing."""
