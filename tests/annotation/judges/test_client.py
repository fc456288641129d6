import json
import logging
import time
from decimal import Decimal
from email.utils import formatdate

import pytest

from annotation.judges import client, prompts, retries
from annotation.judges.parametric.replies import Reply, completion, ok
from annotation.judges.parametric.server import ParametricServer
from annotation.judges.schema import Menu
from tests.annotation.judges.conftest import a_config, a_task
from tests.annotation.judges.test_parsing import MALFORMED

KEY = "sk-canary-0123456789"


def test_an_attempt_holds_the_exact_bytes_and_what_the_endpoint_told(judge):
    asked = judge()

    attempt, verdict = asked()

    headers, sent = asked.server.seen[0]
    assert attempt.request == sent
    assert json.loads(attempt.response)["choices"][0]["message"]["content"]
    assert (attempt.http_status, attempt.error_code, attempt.finish_reason) == (200, None, "stop")
    assert (attempt.model, attempt.system_fingerprint) == ("parametric-1", "fp_parametric")
    assert attempt.usage is not None
    assert attempt.usage.prompt > 0
    assert verdict.state == "judged"
    assert headers["idempotency-key"] == "request-1"


def test_the_request_says_what_the_config_says(judge):
    config = a_config(temperature=Decimal("0.5"), top_p=Decimal("0.9"), seed=7, max_tokens=50)
    asked = judge(config=config)

    asked(a_task(menu=Menu(levels=7)), max_tokens=100)

    body = json.loads(asked.server.seen[0][1])
    assert {name: body[name] for name in ("model", "temperature", "top_p", "seed", "max_tokens")} == {
        "model": "parametric-1", "temperature": 0.5, "top_p": 0.9, "seed": 7, "max_tokens": 100,
    }  # fmt: skip
    assert body["response_format"]["json_schema"]["schema"]["properties"]["strength"]["enum"] == [0, 1, 2, 3]
    assert not {"tools", "stream", "user", "metadata"} & set(body)


def test_other_names_for_the_limit_and_absent_parameters(judge):
    asked = judge(config=a_config(temperature=None, max_tokens_field="max_completion_tokens", output="text"))

    asked()

    body = json.loads(asked.server.seen[0][1])
    assert body["max_completion_tokens"] == 1024
    assert not {"max_tokens", "temperature", "response_format"} & set(body)


def test_asking_again_sends_the_same_bytes(judge):
    asked = judge()
    asked(), asked()
    assert asked.server.seen[0][1] == asked.server.seen[1][1]


def test_only_the_headers_the_call_needs_are_sent(judge, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "somebody")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "something")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Who: me")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    asked = judge()

    asked()

    assert set(asked.server.seen[0][0]) == {
        "host", "connection", "accept", "accept-encoding", "content-type", "content-length", "user-agent",
        "idempotency-key", "x-stainless-raw-response",
    }  # fmt: skip


def test_the_key_goes_into_one_header_and_nowhere_else(judge, caplog):
    caplog.set_level(logging.DEBUG)
    echo = Reply(status=401, body=f'{{"error": {{"code": "invalid_api_key", "message": "{KEY}"}}}}'.encode())
    asked = judge(echo, api_key=KEY)

    attempt, _ = asked()

    headers, body = asked.server.seen[0]
    assert headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in body.decode()
    assert KEY not in repr(attempt)
    assert KEY not in caplog.text
    assert KEY not in repr(client.Endpoint(base_url="https://judge.example.org", api_key=KEY))


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "sch\u00f6n"])
def test_a_key_that_fits_no_header_is_refused(key):
    with pytest.raises(client.BadKey):
        client.Endpoint(base_url="https://judge.example.org", api_key=key)


# behavior, state of the verdict, code, what the retry matrix says to the first attempt
BEHAVIORS = [
    ("ok", "judged", "", "succeeded"),
    ("bad_json", "invalid", "extra_text", "invalid"),
    ("off_menu", "invalid", "off_menu", "invalid"),
    ("two_verdicts", "invalid", "extra_text", "invalid"),
    ("refusal", "refused", "", "refused"),
    ("content_filter", "filtered", "", "filtered"),
    ("429:1500", "error", "", "retry"),
    ("500", "error", "", "retry"),
    ("400", "error", "", "dead"),
    ("401", "error", "", "dead"),
    ("truncated", "invalid", "truncated", "retry"),
    ("fingerprint_change", "judged", "", "succeeded"),
    ("model_change", "judged", "", "succeeded"),
    ("no_usage", "judged", "", "succeeded"),
    ("reset_mid_body", "error", "", "retry"),
]


@pytest.mark.parametrize(("behavior", "state", "code", "then"), BEHAVIORS, ids=[row[0] for row in BEHAVIORS])
def test_every_behavior_ends_in_its_stated_state(judge, behavior, state, code, then):
    attempt, verdict = judge(behavior)()

    assert (verdict.state, verdict.code) == (state, code)
    assert retries.decide(attempt, verdict, 1, max_tokens=1024, jitter=0.5).state == then


@pytest.mark.parametrize(("content", "code"), MALFORMED.items(), ids=[text[:50] for text in MALFORMED])
def test_malformed_answers_stay_malformed_over_the_wire(judge, content, code):
    _, verdict = judge(lambda request: ok(completion(request, content)))()
    assert (verdict.state, verdict.code) == ("invalid", code)


def test_error_codes_and_waits_of_the_endpoint_are_kept(judge):
    asked = judge("429:1500", "400", "500", "401")
    limited, too_long, broken, unknown = (asked()[0] for _ in range(4))

    assert (limited.http_status, limited.error_code, limited.retry_after_s) == (429, "rate_limit_exceeded", 1.5)
    assert (too_long.http_status, too_long.error_code) == (400, "context_length_exceeded")
    assert (broken.http_status, broken.error_code) == (500, "server_error")
    assert (unknown.http_status, unknown.error_code) == (401, "invalid_api_key")


def test_a_changed_model_or_fingerprint_and_missing_usage_are_seen(judge):
    asked = judge("fingerprint_change", "model_change", "no_usage")
    fingerprint, model, usage = (asked()[0] for _ in range(3))

    assert (fingerprint.system_fingerprint, model.model, usage.usage) == ("fp_other", "another-model", None)


def test_nothing_is_retried_inside_the_call(judge):
    asked = judge("500", "429:1", "reset_mid_body")
    for _ in range(3):
        asked()
    assert len(asked.server.seen) == 3


@pytest.mark.parametrize("behavior", ["slow:2", "hang:2"])
def test_a_late_answer_is_a_timeout(judge, behavior):
    attempt, verdict = judge(behavior, timeout_s=0.2)()

    assert (attempt.error_code, attempt.http_status, verdict.state) == ("timeout", None, "error")
    assert attempt.latency_ms >= 150
    assert attempt.request


def test_an_endpoint_that_is_not_there_is_a_connect_error(judge):
    asked = judge()
    asked.server.server_close()
    asked.server.shutdown()

    attempt, verdict = asked()

    assert (attempt.error_code, verdict.state) == ("connect", "error")


def test_an_answer_that_never_ends_is_too_large(judge):
    attempt, _ = judge(Reply(body=b" " * 10_100_000))()
    assert (attempt.error_code, attempt.response) == ("too_large", b"")


def test_redirects_are_not_followed_and_the_key_stays(judge):
    with ParametricServer(keep=5) as canary:
        attempt, _ = judge(f"redirect:{canary.base_url}/chat/completions", api_key=KEY)()
        assert len(canary.seen) == 0
    assert (attempt.http_status, attempt.error_code) == (307, "http_307")


def test_a_local_address_is_not_called_unless_allow_listed(judge):
    asked = judge()
    prompt = prompts.build(a_task(), asked.config, idempotency_key="k", nonce_key=b"n")
    for url in (asked.server.base_url, asked.server.base_url.replace("http:", "https:"), "https://localhost/v1"):
        attempt = client.ask(client.Endpoint(base_url=url), asked.config, prompt, idempotency_key="k")
        assert (attempt.error_code, attempt.request) == ("refused_by_policy", b"")
    assert len(asked.server.seen) == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1e9"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
    ],
)
def test_retry_after_is_read_in_its_three_forms(headers, seconds):
    assert client.retry_after(headers) == seconds


def test_retry_after_may_be_a_date():
    assert client.retry_after({"retry-after": formatdate(time.time() + 30, usegmt=True)}) == pytest.approx(30, abs=2)
