import pandas as pd
import pytest

from calibration.agreement.frames import MissingColumns
from calibration.agreement.mt_bench import mt_bench_table
from tests.calibration.agreement.strategies import turned

TABLE = {
    ("1", "human-judge", "counted"): (886, 1343), ("1", "human-judge", "dropped"): (727, 859),
    ("1", "human", "counted"): (454, 721), ("1", "human", "dropped"): (388, 479),
    ("2", "human-judge", "counted"): (871, 1325), ("2", "human-judge", "dropped"): (731, 864),
    ("2", "human", "counted"): (471, 707), ("2", "human", "dropped"): (388, 474),
}  # fmt: skip


def test_all_eight_cells(mt_bench: pd.DataFrame) -> None:
    found = {(cell.turn, cell.who, cell.ties): (cell.agree, cell.total) for cell in mt_bench_table(mt_bench)}
    assert found == TABLE


def test_the_shares_are_those_published(mt_bench: pd.DataFrame) -> None:
    percents = [round(100 * (cell.share or 0)) for cell in mt_bench_table(mt_bench)]
    assert percents == [66, 85, 63, 81, 66, 85, 67, 82]


def test_kappa_of_the_judge_over_the_same_pairs(mt_bench: pd.DataFrame) -> None:
    kappas = [cell.kappa for cell in mt_bench_table(mt_bench) if cell.who == "human-judge"]
    assert kappas == pytest.approx([0.4797, 0.6927, 0.4729, 0.6921], abs=1e-4)


def test_the_table_does_not_depend_on_the_encoding_of_sides(mt_bench: pd.DataFrame) -> None:
    other = turned(mt_bench.assign(shown_order="ab"), mt_bench.index % 3 == 0)
    assert mt_bench_table(other.sample(frac=1, random_state=1)) == pytest.approx(mt_bench_table(mt_bench))


def vote(annotator: str, outcome: str, group: str | None = "expert") -> dict[str, object]:
    kind = "human" if group else "judge"
    return {
        "item": "t", "annotator": annotator, "annotator_kind": kind, "annotator_group": group, "outcome": outcome,
        "system_a": "amber", "system_b": "birch", "question": 1, "turn": 1,
    }  # fmt: skip


def test_authors_do_not_vote_and_ties_drop_out_of_the_second_setup() -> None:
    votes = [vote("e1", "a"), vote("e2", "tie"), vote("e3", "a"), vote("w", "b", "author"), vote("j", "a", None)]
    found = {(cell.who, cell.ties): (cell.agree, cell.total) for cell in mt_bench_table(pd.DataFrame(votes))}
    assert found == {
        ("human-judge", "counted"): (2, 3), ("human-judge", "dropped"): (2, 2),
        ("human", "counted"): (1, 3), ("human", "dropped"): (1, 1),
    }  # fmt: skip


def test_a_cell_without_pairs_has_no_share() -> None:
    cells = mt_bench_table(pd.DataFrame([vote("e1", "a")]))
    assert {(cell.total, cell.share, cell.kappa) for cell in cells} == {(0, None, None)}


def test_the_keys_are_needed() -> None:
    with pytest.raises(MissingColumns, match="question"):
        mt_bench_table(pd.DataFrame([vote("e1", "a")]).drop(columns="question"))
