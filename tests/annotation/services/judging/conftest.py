from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from annotation.judges.parametric.server import ParametricServer
from annotation.judges.parametric.settings import Settings
from annotation.models import Campaign, JudgeConfig, JudgeRun, User
from annotation.services import judging
from tests import factories

PRICES = {"price_in": 2, "price_cached": 1, "price_out": 8}


@dataclass
class Bench:
    """A campaign, its researcher, and a judge that answers on the loopback address."""

    server: ParametricServer
    campaign: Campaign
    rita: User
    config: JudgeConfig

    @property
    def run(self) -> JudgeRun:
        return self.config.runs.order_by("-pk").first()

    def plan(self, **kwargs: Any) -> int:
        return judging.plan(config=self.config, by=self.rita, **kwargs)

    def work(self, *, calls: int = 10_000, patience_s: float = 0.3) -> int:
        """Carry out what may be sent now; waits longer than our patience are for another day."""
        done = 0
        while done < calls:
            taken = judging.take(self.config)
            if taken is None:
                judging.finish_if_done(self.config)
                return done
            if isinstance(taken, judging.Wait):
                if taken.seconds > patience_s or not self.due():
                    return done
                continue
            judging.carry_out(taken)
            done += 1
        return done

    def due(self) -> bool:
        from annotation.models import JudgeRequest

        return JudgeRequest.objects.filter(judging.due(self.config)).exists()


@pytest.fixture
def bench(settings, monkeypatch) -> Iterator[Any]:
    settings.JUDGE_ALLOWED_HOSTS = ["127.0.0.1"]
    servers = []

    def build(
        *script: Any, tasks: int = 2, judge: dict[str, Any] | None = None, sentinels: int = 0, **given: Any
    ) -> Bench:
        monkeypatch.setattr("annotation.services.judging.planning.FEWEST_SENTINELS", sentinels)
        monkeypatch.setattr("annotation.services.judging.planning.SENTINEL_SHARE", 0.05 if sentinels else 0.0)
        parameters = given.pop("parameters", Settings(first_slot_bias=0.0, lapse=0.0))
        server = ParametricServer(
            parameters, script=script, keep=1000, qualities=given.pop("qualities", None)
        ).__enter__()
        servers.append(server)
        campaign = given.pop("campaign", None) or factories.campaign()
        for _ in range(tasks):
            factories.task(campaign)
        rita = factories.researcher_of(campaign)
        config = judging.add_judge(
            campaign=campaign, name="Quill", family="quill", base_url=server.base_url, model="parametric-1", by=rita,
            settings_=judge or {}, **PRICES, **given,
        )  # fmt: skip
        judging.change_endpoint(endpoint=config.endpoint, by=rita, requests_per_minute=100_000)
        config.refresh_from_db()
        return Bench(server, campaign, rita, config)

    yield build
    for server in servers:
        server.__exit__()
