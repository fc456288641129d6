"""A small client of the REST API for the demonstration: problems become errors, long jobs are waited for."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx2

POLL_SECONDS = 1.0


class ApiError(RuntimeError):
    """The API refused a request; the message is its own."""


class Client:
    """One signed-in user."""

    def __init__(self, base_url: str, token: str = "") -> None:
        headers = {"Authorization": f"Token {token}"} if token else {}
        self.http = httpx2.Client(base_url=f"{base_url}/api/v1", headers=headers, timeout=60)

    @classmethod
    def sign_in(cls, base_url: str, username: str, password: str) -> Self:
        body = {"username": username, "password": password, "name": "demonstration", "scope": "write"}
        with cls(base_url) as nobody:
            answer = nobody.post("/tokens/", body)
        return cls(base_url, answer["token"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **params: Any) -> Any:
        return self._read(self.http.get(path, params=params))

    def every(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Read all pages of a list."""
        page = self.get(path, page_size=200, **params)
        rows = list(page["results"])
        while page["next"]:
            page = self.get(page["next"].split("/api/v1", 1)[1])
            rows += page["results"]
        return rows

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        return self._read(self.http.post(path, json=body or {}, headers=headers))

    def upload(self, path: str, files: list[Path], **fields: str) -> Any:
        parts = [("files", (file.name, file.read_bytes())) for file in files]
        return self._read(self.http.post(path, files=parts, data=fields))

    def download(self, path: str, target: Path) -> None:
        with self.http.stream("GET", path) as response, target.open("wb") as file:
            if response.status_code != 200:
                response.read()
                self._read(response)
            for chunk in response.iter_bytes():
                file.write(chunk)

    def wait(self, path: str, *, until: set[str], show: Callable[[dict[str, Any]], None], seconds: float) -> Any:
        """Poll a job until its state is final; show what it says on the way."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.get(path)
            show(job)
            if job["state"] in until:
                return job
            time.sleep(POLL_SECONDS)
        raise ApiError(f"{path} did not finish within {seconds:.0f} s.")

    @staticmethod
    def _read(response: httpx2.Response) -> Any:
        if response.status_code >= 400:
            raise ApiError(f"{response.request.method} {response.request.url.path}: {response.text[:500]}")
        return response.json() if response.content else None
