"""Judges whose biases we set, asked over HTTP as any other: what comes out must be what was put in."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from annotation.judges import client, orders, parsing, prompts
from annotation.judges.parametric.quality import digest
from annotation.judges.parametric.server import ParametricServer
from annotation.judges.parametric.settings import Settings
from annotation.judges.schema import Menu
from calibration.validity import bias, panel
from tests.annotation.judges.conftest import NONCE_KEY, a_config, a_task

RUNS, PAIRS = 40, 90
TRUE = {"first-slot effect": 0.8, "length slope": 0.6, "self-preference": 0.7, "quality slope": 1.0}


def pairs(seed: int, count: int) -> list[tuple[str, str, str, str]]:
    """Return texts of two responses with the families of their systems."""
    rng = np.random.default_rng(seed)
    words = ["lamp", "river", "stone", "paper", "cloud", "engine", "garden", "window"]
    text = lambda n: " ".join(rng.choice(words, int(rng.integers(5, 60)))) + f" {seed}.{n}"  # noqa: E731
    families = [("own", "other") if n % 2 else ("other", "own") for n in range(count)]
    return [(text(2 * n), text(2 * n + 1), *families[n]) for n in range(count)]


def asked(server: ParametricServer, made, item: int, order: str, salt: str = "") -> dict[str, object]:
    a, b, family_a, family_b = made[item]
    first, second = (a, b) if order == "ab" else (b, a)
    key, config = f"{salt}{item}{order}", a_config()
    task = a_task(response_1=first, response_2=second, menu=Menu(tie=False))
    prompt = prompts.build(task, config, idempotency_key=key, nonce_key=NONCE_KEY)
    endpoint = client.Endpoint(base_url=server.base_url, allow_listed=True)
    attempt = client.ask(endpoint, config, prompt, idempotency_key=key)
    verdict = parsing.parse(attempt.response, prompt.form, http_status=attempt.http_status)
    outcome, _ = orders.to_canonical(verdict, order)
    return {
        "item": str(item), "outcome": outcome, "shown_order": order, "length_a": len(a), "length_b": len(b),
        "system_a": "s1", "system_b": "s2", "family_a": family_a, "family_b": family_b,
    }  # fmt: skip


def verdicts(server: ParametricServer, made, salt: str = "") -> pd.DataFrame:
    with ThreadPoolExecutor(4) as pool:
        calls = [(item, order) for item in range(len(made)) for order in ("ab", "ba")]
        return pd.DataFrame(list(pool.map(lambda call: asked(server, made, *call, salt), calls)))


@pytest.mark.slow
def test_position_length_self_preference_and_noise_are_covered_as_often_as_promised():
    covered = dict.fromkeys(TRUE, 0)
    for run in range(RUNS):
        made = pairs(run, PAIRS)
        rng = np.random.default_rng(1000 + run)
        quality = {digest(text): float(rng.normal()) for pair in made for text in pair[:2]}
        own = [pair[place] for pair in made for place in (0, 1) if pair[2 + place] == "own"]
        settings = Settings(
            discrimination=TRUE["quality slope"], first_slot_bias=TRUE["first-slot effect"],
            length_bias=TRUE["length slope"], self_preference=TRUE["self-preference"], tie_band=0.0, lapse=0.0,
            own_responses=tuple(digest(text) for text in own),
        )  # fmt: skip
        with ParametricServer(settings, qualities=quality) as server:
            frame = verdicts(server, made)
        gaps = {str(n): quality[digest(a)] - quality[digest(b)] for n, (a, b, *_) in enumerate(made)}
        for found in bias.slopes(frame, quality=pd.Series(gaps), family="own"):
            covered[found.name] += found.ci_low <= TRUE[found.name] <= found.ci_high
    print(f"covered of {RUNS}: {covered}")
    assert all(31 <= count <= 40 for count in covered.values()), covered


def test_three_judges_that_err_together_say_less_than_three_that_do_not():
    made = pairs(7, 60)
    rng = np.random.default_rng(7)
    shared = {digest(text): float(rng.normal()) for pair in made for text in pair[:2]}
    widths, correlations = {}, {}
    for kind in ("together", "apart"):
        frames = []
        for judge in range(3):
            own = np.random.default_rng(100 + judge)
            known = shared if kind == "together" else {key: float(own.normal()) for key in shared}
            settings = Settings(discrimination=2.5, first_slot_bias=0.0, length_bias=0.0, tie_band=0.0, lapse=0.0)
            with ParametricServer(settings, qualities=known) as server:
                frames.append(verdicts(server, made, salt=f"{kind}{judge}").assign(annotator=f"j{judge}"))
        both = pd.concat(frames)
        widths[kind] = panel.win_share(both, "s1").width
        correlations[kind] = panel.correlation(both).value
    assert widths["together"] > 1.3 * widths["apart"]
    assert correlations["together"] > 0.4 > 0.2 > correlations["apart"]
    assert panel.effective_judges(3, correlations["together"]) < 1.8 < panel.effective_judges(3, correlations["apart"])
