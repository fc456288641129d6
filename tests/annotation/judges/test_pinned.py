import contextlib
import socket
import threading
import time

import httpx2
import pytest

from annotation.judges import outbound, pinned
from annotation.judges.parametric.server import ParametricServer


@contextlib.contextmanager
def raw_server(*chunks, pause_s=0.0):
    """Serve one connection with the given bytes, a pause before each chunk."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    for chunk in chunks:
                        time.sleep(pause_s)
                        connection.sendall(chunk)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=5)


def at(port, host="judge.example.org"):
    return outbound.Target(f"http://{host}:{port}/v1", host, port, "127.0.0.1")


def test_the_client_connects_to_the_checked_address_whatever_the_name_resolves_to_now(monkeypatch):
    monkeypatch.setattr(socket, "gethostbyname", lambda *_: pytest.fail("looked up again"))
    with ParametricServer(keep=1) as judge:
        port = judge.server_address[1]
        with pinned.client(at(port)) as http:
            assert http.get(f"http://judge.example.org:{port}/v1/models").status_code == 200


def test_the_name_stays_in_the_host_header():
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as port, pinned.client(at(port)) as http:
        response = http.get(f"http://judge.example.org:{port}/")

    assert response.request.headers["host"] == f"judge.example.org:{port}"


def test_another_host_or_port_is_not_called():
    with ParametricServer() as judge, pinned.client(at(judge.server_address[1])) as http:
        for url in (f"{judge.base_url}/models", "http://judge.example.org:1/"):
            with pytest.raises(httpx2.ConnectError):
                http.get(url)


def test_redirects_are_not_followed():
    with ParametricServer() as canary:
        reply = b"HTTP/1.1 302 Found\r\nLocation: %s/models\r\nContent-Length: 0\r\n\r\n" % canary.base_url.encode()
        with raw_server(reply) as port, pinned.client(at(port)) as http:
            assert http.get(f"http://judge.example.org:{port}/").status_code == 302


def test_proxies_of_the_environment_are_ignored(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with ParametricServer() as judge:
        port = judge.server_address[1]
        with pinned.client(at(port)) as http:
            assert not http.trust_env
            assert http.get(f"http://judge.example.org:{port}/v1/models").status_code == 200


def test_an_answer_beyond_the_size_limit_is_cut_off():
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
    limits = pinned.Limits(answer_bytes=50_000)
    with raw_server(body) as port, pinned.client(at(port), limits=limits) as http:
        caught = _error(httpx2.ReadError, http, port)
    assert isinstance(caught.__cause__, pinned.AnswerTooLarge)


def test_a_compressed_answer_is_refused_unread():
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n0123456789"
    with raw_server(head) as port, pinned.client(at(port)) as http:
        caught = _error(httpx2.ReadError, http, port)
    assert isinstance(caught.__cause__, pinned.AnswerTooLarge)


def _error(kind, http, port):
    with pytest.raises(kind) as caught:
        http.get(f"http://judge.example.org:{port}/")
    return caught.value


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n"


@pytest.mark.parametrize(
    ("chunks", "pause_s"),
    [([HEAD, *[b"X-A: b\r\n"] * 40], 0.05), ([HEAD, b"\r\n", *[b"x"] * 40], 0.05), ([HEAD], 1.5)],
    ids=["headers drip", "the body drips", "silence"],
)
def test_a_call_ends_at_its_deadline_however_the_answer_dawdles(chunks, pause_s):
    limits = pinned.Limits(read_s=5, total_s=0.3)
    with raw_server(*chunks, pause_s=pause_s) as port, pinned.client(at(port), limits=limits) as http:
        # Without the deadline the server closes first, and that would be another error.
        _error(httpx2.ReadTimeout, http, port)
