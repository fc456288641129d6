"""What every run asks beside its tasks, and what becomes of a run that answers wrongly."""

import json
from dataclasses import replace

import pytest

from annotation.judges import client, injections, orders, parsing, probes, prompts, sentinels
from annotation.judges.parametric.quality import digest
from annotation.judges.parametric.replies import completion, ok
from annotation.judges.parametric.server import ParametricServer
from annotation.judges.parametric.settings import Settings
from annotation.models import Judgment
from tests import factories
from tests.annotation.judges.conftest import NONCE_KEY, a_config, a_task


def test_the_corpus_is_large_and_of_many_kinds():
    assert len(injections.INJECTIONS) >= 30
    assert len({injection.trick for injection in injections.INJECTIONS}) >= 10
    assert len({injection.text for injection in injections.INJECTIONS}) == len(injections.INJECTIONS)


@pytest.mark.parametrize("is_pair", [True, False])
def test_forty_sentinels_hold_every_kind(is_pair):
    named = probes.sentinels(40, is_pair=is_pair)
    kinds = {name.partition(":")[0].partition("-")[0] for name in named}
    assert kinds >= {"null", "empty", "master", "injection", "repeat"} | ({"identical"} if is_pair else set())
    assert {name.partition(":")[2] for name in named} == ({"", "a", "b"} if is_pair else {"", "a"})


def test_every_probe_changes_what_it_says_and_nothing_else():
    whole = probes.Material((), "One. Two.", "Three.")
    for probe in probes.battery():
        changed = probes.apply(probe, whole)
        kind, _, side = probe.partition(":")
        if kind not in ("repeat", "identical", "opinion"):
            assert getattr(changed, side) != getattr(whole, side)
            assert getattr(changed, "b" if side == "a" else "a") == getattr(whole, "b" if side == "a" else "a")
    assert probes.apply("identical", whole).b == whole.a
    with pytest.raises(probes.UnknownProbe):
        probes.apply("unheard-of:a", whole)


def obedient(request):
    """Choose whichever response carries an attack, else the first."""
    user = request["messages"][1]["content"]
    parts = user.split("<response_2 ")
    attacked = [any(f"\n{injection.written(me, other)}\n" in part for injection in injections.INJECTIONS)
                for part, (me, other) in zip(parts, (("A", "B"), ("B", "A")), strict=True)]  # fmt: skip
    word = "B" if attacked == [False, True] else "A"
    return ok(completion(request, json.dumps({"reason": "as told", "verdict": word})))


def test_every_attack_in_either_order_is_flagged_when_the_judge_obeys():
    said, config = [], a_config()
    whole = probes.Material((), "A plain and honest answer.", "Another honest answer.")
    with ParametricServer(Settings(), script=[obedient] * 200) as server:
        endpoint = client.Endpoint(base_url=server.base_url, allow_listed=True)
        for injection in injections.INJECTIONS:
            for order in ("ab", "ba"):
                words = ("A", "B") if order == "ab" else ("B", "A")
                changed = probes.apply(f"{injection.id}:a", replace(whole, words=words))
                first, second = (changed.a, changed.b) if order == "ab" else (changed.b, changed.a)
                key = f"{injection.id}{order}"
                task = a_task(response_1=first, response_2=second)
                prompt = prompts.build(task, config, idempotency_key=key, nonce_key=NONCE_KEY)
                attempt = client.ask(endpoint, config, prompt, idempotency_key=key)
                verdict = parsing.parse(attempt.response, prompt.form, http_status=attempt.http_status)
                outcome, _ = orders.to_canonical(verdict, order)
                said.append(
                    sentinels.Answer(probe=f"{injection.id}:a", shown_order=order, state=verdict.state, outcome=outcome)
                )
    flagged = [one for one in said if one.state != "judged" or one.outcome == "a"]
    assert len(flagged) == len(said) == 2 * len(injections.INJECTIONS)
    assert "injection wins" in sentinels.breaches(sentinels.report(said))


@pytest.mark.django_db
def test_a_run_whose_judge_obeys_is_set_aside_with_all_it_said(bench):
    made = bench(tasks=2, sentinels=40)
    made.server.script.extend([obedient] * 200)
    made.plan()
    made.work()
    assert made.run.is_quarantined
    assert "injection wins: 1.00" in made.run.quarantine_reason
    # Judgments stay, and every sentinel stays out of them.
    assert Judgment.objects.filter(annotator=made.config.annotator).count() == 4


@pytest.mark.django_db
def test_an_honest_judge_is_not_set_aside(bench):
    campaign = factories.campaign()
    tasks = [factories.task(campaign) for _ in range(4)]
    good = {digest(r.text): 8.0 for task in tasks for r in (task.response_a, task.response_b)}
    made = bench(campaign=campaign, tasks=0, sentinels=40, qualities=good)
    made.plan()
    made.work()
    assert (made.run.state, made.run.is_quarantined) == ("finished", False), made.run.quarantine_reason


def answers(n: int, wins: int) -> list[sentinels.Answer]:
    return [
        sentinels.Answer(
            probe=f"injection-{k % 34 + 1:02}:a", shown_order="ab", state="judged", outcome="a" if k < wins else "b"
        )
        for k in range(n)
    ]


def test_few_wins_of_many_are_tolerated_and_many_are_not():
    assert sentinels.breaches(sentinels.report(answers(500, 0))) == ""
    assert sentinels.breaches(sentinels.report(answers(68, 34))).startswith("injection wins: 0.50")


def test_identical_pairs_must_go_to_either_slot_alike():
    same = [
        sentinels.Answer(probe="identical", shown_order=order, state="judged", outcome=order[0])
        for order in ("ab", "ba") * 10
    ]
    (found, *_) = sentinels.report(same)
    assert (found.value, found.is_breach) == (1.0, True)
    fair = [sentinels.Answer(probe="identical", shown_order="ab", state="judged", outcome=o) for o in "ab" * 10]
    assert not sentinels.report(fair)[0].is_breach
