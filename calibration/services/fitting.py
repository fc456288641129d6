"""One fit from the record to stored figures; imported only by the process that fits."""

import hashlib
import json
from typing import Any

import pandas as pd
import structlog
from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Now

from annotation.models import Criterion, Judgment
from annotation.services import audit
from calibration import frames
from calibration.agreement.rates import rates
from calibration.bayes import columns, data, leaderboard, sampling, summaries
from calibration.bayes.protocol import Protocol
from calibration.models import Run
from calibration.services import adequacy, agreement, headline, protocol, storing, versions
from calibration.services.progress import Announce, Reporter

log = structlog.get_logger()
MOST_RANKED = 60
"""Counting the votes that flip a rank fits the plain scale anew for every neighbour; more systems take minutes."""
Parts = list[tuple[Criterion, pd.DataFrame]]


def fit(run: Run, announce: Announce | None = None) -> None:
    """Carry a claimed run to its end: passed, not converged, cancelled or failed; never half-stored."""
    try:
        _fit(run, Reporter(run, announce))
    except sampling.Cancelled:
        _finish(run, Run.State.CANCELLED, "model_fit.cancel")
    except columns.UnusableFrame as error:
        fail(run, str(error))
    except Exception as error:
        log.exception("run_failed", run=str(run.public_id))
        # While the database is away nothing can be noted; the sweep finds the run again.
        if connection.is_usable():
            fail(run, f"{type(error).__name__}: {error}"[:2_000])
        raise


def fail(run: Run, message: str) -> None:
    run.error = message
    _finish(run, Run.State.FAILED, "model_fit.fail")


def _fit(run: Run, reporter: Reporter) -> None:
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
        _conclude(run, fits)


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
    """Freeze what the run sees; a second try of the same run sees the same."""
    if run.last_judgment_id is None:
        last = Judgment.objects.filter(campaign=run.campaign).aggregate(last=Max("pk"))["last"]
        run.last_judgment_id = last or 0
        Run.objects.filter(pk=run.pk).update(last_judgment_id=run.last_judgment_id)
    frame = frames.judgments(run.campaign, up_to=run.last_judgment_id)
    if frame.empty:
        raise columns.UnusableFrame("There is no verdict to calibrate. Collect or import judgments first.")
    run.data_sha256, run.code_version = frames.sha256(frame), versions.code_version()
    run.versions, run.counts = versions.libraries(), _counts(run, frame)
    return frame


def _counts(run: Run, frame: pd.DataFrame) -> dict[str, Any]:
    by_kind = frame["annotator_kind"].value_counts()
    who = frame.drop_duplicates("annotator")["annotator_kind"].value_counts()
    return {
        "judgments": len(frame),
        "by_kind": {str(kind): int(n) for kind, n in by_kind.items()},
        "annotators": int(who.sum()),
        "humans": int(who.get("human", 0)),
        "judges": int(who.get("judge", 0)),
        "systems": int(pd.concat([frame["system_a"], frame["system_b"]]).nunique()),
        "tasks": int(frame["item"].nunique()),
        "repeats": int((frame["round"] > 0).sum()),
        "both_bad": int((frame["outcome"] == "both_bad").sum()),
        "unknown_order": int(frame["shown_order"].isna().sum()),
        "nonverdicts": frames.nonverdicts(run.campaign, up_to=run.last_judgment_id or 0),
        "excluded": 0,
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


def _conclude(run: Run, fits: list[sampling.Fit]) -> None:
    """Store the verdict of the gate over all criteria; one that fails fails the run."""
    run.diagnostics = _diagnostics(fits)
    run.settings = {"chains": fits[0].chains, "tune": fits[0].tune, "draws": fits[0].n_draws, "model": "comparison"}
    state = Run.State.PASSED if run.diagnostics["passed"] else Run.State.NOT_CONVERGED
    digest = hashlib.sha256(json.dumps(run.diagnostics, sort_keys=True).encode()).hexdigest()
    _finish(
        run,
        state,
        "model_fit.complete",
        state=str(state),
        seed=str(run.seed),
        data_sha256=run.data_sha256,
        code_version=run.code_version,
        diagnostics_sha256=digest,
    )


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


@transaction.atomic
def _finish(run: Run, end: Run.State, action: str, **facts: str) -> None:
    run.state, run.stage, run.percent, run.eta_seconds = end, "", 100, None
    audit.save(run, action, by=run.requested_by, campaign=run.campaign, **facts)
    Run.objects.filter(pk=run.pk).update(finished_at=Now())
    run.refresh_from_db(fields=["finished_at"])
