import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest

from annotation.judges.config import BadConfig, JudgeConfig, request_key
from tests.annotation.judges.conftest import a_config

CHANGES = {
    "endpoint_alias": "other",
    "model_id": "other",
    "family": "other",
    "rubric_sha256": "1" * 64,
    "temperature": Decimal("0.7"),
    "top_p": Decimal("0.9"),
    "seed": 7,
    "max_tokens": 99,
    "max_tokens_field": "max_completion_tokens",
    "template": "other",
    "template_sha256": "2" * 64,
    "parser_version": "other",
    "output": "text",
    "on_conflict": "last",
    "quoting": "json",
    "slot_labels": ("B", "A"),
    "orders": "single",
    "samples": 3,
    "repairs": 1,
    "egress_class": "local",
    "provenance": "synthetic",
    "snapshot": "fp_2",
    "least_mass": Decimal("0.25"),
}


def test_changing_any_field_makes_another_judge():
    assert set(CHANGES) == {field.name for field in dataclasses.fields(JudgeConfig)}
    hashes = {a_config(**{name: value}).config_hash for name, value in CHANGES.items()}
    assert len(hashes | {a_config().config_hash}) == len(CHANGES) + 1


def test_a_config_survives_being_stored():
    config = a_config(**CHANGES)
    stored = json.loads(json.dumps(config.as_json()))

    assert JudgeConfig.from_json(stored) == config
    assert JudgeConfig.from_json(stored).config_hash == config.config_hash


def test_decimals_are_hashed_as_strings_and_by_value():
    assert a_config(temperature=Decimal("0.70")).as_json()["temperature"] == "0.7"
    assert a_config(temperature=Decimal("0.00")).as_json()["temperature"] == "0"
    assert a_config(temperature=Decimal("1E+1")).as_json()["temperature"] == "10"
    assert a_config(temperature=Decimal("-0")).config_hash == a_config().config_hash


@pytest.mark.parametrize(
    "wrong",
    [
        {"slot_labels": ("A", "A")},
        {"slot_labels": ("A", "tie")},
        {"slot_labels": ("A", "")},
        {"slot_labels": ("A", "B>")},
        {"max_tokens": 0},
        {"samples": 0},
        {"repairs": 3},
        {"temperature": Decimal("NaN")},
        {"top_p": Decimal("-0.1")},
        {"model_id": ""},
    ],
)
def test_a_config_that_cannot_be_run_is_refused(wrong):
    with pytest.raises(BadConfig):
        a_config(**wrong)


@pytest.mark.parametrize("change", [{"schema": "judge-config/2"}, {"colour": "red"}, {"model_id": None}])
def test_a_stored_config_of_another_shape_is_refused(change):
    stored = {**a_config().as_json(), **change}
    if change == {"model_id": None}:
        del stored["model_id"]
    with pytest.raises(BadConfig):
        JudgeConfig.from_json(stored)


def test_every_part_of_a_question_enters_its_key():
    asked: dict[str, Any] = {"config_hash": "c", "task_sha256": "t", "criterion": "k", "shown_order": "ab", "sample": 0}
    others = [{**asked, name: 1 if name == "sample" else "other"} for name in asked]

    keys = {request_key(**parts) for parts in [asked, *others]}

    assert len(keys) == 6
    assert request_key(**asked) == request_key(**dict(reversed(asked.items())))
