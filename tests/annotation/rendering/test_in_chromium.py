"""The corpus in a real browser: nothing runs, nothing is fetched; and the same corpus unrendered does both."""

import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from annotation import rendering
from deploy.local import browser as browsers
from tests.annotation.rendering.payloads import PAYLOADS

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><meta charset=utf-8><html><head>
<script>let hits = 0; window.hit = () => document.documentElement.setAttribute('data-hits', ++hits);</script>
</head><body>{body}</body></html>"""
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


class Canary(ThreadingHTTPServer):
    """Count who calls."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.paths: list[str] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    server: Canary

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def canary() -> Iterator[Canary]:
    with Canary() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def chromium() -> str:
    program = browsers.find()
    if program is None:
        reason = "no Chromium found; install one or name it in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return str(program)


def shown(chromium: str, folder: Path, body: str) -> str:
    """Return the page's elements after its scripts and loads have had their time."""
    page = folder / "page.html"
    page.write_text(PAGE.format(body=body))
    command = [
        chromium,
        *FLAGS,
        f"--user-data-dir={folder}/profile",
        "--virtual-time-budget=3000",
        "--dump-dom",
        str(page),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def test_nothing_runs_and_nothing_is_fetched(chromium: str, canary: Canary, tmp_path: Path) -> None:
    texts = [payload.replace("canary.invalid", canary.address) for payload in PAYLOADS]
    page = shown(chromium, tmp_path, "".join(f"<div>{rendering.render(text).html}</div>" for text in texts))
    assert page.count("<div>") >= len(PAYLOADS)
    assert "<html data-hits" not in page
    assert canary.paths == []


def test_the_same_corpus_unrendered_runs_and_fetches(chromium: str, canary: Canary, tmp_path: Path) -> None:
    # Without those that end the page or leave it.
    harmful = [text for text in PAYLOADS if not any(word in text for word in ("plaintext", "refresh", "<base", "<!--"))]
    texts = [text.replace("canary.invalid", canary.address) for text in harmful]
    page = shown(chromium, tmp_path, "".join(f"<div>{text}</div>" for text in texts[:10] + texts[68:80]))
    assert "<html data-hits" in page
    assert canary.paths
