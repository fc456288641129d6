import jsonschema  # type: ignore[import-untyped]
import pytest

from annotation.judges.schema import BadMenu, Menu, response_format, verdict_schema


def test_the_reason_comes_before_the_verdict_and_everything_is_required():
    schema = verdict_schema(Menu(levels=5))

    assert list(schema["properties"]) == schema["required"] == ["reason", "verdict", "strength"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("menu", "words"),
    [
        (Menu(), ["A", "B", "tie"]),
        (Menu(tie=False), ["A", "B"]),
        (Menu(both_bad=True), ["A", "B", "tie", "both_bad"]),
        (Menu(tie=False, abstain=True), ["A", "B", "abstain"]),
    ],
)
def test_the_enum_is_what_the_criterion_offers(menu, words):
    assert verdict_schema(menu)["properties"]["verdict"]["enum"] == words


@pytest.mark.parametrize(
    ("menu", "strengths"),
    [
        (Menu(), ()),
        (Menu(levels=3), (0, 1)),
        (Menu(levels=5), (0, 1, 2)),
        (Menu(levels=7), (0, 1, 2, 3)),
        (Menu(levels=7, tie=False), (1, 2, 3)),
        (Menu(levels=3, tie=False, both_bad=True), (0, 1)),
    ],
)
def test_strengths_follow_the_size_of_the_scale(menu, strengths):
    assert menu.strengths() == strengths


def test_a_scale_of_another_size_is_refused():
    with pytest.raises(BadMenu):
        Menu(levels=4)  # type: ignore[arg-type]


def test_the_schema_is_valid_and_strict():
    form = response_format(Menu(both_bad=True, levels=7))
    jsonschema.Draft202012Validator.check_schema(form["json_schema"]["schema"])
    assert form["json_schema"]["strict"] is True


def test_labels_of_the_slots_enter_the_enum():
    assert verdict_schema(Menu(tie=False), ("1", "2"))["properties"]["verdict"]["enum"] == ["1", "2"]
