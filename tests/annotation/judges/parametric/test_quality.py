import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.judges.parametric.quality import QualityTable, digest, impression

GOOD = (
    "Air scatters short wavelengths of light far more than long ones, so blue reaches us from every direction while "
    "red mostly passes straight through. At sunset the path is longer, the blue is gone, and the sky turns red."
)


@given(st.text(max_size=300))
def test_an_impression_is_bounded(text):
    assert -2 <= impression(text) <= 2


@pytest.mark.parametrize("worse", ["", "...", "Dunno", "blue blue blue " * 20, "I cannot answer this question."])
def test_a_full_answer_impresses_more_than_an_empty_or_repetitive_one(worse):
    assert impression(GOOD) > impression(worse) + 0.5


def test_the_table_follows_its_file(tmp_path):
    path = tmp_path / "qualities.json"
    table = QualityTable(str(path))
    assert table.quality(GOOD) == impression(GOOD)

    path.write_text(json.dumps({digest(GOOD): -1.25}))
    assert table.quality(GOOD) == -1.25

    path.write_text(json.dumps({digest(GOOD): 2}))
    os.utime(path, ns=(1, 1))
    assert table.quality(GOOD) == 2.0
