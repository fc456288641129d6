"""Write what was measured as one page of tables."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from tests.bench import compared
from tests.bench.compared import Held
from tests.bench.methods import COMPARISONS as COMPARED
from tests.bench.methods import LABELS as LABELED
from tests.bench.methods import OURS, SPEED, Method
from tests.bench.public_sets import FOLDS, SEED

LIBRARIES = ("numpy", "scipy", "numba", "nutpie", "crowd-kit", "evalica", "choix")
HEAD = """# Benchmarks

Written by `make bench`; every number is from the run described here. `make bench FOLDS=1` runs one fold, and
`ARGS=--quick` leaves out the largest simulation. Each method runs alone in a process of its own, with one thread except
the sampler, which has two. Seconds and CPU seconds (all threads, user and system) include compilation where the caches
were cold, but not the import of libraries and the reading of files; peak memory is that of the whole process.
"""
COMPARISONS = """## Comparisons

{folds} of {of} folds over judgments (seed {seed}, the same for all). Log loss in nats of the held-out answers, of
which there are three: a, tie, b. A peer without ties counts a tie as half a win of each system, and its log-odds are
completed by the model of Davidson, whose slope and tie weight are fitted on the training fold. crowd-kit's noisy
model is used with or without its annotators' skills, whichever fits the training fold better; its Bradley-Terry
(1.4.2) compares an array with itself and so stops after two rounds. The ordered logit and Crowd-BT are written for
this benchmark: point fits without uncertainty. arena-rank is missing: it demands numpy 2.3.3 exactly, which cannot be
installed beside ours. Seconds and memory are means over the folds. The standard error is of the paired differences
over judgments, taken as independent.
"""
LABELS = """## Labels

Gold is used for scoring only. Accuracy splits ties between the labels that are first; the Brier score sums over labels;
ECE has ten bins of the largest probability; log loss has a floor of 1e-6 in probability.
"""
SPEED_TEXT = """## Cost by size

Simulated campaigns: ten systems, five judgments an item, ties. The posterior is gated (R-hat, effective draws,
divergences, tree depth), the others are point fits without intervals. For the noisy Bradley-Terry a coin breaks ties.
"""


def page(
    folds: int,
    comparisons: Sequence[tuple[str, int, list[Held]]],
    labels: Sequence[tuple[str, int, list[dict[str, Any]]]],
    sizes: Sequence[tuple[int, dict[str, dict[str, Any] | None]]],
    agreement: dict[str, Any] | None,
    missing: Sequence[str],
) -> str:
    """Put all tables together."""
    parts = [HEAD, _machine(), *missing]
    if comparisons:
        parts.append(COMPARISONS.format(folds=folds, of=FOLDS, seed=SEED))
        parts += [_compared(*one) for one in comparisons]
    if labels:
        parts += [LABELS, *(_labeled(*one) for one in labels)]
    parts += [SPEED_TEXT, _sized(sizes), _agreement(agreement)]
    return "\n".join(parts)


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {libraries}. `load` is the machine's load at the end of a fit (the "
        "largest of the folds): above the number of cores other programs computed at the same time, and seconds (less "
        "so CPU seconds) are too long.\n"
    )


def _compared(name: str, n: int, found: list[Held]) -> str:
    rows = []
    for one in sorted(found, key=lambda one: one.loss.mean()):
        times = [f"{one.mean(key):,.1f}" for key in ("seconds", "cpu_seconds")]
        rows.append([one.method.name, f"{one.loss.mean():.4f}", *times, f"{one.mean('peak_mb'):,.0f}", _load(one.runs)])
    text = f"### {name}: {n:,} judgments\n\n"
    text += _table(["method", "log loss", "seconds", "CPU seconds", "peak MB", "load"], rows)
    if gained := compared.gain(found):
        text += (
            f"\nGain over the best peer ({gained.peer}): {gained.gain:+.4f} nats a judgment, standard error "
            f"{gained.error:.4f}, {gained.n:,} held-out judgments.\n"
        )
    text += "".join(_effective(one) for one in found if one.method is OURS)
    return text + _missing(COMPARED, [one.method.name for one in found])


def _effective(own: Held) -> str:
    cost = own.mean("cpu_seconds") / own.mean("ess")
    gates = sum(run["passed"] for run in own.runs)
    return (
        f"Ours: {cost:.4f} CPU seconds per effective draw of the worst parameter (bulk or tail, "
        f"{own.mean('ess'):,.0f} on average); the gate passed in {gates} of {len(own.runs)} folds.\n"
    )


def _labeled(name: str, n: int, found: list[dict[str, Any]]) -> str:
    head = ["method", "right", "accuracy", "log loss", "Brier", "ECE", "seconds", "CPU seconds", "peak MB", "load"]
    rows = [
        [row["method"], f"{row['right']:.1f} of {row['items']}", f"{row['right'] / row['items']:.3f}"]
        + [f"{row[key]:.3f}" for key in ("log_loss", "brier", "ece")]
        + [f"{row['seconds']:,.1f}", f"{row['cpu_seconds']:,.1f}", f"{row['peak_mb']:,.0f}", _load([row])]
        for row in found
    ]
    text = f"### {name}: {n:,} judgments\n\n" + _table(head, rows)
    return text + _missing(LABELED, [row["method"] for row in found])


def _sized(sizes: Sequence[tuple[int, dict[str, dict[str, Any] | None]]]) -> str:
    head = ["judgments", *(f"{method.name}, CPU seconds" for method in SPEED), "gate", "effective draws", "load"]
    rows = []
    for n, runs in sizes:
        own = runs[SPEED[0].name]
        gate = ["", ""] if own is None else ["passed" if own["passed"] else "missed", f"{own['ess']:,.0f}"]
        cpu = ["not run" if run is None else f"{run['cpu_seconds']:,.2f}" for run in runs.values()]
        rows.append([f"{n:,}", *cpu, *gate, _load([run for run in runs.values() if run])])
    return _table(head, rows)


def _agreement(run: dict[str, Any] | None) -> str:
    if run is None:
        return "Agreement of 1,000,000 judgments: not run.\n"
    return (
        f"Agreement of 1,000,000 judgments, six statistics with bootstrap intervals: {run['seconds']:,.1f} seconds, "
        f"{run['cpu_seconds']:,.1f} CPU seconds, peak {run['peak_mb']:,.0f} MB (load {run['load']:.1f}).\n"
    )


def _missing(methods: Sequence[Method], found: Sequence[str]) -> str:
    """Name the methods that a table lacks."""
    names = [method.name for method in methods if method.name not in found]
    return f"\nNot measured in this run (failed, or not run): {', '.join(names)}.\n" if names else ""


def _load(runs: Sequence[dict[str, Any]]) -> str:
    return f"{max(run['load'] for run in runs):.1f}" if runs else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *(["---:"] * (len(head) - 1))], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
