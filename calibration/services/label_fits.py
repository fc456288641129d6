"""A run over labels: from the record to the classes of tasks, annotators' errors and systems' shares."""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from django.db import transaction

from calibration import label_frames
from calibration.agreement.labels import labels as agreement_of_labels
from calibration.agreement.results import Agreement
from calibration.bayes.columns import UnusableFrame
from calibration.bayes.labeling.fitting import fit_labels
from calibration.bayes.labeling.meter import Progress
from calibration.bayes.labeling.results import LabelFit
from calibration.label_frames import Question
from calibration.models import Run
from calibration.services import concluding, label_storing, protocol, snapshots, storing
from calibration.services.progress import Reporter

HASHED = ["item", "annotator", "annotator_kind", "annotator_group", "criterion", "given", "system", "pool", "round"]
WHO = {"all": ("human", "judge", "oracle", "heuristic"), "human": ("human",), "judge": ("judge",)}
KINDS = {"human": "human"}
SURE = 0.95


@dataclass(frozen=True, slots=True)
class Answered:
    """One question of a run with its fit and its agreement."""

    question: Question
    fit: LabelFit
    agreement: list[Agreement]


def fit(run: Run, reporter: Reporter) -> None:
    """Measure agreement and fit the models of labels to every question, and store all at once."""
    reporter.report("reading the record", 0)
    frame = _snapshot(run)
    asked = list(label_frames.questions(run.campaign, frame[frame["round"] == 0]))
    found = [
        Answered(question, _sample(run, question, part, reporter, index, len(asked)), _agree(run, question, part))
        for index, (question, part) in enumerate(asked)
    ]
    reporter.report("storing", 98)
    run.figures = {"protocol": protocol.of(run)}
    run.adequacy = {one.question.key: _facts(one) for one in found}
    with transaction.atomic():
        label_storing.clear(run)
        subjects = storing.Subjects(run)
        for one in found:
            storing.agreement(run, one.agreement, {one.question.criterion.key: one.question.criterion})
            label_storing.answered(run, one.question, one.fit, subjects, frame)
        run.headline = headline(found, subjects, run.counts)
        concluding.conclude(run, diagnostics=_diagnostics(found), settings={"model": "labels", "chains": 2})


def _snapshot(run: Run) -> pd.DataFrame:
    frame = label_frames.labels(run.campaign, up_to=snapshots.freeze(run))
    if frame.empty:
        raise UnusableFrame("There is no label to calibrate. Collect or import judgments first.")
    given = frame["labels"].map(lambda labels: sorted(labels.items()))
    counts = snapshots.counts(run, frame) | {"systems": int(frame["system"].nunique())}
    snapshots.note(run, frame.assign(given=given), HASHED, counts)
    return frame


def _sample(run: Run, question: Question, part: pd.DataFrame, reporter: Reporter, index: int, of: int) -> LabelFit:
    def show(progress: Progress) -> None:
        stage = f"{question.title}: {progress.stage}"[:60]
        reporter.report(stage, 2 + 95 * (index + progress.percent / 100) / of, eta_seconds=progress.eta_seconds)

    kinds = part["annotator_kind"].map(lambda kind: KINDS.get(kind, "judge"))
    return fit_labels(
        part.assign(annotator_kind=kinds, criterion=question.key),
        labels=question.classes,
        ordered=question.is_graded,
        seed=run.seed,
        progress=show,
        should_cancel=lambda: reporter.is_cancelled,
    )


def _agree(run: Run, question: Question, part: pd.DataFrame) -> list[Agreement]:
    """Measure how far all, people, and judges agree; a group of fewer than two annotators has nothing to say."""
    records = []
    for who, kinds in WHO.items():
        rows = part[part["annotator_kind"].isin(kinds)]
        if rows["annotator"].nunique() > 1 and (who == "all" or len(rows) < len(part) or who == "human"):
            measured = agreement_of_labels(
                rows,
                values=question.classes,
                seed=run.seed,
                who=who,
                criterion=question.criterion.key,
                code_version=run.code_version,
                data_sha256=run.data_sha256,
            )
            part_of = f"label={question.option}" if question.option else ""
            records += [replace(record, slice=part_of) for record in measured]
    return records


def _facts(one: Answered) -> dict[str, Any]:
    """Return what a page says of a question besides its stored figures."""
    kept = ("models", "gate_t", "p_coin", "spread", "floor", "warnings", "send_to_gold", "passed", "reasons")
    return {
        "title": one.question.title,
        "criterion": one.question.criterion.key,
        "option": one.question.option,
        "names": one.question.names,
        "classes": list(one.question.classes),
        "shown": list(one.question.shown),
        "n_contested": int(one.fit.items["contested"].sum()),
        "n_items": len(one.fit.items),
    } | {name: one.fit.diagnostics[name] for name in kept}


def _diagnostics(found: list[Answered]) -> dict[str, Any]:
    heavy = [
        verdict for one in found for verdict in one.fit.diagnostics["models"].values() if verdict["weight"] >= 0.05
    ]
    return {
        "passed": all(one.fit.converged for one in found),
        "reasons": [f"{one.question.title}, {text}" for one in found for text in one.fit.diagnostics["reasons"]],
        "rhat_class_99": max(verdict["rhat_class_99"] for verdict in heavy),
        "rhat_skill_99": max(verdict["rhat_skill_99"] for verdict in heavy),
        "gap_class": max(verdict["gap_class"] for verdict in heavy),
        "sweeps": max(verdict["sweeps"] for verdict in heavy),
        "chains": 2,
        "seconds": round(sum(one.fit.diagnostics["seconds"] for one in found), 1),
    }


def headline(found: list[Answered], subjects: storing.Subjects, counts: dict[str, Any]) -> str:
    """Say where systems differ most, or how often what was asked for occurs, and on whose judgments it rests."""
    of_whom = f"on {counts['judgments']:,} judgments of {counts['annotators']:,} annotators"
    sure = [(one, row) for one in found for row in _differences(one)]
    if sure:
        one, row = max(sure, key=lambda pair: abs(pair[1]["difference"]))
        more, less = ("system_1", "system_2") if row["difference"] > 0 else ("system_2", "system_1")
        low, high = sorted(abs(row[f"difference_{end}"]) for end in ("low", "high"))
        names = [subjects.systems[row[end]].name for end in (more, less)]
        return (
            f"{_what(one, row['label'])} occurs more often with {names[0]} than with {names[1]}, by "
            f"{100 * abs(row['difference']):.0f} percentage points [{100 * low:.0f}, {100 * high:.0f}], {of_whom}."
        )
    whole = [(one, row) for one in found for row in _occurring(one)]
    one, row = max(whole, key=lambda pair: pair[1]["share"])
    return (
        f"No difference between systems is sure yet. {_what(one, row['label'])}: {row['share']:.0%} of the answers "
        f"[{row['share_low']:.0%}, {row['share_high']:.0%}], {of_whom}."
    )


def _differences(one: Answered) -> list[dict[str, Any]]:
    table = one.fit.differences
    rows = table[table["label"].isin(one.question.found) & ~table["p_positive"].between(1 - SURE, SURE)]
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _occurring(one: Answered) -> list[dict[str, Any]]:
    table = one.fit.prevalence
    rows = table[table["system"].isna() & table["pool"].isna() & table["label"].isin(one.question.found)]
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _what(one: Answered, label: str) -> str:
    return one.question.title if one.question.option else f"{one.question.title}: {one.question.names[label]}"
