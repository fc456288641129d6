from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from annotation.readers.rows import AnnotatorRow, JudgmentRow, PairRow, PromptRow, ResponseRow, SystemRow
from tests.annotation.readers.files import only, read, rows_of, write_jsonl

VOTE = {
    "judge": "expert_1",
    "model_a": "gpt-4",
    "model_b": "claude-v1",
    "question_id": 81,
    "turn": 1,
    "winner": "model_a",
}
VERDICT = VOTE | {"judge": "gpt4_pair", "winner": "tie (inconsistent)"}


def folder_of(path: Path, votes: list[dict], verdicts: list[dict]) -> Path:
    write_jsonl(path / "human.jsonl", votes)
    write_jsonl(path / "gpt4_pair.jsonl", verdicts)
    return path


def test_votes_and_verdicts_become_canonical_judgments(tmp_path: Path) -> None:
    votes = [VOTE, VOTE | {"judge": "author_0", "turn": 2, "winner": "tie"}]
    rows = rows_of("mt_bench", folder_of(tmp_path, votes, [VERDICT]))
    assert [(row.prompt_id, row.messages, row.extra) for row in only(rows, PromptRow)] == [
        ("81:1", (), {"question": 81, "turn": 1}), ("81:2", (), {"question": 81, "turn": 2}),
    ]  # fmt: skip
    assert [(row.annotator_id, row.kind, row.name, row.family, row.group) for row in only(rows, AnnotatorRow)] == [
        ("mt_bench:expert_1", "human", "Expert 1", None, "expert"),
        ("mt_bench:author_0", "human", "Author 0", None, "author"),
        ("mt_bench:gpt-4", "judge", "GPT-4", "openai", None),
    ]
    assert [(row.system_id, row.family) for row in only(rows, SystemRow)] == [
        ("claude-v1", "anthropic"),
        ("gpt-4", "openai"),
    ]
    told = [
        (row.annotator_id, row.system_a, row.outcome, row.shown_order, row.flags) for row in only(rows, JudgmentRow)
    ]
    assert told == [
        ("mt_bench:expert_1", "claude-v1", "b", None, ()),
        ("mt_bench:author_0", "claude-v1", "tie", None, ()),
        ("mt_bench:gpt-4", "claude-v1", "tie", None, ("order_collapsed",)),
    ]
    assert len(only(rows, PairRow)) == 2
    assert {row.text for row in only(rows, ResponseRow)} == {None}


def test_a_repeated_vote_comes_twice_in_the_order_of_the_file(tmp_path: Path) -> None:
    again = VOTE | {"model_a": "claude-v1", "model_b": "gpt-4"}
    rows, errors = read("mt_bench", folder_of(tmp_path, [VOTE, again], [VERDICT]))
    votes = [row for row in only(rows, JudgmentRow) if row.file == "human.jsonl"]
    assert [(row.outcome, row.round) for row in votes] == [("b", 0), ("a", 0)]
    assert (errors.total, len(errors.notes)) == (0, 1)
    assert "line 2" in errors.notes[0].message


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"winner": "model_c"}, "winner", "bad_enum"),
        ({"winner": "tie (bothbad)"}, "winner", "bad_enum"),
        ({"winner": None}, "winner", "missing"),
        ({"judge": "robot_1"}, "judge", "bad_enum"),
        ({"judge": None}, "judge", "missing"),
        ({"turn": 3}, "turn", "bad_range"),
        ({"turn": None}, "turn", "missing"),
        ({"question_id": "81"}, "question_id", "wrong_type"),
        ({"model_b": "gpt-4"}, "model_b", "identical_responses"),
        ({"model_a": None}, "model_a", "missing"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(tmp_path: Path, changes: dict, field: str, code: str) -> None:
    rows, errors = read("mt_bench", folder_of(tmp_path, [VOTE, VOTE | {"judge": "expert_2"} | changes], [VERDICT]))
    assert [(e.file, e.line, e.field, e.code) for e in errors.rows] == [("human.jsonl", 2, field, code)]
    assert len(only(rows, JudgmentRow)) == 2


def test_the_public_files_are_read_whole(data_dir: Path) -> None:
    rows, errors = read("mt_bench", data_dir / "mt_bench")
    assert errors.total == 0
    assert Counter(type(row).__name__ for row in rows) == {
        "JudgmentRow": 5_755, "PairRow": 2_400, "ResponseRow": 960, "PromptRow": 160, "AnnotatorRow": 66,
        "SystemRow": 6,
    }  # fmt: skip
    assert Counter(row.group for row in only(rows, AnnotatorRow)) == {"expert": 58, "author": 7, None: 1}
    judgments = only(rows, JudgmentRow)
    assert Counter(row.file for row in judgments) == {"human.jsonl": 3_355, "gpt4_pair.jsonl": 2_400}
    assert Counter(row.flags for row in judgments) == {(): 5_375, ("order_collapsed",): 380}
    keys = Counter((row.annotator_id, row.prompt_id, row.system_a, row.system_b) for row in judgments)
    assert [key for key, count in keys.items() if count > 1] == [
        ("mt_bench:author_0", "128:1", "claude-v1", "gpt-3.5-turbo")
    ]
    assert len({(row.prompt_id, row.system_a, row.system_b) for row in judgments if row.file == "human.jsonl"}) == 1_814


# Zheng et al. 2023, arXiv:2306.05685, table 5: (agreeing, all) pairs of votes; with ties, and without.
PUBLISHED = {
    (1, "judge"): ((886, 1343), (727, 859)),
    (1, "human"): ((454, 721), (388, 479)),
    (2, "judge"): ((871, 1325), (731, 864)),
    (2, "human"): ((471, 707), (388, 474)),
}


def test_the_published_agreement_table_follows_from_the_rows(data_dir: Path) -> None:
    experts: dict[tuple, list[str]] = defaultdict(list)
    verdicts: dict[tuple, str] = {}
    for row in only(rows_of("mt_bench", data_dir / "mt_bench"), JudgmentRow):
        key = (row.extra["turn"], row.extra["question"], row.system_a, row.system_b)
        if row.annotator_id == "mt_bench:gpt-4":
            verdicts[key] = row.outcome
        elif row.annotator_id.startswith("mt_bench:expert"):
            experts[key].append(row.outcome)
    pairs: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    for key, votes in experts.items():
        pairs[key[0], "human"] += combinations(votes, 2)
        pairs[key[0], "judge"] += [(vote, verdicts[key]) for vote in votes if key in verdicts]
    assert {cell: (agreeing(found), agreeing(decided(found))) for cell, found in pairs.items()} == PUBLISHED


def agreeing(pairs: list[tuple[str, str]]) -> tuple[int, int]:
    return sum(first == second for first, second in pairs), len(pairs)


def decided(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in pairs if "tie" not in pair]
