"""Scores as judging tools count them, beside ours; and a tool's leaderboard with its constant systems caught."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from annotation.views.access import SignedInRequest, signed_in
from calibration.views import basis
from calibration.views.tables import judge_report

if TYPE_CHECKING:
    from calibration.services import comparing
    from calibration.validity import alpaca_eval

MOST_BYTES, MOST_ROWS = 1_000_000, 2_000


@require_http_methods(["GET", "POST"])
@signed_in
def show(request: SignedInRequest, slug: str) -> HttpResponse:
    """Compare the systems' scores; a posted leaderboard is shown and not kept."""
    # Imported here: only who opens this page pays for the array libraries.
    from calibration.services import comparing

    stands = basis.of(request, slug)
    board, problem = _board(request) if request.method == "POST" else (None, "")
    found = comparing.compare(stands.campaign, stands.run, stands.criterion)
    context = stands.context(
        "judges",
        columns=found.judges,
        rows=[_row(row) for row in found.rows],
        evaluators=[_evaluator(row) for row in found.evaluators],
        board=board,
        breaches=[row for row in board or [] if row.is_breach],
        problem=problem,
    )
    return render(request, "calibration/compare.html", context, status=422 if problem else 200)


def _board(request: SignedInRequest) -> tuple[list[alpaca_eval.Standing] | None, str]:
    from calibration.validity import alpaca_eval

    file = request.FILES.get("leaderboard")
    if file is None or not file.size or file.size > MOST_BYTES:
        return None, "Choose a CSV file of at most 1 MB."
    try:
        text = file.read().decode("utf-8")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))[:MOST_ROWS]
        return alpaca_eval.leaderboard(rows), ""
    except (UnicodeDecodeError, csv.Error):
        return None, "The file is no CSV in UTF-8."
    except alpaca_eval.NotALeaderboard as error:
        return None, str(error)


def _row(row: comparing.Row) -> dict[str, Any]:
    figure = judge_report.figure
    return {
        "system": row.system,
        "ours": None if row.ours is None else figure(row.ours.as_json()),
        "people": figure(row.people.as_json()),
        "judges": [(figure(plain.as_json()), figure(consistent.as_json())) for plain, consistent in row.judges],
        "n": row.people.n,
    }


def _evaluator(row: comparing.Evaluator) -> dict[str, Any]:
    shown = {name: judge_report.figure(estimate.as_json()) for name, estimate in row.columns.items()}
    return {"name": row.name, "n": row.columns["agreement"].n} | shown
