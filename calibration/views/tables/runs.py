"""What a run's page shows: each diagnostic against its bar, what was counted, and the recipe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from calibration.models import Estimate, Run
from calibration.views import evidence, figures
from calibration.views.figures import Figure

Number = float | int


@dataclass(frozen=True, slots=True)
class DiagnosticRow:
    """One diagnostic of the gate, its bar, and whether the run met it; None where the run has no value."""

    name: str
    value: str
    bar: str
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class FactRow:
    name: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One parameter of the model that speaks of no single annotator, system or task."""

    parameter: str
    criterion: str
    shown: Figure
    href: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One predictive check: whether the model would produce such judgments; None where there is nothing to check."""

    name: str
    criterion: str
    value: str
    bar: str
    n: int
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account of the consensus, how well it predicts judgments left out, and its weight."""

    name: str
    criterion: str
    log_score: str
    weight: str


@dataclass(frozen=True, slots=True)
class _Bar:
    key: str
    name: str
    words: str
    digits: int
    meets: Callable[[Number], bool]


GATE = (
    _Bar("rhat_max", "R\u0302, the largest", "below 1.01", 3, lambda value: value < 1.01),
    _Bar("ess_bulk_min", "Bulk ESS, the smallest", "above 400", 0, lambda value: value > 400),
    _Bar("ess_tail_min", "Tail ESS, the smallest", "above 400", 0, lambda value: value > 400),
    _Bar("divergences", "Divergences", "none", 0, lambda value: value == 0),
    _Bar("tree_depth_hits", "Tree-depth hits", "none", 0, lambda value: value == 0),
    _Bar("ebfmi_min", "E-BFMI, the smallest of the chains", "above 0.3", 2, lambda value: value > 0.3),
)
LABEL_GATE = (
    _Bar("rhat_class_99", "R\u0302 of class probabilities, 99 of 100", "below 1.1", 3, lambda value: value < 1.1),
    _Bar("rhat_skill_99", "R\u0302 of annotators’ accuracy, 99 of 100", "below 1.1", 3, lambda value: value < 1.1),
)
CHECKS = {
    "annotator_pairs": "Agreement of two annotators, share of pairs inside their 95% band",
    "outcomes_per_item": "Outcomes of a task, p",
    "within_item_agreement_sd": "Spread of agreement over tasks, p",
    "unanimous_share": "Share of unanimous tasks, p",
    "tie_rate": "Ties of an annotator, largest |z|",
    "first_side_rate": "First side of an annotator, largest |z|",
    "alpha_nominal": "Nominal alpha",
}
ACCOUNTS = {
    "frequencies": "Counts, smoothed",
    "bradley_terry": "Bradley-Terry, all annotators alike",
    "hierarchical": "This model",
    "C": "One skill each",
    "H": "Confusion matrices",
    "SC": "One skill each, soft tasks",
    "SH": "Confusion matrices, soft tasks",
}
SAMPLING = (
    ("chains", "Chains"),
    ("draws", "Draws a chain"),
    ("tune", "Tuning steps"),
    ("seconds", "Seconds"),
    ("model", "Model"),
)
NAMED = 10
COUNTED = (
    ("judgments", "Judgments"),
    ("humans", "Evaluators"),
    ("judges", "Judges"),
    ("systems", "Systems"),
    ("tasks", "Tasks"),
    ("repeats", "Repeats of a task"),
    ("both_bad", "Both bad, counted as ties"),
    ("unknown_order", "Shown order not known"),
    ("excluded", "Excluded by rule"),
)


BEHIND = {
    "judgments": {"use": "model"},
    "humans": {"use": "model", "kind": "human"},
    "judges": {"use": "model", "kind": "judge"},
    "tasks": {"use": "model"},
    "repeats": {"use": "repeat"},
    "both_bad": {"use": "model", "outcome": "both_bad"},
    "unknown_order": {"use": "model", "order": "unknown"},
}
GROUPS = {"(human)": "human", "(judge)": "not-human"}


def diagnostics(run: Run) -> list[DiagnosticRow]:
    """Return each diagnostic of the gate with its bar."""
    gate = LABEL_GATE if LABEL_GATE[0].key in run.diagnostics else GATE
    return [_diagnostic(bar, run.diagnostics.get(bar.key)) for bar in gate] if run.diagnostics else []


def _diagnostic(bar: _Bar, value: Number | None) -> DiagnosticRow:
    if value is None:
        return DiagnosticRow(bar.name, "not computed", bar.words, None)
    return DiagnosticRow(bar.name, figures.number(value, digits=bar.digits), bar.words, bar.meets(value))


def counts(run: Run) -> list[FactRow]:
    """Return what went into the run and what did not, each with its number."""
    found = [FactRow(name, _text(run.counts[key]), _behind(run, key)) for key, name in COUNTED if key in run.counts]
    left_out: Mapping[str, Any] = run.counts.get("nonverdicts") or {}
    return found + [
        FactRow(f"Not a verdict: {key}", _text(value), _judgments(run, use="nonverdict", outcome=key))
        for key, value in left_out.items()
        if value
    ]


def _behind(run: Run, key: str) -> str:
    return _judgments(run, **BEHIND[key]) if key in BEHIND else ""


def _judgments(run: Run, **filters: Any) -> str:
    return evidence.href(run.campaign, run=run, **filters)


def groups(run: Run) -> list[GroupRow]:
    """Return the parameters that the annotators of a group, or all tasks, have in common."""
    rows = Estimate.objects.filter(run=run, quantity=Estimate.Quantity.POPULATION).select_related("criterion")
    return [
        GroupRow(
            row.parameter,
            row.criterion.name if row.criterion else "",
            figures.of(row),
            _judgments(run, use="model", criterion=row.criterion, kind=_kind_of(row.parameter)),
        )
        for row in rows.order_by("criterion__position", "pk")
    ]


def _kind_of(parameter: str) -> str:
    return GROUPS.get(parameter.rpartition(" ")[2], "")


def recipe(run: Run) -> list[FactRow]:
    """Return what the figures follow from: data, code, seed, settings."""
    made = [
        FactRow("Seed", str(run.seed)),
        FactRow("Data, SHA-256", run.data_sha256 or "–"),
        FactRow("Code", run.code_version or "–"),
    ]
    used = run.diagnostics | run.settings
    named = dict(SAMPLING)
    made += [FactRow(name, _text(used[key])) for key, name in SAMPLING if key in used]
    made += [FactRow(key, _text(value)) for key, value in sorted(run.settings.items()) if key not in named]
    return made + [FactRow(key, _text(value)) for key, value in sorted(run.versions.items())]


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return figures.number(value, digits=0 if value == int(value) else 2)


def checks(run: Run) -> list[CheckRow]:
    """Return the predictive checks of a passed run, by criterion."""
    return [
        CheckRow(
            CHECKS.get(row["check"], row["check"]),
            key,
            "–" if row["value"] is None else f"{row['value']:.3f}",
            row["bar"],
            row["n"],
            row["passed"],
        )
        for key, found in run.adequacy.items()
        for row in _listed(found, "checks")
    ]


def accounts(run: Run) -> list[AccountRow]:
    """Return what the consensus of each criterion is pooled from."""
    return [
        AccountRow(
            ACCOUNTS.get(row["candidate"], row["candidate"]), key, f"{row['log_score']:.3f}", f"{row['weight']:.2f}"
        )
        for key, found in run.adequacy.items()
        if isinstance(found.get("consensus"), dict)
        for row in found["consensus"].get("weights", [])
    ] + [
        AccountRow(ACCOUNTS[key], found["title"], f"{row['difference']:.3f}", f"{row['weight']:.2f}")
        for found in run.adequacy.values()
        for key, row in found.get("models", {}).items()
    ]


def floors(run: Run) -> list[str]:
    """Say how much of each task's own counts stays in the consensus, and why that much."""
    weighed = {key: found.get("consensus") or {} for key, found in run.adequacy.items()}
    return [
        f"{key}: a floor of {part['floor']:.2f} of each task’s own counts, {part['floor_reason']}"
        for key, part in weighed.items()
        if "floor" in part
    ] + [f"{found['title']}: {found['floor']['kind']}" for found in run.adequacy.values() if "models" in found]


def differing(run: Run) -> list[FactRow]:
    """Say where people truly differ, by criterion."""
    parts = {key: found.get("contested") or {} for key, found in run.adequacy.items()}
    return [row for key, part in parts.items() if "n_items" in part for row in _differing(run, key, part)]


def _differing(run: Run, key: str, part: Mapping[str, Any]) -> list[FactRow]:
    query = urlencode({"state": "contested", "criterion": key})
    href = f"{reverse('calibration:tasks', args=[run.campaign.slug])}?{query}"
    tags = ", ".join(str(row["tag"]) for row in part.get("tags", [])[:NAMED]) or "none"
    return [
        FactRow(f"Contested tasks, {key}", f"{part['n_contested']:,} of {part['n_items']:,}", href),
        FactRow(f"Contested tags, {key}", tags),
        FactRow(f"Taste groups, {key}", str(part.get("n_groups", 1))),
        FactRow(f"Annotators whose answers say nothing, {key}", str(len(part.get("flagged", [])))),
    ]


def uncomputed(run: Run) -> list[str]:
    """Say which part of the look at the people could not be computed, and why."""
    return [
        f"{name} ({key}): {part['error']}"
        for key, found in run.adequacy.items()
        for name, part in found.items()
        if isinstance(part, dict) and "error" in part
    ]


def _listed(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    part = found.get(name, [])
    return part if isinstance(part, list) else []
