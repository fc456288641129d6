"""Formats of crowdsourcing: plain CSV, HELM's HITs, crowd-kit, krippendorff, soft labels as LeWiDi has them."""

from collections import Counter
from collections.abc import Iterable, Iterator

from calibration.exports.formats.cases import Case, Row, of_source, one_turn, system_names, turns, with_texts
from calibration.exports.formats.pairs import belief_of
from calibration.exports.options import Options

CHOICES = {"a": "1", "b": "2", "tie": "tie", "both_bad": "tie"}
RADIO = ("a", "b", "tie", "both_bad")
# Beyond this a dense matrix of raters and units is no file any more; the long form holds the same.
MATRIX_CELLS = 5_000_000
VALUE_DOMAIN = ["a", "tie", "b"]


def plain(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """One judgment a row: response 1 is a, a positive strength is for response 1, both_bad is a tie."""
    for case, prompt in one_turn(of_source(cases, options.source), counts):
        for row in _verdicts(case, counts):
            counts["both_bad_as_tie"] += row["outcome"] == "both_bad"
            yield {
                "task_id": case.item.task_id,
                "prompt": prompt,
                "response_1": case.item.text_a,
                "response_2": case.item.text_b,
                "annotator": row["annotator_id"],
                "choice": CHOICES[row["outcome"]],
                "strength": row["strength"],
                "criterion": row["criterion"],
                "timestamp": row["submitted_at"],
            }


def helm(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """One HIT a judgment, as Mechanical Turk writes it; the options are a, b, tie, both_bad."""
    for case, prompt in one_turn(of_source(cases, options.source), counts):
        for row in _verdicts(case, counts):
            answers = {
                f"Answer.{row['criterion']}.{option}.on": "true" if row["outcome"] == option else "false"
                for option in RADIO
            }
            yield {
                "HITId": case.item.task_id,
                "WorkerId": row["annotator_id"],
                "WorkTimeInSeconds": None if row["active_ms"] is None else round(row["active_ms"] / 1000),
                "Input.prompt": prompt,
                "Input.response_a": case.item.text_a,
                "Input.response_b": case.item.text_b,
                **answers,
            }


def crowd_kit_pairs(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Pairwise comparisons of crowd-kit, which knows no ties: they are dropped, or split into both directions."""
    for case in of_source(cases, options.source):
        names = system_names(case.item)
        sides = {side: f"{case.item.prompt_id}|{names[side]}" for side in names}
        for row in case.verdicts:
            winners = [row["outcome"]] if row["outcome"] in sides else ["a", "b"] if options.ties == "both" else []
            counts["ties_dropped"] += not winners
            for winner in winners:
                counts["written" if len(winners) == 1 else "tie_rows_both_ways"] += 1
                place = {"worker": row["annotator_id"], "left": sides["a"], "right": sides["b"]}
                yield {"task": case.item.task_id, **place, "label": sides[winner]}


def crowd_kit_labels(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """The outcome as a class of crowd-kit: a, b, tie or both_bad."""
    for case in of_source(cases, options.source):
        for row in _verdicts(case, counts):
            yield {"task": case.item.task_id, "worker": row["annotator_id"], "label": row["outcome"]}


def krippendorff_long(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """First answers in long form; both_bad is a tie, as in the agreement of the release."""
    for case in of_source(cases, options.source):
        for row in case.verdicts:
            if row["round"]:
                counts["repeats"] += 1
                continue
            counts["written"] += 1
            value = "tie" if row["outcome"] == "both_bad" else row["outcome"]
            yield {"unit": case.item.task_id, "rater": row["annotator_id"], "value": value}


def krippendorff_matrix(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Raters by units, an empty cell where a rater gave no answer; the codes are places in value_domain.json."""
    units: dict[str, int] = {}
    raters: dict[str, dict[str, int]] = {}
    for row in krippendorff_long(cases, options, counts):
        units.setdefault(row["unit"], len(units))
        raters.setdefault(row["rater"], {})[row["unit"]] = VALUE_DOMAIN.index(row["value"])
        if len(units) * len(raters) > MATRIX_CELLS:
            counts.clear()
            counts["too_large_for_a_matrix"] = 1
            return
    for rater in sorted(raters):
        yield {"rater": rater, **{unit: raters[rater].get(unit) for unit in units}}


def lewidi(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Each task with all its annotations and one soft label, whose kind says where it comes from."""
    for case in with_texts(of_source(cases, options.source), counts):
        belief = belief_of(case, options.source)
        if belief is None:
            counts["without_votes_of_source"] += 1
            continue
        counts["written"] += 1
        first = [row for row in case.verdicts if not row["round"]]
        shares = {"a": belief.p_a, "tie": belief.p_tie, "b": belief.p_b}
        yield {
            "id": f"{case.item.task_id}/{case.item.criterion}",
            "annotation task": "pairwise preference",
            "text": {"prompt": turns(case.item), "response_a": case.item.text_a, "response_b": case.item.text_b},
            "annotators": ",".join(row["annotator_id"] for row in first),
            "annotations": {row["annotator_id"]: row["outcome"] for row in first},
            "number of annotations": len(first),
            "soft_label": shares,
            "soft_label_kind": belief.kind,
            "hard_label": max(shares, key=lambda outcome: shares[outcome]),
            "split": "train",
            "lang": "",
        }


def _verdicts(case: Case, counts: Counter[str]) -> Iterator[Row]:
    counts["without_verdict"] += len(case.judgments) - len(case.verdicts)
    counts["written"] += len(case.verdicts)
    yield from case.verdicts
