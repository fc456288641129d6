"""Every way in which an endpoint may behave, over HTTP: each ends in its stated state, and costs what it costs."""

import json
from decimal import Decimal

import pytest

from annotation.models import AuditEvent, JudgeAttempt, JudgeConfig, JudgeRequest, Judgment
from annotation.services import judging
from annotation.services.judging import spending

pytestmark = pytest.mark.django_db


def judged(config) -> list[str]:
    return sorted(Judgment.objects.filter(annotator=config.annotator).values_list("outcome", flat=True))


def events(action: str) -> int:
    return sum(
        json.loads(bytes(body))["action"] == action for body in AuditEvent.objects.values_list("body", flat=True)
    )


def expected_cost(config) -> Decimal:
    """Recount the ledger from the tokens that the endpoint said it counted."""
    total = Decimal(0)
    for usage in (
        JudgeAttempt.objects.filter(request__config=config).exclude(usage=None).values_list("usage", flat=True)
    ):
        total += (usage["prompt"] * Decimal(2) + usage["completion"] * Decimal(8)) / 1_000_000
    return total


def test_both_orders_of_each_task_become_judgments_and_the_run_ends(bench):
    made = bench()
    assert made.plan() == 4
    assert made.work() == 4
    rows = Judgment.objects.filter(annotator=made.config.annotator)
    assert sorted(rows.values_list("round", "shown_order").distinct().values_list("round", flat=True)) == [
        0,
        0,
        1,
        1,
    ] or (set(rows.values_list("round", flat=True)) == {0, 1})
    assert made.run.state == "finished"
    assert made.run.spent == expected_cost(made.config) > 0
    assert made.run.reserved == 0


# behavior, what follows it, state of the request, outcome of the judgment, attempts
BEHAVIORS = [
    ("ok", [], "succeeded", None, 1),
    ("bad_json", [], "invalid", "invalid", 1),
    ("off_menu", [], "invalid", "invalid", 1),
    ("two_verdicts", [], "invalid", "invalid", 1),
    ("refusal", [], "refused", "refused", 1),
    ("content_filter", [], "filtered", "filtered", 1),
    ("429:10", [], "succeeded", None, 2),
    ("500", [], "succeeded", None, 2),
    ("400", [], "dead", "error", 1),
    ("slow:0.2", [], "succeeded", None, 1),
    ("truncated", [], "succeeded", None, 2),
    ("truncated", ["truncated"], "invalid", "invalid", 2),
    ("reset_mid_body", [], "succeeded", None, 2),
    ("500", ["500"] * 5, "failed", "error", 6),
]


@pytest.mark.parametrize(("behavior", "then", "state", "outcome", "attempts"), BEHAVIORS)
def test_each_behavior_ends_in_its_stated_state(bench, monkeypatch, behavior, then, state, outcome, attempts):
    monkeypatch.setattr("annotation.judges.retries.BASE_S", 0.0)
    made = bench(behavior, *then, tasks=1, judge={"orders": "single"})
    made.plan()
    for _ in range(40):
        made.work(patience_s=1.0)
        if made.run.state == "finished":
            break
        JudgeRequest.objects.update(retry_at=None)
    request = JudgeRequest.objects.get()
    assert (request.state, request.attempts.count(), made.run.state) == (state, attempts, "finished")
    (row,) = Judgment.objects.filter(annotator=made.config.annotator)
    assert row.outcome == outcome if outcome else row.outcome in {"a", "b", "tie", "both_bad"}
    assert made.run.reserved == 0
    ledger = sum(JudgeAttempt.objects.values_list("cost", flat=True))
    estimated = sum(JudgeAttempt.objects.filter(is_cost_estimated=True).values_list("cost", flat=True))
    assert made.run.spent == ledger == expected_cost(made.config) + estimated
    assert (estimated > 0) == (behavior == "reset_mid_body")
    assert events("judge_call.complete") == attempts


def test_an_answer_without_counted_tokens_costs_the_worst_case(bench):
    made = bench("no_usage", tasks=1, judge={"orders": "single", "max_tokens": 100})
    made.plan()
    made.work()
    attempt = JudgeAttempt.objects.get()
    assert attempt.is_cost_estimated
    assert attempt.cost == made.run.spent > Decimal(800) / 1_000_000


def test_a_refused_key_pauses_every_run_of_the_endpoint(bench):
    made = bench("401")
    made.plan()
    made.work()
    assert (made.run.state, "refuses our key" in made.run.reason) == ("paused", True)
    assert made.work() == 0


@pytest.mark.parametrize(("change", "named"), [("fingerprint_change", "fp_other"), ("model_change", "another-model")])
def test_a_changed_model_pauses_the_run_and_opens_another_judge(bench, change, named):
    made = bench("ok", change)
    made.plan()
    made.work()
    assert made.run.state == "paused"
    assert named in made.run.reason
    assert len(judged(made.config)) == 1
    version = JudgeConfig.objects.exclude(pk=made.config.pk).get()
    assert (version.derived_from, version.annotator.name) == (made.config, "Quill (2)")
    assert version.config_hash != made.config.config_hash
    assert events("judge.drift") == 1


def test_a_429_halves_the_rate_and_answers_give_it_back(bench):
    made = bench("429:1", "ok", tasks=1)
    made.plan()
    judging.carry_out(judging.take(made.config))
    made.config.endpoint.refresh_from_db()
    assert made.config.endpoint.rate_share == 0.5
    JudgeRequest.objects.update(retry_at=None)
    made.work(patience_s=2)
    made.config.endpoint.refresh_from_db()
    assert made.config.endpoint.rate_share == 0.5 + 2 / 64


def test_the_budget_stops_before_the_call_it_does_not_hold(bench):
    made = bench(tasks=6, judge={"max_tokens": 1000})
    made.plan()
    (request, *_) = JudgeRequest.objects.order_by("pk")
    leased = judging.take(made.config)
    worst = spending.worst(made.config, spending.tokens_of(leased.prompt), 1000)
    judging.carry_out(leased)
    made.plan(budget=made.run.spent + worst + worst / 2)
    made.work()
    assert made.run.state == "paused"
    assert "budget" in made.run.reason
    assert made.run.spent + made.run.reserved <= made.run.budget
    assert 1 < JudgeAttempt.objects.count() < 12
    made.plan(budget=Decimal(1))
    made.work()
    assert (made.run.state, len(judged(made.config))) == ("finished", 12)


def test_an_estimate_sends_nothing_and_holds_the_actual_cost(bench):
    made = bench(tasks=3)
    found = judging.estimate(made.config)
    assert (found.calls, len(made.server.seen), JudgeRequest.objects.count()) == (6, 0, 0)
    made.plan()
    made.work()
    assert found.cost_low * Decimal("0.3") < made.run.spent < found.cost_high


def test_pause_resume_and_cancel(bench):
    made = bench(tasks=3)
    made.plan()
    made.work(calls=2)
    judging.pause(run=made.run, by=made.rita)
    assert made.work() == 0
    judging.resume(run=made.run, by=made.rita)
    made.work(calls=1)
    judging.cancel(run=made.run, by=made.rita)
    assert made.work() == 0
    states = sorted(JudgeRequest.objects.values_list("state", flat=True))
    assert states == ["cancelled"] * 3 + ["succeeded"] * 3
    with pytest.raises(judging.JudgeRefused):
        judging.resume(run=made.run, by=made.rita)


def test_a_request_left_by_a_dead_worker_is_asked_again_and_judged_once(bench):
    made = bench(tasks=1, judge={"orders": "single"})
    made.plan()
    dead = judging.take(made.config)
    JudgeRequest.objects.update(lease_expires_at="2020-01-01T00:00:00Z")
    assert made.work() == 1
    judging.carry_out(dead)
    assert len(judged(made.config)) == 1
    assert made.run.reserved == 0
    # The dead worker's call may have been charged: its worst case counts as spent.
    assert made.run.spent > JudgeAttempt.objects.get().cost


def test_logprobs_give_a_verdict_and_its_probability(bench):
    made = bench(judge={"output": "logprob"})
    made.plan()
    made.work()
    for request in JudgeRequest.objects.all():
        assert 0 <= request.verdict["p_a"] <= 1
        assert request.verdict["menu_mass"] == pytest.approx(1)
        assert request.state == "succeeded"


@pytest.mark.parametrize("mode", ["record", "replay"])
def test_a_replay_gives_the_same_judgments_and_opens_no_socket(bench, monkeypatch, mode):
    from django.db import connection

    made = bench("ok", "bad_json", "refusal")
    made.plan()
    made.work()
    columns = ("round", "outcome", "strength", "shown_order", "rationale", "idempotency_key", "payload_sha256")
    before = list(Judgment.objects.order_by("idempotency_key").values_list(*columns))
    asked = len(made.server.seen)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table annotation_judgment disable trigger annotation_judgment_append_only")
        cursor.execute("delete from annotation_judgment")
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table annotation_judgment enable trigger annotation_judgment_append_only")
    JudgeRequest.objects.update(state="queued", attempts_made=0, verdict=None)
    made.server.shutdown()
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a replay opened a socket"))
    made.plan(mode=mode)
    JudgeRequest.objects.update(run=made.run)
    made.work()
    after = list(Judgment.objects.order_by("idempotency_key").values_list(*columns))
    assert [row[:-1] for row in after] == [row[:-1] for row in before]
    assert (len(made.server.seen), JudgeAttempt.objects.count()) == (asked, 4)


def test_a_replay_without_a_stored_answer_raises_and_calls_nobody(bench):
    made = bench(tasks=1)
    made.plan(mode="replay")
    with pytest.raises(judging.NotRecorded):
        judging.carry_out(judging.take(made.config))
    assert (len(made.server.seen), made.run.state) == (0, "paused")


def test_stored_answers_are_read_anew_without_a_call(bench):
    made = bench(judge={"output": "text"})
    made.server.script.extend([lambda request: _both(request)] * 4)
    made.plan()
    made.work()
    assert judged(made.config) == ["invalid"] * 4
    asked = len(made.server.seen)
    other = judging.reread(config=made.config, by=made.rita, on_conflict="last")
    assert len(judged(other)) == 4
    assert set(judged(other)) <= {"a", "b"}
    assert len(made.server.seen) == asked
    assert judged(made.config) == ["invalid"] * 4


def _both(request):
    from annotation.judges.parametric.replies import completion, ok

    return ok(completion(request, "At first\nVERDICT: B\nbut no\nVERDICT: A"))
