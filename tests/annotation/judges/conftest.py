from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from annotation.judges import client, parsing, prompts
from annotation.judges.config import JudgeConfig
from annotation.judges.parametric.server import ParametricServer
from annotation.judges.prompts import JudgeTask, Message
from annotation.judges.schema import Menu

NONCE_KEY = b"only the tests know this key"


def a_config(**changes: Any) -> JudgeConfig:
    return JudgeConfig(**{"endpoint_alias": "loopback", "model_id": "parametric-1", "family": "parametric"} | changes)


def a_task(**changes: Any) -> JudgeTask:
    given: dict[str, Any] = {
        "criterion_name": "helpfulness",
        "criterion_question": "Which response helps the reader more?",
        "guide": "Prefer what is correct and to the point.",
        "messages": (Message("user", "Why is the sky blue?"),),
        "response_1": "Air scatters short wavelengths more than long ones.",
        "response_2": "Because it reflects the sea.",
        "menu": Menu(),
    }
    return JudgeTask(**given | changes)


@dataclass
class Asked:
    """A judge on the loopback address and the calls made to it."""

    server: ParametricServer
    config: JudgeConfig = field(default_factory=a_config)
    timeout_s: float = 10.0
    api_key: str = ""

    def __call__(
        self, task: JudgeTask | None = None, *, key: str = "request-1", **limits: Any
    ) -> tuple[client.Attempt, parsing.Verdict]:
        prompt = prompts.build(task or a_task(), self.config, idempotency_key=key, nonce_key=NONCE_KEY)
        endpoint = client.Endpoint(
            base_url=self.server.base_url, api_key=self.api_key, allow_listed=True, timeout_s=self.timeout_s
        )
        attempt = client.ask(endpoint, self.config, prompt, idempotency_key=key, **limits)
        verdict = parsing.parse(attempt.response, prompt.form, http_status=attempt.http_status)
        return attempt, verdict


@pytest.fixture
def judge() -> Any:
    started = []

    def start(*script: Any, settings: Any = None, qualities: Any = None, **asked: Any) -> Asked:
        server = ParametricServer(settings, qualities=qualities, script=script, keep=500).__enter__()
        started.append(server)
        return Asked(server, **asked)

    yield start
    for server in started:
        server.__exit__()


Judge = Callable[..., Asked]
