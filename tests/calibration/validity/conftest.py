"""The public sets as the agreement room reads them."""

import pandas as pd
import pytest

from tests.calibration.agreement.conftest import llmfao, mt_bench

__all__ = ["llmfao", "mt_bench", "mt_bench_keys"]


@pytest.fixture(scope="session")
def mt_bench_keys(mt_bench) -> pd.DataFrame:
    """Orient every pair of systems one way; the item is question, turn and pair; of a repeated vote the last counts."""
    flip = mt_bench["system_a"] > mt_bench["system_b"]
    first = mt_bench["system_a"].where(~flip, mt_bench["system_b"])
    second = mt_bench["system_b"].where(~flip, mt_bench["system_a"])
    turned = mt_bench["outcome"].where(~flip, mt_bench["outcome"].map({"a": "b", "b": "a", "tie": "tie"}))
    oriented = mt_bench.assign(
        item=mt_bench["item"] + "/" + first + "/" + second, system_a=first, system_b=second, outcome=turned
    )
    return oriented.drop_duplicates(["item", "annotator"], keep="last")
