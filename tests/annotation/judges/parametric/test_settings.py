import json

import pytest

from annotation.judges.parametric.settings import BadSettings, Settings, load


def test_settings_come_from_text_or_file(tmp_path):
    path = tmp_path / "judge.json"
    path.write_text('{"first_slot_bias": 0.5, "own_responses": ["aa"]}')

    assert load(str(path)) == load(path.read_text()) == Settings(first_slot_bias=0.5, own_responses=("aa",))


def test_the_default_judge_is_useful_and_prefers_the_first_side():
    assert Settings().discrimination >= 1
    assert Settings().first_slot_bias >= 0.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_slot": 1},
        {"lapse": 1.5},
        {"tie_band": -1},
        {"latency_ms": -1},
        {"discrimination": "much"},
        {"discrimination": True},
        {"discrimination": float("nan")},
        {"length_bias": None},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(BadSettings):
        Settings.from_json(wrong)


@pytest.mark.parametrize("text", ["{", "{} {}"])
def test_settings_that_are_no_json_object_are_refused(text):
    with pytest.raises(json.JSONDecodeError):
        load(text)
