"""One evaluator under load: take a task, think, answer it, get the next with the same answer; run by locust."""

import json
import os
import random
import re
from pathlib import Path

from locust import FastHttpUser, between, task

FOLDER = Path(os.environ["LOAD_FOLDER"])
SESSIONS: list[str] = json.loads((FOLDER / "sessions.json").read_text())
ACKS = (FOLDER / "acks.jsonl").open("a", buffering=1)
DESK = "/evaluate/load/"
NO_OP_EVERY = 10
SIDES = ["left", "right", "tie", "both_bad"]


class Evaluator(FastHttpUser):
    """Somebody at the desk. What the server acknowledges is written down, to be looked for in the rows afterwards."""

    wait_time = between(float(os.environ["LOAD_THINK_LEAST"]), float(os.environ["LOAD_THINK_MOST"]))

    def on_start(self) -> None:
        self.cookie = f"sessionid={SESSIONS.pop()}"
        self.page, self.csrf = "", ""

    @task
    def work(self) -> None:
        if random.randrange(NO_OP_EVERY) == 0:
            self.no_op()
        if field(self.page, "assignment"):
            self.answer()
        else:
            self.open()

    def open(self) -> None:
        with self.client.get(DESK, headers=self.headers(), name="next", catch_response=True) as response:
            if response.status_code != 200:
                return response.failure(f"next: {response.status_code}")
            given = re.search(r"csrftoken=([^;]+)", response.headers.get("Set-Cookie", ""))
            self.csrf = given[1] if given else self.csrf
            self.page = response.text

    def answer(self) -> None:
        sent = {name: field(self.page, name) for name in ("assignment", "key", "csrfmiddlewaretoken")}
        sent["answer-overall"] = random.choice(SIDES)
        headers = self.headers() | {"HX-Request": "true"}
        with self.client.post(DESK, data=sent, headers=headers, name="submit and next", catch_response=True) as got:
            if got.status_code == 200:
                ACKS.write(json.dumps([sent["assignment"], sent["key"], sent["answer-overall"]]) + "\n")
                self.page = got.text
            else:
                self.page = ""
                got.failure(f"submit: {got.status_code}")

    def no_op(self) -> None:
        """Ask for an address that does nothing but find out who asks and render a page."""
        with self.client.get("/nothing-here/", headers=self.headers(), name="no-op view", catch_response=True) as got:
            if got.status_code == 404:
                got.success()
            else:
                got.failure(f"no-op view: {got.status_code}")

    def headers(self) -> dict[str, str]:
        return {"Cookie": f"{self.cookie}; csrftoken={self.csrf}"}


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""
