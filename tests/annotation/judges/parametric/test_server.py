import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest
import statsmodels.api as sm

from annotation.judges.parametric import replies
from annotation.judges.parametric.quality import digest
from annotation.judges.parametric.server import ParametricServer
from annotation.judges.parametric.settings import Settings
from annotation.judges.schema import Menu
from tests.annotation.judges.conftest import a_task

CALLS = 200


def get(url):
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310
        return response.status, json.loads(response.read())


def post(url, body):
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_a_first_slot_bias_shows_through_the_real_sdk(judge):
    random = np.random.default_rng(7)
    first = [f"first text {n}" for n in range(CALLS // 2)]
    second = [f"second text {n}" for n in range(CALLS // 2)]
    qualities = {digest(text): float(random.normal()) for text in first + second}
    settings = Settings(discrimination=1, first_slot_bias=0.8, length_bias=0, tie_band=0, lapse=0)
    asked = judge(settings=settings, qualities=qualities)

    chosen, better = [], []
    for number, texts in enumerate(zip(first, second, strict=True)):
        for shown in (texts, texts[::-1]):
            task = a_task(response_1=shown[0], response_2=shown[1], menu=Menu(tie=False))
            _, verdict = asked(task, key=f"{number} {shown[0]}")
            chosen.append(verdict.outcome == "first")
            better.append(qualities[digest(shown[0])] - qualities[digest(shown[1])])

    fit = sm.Logit(np.array(chosen, dtype=float), sm.add_constant(np.array(better))).fit(disp=0)
    assert fit.conf_int(alpha=0.10)[0, 0] > 0.2
    for estimate, error, truth in zip(fit.params, fit.bse, (0.8, 1.0), strict=True):
        assert abs(estimate - truth) < 2.58 * error


def test_models_are_listed():
    with ParametricServer(Settings(model="demo-judge")) as judge:
        status, body = get(f"{judge.base_url}/models")
    assert (status, body["data"][0]["id"]) == (200, "demo-judge")


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'{"messages": 7}', b'{"messages": [{"content": "hi"}]}'])
def test_a_request_it_cannot_judge_is_a_400(body):
    with ParametricServer() as judge:
        status, answer = post(f"{judge.base_url}/chat/completions", body)
    assert (status, answer["error"]["code"]) == (400, "bad_request")


def test_other_paths_are_a_404():
    with ParametricServer() as judge:
        assert post(f"{judge.base_url}/completions", b"{}")[0] == 404
        with pytest.raises(urllib.error.HTTPError) as caught:
            get(f"{judge.base_url}/files")
        caught.value.close()
    assert caught.value.code == 404


def test_too_few_tokens_truncate_the_answer(judge):
    asked = judge()
    attempt, verdict = asked(max_tokens=5)

    assert (attempt.finish_reason, verdict.code) == ("length", "truncated")
    assert asked(max_tokens=200)[1].state == "judged"


def test_latency_is_a_setting(judge):
    assert judge(settings=Settings(latency_ms=120))()[0].latency_ms >= 120


def test_the_script_runs_out_and_the_judge_answers_again(judge):
    asked = judge("500", "off_menu")
    assert [asked()[1].state for _ in range(3)] == ["error", "invalid", "judged"]


def test_an_unknown_behavior_is_named():
    with pytest.raises(replies.UnknownBehavior, match="explode"):
        replies.scripted("explode", {}, replies.Reply())


@pytest.fixture
def started(tmp_path):
    """Start the judge as `make run` does and return its base URL."""
    table = tmp_path / "table.json"
    text = a_task().response_1
    table.write_text(json.dumps({digest(text): 40.0}))
    command = [sys.executable, "-m", "annotation.judges.parametric", "--port", "0", "--table", str(table)]
    command += ["--settings", '{"lapse": 0}', "--script", "429:10"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().split()[-1], process
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    process.stdout.close()


def test_the_command_serves_until_interrupted(started, judge):
    base_url, _ = started
    asked = judge()
    asked.server.server_close()
    asked.server = type("Elsewhere", (), {"base_url": base_url})()

    assert asked()[0].http_status == 429
    assert asked()[1].outcome == "first"


@pytest.mark.parametrize("arguments", [["--settings", "{"], ["--settings", '{"lapse": 2}'], ["--settings", "/no/file"]])
def test_the_command_says_what_is_wrong(arguments):
    command = [sys.executable, "-m", "annotation.judges.parametric", "--port", "0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, env={**os.environ})

    assert done.returncode == 2
    assert "did not start" in done.stderr
    assert "Traceback" not in done.stderr
