"""Posterior predictive checks of a comparison fit: whether its own model would produce such judgments."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import binom

from calibration.bayes import dissent, replicates
from calibration.bayes.data import ComparisonData, FloatArray
from calibration.bayes.dissent import Answers, RowPairs

if TYPE_CHECKING:
    from calibration.bayes.sampling import Fit

N_REPLICATES = 200
COMMON_ITEMS, JUDGMENTS = 20, 30
BAND = (0.025, 0.975)
SHARE_INSIDE, BY_CHANCE, LEAST_PPP, MOST_Z = 0.95, 0.01, 0.01, 3.0
SMALLEST_CELL = 5.0
WORST = 5


@dataclass(frozen=True, slots=True)
class Check:
    """Hold one check: the observed value beside where replicates lie.

    ``value`` is judged by ``bar``; ``band`` is the central 95% of the replicates where the check has one number.
    ``n`` counts what was checked (pairs, items, annotators, judgments). ``worst`` names the farthest cases.
    ``passed`` and ``value`` are None with an ``undefined_reason`` when there is nothing to check.
    """

    check: str
    bar: str
    value: float | None
    band: tuple[float, float] | None
    n: int
    passed: bool | None
    worst: tuple[dict[str, Any], ...]
    undefined_reason: str | None
    replication: str
    n_replicates: int
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for a JSON field."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Replayed:
    data: ComparisonData
    pairs: RowPairs
    drawn: list[Answers]
    fresh: list[Answers]
    seed: int

    def check(self, check: str, bar: str, n: int, *, fresh: bool = False, **found: Any) -> Check:
        replication = "fresh items" if fresh else "drawn items"
        record: dict[str, Any] = {"value": None, "band": None, "passed": None, "worst": (), "undefined_reason": None}
        record |= {"replication": replication, "n_replicates": len(self.drawn), "seed": self.seed}
        return Check(check=check, bar=bar, n=n, **(record | found))


def predictive_checks(fit: Fit, *, seed: int = 0, n_replicates: int = N_REPLICATES) -> list[Check]:
    """Compare the judgments of a fit with replicates of them drawn from its posterior.

    ``annotator_pairs``: agreement of each two annotators with at least 20 common items; the share of pairs inside
    their own 95% band. ``outcomes_per_item``: how many items have which counts of outcomes, as chi-square against
    the mean of the replicates, one-sided. ``within_item_agreement_sd`` and ``unanimous_share``: the spread of
    agreement over items and the share of unanimous items, two-sided. ``tie_rate`` and ``first_side_rate``: of each
    annotator with at least 30 judgments (of known order), the largest absolute z. ``alpha_nominal``: symmetric
    nominal alpha.

    Replicates keep the drawn item qualities, except for the three checks within items, which draw items
    anew given the drawn item sd (mixed replication): drawn qualities have already seen those judgments.

    Parameters
    ----------
    fit
        A fit, whether or not it passed its gate.
    seed
        Fixes the replicates; stored in every record.

    Returns
    -------
    list of Check
        In the order above. Repeats of one annotator on one item count together as one judgment of weight 1 where
        annotators are compared; nothing is dropped. Beyond five million pairs of judgments the pair checks use a
        random subset of the items, and ``n`` counts what was used.

    References
    ----------
    Gelman, Meng and Stern 1996, Statistica Sinica 6:733-807.
    """
    draws = replicates.spread(fit, n_replicates)
    drawn, fresh = (
        [found for found, _ in replicates.answers(fit.data, draws, n=n_replicates, seed=seed + k, fresh_items=bool(k))]
        for k in (0, 1)
    )
    replayed = _Replayed(fit.data, dissent.row_pairs(fit.data, seed=seed), drawn, fresh, seed)
    return [
        _annotator_pairs(replayed),
        _outcomes_per_item(replayed),
        *_agreement_within_items(replayed),
        _rate(replayed, "tie_rate", "judgments", np.ones(fit.data.n_judgments, bool), np.array(1)),
        _first_side_rate(replayed),
        _alpha(replayed),
    ]


def _annotator_pairs(replayed: _Replayed) -> Check:
    data, pairs = replayed.data, replayed.pairs
    bar = f"{SHARE_INSIDE:.0%} of pairs inside their 95% band, fewer only by chance (binomial p > {BY_CHANCE})"
    key = data.annotator[pairs.first].astype(np.int64) * len(data.annotators) + data.annotator[pairs.second]
    keys, pair = np.unique(key, return_inverse=True)
    common = np.bincount(pair, pairs.weight, keys.size)
    chosen = np.flatnonzero(common > COMMON_ITEMS - 0.5)
    if chosen.size == 0:
        reason = f"no two annotators share {COMMON_ITEMS} items"
        return replayed.check("annotator_pairs", bar, 0, undefined_reason=reason)

    def agreement(outcome: Answers) -> FloatArray:
        return np.asarray(np.bincount(pair, pairs.agreed(outcome), keys.size)[chosen] / common[chosen])

    observed = agreement(data.outcome)
    replicated = np.array([agreement(outcome) for outcome in replayed.drawn])
    low, high = _band(replicated)
    inside = (low - 1e-9 <= observed) & (observed <= high + 1e-9)
    distance = np.abs(observed - replicated.mean(axis=0)) / np.maximum(replicated.std(axis=0), 1e-9)
    worst = tuple(
        {
            "annotator_1": data.annotators[keys[chosen[k]] // len(data.annotators)],
            "annotator_2": data.annotators[keys[chosen[k]] % len(data.annotators)],
            "n_common": round(float(common[chosen[k]])),
            "agreement": float(observed[k]),
            "band": (float(low[k]), float(high[k])),
        }
        for k in np.argsort(-distance, kind="stable")[:WORST]
        if not inside[k]
    )
    by_chance = float(binom.cdf(int(inside.sum()), inside.size, SHARE_INSIDE))
    found: dict[str, Any] = {"value": float(inside.mean()), "passed": bool(by_chance > BY_CHANCE), "worst": worst}
    return replayed.check("annotator_pairs", bar, int(chosen.size), **found)


def _outcomes_per_item(replayed: _Replayed) -> Check:
    """Compare the histogram of patterns (judgments, ties, judgments for the leading side) over items."""
    data, bar = replayed.data, f"ppp > {LEAST_PPP}, one-sided"
    several = np.bincount(data.item, minlength=len(data.items)) > 1
    if not several.any():
        return replayed.check("outcomes_per_item", bar, 0, fresh=True, undefined_reason="no item has two judgments")
    outcomes: list[Answers] = [data.outcome, *replayed.fresh]
    kinds, code = np.unique([_patterns(data, outcome)[several] for outcome in outcomes], return_inverse=True)
    counts = np.array([np.bincount(part, minlength=kinds.size) for part in code.reshape(len(outcomes), -1)], float)
    expected = counts[1:].mean(axis=0)
    small = expected < SMALLEST_CELL
    pooled = np.column_stack([counts[:, ~small], counts[:, small].sum(axis=1)])
    mean = np.maximum(pooled[1:].mean(axis=0), 1e-9)
    distance = ((pooled - mean) ** 2 / mean)[:, pooled[1:].mean(axis=0) > 0].sum(axis=1)
    ppp = _share_at_least(distance[1:], distance[0])
    off = (counts[0] - expected) / np.sqrt(np.maximum(expected, 1.0))
    worst = tuple(
        {"judgments": int(kinds[k] // 10**8), "ties": int(kinds[k] // 10**4 % 10**4), "leading": int(kinds[k] % 10**4)}
        | {"items": int(counts[0, k]), "expected": float(expected[k])}
        for k in np.argsort(-np.abs(off), kind="stable")[:WORST]
    )
    found: dict[str, Any] = {"value": ppp, "passed": bool(ppp > LEAST_PPP), "worst": worst}
    return replayed.check("outcomes_per_item", bar, int(several.sum()), fresh=True, **found)


def _patterns(data: ComparisonData, outcome: Answers) -> Answers:
    """Code each item's judgments, ties and judgments for the leading side; exchanging a and b changes nothing."""
    counts = np.array([np.bincount(data.item[outcome == k], minlength=len(data.items)) for k in range(3)])
    leading = np.maximum(counts[0], counts[2])
    return np.asarray((counts.sum(axis=0) * 10**4 + counts[1]) * 10**4 + leading)


def _agreement_within_items(replayed: _Replayed) -> list[Check]:
    pairs, bar = replayed.pairs, f"ppp > {LEAST_PPP}, two-sided"
    n_items = len(replayed.data.items)
    total = np.bincount(pairs.item, pairs.weight, n_items)
    several = total > 0
    names = ("within_item_agreement_sd", "unanimous_share")
    n = int(several.sum())
    if n < 2:
        reason = "fewer than two items were judged by two annotators"
        return [replayed.check(name, bar, n, fresh=True, undefined_reason=reason) for name in names]

    def spread(outcome: Answers) -> tuple[float, float]:
        share = np.bincount(pairs.item, pairs.agreed(outcome), n_items)[several] / total[several]
        return float(share.std()), float((share > 1 - 1e-9).mean())

    observed = spread(replayed.data.outcome)
    replicated = np.array([spread(outcome) for outcome in replayed.fresh])
    return [
        replayed.check(name, bar, n, fresh=True, **_two_sided(observed[k], replicated[:, k]))
        for k, name in enumerate(names)
    ]


def _two_sided(observed: float, replicated: FloatArray) -> dict[str, Any]:
    low, high = _band(replicated)
    slack = 1e-9
    tails = (_share_at_least(replicated + slack, observed), _share_at_least(-replicated + slack, -observed))
    ppp = min(1.0, 2 * min(tails))
    worst = ({"observed": observed, "replicated_mean": float(replicated.mean())},)
    return {"value": ppp, "band": (float(low), float(high)), "passed": bool(ppp > LEAST_PPP), "worst": worst}


def _first_side_rate(replayed: _Replayed) -> Check:
    target = replicates.first_side(replayed.data)
    return _rate(replayed, "first_side_rate", "judgments of known order", target >= 0, target)


def _rate(replayed: _Replayed, check: str, counted: str, rows: np.ndarray, target: np.ndarray) -> Check:
    """Compare how often each annotator gave the target answer, among the rows that count."""
    data, bar = replayed.data, f"|z| < {MOST_Z:g} for every annotator with at least {JUDGMENTS} {counted}"
    n = np.bincount(data.annotator[rows], minlength=len(data.annotators))
    chosen = np.flatnonzero(n >= JUDGMENTS)
    if chosen.size == 0:
        return replayed.check(check, bar, 0, undefined_reason=f"no annotator has {JUDGMENTS} {counted}")

    def rate(outcome: Answers) -> FloatArray:
        hit = rows & (outcome == target)
        return np.asarray(np.bincount(data.annotator[hit], minlength=n.size)[chosen] / n[chosen])

    observed = rate(data.outcome)
    replicated = np.array([rate(outcome) for outcome in replayed.drawn])
    # half an answer is the least spread that a rate of n answers can be told to have
    sd = np.maximum(replicated.std(axis=0), 0.5 / n[chosen])
    z = (observed - replicated.mean(axis=0)) / sd
    low, high = _band(replicated)
    worst = tuple(
        {"annotator": data.annotators[chosen[k]], "n": int(n[chosen[k]]), "z": float(z[k])}
        | {"rate": float(observed[k]), "band": (float(low[k]), float(high[k]))}
        for k in np.argsort(-np.abs(z), kind="stable")[:WORST]
    )
    largest = float(np.abs(z).max())
    return replayed.check(check, bar, int(chosen.size), value=largest, passed=largest < MOST_Z, worst=worst)


def _alpha(replayed: _Replayed) -> Check:
    bar = "observed inside the 95% band"
    observed = dissent.alpha_nominal(replayed.data, replayed.pairs, replayed.data.outcome)
    replicated = [dissent.alpha_nominal(replayed.data, replayed.pairs, outcome) for outcome in replayed.drawn]
    defined = np.array([value for value in replicated if value is not None])
    n = int(np.unique(replayed.pairs.item).size)
    if observed is None or defined.size == 0:
        reason = "no item was judged by two annotators" if n == 0 else "the paired judgments do not vary"
        return replayed.check("alpha_nominal", bar, n, undefined_reason=reason)
    low, high = (float(x) for x in _band(defined))
    found: dict[str, Any] = {"value": observed, "band": (low, high), "passed": bool(low <= observed <= high)}
    return replayed.check("alpha_nominal", bar, n, **found)


def _band(replicated: FloatArray) -> tuple[FloatArray, FloatArray]:
    low, high = np.quantile(replicated, BAND, axis=0)
    return low, high


def _share_at_least(replicated: FloatArray, observed: float) -> float:
    return float((1 + (replicated >= observed).sum()) / (1 + replicated.size))
