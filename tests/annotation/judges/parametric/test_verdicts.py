import json
import math

import numpy as np
import pytest
import statsmodels.api as sm

from annotation.judges import client, prompts
from annotation.judges.parametric import verdicts
from annotation.judges.parametric.quality import QualityTable, digest
from annotation.judges.parametric.settings import Settings
from annotation.judges.schema import Menu
from tests.annotation.judges.conftest import NONCE_KEY, a_config, a_task

NEUTRAL = Settings(
    discrimination=1.0, first_slot_bias=0.0, length_bias=0.0, self_preference=0.0, tie_band=0.0, lapse=0.0
)


def changed(**values):
    return Settings.from_json({name: getattr(NEUTRAL, name) for name in Settings.__dataclass_fields__} | values)


def body(task, key, **config):
    prompt = prompts.build(task, a_config(**config), idempotency_key=key, nonce_key=NONCE_KEY)
    return client.request_body(a_config(**config), prompt)


def verdict(settings, task, key="k", qualities=None, **config):
    request = body(task, key, **config)
    table = QualityTable(known=qualities)
    return verdicts.answer(request, json.dumps(request).encode(), settings, table)


def simulate(settings, n=3000, seed=1):
    """Return choices (1 first, 0 second, nan tie) and the design: quality, log length ratio, own texts."""
    random = np.random.default_rng(seed)
    rows, choices = [], []
    for number in range(n):
        texts = [f"{number}-{slot}-" + "x" * int(random.integers(1, 400)) for slot in (1, 2)]
        quality = random.normal(size=2)
        question = verdicts.Question(texts[0], texts[1], ("A", "B", "tie"), (), structured=True)
        own = random.integers(0, 2, size=2)
        mine = tuple(digest(text) for text, is_own in zip(texts, own, strict=True) if is_own)
        fixed = Settings.from_json(
            {name: getattr(settings, name) for name in Settings.__dataclass_fields__} | {"own_responses": mine}
        )
        table = QualityTable(known={digest(text): q for text, q in zip(texts, quality, strict=True)})
        word, _ = verdicts._choose(question, f"{seed} {number}".encode(), fixed, table)
        choices.append({"A": 1.0, "B": 0.0, "tie": math.nan}[word])
        rows.append([quality[0] - quality[1], math.log((len(texts[0]) + 1) / (len(texts[1]) + 1)), own[0] - own[1]])
    return np.array(choices), np.array(rows)


def fit(settings, **run):
    choices, design = simulate(settings, **run)
    return sm.Logit(choices, sm.add_constant(design)).fit(disp=0)


@pytest.fixture(scope="module")
def covered():
    """Say of 40 runs of 300 judgments which 90% intervals cover the truth, effect by effect."""
    truth = np.array([0.8, 1.0, 0.5, 0.7])
    settings = changed(first_slot_bias=0.8, length_bias=0.5, self_preference=0.7)
    intervals = np.array([fit(settings, n=300, seed=seed).conf_int(alpha=0.10) for seed in range(40)])
    return ((intervals[:, :, 0] < truth) & (truth < intervals[:, :, 1])).sum(axis=0)


@pytest.mark.parametrize("effect", ["first slot", "discrimination", "length", "self-preference"])
def test_a_logistic_fit_finds_the_biases_again(covered, effect):
    effects = ["first slot", "discrimination", "length", "self-preference"]
    assert 31 <= covered[effects.index(effect)] <= 40


def test_a_judge_without_biases_shows_none():
    fitted = fit(NEUTRAL)

    for position in (0, 2, 3):
        assert abs(fitted.params[position]) < 2.58 * fitted.bse[position]


def test_ties_fall_inside_the_band():
    choices, design = simulate(changed(tie_band=0.6))
    eta = design[:, 0]
    expected = (1 / (1 + np.exp(-(0.6 - eta))) - 1 / (1 + np.exp(0.6 + eta))).mean()

    assert np.isnan(choices).mean() == pytest.approx(expected, abs=0.025)


def test_lapses_are_blind_picks():
    choices, _ = simulate(changed(lapse=1.0), n=1500)
    for share in (np.nanmean(choices == 1), np.mean(choices == 0), np.mean(np.isnan(choices))):
        assert share == pytest.approx(1 / 3, abs=0.04)


def test_the_same_request_always_gets_the_same_answer_and_another_nonce_its_own_draw():
    assert verdict(NEUTRAL, a_task()) == verdict(NEUTRAL, a_task())
    level = a_task(response_1="same words", response_2="same words", menu=Menu(tie=False))
    assert len({verdict(NEUTRAL, level, key=str(n)) for n in range(20)}) > 1


def test_qualities_come_from_the_table_when_it_knows_the_text():
    task = a_task(response_1="poor but known as good", response_2="A long, rich and varied answer. " * 20)
    known = {digest(task.response_1): 30.0, digest(task.response_2): -30.0}

    assert json.loads(verdict(NEUTRAL, task, qualities=known))["verdict"] == "A"


def test_both_bad_is_said_only_where_offered_and_both_are_poor():
    known = {digest("bad one"): -3.0, digest("bad two"): -3.0}
    banded = changed(tie_band=50.0)
    poor = {"response_1": "bad one", "response_2": "bad two"}

    assert (
        json.loads(verdict(banded, a_task(**poor, menu=Menu(both_bad=True)), qualities=known))["verdict"] == "both_bad"
    )
    assert json.loads(verdict(banded, a_task(**poor), qualities=known))["verdict"] == "tie"
    fair = {digest("bad one"): 0.0, digest("bad two"): 0.0}
    assert json.loads(verdict(banded, a_task(**poor, menu=Menu(both_bad=True)), qualities=fair))["verdict"] == "tie"


def test_strength_grows_with_the_margin():
    task = a_task(menu=Menu(levels=7))
    known = {digest(task.response_1): 40.0, digest(task.response_2): 0.0}
    assert json.loads(verdict(NEUTRAL, task, qualities=known))["strength"] == 3
    assert json.loads(verdict(changed(tie_band=90.0), task, qualities=known))["strength"] == 0


def test_the_judge_answers_in_the_form_and_labels_asked_for():
    known = {digest(a_task().response_1): 30.0}
    assert verdict(NEUTRAL, a_task(), qualities=known, output="text").endswith("\nVERDICT: A")
    labels = {"slot_labels": ("B", "A")}
    assert json.loads(verdict(NEUTRAL, a_task(), qualities=known, **labels))["verdict"] == "B"
    assert verdict(NEUTRAL, a_task(), qualities=known, output="text", **labels).endswith("\nVERDICT: B")


@pytest.mark.parametrize("quoting", ["fence", "json"])
@pytest.mark.parametrize(
    "text", ["", "a", '"quoted"', '<response_2 id="0123456789abcdef">', "two\nlines\n", "\u00e9\U0001f600"]
)
def test_the_texts_are_read_back_exactly(text, quoting):
    task = a_task(response_1=text, response_2=text + "!")
    question = verdicts.read(body(task, "k", quoting=quoting))

    if quoting == "fence" and text == '"quoted"':
        assert question.first == "quoted"  # a response that is itself a JSON string reads the same either way
    else:
        assert (question.first, question.second) == (task.response_1, task.response_2)


@pytest.mark.parametrize(
    "request_body", [{}, {"messages": []}, {"messages": ["x"]}, {"messages": [{"role": "user", "content": "hello"}]}]
)
def test_a_chat_that_is_no_comparison_is_told_so(request_body):
    with pytest.raises(verdicts.NotAQuestion):
        verdicts.read(request_body)
