"""Other packages' models of comparisons; none gives ties, so each is completed on the training fold."""

from __future__ import annotations

from typing import Any

import choix
import evalica
import numpy as np
import pandas as pd
from crowdkit.aggregation import BradleyTerry, NoisyBradleyTerry
from scipy.special import expit, logit

from tests.bench import answers
from tests.bench.answers import FloatArray

WINNERS = (evalica.Winner.X, evalica.Winner.Draw, evalica.Winner.Y)
# A rate that choix adds to every pair; without it a system that never wins has no finite score.
PENALTY = 0.01


def crowd_kit_bradley_terry(train: pd.DataFrame, asked: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit crowd-kit's Bradley-Terry."""
    found = BradleyTerry(n_iter=1_000).fit_predict(_halves(train))
    return _completed(_logs(found), train, asked)


def crowd_kit_noisy(train: pd.DataFrame, asked: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit crowd-kit's noisy Bradley-Terry; of its scores alone and its whole model, take what fits training better."""
    fit = NoisyBradleyTerry(n_iter=100, random_state=seed).fit(_halves(train))
    score = pd.Series(logit(np.clip(fit.scores_, 1e-9, 1 - 1e-9)), index=fit.scores_.index)
    found = []
    for margin in (answers.gaps, lambda score, frame: _noisy_margin(fit, score, frame)):
        given, outcome = margin(score, train), answers.outcomes(train)
        inside = answers.log_loss(answers.with_ties(given, outcome, given), outcome).mean()
        found.append((inside, answers.with_ties(given, outcome, margin(score, asked))))
    chosen = int(found[1][0] < found[0][0])
    return {"p": found[chosen][1].tolist(), "whole_model": bool(chosen)}


def evalica_bradley_terry(train: pd.DataFrame, asked: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit evalica's Bradley-Terry, a tie as half a win of each."""
    winners = [WINNERS[code] for code in answers.outcomes(train)]
    found = evalica.bradley_terry(train["system_a"], train["system_b"], winners, limit=1_000)
    return _completed(_logs(found.scores), train, asked)


def evalica_newman(train: pd.DataFrame, asked: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit evalica's Newman, which has a tie parameter of its own."""
    winners = [WINNERS[code] for code in answers.outcomes(train)]
    found = evalica.newman(train["system_a"], train["system_b"], winners, limit=1_000)
    return _completed(_logs(found.scores), train, asked)


def choix_pairwise(train: pd.DataFrame, asked: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Fit choix's Bradley-Terry by iterative Luce spectral ranking, a tie as half a win of each."""
    systems = pd.Index(sorted({*train["system_a"], *train["system_b"]}))
    a, b = (systems.get_indexer(train[side]) for side in ("system_a", "system_b"))
    wins = np.zeros((len(systems), len(systems)))
    np.add.at(wins, (a, b), answers.credit(train))
    np.add.at(wins, (b, a), 1.0 - answers.credit(train))
    found = choix.ilsr_pairwise_dense(wins, alpha=PENALTY, max_iter=1_000)
    return _completed(pd.Series(found, index=systems), train, asked)


def _halves(frame: pd.DataFrame) -> pd.DataFrame:
    """Give every judgment two rows: both for its winner, or for a tie one for each system; left is shown first."""
    outcome, swapped = answers.outcomes(frame), answers.first(frame) < 0
    left = frame["system_a"].where(~swapped, frame["system_b"])
    right = frame["system_b"].where(~swapped, frame["system_a"])
    winners = [frame["system_a"].where(outcome <= limit, frame["system_b"]) for limit in (0, 1)]
    halves = [
        pd.DataFrame({"worker": frame["annotator"], "left": left, "right": right, "label": label}) for label in winners
    ]
    return pd.concat(halves, ignore_index=True)


def _noisy_margin(fit: Any, score: pd.Series, frame: pd.DataFrame) -> FloatArray:
    """Give the log-odds of a by the whole model: skill times the systems' odds, else the bias to the left."""
    turn = np.where(answers.first(frame) < 0, -1.0, 1.0)
    skill, bias = (
        frame["annotator"].map(series).fillna(series.mean()).to_numpy(float) for series in (fit.skills_, fit.biases_)
    )
    left = skill * expit(turn * answers.gaps(score, frame)) + (1 - skill) * bias
    return turn * np.asarray(logit(np.clip(left, 1e-6, 1 - 1e-6)))


def _logs(scores: pd.Series) -> pd.Series:
    return np.log(np.maximum(scores, 1e-12))


def _completed(score: pd.Series, train: pd.DataFrame, asked: pd.DataFrame) -> dict[str, Any]:
    p = answers.with_ties(answers.gaps(score, train), answers.outcomes(train), answers.gaps(score, asked))
    return {"p": p.tolist()}
