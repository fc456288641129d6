"""Real people and judges: the public votes pass the gate, and one half of a crowd foresees the other."""

import numpy as np
import pandas as pd
import pytest

from calibration.bayes import sampling, summaries
from calibration.bayes.data import comparison_data

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning")]
SPLITS, Z90 = 20, 1.6448536269514722


def test_llmfao_passes_the_gate_and_shows_its_judges(llmfao):
    fit = sampling.fit(comparison_data(llmfao), seed=20_417)
    assert fit.diagnostics.passed, fit.diagnostics.reasons
    who = summaries.summarize(fit).annotators.set_index("annotator")
    assert who.loc["gpt3", "position_bias_low"] > 0
    assert who.loc["gpt4", "position_bias_high"] < 0
    people = who[who["group"] == "human"]
    assert who.loc[["gpt3", "gpt4"], "tie_width_high"].max() < people["tie_width"].median()


def test_mt_bench_passes_the_gate(mt_bench):
    fit = sampling.fit(comparison_data(mt_bench), seed=20_417)
    assert fit.diagnostics.passed, fit.diagnostics.reasons
    systems = summaries.summarize(fit).systems.sort_values("strength", ascending=False)
    assert systems["system"].iloc[0] == "gpt-4"
    assert systems["system"].iloc[-1] == "llama-13b"


def test_half_of_a_crowd_foresees_the_other_half(llmfao):
    """90% intervals of one half for the other's differences of strength cover 85 to 95% of them."""
    crowd = llmfao[llmfao["annotator_kind"] == "human"]
    covered = [_covered(crowd, split) for split in range(SPLITS)]
    print(f"covered {np.mean(covered):.3f} over {SPLITS} splits, from {min(covered):.3f} to {max(covered):.3f}")
    assert 0.85 <= np.mean(covered) <= 0.95


def _covered(crowd: pd.DataFrame, split: int) -> float:
    people = np.array(sorted(crowd["annotator"].unique()))
    first = np.random.default_rng(split).permutation(people)[: people.size // 2]
    inside = crowd["annotator"].isin(first)
    halves = [_strengths(part, 2 * split + k) for k, part in enumerate((crowd[inside], crowd[~inside]))]
    names = halves[0].columns.intersection(halves[1].columns)
    a, b = np.triu_indices(len(names), 1)
    one, other = (half[names].to_numpy()[:, a] - half[names].to_numpy()[:, b] for half in halves)
    sd = np.sqrt(one.var(axis=0) + other.var(axis=0))
    return float((np.abs(one.mean(axis=0) - other.mean(axis=0)) < Z90 * sd).mean())


def _strengths(part: pd.DataFrame, seed: int) -> pd.DataFrame:
    fit = sampling.fit(comparison_data(part), seed=seed)
    assert fit.diagnostics.passed, fit.diagnostics.reasons
    return pd.DataFrame(summaries.scaled(fit).strength, columns=list(fit.data.systems))
