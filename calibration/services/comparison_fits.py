"""A run over comparisons: from the record to stored figures."""

from typing import Any

import pandas as pd
import structlog
from django.db import transaction

from annotation.models import Criterion
from calibration import frames
from calibration.agreement.rates import rates
from calibration.bayes import columns, data, leaderboard, sampling, summaries
from calibration.bayes.protocol import Protocol
from calibration.models import Run
from calibration.services import adequacy, agreement, concluding, headline, protocol, snapshots, storing
from calibration.services.progress import Reporter

log = structlog.get_logger()
MOST_RANKED = 60
"""Counting the votes that flip a rank fits the plain scale anew for every neighbour; more systems take minutes."""
Parts = list[tuple[Criterion, pd.DataFrame]]


def fit(run: Run, reporter: Reporter) -> None:
    """Measure agreement, sample the posterior of every criterion, look at the people, and store all at once."""
    reporter.report("reading the record", 0)
    frame = _snapshot(run)
    criteria = {criterion.key: criterion for criterion in run.campaign.rubric.criteria.order_by("position")}
    parts = [(criteria[key], part) for key, part in frame.groupby("criterion", sort=True)]
    agreed = _agree(run, frame, reporter)
    fits = [_sample(run, part, reporter, index, len(parts)) for index, (_, part) in enumerate(parts)]
    reporter.report("summaries", 96)
    found = [summaries.summarize(fitted) for fitted in fits]
    has_passed = all(fitted.diagnostics.passed for fitted in fits)
    assessed: dict[str, adequacy.Assessment] = {}
    boards = [_board(run, fitted) for fitted in fits] if has_passed else []
    if has_passed:
        reporter.report("checking the model against the people", 97)
        gold = frames.gold(run.campaign)
        assessed = {
            criterion.key: adequacy.assess(fitted, tags=_tags(part), gold=gold)
            for (criterion, part), fitted in zip(parts, fits, strict=True)
        }
        run.adequacy = {key: found.facts for key, found in assessed.items()}
    reporter.report("storing", 98)
    with transaction.atomic():
        _clear(run)
        subjects = storing.Subjects(run)
        storing.agreement(run, agreed.records, criteria)
        storing.pairs(run, agreed.pairs, criteria, subjects)
        storing.tie_rates(run, rates(frame), criteria, subjects)
        for (criterion, _), summary in zip(parts, found, strict=True):
            pooled = assessed[criterion.key].pooled if criterion.key in assessed else None
            storing.summary(run, criterion, summary, subjects, pooled)
        for (criterion, _), board in zip(parts, boards, strict=False):
            if board:
                storing.standings(run, criterion, board, subjects)
        run.headline = headline.sentence(found[0], subjects.systems, **_headcount(run))
        settings = {"chains": fits[0].chains, "tune": fits[0].tune, "draws": fits[0].n_draws, "model": "comparison"}
        concluding.conclude(run, diagnostics=_diagnostics(fits), settings=settings)


def _agree(run: Run, frame: pd.DataFrame, reporter: Reporter) -> agreement.Measured:
    found = agreement.measure(
        frame,
        frames.turns(run.campaign, up_to=run.last_judgment_id or 0),
        seed=run.seed,
        code_version=run.code_version,
        data_sha256=run.data_sha256,
        announce=lambda stage: reporter.report(stage, 2),
    )
    run.figures = {"agreement": found.facts, "protocol": protocol.of(run)}
    return found


def _board(run: Run, fitted: sampling.Fit) -> leaderboard.Leaderboard | None:
    """Rank the systems; a board that is too large or cannot be made leaves its reason and not the run behind."""
    if (n_systems := len(fitted.data.systems)) > MOST_RANKED:
        reason = f"{n_systems:,} systems are more than the {MOST_RANKED} whose ranks are computed one by one."
    else:
        try:
            return leaderboard.leaderboard(fitted, Protocol(**run.figures["protocol"]))
        except Exception as error:
            log.exception("leaderboard_failed", run=str(run.public_id))
            reason = f"{type(error).__name__}: {error}"[:500]
    run.figures |= {"unranked": run.figures.get("unranked", {}) | {fitted.data.criterion: reason}}
    return None


def _snapshot(run: Run) -> pd.DataFrame:
    frame = frames.judgments(run.campaign, up_to=snapshots.freeze(run))
    if frame.empty:
        raise columns.UnusableFrame("There is no verdict to calibrate. Collect or import judgments first.")
    snapshots.note(run, frame, frames.HASHED, _counts(run, frame))
    return frame


def _counts(run: Run, frame: pd.DataFrame) -> dict[str, Any]:
    return snapshots.counts(run, frame) | {
        "systems": int(pd.concat([frame["system_a"], frame["system_b"]]).nunique()),
        "both_bad": int((frame["outcome"] == "both_bad").sum()),
        "unknown_order": int(frame["shown_order"].isna().sum()),
    }


def _headcount(run: Run) -> dict[str, int]:
    return {name: run.counts[name] for name in ("judgments", "humans", "judges")}


def _sample(run: Run, part: pd.DataFrame, reporter: Reporter, index: int, of: int) -> sampling.Fit:
    def show(progress: sampling.Progress) -> None:
        share = (index + progress.percent / 100) / of
        reporter.report(
            progress.stage, 4 + 91 * share, eta_seconds=progress.eta_seconds, divergences=progress.divergences
        )

    return sampling.fit(
        data.comparison_data(part), seed=run.seed, progress=show, should_cancel=lambda: reporter.is_cancelled
    )


def _tags(part: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    once = part.drop_duplicates("item")
    return dict(zip(once["item"], once["tags"], strict=True)) if "tags" in part else {}


def _clear(run: Run) -> None:
    """Remove what an earlier try of this run may have stored."""
    run.estimates.all().delete()
    run.items.all().delete()
    run.agreements.all().delete()
    run.pairs.all().delete()
    run.standings.all().delete()


def _diagnostics(fits: list[sampling.Fit]) -> dict[str, Any]:
    found = [fitted.diagnostics for fitted in fits]
    return {
        "passed": all(one.passed for one in found),
        "reasons": [reason for one in found for reason in one.reasons],
        "rhat_max": max(one.max_rhat for one in found),
        "ess_bulk_min": min(one.min_ess_bulk for one in found),
        "ess_tail_min": min(one.min_ess_tail for one in found),
        "divergences": sum(one.divergences for one in found),
        "tree_depth_hits": sum(one.treedepth_hits for one in found),
        "ebfmi_min": min(one.min_ebfmi for one in found),
        "chains": fits[0].chains,
        "tune": fits[0].tune,
        "draws": fits[0].n_draws,
        "retried": any(fitted.attempts > 1 for fitted in fits),
        "seconds": round(sum(fitted.seconds for fitted in fits), 1),
    }
