"""What a run measures of agreement: parts within bounds, pairs within bounds, votes by turn."""

import numpy as np
import pandas as pd
import pytest

from calibration.agreement.comparisons import comparisons
from calibration.services import agreement, agreement_parts

ORIGIN = {"seed": 3, "code_version": "c", "data_sha256": "d"}


def frame_of(n_items: int = 60, judges: int = 1, **columns: object) -> pd.DataFrame:
    dice = np.random.default_rng(1)
    kinds = ["human"] * 3 + ["judge"] * judges
    rows = [
        {"item": f"i{item:03d}", "annotator": f"{kind}{who}", "annotator_kind": kind, "judgment_id": f"{item}-{who}"}
        for item in range(n_items)
        for who, kind in enumerate(kinds)
    ]
    frame = pd.DataFrame(rows)
    number = frame["item"].str[1:].astype(int)
    values = {
        "criterion": "overall", "outcome": dice.choice(["a", "b", "tie"], len(frame)), "system_a": "x",
        "system_b": "y", "round": 0, "annotator_group": None, "pool": np.where(number % 2, "regular", "edge"),
        "language": None, "tags": [()] * len(frame),
        "submitted_at": pd.Timestamp("2026-03-02", tz="UTC") + pd.to_timedelta(number // 10, unit="D"),
    }  # fmt: skip
    return frame.assign(**values | columns)


def measured(frame: pd.DataFrame, turns: pd.DataFrame | None = None) -> agreement.Measured:
    none = pd.DataFrame(columns=["judgment_id", "question", "turn"])
    return agreement.measure(frame, none if turns is None else turns, announce=lambda stage: None, **ORIGIN)


def test_every_dimension_with_two_parts_is_measured_for_people_and_across_kinds():
    found = {(row.slice, row.who, row.metric) for row in measured(frame_of()).records if row.slice}
    parts = {"pool=edge", "pool=regular", *(f"submitted_at=2026-03-0{day}" for day in range(2, 8))}
    assert found == {
        (part, who, metric)
        for part in parts
        for who in ("human", "human-judge")
        for metric in ("percent_pooled", "alpha_nominal")
    }


def test_a_part_says_the_same_as_agreement_over_its_rows_alone():
    frame = frame_of()
    (part,) = (
        row
        for row in measured(frame).records
        if (row.slice, row.who, row.metric) == ("pool=edge", "human", "alpha_nominal")
    )
    (alone,) = comparisons(frame[frame["pool"] == "edge"], who=("human",), metrics=("alpha_nominal",), seed=3)
    assert (part.value, part.n_units_paired, part.n_judgments) == (alone.value, 30, 90)
    assert (part.ci_low, part.ci_high) == (alone.ci_low, alone.ci_high)


def test_without_judges_nothing_is_compared_with_them():
    assert {row.who for row in measured(frame_of(judges=0)).records if row.slice} == {"human"}


def test_one_part_is_the_whole_and_is_not_measured_again():
    frame = frame_of(pool="regular", submitted_at=pd.Timestamp("2026-03-02", tz="UTC"))
    assert [row.slice for row in measured(frame).records if row.slice] == []


def test_only_the_largest_parts_are_measured_and_the_others_are_counted():
    frame = frame_of(n_items=80)
    number = frame["item"].str[1:].astype(int)
    frame = frame.assign(tags=[(f"t{k % 40:02d}", "all") if k >= 20 else (f"t{k % 4:02d}",) for k in number])
    found = measured(frame)
    tags = {row.slice for row in found.records if row.slice.startswith("tags=")}
    assert len(tags) == agreement_parts.MOST_PARTS
    assert "tags=all" in tags
    assert "tags=(none)" not in tags
    assert found.facts["notes"] == ["25 further tags with fewer judgments are not measured one by one."]
    (everything,) = (
        row for row in found.records if (row.slice, row.who, row.metric) == ("tags=all", "human", "percent_pooled")
    )
    assert everything.n_judgments == 180


def test_windows_grow_until_few_enough_are_left():
    days = frame_of()
    months = days.assign(submitted_at=days["submitted_at"] + pd.to_timedelta(range(len(days)), unit="D"))
    assert (measured(days).facts["window"], measured(months).facts["window"]) == ("D", "M")


def test_a_large_record_gets_fewer_draws_and_says_so(monkeypatch):
    monkeypatch.setattr(agreement_parts, "DRAWN_ROWS", 300 * 240)
    drawn = {row.n_boot for row in measured(frame_of()).records if row.slice.startswith("pool=")}
    assert max(drawn) <= 300
    assert max(row.n_boot or 0 for row in measured(frame_of()).records if not row.slice) > 300


def test_pairs_are_kept_by_their_common_tasks_and_the_rest_is_counted(monkeypatch):
    monkeypatch.setattr(agreement, "MOST_PAIRS", 2)
    frame = frame_of()
    found = measured(frame[(frame["annotator"] != "human0") | (frame["item"] < "i030")])
    assert [pair.n_items for pair in found.pairs] == [60, 60]
    assert found.facts["notes"][-1] == "4 pairs with fewer common tasks are not stored."


def test_too_many_pairs_leave_the_busiest_annotators(monkeypatch):
    monkeypatch.setattr("calibration.agreement.pairs.MOST_PAIRS", 5)
    monkeypatch.setattr(agreement, "MOST_ANNOTATORS", 3)
    found = measured(frame_of())
    assert len(found.pairs) == 3
    assert "Pairs are of the 3 annotators" in found.facts["notes"][-1]


def test_votes_are_counted_by_turn_where_questions_have_turns_and_experts_voted():
    frame = frame_of(annotator_group="expert")
    number = frame["item"].str[1:].astype(int)
    turns = pd.DataFrame({"judgment_id": frame["judgment_id"], "question": number // 2, "turn": number % 2 + 1})
    cells = measured(frame, turns).facts["turns"]["overall"]
    assert {(cell["turn"], cell["who"], cell["ties"]) for cell in cells} == {
        (turn, who, ties) for turn in "12" for who in ("human", "human-judge") for ties in ("counted", "dropped")
    }
    assert all(0 < cell["agree"] < cell["total"] for cell in cells)
    assert measured(frame_of(), turns).facts["turns"] == {}


@pytest.mark.parametrize("kind", ["human", "judge"])
def test_a_frame_of_one_kind_alone_is_measured(kind):
    frame = frame_of(judges=0, annotator_kind=kind)
    assert {row.who for row in measured(frame).records if row.slice} == {kind}
