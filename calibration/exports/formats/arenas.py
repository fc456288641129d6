"""Formats of public evaluations: HelpSteer3, Chatbot Arena, MT-Bench, AlpacaEval."""

from collections import Counter
from collections.abc import Iterable, Iterator
from statistics import fmean

from calibration.exports.formats.cases import Case, Row, of_source, one_turn, system_names, turns, with_texts
from calibration.exports.options import Options

WINNERS = {"a": "model_a", "b": "model_b", "tie": "tie", "both_bad": "tie (bothbad)"}
STRONG = {"a": 2, "b": -2, "tie": 0, "both_bad": 0}
ALPACA = {"a": 1.0, "b": 2.0, "tie": 1.5, "both_bad": 1.5}


def helpsteer3(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Each annotator's preference, negative where response 1 is better; a choice without a degree counts as 2 of 3."""
    for case in with_texts(of_source(cases, options.source), counts):
        votes = [{"score": -_strength(row), "reasoning": None} for row in case.verdicts]
        if not votes:
            counts["without_votes_of_source"] += 1
            continue
        counts["written"] += 1
        yield {
            "domain": "general",
            "language": "",
            "context": turns(case.item),
            "response1": case.item.text_a,
            "response2": case.item.text_b,
            "overall_preference": round(fmean(float(str(vote["score"])) for vote in votes)),
            "individual_preference": votes,
            "criterion": case.item.criterion,
            "task_id": case.item.task_id,
        }


def arena(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """One battle a judgment; model_a is the one that was shown left, where that is known."""
    for case in with_texts(of_source(cases, options.source), counts):
        texts = {"a": case.item.text_a, "b": case.item.text_b}
        for row in _verdicts(case, counts):
            left, right, winner = _as_shown(case, row)
            names = system_names(case.item)
            yield {
                "question_id": case.item.prompt_id,
                "model_a": names[left],
                "model_b": names[right],
                "winner": WINNERS[winner],
                "judge": row["annotator_id"],
                "conversation_a": turns(case.item) + [{"role": "assistant", "content": texts[left]}],
                "conversation_b": turns(case.item) + [{"role": "assistant", "content": texts[right]}],
                "turn": sum(message["role"] == "user" for message in case.item.messages),
                "anony": True,
                "language": "",
                "tstamp": row["submitted_at"].timestamp() if row["submitted_at"] else None,
                "order_known": row["shown_order"] is not None,
                "annotator_kind": row["annotator_kind"],
                "criterion": row["criterion"],
                "round": row["round"],
            }


def mt_bench(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """The human votes of MT-Bench; the judge is the annotator's pseudonym."""
    for battle in arena(cases, options, counts):
        kept = ("question_id", "model_a", "model_b", "winner", "judge", "conversation_a", "conversation_b", "turn")
        yield {name: battle[name] for name in (*kept, "order_known", "annotator_kind", "criterion", "round")}


def alpaca_eval(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Annotations of AlpacaEval: 1 where output 1 is better, 2 where output 2 is, 1.5 a draw."""
    for case, prompt in one_turn(of_source(cases, options.source), counts):
        names = system_names(case.item)
        for row in _verdicts(case, counts):
            yield {
                "instruction": prompt,
                "output_1": case.item.text_a,
                "generator_1": names["a"],
                "output_2": case.item.text_b,
                "generator_2": names["b"],
                "dataset": "steelyard",
                "annotator": row["annotator_id"],
                "preference": ALPACA[row["outcome"]],
            }


def _verdicts(case: Case, counts: Counter[str]) -> Iterator[Row]:
    counts["without_verdict"] += len(case.judgments) - len(case.verdicts)
    for row in case.verdicts:
        counts["written"] += 1
        yield row


def _as_shown(case: Case, row: Row) -> tuple[str, str, str]:
    """Return which response stood left, which right, and the winner told of left as a."""
    outcome = str(row["outcome"])
    if row["shown_order"] == "ba":
        return "b", "a", {"a": "b", "b": "a"}.get(outcome, outcome)
    return "a", "b", outcome


def _strength(row: Row) -> int:
    return STRONG[row["outcome"]] if row["strength"] is None else int(row["strength"])
