"""Every format of a release against a file written down, and the options that preference files share."""

import csv
import io
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from calibration.exports import options
from calibration.exports.formats import FORMATS, pairs
from calibration.exports.sinks import is_formula, sink
from tests.calibration.exports import stories

GOLDEN = Path(__file__).with_name("golden")


def written(tmp_path: Path, name: str, *, cases=None, guard: bool = True, **chosen) -> tuple[bytes, Counter[str]]:
    counts: Counter[str] = Counter(written=0)
    path = tmp_path / f"{name}{Path(FORMATS[name].path).suffix}"
    out = sink(path, guard=guard)
    for row in FORMATS[name].write(iter(cases or stories.cases()), options.read(chosen), counts):
        out.write(row)
    out.close()
    return path.read_bytes(), counts


def rows_of(name: str, **chosen) -> tuple[list, Counter[str]]:
    counts: Counter[str] = Counter()
    return list(FORMATS[name].write(iter(stories.cases()), options.read(chosen), counts)), counts


def test_the_options_name_every_format_in_its_order():
    assert tuple(FORMATS) == options.FORMATS
    assert len({target.path for target in FORMATS.values()}) == len(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_gives_the_bytes_written_down(tmp_path: Path, name: str):
    content, _ = written(tmp_path, name)
    golden = GOLDEN / f"{name}{Path(FORMATS[name].path).suffix}"
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_bytes(content)
    assert content == golden.read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_every_task_is_written_or_counted(name: str):
    _, counts = rows_of(name)
    needs_text = name not in {"crowd_kit_pairs", "crowd_kit_labels", "krippendorff", "krippendorff_matrix"}
    assert counts["without_text"] == needs_text
    assert counts["written"] > 0


def test_labels_can_be_hard_soft_replicated_or_single_votes():
    soft, _ = rows_of("preference", label_mode="soft")
    assert [row["soft_label"] for row in soft] == [[0.7, 0.1, 0.2]]
    copies, counts = rows_of("preference", label_mode="replicate")
    assert Counter(row["chosen"][0]["content"] for row in copies) == {'Three, or "3".': 2, "+49 is no answer": 1}
    assert counts == {"without_text": 1, "ties_dropped": 1, "written": 3}
    votes, counts = rows_of("preference", label_mode="votes", ties="both")
    told = [(row["annotator_id"], row["chosen"][0]["content"]) for row in votes[:3]]
    assert told == [
        (stories.PEOPLE[0], 'Three, or "3".'), (stories.PEOPLE[1], "+49 is no answer"),
        (stories.JUDGE, 'Three, or "3".'),
    ]  # fmt: skip
    assert counts == {"without_text": 1, "written": 3, "tie_rows_both_ways": 4}


def test_the_probability_of_chosen_turns_with_it():
    votes, _ = rows_of("preference", label_mode="votes")
    assert [round(row["p_chosen"], 6) for row in votes] == [0.777778, 0.222222, 0.777778]
    assert all(row["ci_low"] <= row["p_chosen"] <= row["ci_high"] for row in votes)


def test_a_part_of_the_votes_gives_shares_and_says_so():
    whole, _ = rows_of("preference")
    people, counts = rows_of("preference", source="human", ties="both")
    judge, without = rows_of("preference", source="judge")
    assert [(row["soft_label_kind"], row["n_votes"], row["n_human"]) for row in whole] == [("posterior", 3, 2)]
    assert [(row["soft_label_kind"], row["p_chosen"]) for row in people] == [("empirical", 0.5)] * 4
    assert [(row["soft_label_kind"], row["p_chosen"], row["n_human"]) for row in judge] == [("empirical", 1.0, 0)]
    assert (counts["tie_rows_both_ways"], without["without_votes_of_source"]) == (4, 1)


@pytest.mark.parametrize(("a", "tie", "b"), [(0, 1, 0), (3, 0, 0), (5, 2, 4), (0, 0, 9)])
def test_shares_add_up_and_lie_within_their_interval(a: int, tie: int, b: int):
    belief = pairs.empirical(a, tie, b)
    assert belief.p_a + belief.p_tie + belief.p_b == pytest.approx(1, abs=1e-9)
    assert 0 <= belief.ci_low <= belief.p_a_better <= belief.ci_high <= 1
    assert (belief.turned().p_a, belief.turned().p_a_better) == pytest.approx((belief.p_b, 1 - belief.p_a_better))


def test_margin_stands_in_every_row_or_in_none():
    plain, _ = rows_of("preference", ties="both")
    asked, _ = rows_of("preference", ties="both", margin=True)
    assert not any("margin" in row for row in plain)
    assert [round(row["margin"], 6) for row in asked] == [0.555556, 0.0, 0.0]


def test_a_crowd_without_ties_has_them_dropped_or_split():
    dropped, counts = rows_of("crowd_kit_pairs")
    split, both = rows_of("crowd_kit_pairs", ties="both")
    assert (len(dropped), counts["ties_dropped"]) == (4, 2)
    assert (len(split), both["tie_rows_both_ways"]) == (8, 4)
    assert all(row["label"] in (row["left"], row["right"]) for row in split)


def test_a_battle_stands_as_it_was_shown():
    first, second, third = rows_of("arena")[0][:3]
    assert (first["model_a"], first["winner"]) == ("alpha", "model_a")
    assert (second["model_a"], second["winner"]) == ("beta", "model_a")
    assert (third["model_a"], third["winner"]) == ("beta", "model_b")


def test_helpsteer_is_negative_where_response_1_is_better():
    first = rows_of("helpsteer3")[0][0]
    assert [vote["score"] for vote in first["individual_preference"]] == [-3, 1, -2]
    assert first["overall_preference"] == -1


def test_json_keeps_what_csv_guards(tmp_path: Path):
    guarded, _ = written(tmp_path, "plain")
    exact, _ = written(tmp_path, "plain", guard=False)
    lines, _ = written(tmp_path, "arena")
    cells = [cell for row in csv.reader(io.StringIO(guarded.decode(), newline="")) for cell in row]
    assert "'=SUM(1,2) is what?" in cells
    assert "'+49 is no answer" in cells
    assert [cell for cell in cells if is_formula(cell)] == []
    assert b"'=SUM" not in exact
    assert b'"=SUM(1,2) is what?"' in lines


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\uff1d", "\uff0b", "\u3000=", "\n@"])
def test_no_cell_that_could_be_a_formula_passes(tmp_path: Path, start: str):
    out = sink(tmp_path / "x.csv", guard=True)
    out.write({"cell": start + "cmd|'/c calc'!A1", "number": -1.5, "text": "-1.5"})
    out.close()
    (row,) = csv.DictReader(io.StringIO((tmp_path / "x.csv").read_bytes().decode(), newline=""))
    assert row == {"cell": "'" + start + "cmd|'/c calc'!A1", "number": "-1.5", "text": "-1.5"}
    assert out.guarded == 1


def test_an_empty_text_and_no_value_differ(tmp_path: Path):
    out = sink(tmp_path / "x.csv", guard=True)
    out.write({"none": None, "empty": "", "quote": 'a "b", c'})
    out.close()
    assert (tmp_path / "x.csv").read_bytes() == b'none,empty,quote\r\n,"","a ""b"", c"\r\n'


@pytest.mark.parametrize("name", FORMATS)
def test_the_shown_side_changes_only_what_says_it(tmp_path: Path, name: str):
    random_sides = random.Random(7)
    turned = [
        case._replace(judgments=[row | {"shown_order": random_sides.choice(["ab", "ba"])} for row in case.judgments])
        for case in stories.cases()
    ]
    if name not in {"arena", "mt_bench", "label_studio"}:
        assert written(tmp_path, name, cases=turned) == written(tmp_path, name)
