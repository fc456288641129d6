import numpy as np
import pandas as pd
import pytest

from calibration.bayes import population
from calibration.bayes.population import Member
from tests.calibration.bayes import made

PEOPLE = (
    Member("007", 1.2),
    Member("1e5", 0.7, 0.3),
    Member("alice", 1.0),
    Member("judge", 1.3, 0.5, kind="llm"),
)


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    """Return 300 judgments of four systems by three people and a judge."""
    drawn = population.campaign(PEOPLE, seed=5, systems=4, prompts=10, overlap=3, both_orders=True).frame
    rng = np.random.default_rng(5)
    return drawn.assign(length_a=rng.integers(10, 900, len(drawn)), length_b=rng.integers(10, 900, len(drawn)))


@pytest.fixture
def unsampled(monkeypatch):
    """Make fits without sampling; the calls are listed."""
    calls = []

    def fit(data, *, progress, **settings):
        calls.append(settings)
        return made.fit(data, **settings | {"draws": 50})

    monkeypatch.setattr("calibration.bayes.sampling.fit", fit)
    return calls


@pytest.fixture
def unconverged(monkeypatch):
    def fit(data, *, progress, **settings):
        return made.fit(data, **settings | {"draws": 50}, passed=False)

    monkeypatch.setattr("calibration.bayes.sampling.fit", fit)
