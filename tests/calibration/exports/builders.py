"""A campaign with judgments of people and a judge, and a passed run over them, without a fit."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from annotation.models import Annotator, Campaign, Judgment, Task
from annotation.services import audit
from calibration.models import Agreement, Estimate, ItemEstimate, Run
from tests import factories

SUBMITTED = datetime(2026, 3, 4, 15, 27, 33, 123_000, tzinfo=UTC)
PERSON_QUANTITIES = ("reliability", "discrimination", "position_bias", "position_shift", "tie_rate")


def campaign(*, tasks: int = 6, people: int = 3, **kwargs: Any) -> Campaign:
    """Return a campaign of three systems, judged by people and by one judge."""
    made = factories.campaign(**kwargs)
    everybody = [factories.evaluator(made) for _ in range(people)]
    machine = judge()
    pairs = [("alpha", "beta"), ("alpha", "gamma"), ("beta", "gamma")]
    for number in range(tasks):
        task = factories.task(made, system_a=pairs[number % 3][0], system_b=pairs[number % 3][1])
        for place, person in enumerate(everybody):
            judgment(task, person, "abba"[(number + place) % 4] if number != 2 else "tie", at=SUBMITTED)
        first, second = ("ab", "ba") if number % 2 else ("ba", "ab")
        judgment(task, machine, "a", at=SUBMITTED, rationale="SECRET RATIONALE", round=0, shown_order=first)
        judgment(task, machine, "b", at=SUBMITTED, round=1, shown_order=second)
    return made


def judge(name: str = "judge model", family: str = "parametric") -> Annotator:
    made = Annotator(kind=Annotator.Kind.JUDGE, name=name, family=family, version="f" * 64)
    audit.seal(made)
    made.save()
    return made


def judgment(
    task: Task,
    by: Annotator,
    outcome: str,
    *,
    at: datetime | None = None,
    supersedes: Judgment | None = None,
    **kwargs: Any,
) -> Judgment:
    """Store one judgment as an import would: with its own moment, side and flags."""
    kwargs.setdefault("shown_order", "ab" if (task.pk + by.pk) % 2 else "ba")
    kwargs.setdefault("criterion", task.rubric.criteria.first())
    made = Judgment(
        campaign=task.campaign,
        task=task,
        annotator=by,
        outcome=outcome,
        submitted_at=at,
        supersedes=supersedes,
        revision=supersedes.revision + 1 if supersedes else 0,
        **kwargs,
    )
    made.idempotency_key, made.payload_sha256 = str(made.public_id), "0" * 64
    audit.seal(made)
    made.save()
    return made


def passed_run(of: Campaign, **kwargs: Any) -> Run:
    """Return a passed run over everything judged so far, its posteriors made of vote shares."""
    last = of.judgments.order_by("-pk").first()
    assert last is not None
    seen = of.judgments.effective().verdicts()
    values: dict[str, Any] = {
        "state": Run.State.PASSED,
        "seed": 2**31 - 1,
        "last_judgment_id": last.pk,
        "data_sha256": "d" * 64,
        "code_version": "c" * 64,
        "versions": {"pymc": "6.4.0"},
        "headline": "alpha is preferred to beta.",
        "diagnostics": {"rhat_max": 1.001, "ess_bulk_min": 1200.0, "divergences": 0},
        "counts": {"judgments": seen.count()},
        "percent": 100,
    }
    run = Run(campaign=of, **(values | kwargs))
    audit.seal(run)
    run.save()
    _estimates(run, seen)
    return run


def _estimates(run: Run, seen: Any) -> None:
    votes: dict[tuple[int, int], Counter[str]] = {}
    for task, criterion, outcome, kind in seen.values_list("task", "criterion", "outcome", "annotator__kind"):
        votes.setdefault((task, criterion), Counter()).update([outcome, f"kind:{kind}"])
    ItemEstimate.objects.bulk_create(_item(run, *key, counted) for key, counted in votes.items())
    for annotator in Annotator.objects.in_campaign(run.campaign):
        for place, quantity in enumerate(PERSON_QUANTITIES):
            remark = "little information" if annotator.kind == Annotator.Kind.JUDGE else ""
            _estimate(run, quantity, 0.1 * (place + 1), annotator=annotator, parameter=remark)
    for place, system in enumerate(run.campaign.systems.order_by("key")):
        _estimate(run, "strength", 1.0 - place, system=system)
        _estimate(run, "rank", 1.0 + place, system=system)
    for who, value in (("all", 0.41), ("human", 0.52)):
        Agreement.objects.create(
            run=run, criterion=run.campaign.rubric.criteria.first(), who=who, metric="alpha_nominal",
            orientation="symmetric", value=value, ci_low=value - 0.1, ci_high=value + 0.1, ci_level=0.9, n_units=6,
            n_units_paired=6,
            n_annotators=3, n_judgments=18, n_pairs=18,
        )  # fmt: skip


def _item(run: Run, task: int, criterion: int, counted: Counter[str]) -> ItemEstimate:
    ties = counted["tie"] + counted["both_bad"] + 1
    p_a, p_b, p_tie = counted["a"] + 1.5, counted["b"] + 1.0, float(ties)
    total = p_a + p_b + p_tie
    better = p_a / (p_a + p_b)
    return ItemEstimate(
        run=run, task_id=task, criterion_id=criterion, p_a=p_a / total, p_tie=p_tie / total, p_b=p_b / total,
        p_a_better=better, sd=0.1, ci_low=max(0.0, better - 0.2), ci_high=min(1.0, better + 0.2),
        n_human=counted["kind:human"], n_judge=counted["kind:judge"],
    )  # fmt: skip


def _estimate(run: Run, quantity: str, value: float, **owner: Any) -> None:
    Estimate.objects.create(
        run=run, quantity=quantity, criterion=run.campaign.rubric.criteria.first(), value=value, sd=0.1,
        ci_low=value - 0.2, ci_high=value + 0.2, n=12, rhat=1.0, ess=900.0, **owner,
    )  # fmt: skip
