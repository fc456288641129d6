"""Which response a judge sees first, and which round each of its answers is."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from annotation.judges.parsing import Verdict

type ShownOrder = Literal["ab", "ba"]
type CanonicalOutcome = Literal["a", "b", "tie", "both_bad", "abstain", "refused", "filtered", "invalid", "error"]


@dataclass(frozen=True, slots=True)
class Showing:
    """One question to one judge: `round` is 2 * sample, plus 1 when the order is not the seeded one."""

    round: int
    sample: int
    shown_order: ShownOrder


def first_order(campaign_key: bytes, pair_id: str, annotator_id: str) -> ShownOrder:
    """Return the seeded order: the lowest bit of an HMAC, so neither chance nor the judge's name decides alone."""
    digest = hmac.new(campaign_key, f"{pair_id}|{annotator_id}".encode(), sha256).digest()
    return "ba" if digest[-1] & 1 else "ab"


def showings(
    campaign_key: bytes,
    pair_id: str,
    annotator_id: str,
    *,
    samples: int = 1,
    policy: Literal["both", "single"] = "both",
) -> tuple[Showing, ...]:
    """List all showings of a pair to a judge; round 0 has the seeded order. Both orders are answers of their own."""
    seeded = first_order(campaign_key, pair_id, annotator_id)
    orders = (seeded, _other(seeded)) if policy == "both" else (seeded,)
    return tuple(
        Showing(2 * sample + bit, sample, order) for sample in range(samples) for bit, order in enumerate(orders)
    )


def to_canonical(verdict: Verdict, shown_order: ShownOrder) -> tuple[CanonicalOutcome, int | None]:
    """Turn a verdict in shown terms into (outcome, strength) in canonical terms; positive means a is better."""
    if verdict.state != "judged":
        return verdict.state, None
    flipped = shown_order == "ba"
    strength = verdict.strength if verdict.strength is None or not flipped else -verdict.strength
    if verdict.outcome in ("first", "second"):
        return ("a" if (verdict.outcome == "first") != flipped else "b"), strength
    return ("both_bad" if verdict.outcome == "both_bad" else "tie"), strength


def _other(order: ShownOrder) -> ShownOrder:
    return "ba" if order == "ab" else "ab"
