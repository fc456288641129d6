"""Examine a judge against the people of its campaign, and open or close its gate."""

from dataclasses import asdict
from typing import Any

import pandas as pd
from django.db import transaction
from django.db.models import Max

from annotation.models import Annotator, Campaign, JudgeConfig, Judgment, User
from annotation.permissions import check_may_change
from annotation.services import audit, judging
from calibration import frames
from calibration.models import JudgeReport
from calibration.services.probing import battery
from calibration.services.versions import code_version
from calibration.validity import alt_test, examining, missing, panel

EPSILON = alt_test.EPSILONS["crowd"]


def examine(*, campaign: Campaign, annotator: Annotator, by: User) -> JudgeReport:
    """Store what all judgments of now say of the judge; with a configuration, its gate follows the test."""
    check_may_change(by, campaign)
    up_to = Judgment.objects.filter(campaign=campaign).aggregate(last=Max("pk"))["last"] or 0
    criterion = campaign.rubric.criteria.order_by("position").first()
    frame = _frame(campaign, criterion, up_to)
    found = examining.examine(frame, str(annotator.public_id), family=annotator.family, epsilon=EPSILON)
    config = JudgeConfig.objects.filter(annotator=annotator, campaign=campaign).first()
    figures = _figures(found) | {
        "epsilon": EPSILON,
        "missing": [asdict(row) | {"missing": row.missing} for row in _missing(campaign, annotator, up_to)],
        "panel": _panel(frame),
        "battery": battery(config) if config else [],
    }
    with transaction.atomic():
        if config:
            judging.set_gate(config=config, state=found.gate.state, by=by)
        report = JudgeReport.objects.create(
            campaign=campaign, annotator=annotator, criterion_key=criterion.key if criterion else "", up_to=up_to,
            data_sha256=frames.sha256(frame), code_version=code_version(), gate=found.gate.state, figures=figures,
        )  # fmt: skip
        audit.record("judge_report.create", report, by=by, campaign=campaign, gate=report.gate)
        return report


def _frame(campaign: Campaign, criterion: Any, up_to: int) -> pd.DataFrame:
    frame = frames.judgments(campaign, criterion=criterion, up_to=up_to)
    families = dict(campaign.systems.values_list("key", "family"))
    return frame.assign(family_a=frame["system_a"].map(families), family_b=frame["system_b"].map(families))


def _figures(found: examining.Examination) -> dict[str, Any]:
    return {
        "biases": [
            {"judge": one.as_json(), "people": other.as_json(), "excess": gap.as_json()}
            for one, other, gap in zip(found.biases, found.people, found.excess, strict=True)
        ],
        "gate": {
            "state": found.gate.state, "won": found.gate.won, "people": found.gate.people,
            "winning_rate": found.gate.winning_rate.as_json(), "advantage": found.gate.advantage.as_json(),
        },
        "powered": [
            {"with": one.powered.as_json(), "alone": one.human_only.as_json(), "gain": one.gain, "weight": one.weight}
            for one in found.powered
        ],
    }  # fmt: skip


def _missing(campaign: Campaign, annotator: Annotator, up_to: int) -> list[missing.Missing]:
    rows = frames.effective(campaign, up_to=up_to).filter(annotator=annotator)
    counts: dict[str, dict[str, int]] = {}
    totals: dict[str, int] = {}
    columns = ("task__response_a__system__key", "task__response_b__system__key", "outcome")
    for first, second, outcome in rows.values_list(*columns).iterator():
        for system in {first, second} - {None}:
            totals[system] = totals.get(system, 0) + 1
            if outcome in Judgment.NON_VERDICTS:
                kinds = counts.setdefault(system, {})
                kinds[outcome] = kinds.get(outcome, 0) + 1
    return missing.by_system(counts, totals)


def _panel(frame: pd.DataFrame) -> dict[str, Any]:
    judges = frame[frame["annotator_kind"] == "judge"]
    names = judges["annotator"].unique()
    if len(names) < 2:
        return {}
    rho = panel.correlation(judges)
    return {
        "judges": len(names),
        "correlation": rho.as_json(),
        "effective": None if rho.value is None else panel.effective_judges(len(names), rho.value),
        "left_out": [
            {"judge": row.judge, "system": row.system, "share": row.share.as_json(), "shift": row.shift,
             "rank": row.rank, "rank_with_all": row.rank_with_all}
            for row in panel.leave_one_out(judges)
        ],
    }  # fmt: skip
