"""A server that must never be reached: every way in which a judge's address may point inward."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from annotation.judges import client, outbound, prompts
from annotation.judges.parametric.replies import Reply
from annotation.judges.parametric.server import ParametricServer
from annotation.judges.parametric.settings import Settings
from tests.annotation.judges.conftest import NONCE_KEY, a_config, a_task

HOSTS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0",
    "0.0.0.0",  # noqa: S104
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0x7F.0x0.0x0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "127.000.000.001",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "127.0.0.2",
    "127.255.255.254",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
]
FORMS = (
    "http://{host}:{port}/v1", "https://{host}:{port}/v1", "http://{host}/v1", "https://{host}/v1",
    "http://user:pass@{host}:{port}/v1", "http://public.example@{host}:{port}/v1", "http://{host}:{port}#@public.example/",
    "http://public.example\\@{host}:{port}/v1",
)  # fmt: skip
SCHEMES = [
    "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "dict://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/",
    "unix:///var/run/x.sock", "data:text/plain,x", "jar:http://127.0.0.1:{port}!/", "//127.0.0.1:{port}/v1",
    "http:127.0.0.1:{port}", "http:///127.0.0.1:{port}/v1", " http://127.0.0.1:{port}/v1", "http://127.0.0.1:{port}\t/v1",
]  # fmt: skip


class Canary(ThreadingHTTPServer):
    """Counts who comes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counting)
        self.hits: list[str] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Counting(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.hits.append(self.path)
        self.send_error(404)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def canary():
    server = Canary()
    yield server
    server.shutdown()
    server.server_close()


def call(base_url: str, **endpoint) -> client.Attempt:
    config = a_config()
    prompt = prompts.build(a_task(), config, idempotency_key="k", nonce_key=NONCE_KEY)
    target = client.Endpoint(base_url=base_url, api_key="sk-canary-0123456789", timeout_s=2, total_s=3, **endpoint)
    return client.ask(target, config, prompt, idempotency_key="k")


def test_no_spelling_of_an_inward_address_reaches_it(canary):
    urls = [form.format(host=host, port=canary.port) for host in HOSTS for form in FORMS]
    urls += [scheme.format(port=canary.port) for scheme in SCHEMES]
    assert len(urls) > 60
    codes = {call(url).error_code for url in urls}
    assert codes <= {"refused_by_policy", "connect"}
    assert canary.hits == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_and_the_key_goes_nowhere(canary, status):
    to = Reply(status=status, headers={"Location": f"http://127.0.0.1:{canary.port}/v1/chat/completions"})
    with ParametricServer(Settings(), script=[to], keep=5) as server:
        attempt = call(server.base_url, allow_listed=True)
    assert (attempt.http_status, attempt.error_code) == (status, f"http_{status}")
    assert canary.hits == []


class Rebinding:
    """Answers with a public address once, and with loopback ever after, as a name with a TTL of 0 may."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, host, port, **_):
        self.calls += 1
        address = "93.184.215.14" if self.calls == 1 else "127.0.0.1"
        return [(2, 1, 6, "", (address, port))]


def test_a_rebound_name_is_looked_up_once_and_the_checked_address_is_the_one_called(canary, monkeypatch):
    import socket

    rebinding, connected = Rebinding(), []
    target = outbound.resolve("https://judge.example.org/v1", resolver=rebinding)
    monkeypatch.setattr(socket, "create_connection", lambda address, *_, **__: connected.append(address) or _fail())
    from annotation.judges import pinned

    with pinned.client(target) as http, pytest.raises(Exception, match="not reached"):
        http.post(f"{target.url}/chat/completions", json={})
    assert (rebinding.calls, connected) == (1, [("93.184.215.14", 443)])
    assert canary.hits == []


def _fail():
    raise OSError("not reached")


def test_a_guard_that_looks_up_twice_would_have_been_beaten(canary):
    """The control: check one look-up, connect to another, and the canary is hit."""
    import http.client

    rebinding = Rebinding()
    checked = outbound.resolve("https://judge.example.org/v1", resolver=rebinding)
    assert checked.address == "93.184.215.14"
    (_, _, _, _, (address, _)), *_ = rebinding("judge.example.org", canary.port)
    connection = http.client.HTTPConnection(address, canary.port, timeout=2)
    connection.request("GET", "/")
    connection.getresponse()
    assert canary.hits == ["/"]
