import pytest

from annotation.judges import retries
from annotation.judges.client import Attempt
from annotation.judges.parsing import Verdict

ERROR = Verdict("error")


def failed(status=None, code=None, **more):
    return Attempt(request=b"{}", http_status=status, error_code=code or f"http_{status}", max_tokens=100, **more)


def answered(max_tokens=100):
    return Attempt(request=b"{}", response=b"{}", http_status=200, max_tokens=max_tokens)


def decide(attempt, verdict=ERROR, attempt_no=1, jitter=0.5, **more):
    return retries.decide(attempt, verdict, attempt_no, max_tokens=100, jitter=jitter, **more)


PASSING = [failed(status) for status in (408, 409, 429, 500, 502, 503, 529)]
PASSING += [failed(code="connect"), failed(code="timeout"), failed(200, "upstream_error")]


@pytest.mark.parametrize("attempt", PASSING, ids=lambda attempt: attempt.error_code)
def test_passing_errors_are_retried_five_times_and_then_failed(attempt):
    states = [decide(attempt, attempt_no=number).state for number in range(1, 7)]
    assert states == ["retry"] * 5 + ["failed"]


@pytest.mark.parametrize("status", [300, 302, 307, 400, 401, 403, 404, 413, 422])
def test_errors_that_will_not_pass_are_dead_at_once(status):
    decision = decide(failed(status))
    assert (decision.state, decision.pause_endpoint) == ("dead", status in (401, 403))


@pytest.mark.parametrize("code", ["refused_by_policy", "too_large"])
def test_refused_calls_are_dead_at_once(code):
    assert decide(failed(code=code)).state == "dead"


def test_waiting_doubles_from_one_second_to_a_minute_with_full_jitter():
    waits = [decide(failed(500), attempt_no=number, jitter=0.999).after_s for number in range(1, 6)]

    assert waits == pytest.approx([0.999, 1.998, 3.996, 7.992, 15.984])
    assert decide(failed(500), jitter=0.0).after_s == 0


def test_backoff_is_capped(monkeypatch):
    monkeypatch.setattr(retries, "MAX_ATTEMPTS", 20)
    assert decide(failed(500), attempt_no=12, jitter=1.0).after_s == retries.CAP_S


def test_retry_after_is_honored_and_capped():
    assert decide(failed(429, retry_after_s=90.0)).after_s == 90
    assert decide(failed(429, retry_after_s=0.01), jitter=0.5).after_s == 0.5
    assert decide(failed(429, retry_after_s=1e9)).after_s == retries.RETRY_AFTER_CAP_S


@pytest.mark.parametrize("state", ["refused", "filtered"])
def test_refusals_and_filters_end_the_request(state):
    assert decide(answered(), Verdict(state), repairs_left=2).state == state


def test_a_filter_that_answers_400_is_filtered_not_dead():
    assert decide(failed(400, "content_filter"), Verdict("filtered")).state == "filtered"


def test_a_truncated_answer_gets_one_retry_with_twice_the_tokens():
    truncated = Verdict("invalid", code="truncated")

    first = decide(answered(), truncated)
    assert (first.state, first.max_tokens, first.after_s) == ("retry", 200, 0)
    assert decide(answered(max_tokens=200), truncated, attempt_no=2, repairs_left=2).state == "invalid"


def test_the_doubled_limit_survives_an_error_in_between():
    assert decide(Attempt(request=b"", error_code="connect", max_tokens=200), attempt_no=3).max_tokens == 200


def test_an_answer_that_cannot_be_bound_is_repaired_only_when_allowed():
    assert decide(answered(), Verdict("invalid", code="off_menu")).state == "invalid"
    assert decide(answered(), Verdict("invalid", code="off_menu"), repairs_left=1).state == "retry"


@pytest.mark.parametrize("verdict", [Verdict("judged", "tie"), Verdict("abstain")])
def test_a_bound_verdict_succeeds(verdict):
    assert decide(answered(), verdict).state == "succeeded"
