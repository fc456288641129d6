"""Agreement by part and pair, and places of systems, written into a run for tests of pages and addresses."""

import itertools
from typing import Any

from annotation.models import Annotator
from calibration.models import Agreement, PairAgreement, Run, Standing

PROTOCOL = {"rubric_hash": "a" * 64, "pool_version": "b" * 64, "annotator_pool": "people; campaign one"}
PARTS = ("pool=regular", "pool=edge", "tags=medical", "tags=(none)", "language=de", "language=(none)")
WEEKS = ("submitted_at=2026-11-02", "submitted_at=2026-11-09", "submitted_at=(none)")


def agreed(run: Run) -> None:
    """Give a run agreement by part, of pairs, and by turn."""
    criterion = run.campaign.rubric.criteria.first()
    Agreement.objects.bulk_create(
        _part(run, criterion, part, who, metric, 0.7 - 0.06 * number)
        for number, part in enumerate((*PARTS, *WEEKS))
        for who in ("human", "human-judge")
        for metric in ("percent_pooled", "alpha_nominal")
    )
    who = list(Annotator.objects.filter(estimate__run=run).distinct().order_by("pk")) or list(
        Annotator.objects.filter(judgments__campaign=run.campaign).distinct().order_by("pk")
    )
    PairAgreement.objects.bulk_create(
        _pair(run, criterion, first, second, number)
        for number, (first, second) in enumerate(itertools.combinations(who, 2))
    )
    cells = [
        {"turn": turn, "who": who, "ties": ties, "agree": 886, "total": 1343, "kappa": 0.48}
        for turn in "12"
        for who in ("human-judge", "human")
        for ties in ("counted", "dropped")
    ]
    notes = ["3 further tags with fewer judgments are not measured one by one."]
    run.figures |= {"agreement": {"window": "W", "notes": notes, "turns": {criterion.key: cells}}}
    run.save()


def _part(run: Run, criterion: Any, part: str, who: str, metric: str, value: float) -> Agreement:
    row = Agreement(run=run, criterion=criterion, who=who, metric=metric, slice=part, orientation="symmetric")
    row.n_units, row.n_units_paired, row.n_annotators, row.n_judgments, row.n_pairs = 400, 310, 7, 900, 1100
    if part == "language=(none)" and who == "human-judge":
        row.undefined_reason = "no unit has two judgments to compare"
        return row
    row.value, row.ci_low, row.ci_high, row.ci_level = value, value - 0.08, value + 0.08, 0.9
    row.ci_method, row.n_boot = "pigeonhole percentile", 1000
    return row


def _pair(run: Run, criterion: Any, first: Annotator, second: Annotator, number: int) -> PairAgreement:
    n = (212, 64, 24, 12)[number % 4]
    row = PairAgreement(run=run, criterion=criterion, first=first, second=second, n_items=n)
    if n < 20:
        row.undefined_reason = f"{n} common items, 20 needed"
        return row
    alpha = 0.66 - 0.05 * (number % 9)
    row.alpha_nominal, row.alpha_low, row.alpha_high = alpha, alpha - 0.1, alpha + 0.1
    row.percent, row.percent_low, row.percent_high = 0.73, 0.66, 0.79
    return row


def placed(run: Run, *, components: int = 1, **protocol: str) -> None:
    """Give a run places of its systems, in one group or in several that were never compared."""
    systems = list(run.campaign.systems.order_by("key"))
    sizes = [len(systems[part::components]) for part in range(components)]
    for criterion in run.campaign.rubric.criteria.all():
        Standing.objects.bulk_create(
            _standing(run, criterion, systems, index, components, sizes[index % components])
            for index in range(len(systems))
        )
    run.figures |= {"protocol": PROTOCOL | protocol}
    run.save()


def _standing(run: Run, criterion: Any, systems: list, index: int, components: int, size: int) -> Standing:
    place, below = index // components + 1, index + components
    low, high = max(place - 1, 1), min(place + 1, size)
    row = Standing(run=run, criterion=criterion, system=systems[index], component=index % components, place=place)
    row.of, row.rank_low, row.rank_high, row.n, row.p_best = size, low, high, 1990 + index, 0.8 / place**2
    win = max(0.7 - 0.08 * place, 0.1)
    row.win_probability, row.win_low, row.win_high = win, win - 0.06, win + 0.06
    row.ranks = [[rank, 1 / (high - low + 1)] for rank in range(low, high + 1)]
    if below < len(systems):
        row.flips_with, row.votes_to_flip = systems[below], max(41 - 9 * place, 2)
    else:
        row.flip_reason = "nobody below it"
    return row
