"""Calls of the REST API: each method is one request, or follows the pages or the progress of one."""

import hashlib
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

CHUNK = 1 << 20
TIMEOUT = 60
POLL_SECONDS = 1.0
Document = dict[str, Any]
Report = Callable[[str, float], None]
OVER = frozenset({"done", "failed", "cancelled", "passed", "not_converged"})


class Refused(Exception):
    """The server refused a request; code is the stable word of its problem document."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code = status, code


class Mismatch(Exception):
    """What arrived is not what the server said it sends."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token is sent to the address that was named and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True, slots=True)
class Client:
    """One server and one token."""

    url: str
    token: str = ""

    def login(self, username: str, password: str, *, name: str, scope: str = "write", days: int = 30) -> "Client":
        """Return a client with a new token."""
        body = {"username": username, "password": password, "name": name, "scope": scope, "days": days}
        return Client(self.url, str(self.post("tokens/", body)["token"]))

    def campaigns(self) -> Iterator[Document]:
        return self.pages("campaigns/")

    def judgments(self, campaign: str, **filters: str) -> Iterator[Document]:
        return self.pages(f"campaigns/{_part(campaign)}/judgments/", page_size="200", **filters)

    def calibrate(self, campaign: str, *, seed: int | None = None, report: Report | None = None) -> Document:
        """Ask for a calibration run and wait for its end."""
        body = {} if seed is None else {"seed": seed}
        run = self.post(f"campaigns/{_part(campaign)}/runs/", body)
        return self._followed(f"runs/{run['id']}/", report)

    def release(
        self, campaign: str, *, run: str | None = None, options: Document | None = None, report: Report | None = None
    ) -> Document:
        """Ask for a release and wait until it is built."""
        body: Document = {"campaign": campaign, "options": options or {}}
        body |= {"run": run} if run else {}
        made = self.post("exports/", body, key=str(uuid.uuid4()))
        return self._followed(f"exports/{made['id']}/", report)

    def releases(self, campaign: str) -> Iterator[Document]:
        return self.pages("exports/", campaign=campaign)

    def download(self, release: str, target: Path, *, file: str = "", report: Report | None = None) -> Path:
        """Write a release's zip, or one file of it, to a path; a part that is there already is continued."""
        where = f"files/{urllib.parse.quote(file)}" if file else "download/"
        part = target.with_name(target.name + ".part")
        have = part.stat().st_size if part.exists() else 0
        try:
            answer = self._open("GET", f"exports/{_part(release)}/{where}", range_from=have)
        except Refused as refused:
            if refused.status != 416:
                raise
            part.unlink()
            answer = self._open("GET", f"exports/{_part(release)}/{where}")
        with answer, part.open("ab" if answer.status == 206 else "wb") as sink:
            done = have if answer.status == 206 else 0
            total = done + int(answer.headers["Content-Length"])
            while chunk := answer.read(CHUNK):
                sink.write(chunk)
                done += len(chunk)
                if report:
                    report("downloading", done / max(total, 1))
        with part.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        if digest != answer.headers["X-Checksum-SHA256"]:
            part.unlink()
            raise Mismatch(f"{target.name} arrived damaged. Download it again.")
        part.replace(target)
        return target

    def get(self, path: str, **query: str) -> Document:
        return self._json("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path: str, body: Document, *, key: str = "") -> Document:
        return self._json("POST", path, body, key=key)

    def pages(self, path: str, **query: str) -> Iterator[Document]:
        """Yield the rows of a list, page after page."""
        while True:
            page = self.get(path, **query)
            yield from page["results"]
            if not page["next"]:
                return
            following = urllib.parse.urlsplit(page["next"])
            query = {name: values[0] for name, values in urllib.parse.parse_qs(following.query).items()}

    def _followed(self, path: str, report: Report | None) -> Document:
        while True:
            found = self.get(path)
            if report:
                report(str(found.get("stage") or found["state"]), float(found.get("percent") or 0) / 100)
            if found["state"] in OVER:
                return found
            time.sleep(POLL_SECONDS)

    def _json(self, method: str, path: str, body: Document | None = None, *, key: str = "") -> Document:
        with self._open(method, path, body, key=key) as answer:
            found: Document = json.load(answer)
            return found

    def _open(
        self, method: str, path: str, body: Document | None = None, *, key: str = "", range_from: int = 0
    ) -> HTTPResponse:
        address = f"{self.url.rstrip('/')}/api/v1/{path}"
        if not address.startswith(("https://", "http://")):
            raise Refused(0, "bad_address", f"{self.url} is no address of a server; it begins with https://.")
        headers = {"Authorization": f"Token {self.token}"} if self.token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"Range": f"bytes={range_from}-"} if range_from else {}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, headers, method=method)  # noqa: S310
        try:
            answer: HTTPResponse = _OPENER.open(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except urllib.error.URLError as error:
            raise Refused(
                0, "unreachable", f"{self.url} does not answer ({error.reason}). Is the address right?"
            ) from None
        return answer


def _refusal(error: urllib.error.HTTPError) -> Refused:
    try:
        document = json.loads(error.read(CHUNK))
    except ValueError:
        return Refused(error.code, "not_ours", f"The server answered {error.code} and no reason. Is the address right?")
    detail = document.get("detail", "")
    if errors := document.get("errors"):
        detail += " " + json.dumps(errors)
    return Refused(error.code, document.get("code", ""), detail)


def _part(name: str) -> str:
    return urllib.parse.quote(name, safe="")
