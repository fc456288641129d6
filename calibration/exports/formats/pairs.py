"""Which response is chosen, how surely, how often: the options common to all preference formats."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from scipy.special import betaincinv

from calibration.exports.facts import Item
from calibration.exports.formats.cases import Case, of_source, with_texts
from calibration.exports.options import Options

POSTERIOR, EMPIRICAL = "posterior", "empirical"


class Belief(NamedTuple):
    """How a task is labeled: shares that add up to one, and a given no tie with its interval and n."""

    kind: str
    p_a: float
    p_tie: float
    p_b: float
    p_a_better: float
    sd: float
    ci_low: float
    ci_high: float
    ci_level: float

    @property
    def is_tie(self) -> bool:
        return self.p_tie >= max(self.p_a, self.p_b) or self.p_a_better == 0.5

    def turned(self) -> "Belief":
        return self._replace(
            p_a=self.p_b, p_b=self.p_a, p_a_better=1 - self.p_a_better, ci_low=1 - self.ci_high, ci_high=1 - self.ci_low
        )


class Pair(NamedTuple):
    """One training pair; `belief` is told of the chosen response as a."""

    item: Item
    chosen: str
    rejected: str
    belief: Belief
    n_votes: int
    n_human: int
    annotator_id: str | None

    def columns(self, options: Options) -> dict[str, Any]:
        """Return what stands beside the texts; see the card for each column."""
        belief = self.belief
        beside: dict[str, Any] = {
            "p_chosen": belief.p_a_better,
            "sd": belief.sd,
            "ci_low": belief.ci_low,
            "ci_high": belief.ci_high,
            "ci_level": belief.ci_level,
            "soft_label_kind": belief.kind,
            "n_votes": self.n_votes,
            "n_human": self.n_human,
            "contested": belief.ci_low <= 0.5 <= belief.ci_high,
            "criterion": self.item.criterion,
            "task_id": self.item.task_id,
        }
        if options.label_mode == "soft":
            beside["soft_label"] = [belief.p_a, belief.p_tie, belief.p_b]
        if options.label_mode == "votes":
            beside["annotator_id"] = self.annotator_id
        if options.margin:
            beside["margin"] = 2.0 * belief.p_a_better - 1.0
        return beside


def of(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Pair]:
    """Yield training pairs, and count what was written and what was left out for which reason."""
    for case in with_texts(of_source(cases, options.source), counts):
        belief = belief_of(case, options.source)
        reason = _left_out(case, belief, options)
        if reason or belief is None:
            counts[reason] += 1
        elif options.label_mode == "votes":
            yield from _by_vote(case, belief, options, counts)
        elif belief.is_tie:
            yield from _ties(case, belief, options, counts)
        elif options.label_mode == "replicate":
            yield from _replicated(case, belief, counts)
        else:
            counts["written"] += 1
            yield _pair(case, belief, is_a=belief.p_a_better > 0.5)


def _left_out(case: Case, belief: Belief | None, options: Options) -> str:
    if belief is None:
        return "without_votes_of_source"
    if case.item.text_a == case.item.text_b:
        return "identical_responses"
    return "below_min_confidence" if abs(belief.p_a_better - 0.5) < options.min_confidence else ""


def belief_of(case: Case, source: str) -> Belief | None:
    """Return the run's posterior where all annotators count, else the shares of the votes that were asked for.

    The posterior follows from every judgment of the run; a part of them has no posterior of its own.
    """
    item = case.item
    if source == "human+judge":
        level = item.ci_level
        return Belief(
            POSTERIOR, item.p_a, item.p_tie, item.p_b, item.p_a_better, item.sd, item.ci_low, item.ci_high, level
        )
    votes = Counter(row["outcome"] for row in case.verdicts)
    return empirical(votes["a"], votes["tie"] + votes["both_bad"], votes["b"]) if votes else None


def empirical(a: int, tie: int, b: int, level: float = 0.9) -> Belief:
    """Return vote shares, with the equal-tailed interval of a share under Jeffreys' prior."""
    n, decided = a + tie + b, a + b
    left, right = a + 0.5, b + 0.5
    sd = (left * right / ((decided + 1) ** 2 * (decided + 2))) ** 0.5
    low, high = (float(betaincinv(left, right, tail)) for tail in ((1 - level) / 2, (1 + level) / 2))
    share = a / decided if decided else 0.5
    return Belief(EMPIRICAL, a / n, tie / n, b / n, share, sd, min(low, share), max(high, share), level)


def _by_vote(case: Case, belief: Belief, options: Options, counts: Counter[str]) -> Iterator[Pair]:
    for vote in case.verdicts:
        if vote["outcome"] in ("a", "b"):
            counts["written"] += 1
            yield _pair(case, belief, is_a=vote["outcome"] == "a", annotator=vote["annotator_id"])
        else:
            yield from _ties(case, belief, options, counts, annotator=vote["annotator_id"])


def _ties(
    case: Case, belief: Belief, options: Options, counts: Counter[str], annotator: str | None = None
) -> Iterator[Pair]:
    if options.ties != "both":
        counts["ties_dropped"] += 1
        return
    counts["tie_rows_both_ways"] += 2
    for is_a in (True, False):
        yield _pair(case, belief, is_a=is_a, annotator=annotator)


def _replicated(case: Case, belief: Belief, counts: Counter[str]) -> Iterator[Pair]:
    """Yield as many copies as there are votes, in proportion to the label."""
    copies = max(1, len(case.verdicts))
    for_a = round(belief.p_a_better * copies)
    counts["written"] += copies
    for copy in range(copies):
        yield _pair(case, belief, is_a=copy < for_a)


def _pair(case: Case, belief: Belief, *, is_a: bool, annotator: str | None = None) -> Pair:
    item = case.item
    texts = (str(item.text_a), str(item.text_b))
    chosen, rejected = texts if is_a else texts[::-1]
    people = sum(row["annotator_kind"] == "human" for row in case.verdicts)
    return Pair(item, chosen, rejected, belief if is_a else belief.turned(), len(case.verdicts), people, annotator)
