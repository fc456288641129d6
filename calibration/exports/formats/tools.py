"""Formats of annotation tools: Label Studio's and Argilla's own exports."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from calibration.exports.formats.cases import VERDICTS, Case, Row, of_source, with_texts
from calibration.exports.formats.pairs import belief_of
from calibration.exports.options import Options

# Label Studio names people by address; this domain can belong to nobody.
DOMAIN = "annotators.invalid"
SIDES = {"a": "left", "b": "right"}
QUESTION = "preference"
CHOICES = {"a": "response_a", "b": "response_b", "tie": "tie", "both_bad": "both_bad"}


def label_studio(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """One Label Studio task a task; a tie is a choice beside the pair, an abstention a cancelled annotation."""
    annotation_id = 0
    for number, case in enumerate(with_texts(of_source(cases, options.source), counts), start=1):
        annotations = []
        for row in case.judgments:
            annotation_id += 1
            counts["written"] += 1
            annotations.append(_annotation(annotation_id, number, row))
        item = case.item
        yield {
            "id": number,
            "data": {
                "prompt": item.messages[-1]["content"] if len(item.messages) == 1 else None,
                "messages": item.messages,
                "left": item.text_a,
                "right": item.text_b,
                "task_id": item.task_id,
                "prompt_id": item.prompt_id,
                "system_left": item.system_a,
                "system_right": item.system_b,
                "criterion": item.criterion,
            },
            "annotations": annotations,
            "predictions": [_prediction(case)],
        }


def _annotation(annotation_id: int, task: int, row: Row) -> Row:
    result = _result(row["outcome"])
    moment = _moment(row["submitted_at"])
    return {
        "id": annotation_id,
        "result": result,
        "completed_by": {"email": f"{row['annotator_id']}@{DOMAIN}"},
        "was_cancelled": row["outcome"] not in VERDICTS,
        "ground_truth": False,
        "lead_time": None if row["active_ms"] is None else row["active_ms"] / 1000,
        "created_at": moment,
        "updated_at": moment,
        "result_count": len(result),
        "task": task,
        "shown_order": row["shown_order"],
    }


def _result(outcome: str) -> list[Row]:
    if outcome in SIDES:
        side = {"id": "pw", "from_name": "pw", "to_name": "pw", "type": "pairwise"}
        return [{**side, "value": {"selected": SIDES[outcome]}}]
    if outcome in ("tie", "both_bad"):
        choice = {"id": "tie", "from_name": "tie", "to_name": "pw", "type": "choices"}
        return [{**choice, "value": {"choices": [outcome]}}]
    return []


def _prediction(case: Case) -> Row:
    item = case.item
    shares = {"a": item.p_a, "b": item.p_b, "tie": item.p_tie}
    likeliest = max(shares, key=lambda outcome: shares[outcome])
    return {"model_version": "steelyard", "score": shares[likeliest], "result": _result(likeliest)}


def argilla(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """One Argilla 2 record a task, flattened; answers in parallel lists, the calibrated label as suggestion."""
    for case in with_texts(of_source(cases, options.source), counts):
        item = case.item
        counts["written"] += len(case.judgments)
        belief = belief_of(case, options.source)
        suggestion = None
        if belief:
            shares = {"tie": belief.p_tie, "a": belief.p_a, "b": belief.p_b}
            suggestion = max(shares, key=lambda outcome: shares[outcome])
        yield {
            "id": f"{item.task_id}/{item.criterion}",
            "status": "completed" if case.judgments else "pending",
            "prompt": item.messages,
            "response_a": item.text_a,
            "response_b": item.text_b,
            "task_id": item.task_id,
            "prompt_id": item.prompt_id,
            "system_a": item.system_a,
            "system_b": item.system_b,
            "criterion": item.criterion,
            f"{QUESTION}.responses": [CHOICES.get(row["outcome"]) for row in case.judgments],
            f"{QUESTION}.responses.users": [row["annotator_id"] for row in case.judgments],
            f"{QUESTION}.responses.status": [
                "submitted" if row["outcome"] in VERDICTS else "discarded" for row in case.judgments
            ],
            f"{QUESTION}.suggestion": CHOICES[suggestion] if suggestion else None,
            f"{QUESTION}.suggestion.score": shares[suggestion] if suggestion else None,
            f"{QUESTION}.suggestion.agent": "steelyard",
        }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
