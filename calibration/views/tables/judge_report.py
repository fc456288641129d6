"""The figures of a judge's examination as a page shows them."""

from collections.abc import Iterable
from typing import Any

from annotation.judges.sentinels import Rate
from annotation.models import Annotator, Campaign
from calibration.models import JudgeReport
from calibration.views.figures import Figure, around_zero

SIGNED = {"position preference", "first-slot effect", "length slope", "self-preference"}
MEANINGS = {
    "first-slot rate": "share of decided verdicts for the response shown first; one half is fair",
    "position consistency": "same verdict in both orders; noise lowers it too",
    "position preference": "always second less always first; below zero the first slot wins",
    "first-slot effect": "logit of the first slot at equal quality",
    "length slope": "logit per unit of log length ratio; only what exceeds people's is a bias",
    "self-preference": "logit for responses of its own family",
    "tie rate": "ties and both bad among verdicts",
    "prefers the longer": "decided verdicts for the longer response",
}


def figure(stored: dict[str, Any] | None, *, signed: bool = False) -> Figure | None:
    """Return an estimate of a report; None where it has none."""
    if stored is None or stored["value"] is None or stored["ci_low"] is None:
        return None
    return Figure(stored["value"], stored["ci_low"], stored["ci_high"], stored["n"], signed=signed, floor=3)


def rates(found: Iterable[Rate]) -> list[dict[str, Any]]:
    """Return the sentinels' rates with a figure each."""
    return [{"name": one.name, "shown": figure(one.as_json()), "n": one.n, "is_breach": one.is_breach} for one in found]


def read(report: JudgeReport, campaign: Campaign) -> dict[str, Any]:
    """Turn the stored document into rows."""
    stored = report.figures
    shifts = [_probe(row) for row in stored["battery"]]
    return {
        "biases": [_bias(row) for row in stored["biases"]],
        "gate": stored["gate"] | {
            "rate": figure(stored["gate"]["winning_rate"]), "sure": figure(stored["gate"]["advantage"]),
            "reason": stored["gate"]["winning_rate"]["undefined_reason"],
        },
        "powered": [_powered(row) for row in stored["powered"]],
        "missing": stored["missing"],
        "is_uneven": any(row["is_uneven"] for row in stored["missing"]),
        "battery": shifts,
        "shift_scale": around_zero(row["shift"] for row in shifts if row["kind"] != "identical"),
        "panel": _panel(stored["panel"]),
    }  # fmt: skip


def _bias(row: dict[str, Any]) -> dict[str, Any]:
    name = row["judge"]["name"]
    signed = name in SIGNED
    return {
        "name": name,
        "meaning": MEANINGS[name],
        "judge": figure(row["judge"], signed=signed),
        "reason": row["judge"]["undefined_reason"],
        "people": figure(row["people"], signed=signed),
        "excess": figure(row["excess"], signed=True),
        "n": row["judge"]["n"],
    }


def _powered(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "system": row["with"]["name"], "with": figure(row["with"]), "alone": figure(row["alone"]), "gain": row["gain"],
        "n": row["alone"]["n"], "n_judge": row["with"]["n_judge"],
    }  # fmt: skip


def _probe(row: dict[str, Any]) -> dict[str, Any]:
    is_same = row["kind"] == "identical"
    return row | {"robustness": figure(row["robustness"]), "shift": figure(row["shift"], signed=not is_same)}


def _panel(stored: dict[str, Any]) -> dict[str, Any] | None:
    if not stored:
        return None
    ids = {row["judge"] for row in stored["left_out"]}
    names = {
        str(key): name for key, name in Annotator.objects.filter(public_id__in=ids).values_list("public_id", "name")
    }
    rows = [row | {"judge": names.get(row["judge"], "?"), "shown": figure(row["share"])} for row in stored["left_out"]]
    moved = [row for row in rows if row["rank"] != row["rank_with_all"]]
    return stored | {"rho": figure(stored["correlation"], signed=True), "rows": rows, "moved": moved}
