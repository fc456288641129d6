from collections import Counter
from pathlib import Path

import pytest

from annotation.readers.rows import AnnotatorRow, JudgmentRow, Message, PairRow, PromptRow, ResponseRow, SystemRow
from tests.annotation.readers.files import only, read, rows_of, write, write_jsonl

HEAD = "id,prompt,model_x,model_y,worker,winner,left,right\n"
JUDGE_HEAD = "id,prompt,model_x,model_y,winner,left,right\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write an invented folder of the same shape: two pairs, two workers, two judges."""
    write_jsonl(
        tmp_path / "models.jsonl",
        [
            {"id": 1, "api_id": "x/tern", "name": "Tern", "api": "x", "type": "chat", "org": "Seabirds"},
            {"id": 2, "api_id": "x/auk", "name": "Auk (7B)", "api": "x", "type": "chat", "org": "OpenAI"},
            {"id": 3, "api_id": "x/gull", "name": "Gull", "api": "x", "type": "chat", "org": "Seabirds"},
        ],
    )
    write_jsonl(
        tmp_path / "prompts.jsonl",
        [
            {"id": 5, "text": "Which fish?", "type": "taste", "slug": "fish", "stop": None, "note": "Any fish."},
            {"id": 6, "text": "Not asked.", "type": "taste", "slug": "none", "stop": None, "note": None},
        ],
    )
    pair = {"prompt": 5, "text": "Which fish?", "type": "taste", "slug": "fish", "note": None}
    write_jsonl(
        tmp_path / "pairs-crowd.jsonl",
        [
            pair | {"id": 0, "model_x": 1, "result_x": "Eel.", "model_y": 2, "result_y": "Cod."},
            pair | {"id": 1, "model_x": 2, "result_x": "Cod.", "model_y": 3, "result_y": ""},
        ],
    )
    write(
        tmp_path / "crowd-comparisons.csv",
        HEAD + "0,5,1,2,8,left,Tern,Auk (7B)\n0,5,1,2,9,tie,Tern,Auk (7B)\n1,5,2,3,8,right,Auk (7B),Gull\n",
    )
    write(tmp_path / "gpt4-crowd-comparisons.csv", JUDGE_HEAD + "0,5,1,2,right,Tern,Auk (7B)\n")
    write(tmp_path / "gpt3-crowd-comparisons.csv", JUDGE_HEAD + "1,5,2,3,left,Auk (7B),Gull\n")
    return tmp_path


def test_the_folder_gives_texts_annotators_and_canonical_judgments(folder: Path) -> None:
    rows = rows_of("llmfao", folder)
    assert [(row.prompt_id, row.messages, row.tags, row.extra) for row in only(rows, PromptRow)] == [
        ("5", (Message("user", "Which fish?"),), ("taste",), {"slug": "fish", "note": "Any fish."})
    ]
    assert [(row.system_id, row.family) for row in only(rows, SystemRow)] == [
        ("Tern", "seabirds"), ("Auk (7B)", "openai"), ("Gull", "seabirds"),
    ]  # fmt: skip
    assert [(row.system_id, row.text) for row in only(rows, ResponseRow)] == [
        ("Tern", "Eel."),
        ("Auk (7B)", "Cod."),
        ("Gull", ""),
    ]
    assert [(row.system_a, row.system_b) for row in only(rows, PairRow)] == [("Auk (7B)", "Tern"), ("Auk (7B)", "Gull")]
    assert [(row.annotator_id, row.kind, row.name, row.family) for row in only(rows, AnnotatorRow)] == [
        ("llmfao:8", "human", "Worker 8", None), ("llmfao:9", "human", "Worker 9", None),
        ("llmfao:GPT-4", "judge", "GPT-4", "openai"), ("llmfao:GPT-3", "judge", "GPT-3", "openai"),
    ]  # fmt: skip
    told = [
        (row.annotator_id, row.system_a, row.outcome, row.shown_order, row.flags) for row in only(rows, JudgmentRow)
    ]
    assert told == [
        ("llmfao:8", "Auk (7B)", "b", "ba", ()),
        ("llmfao:9", "Auk (7B)", "tie", "ba", ()),
        ("llmfao:8", "Auk (7B)", "b", "ab", ("empty_response",)),
        ("llmfao:GPT-4", "Auk (7B)", "a", "ba", ()),
        ("llmfao:GPT-3", "Auk (7B)", "a", "ab", ("empty_response",)),
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "field", "code"),
    [
        ("crowd-comparisons.csv", "8,left", "8,middle", "winner", "bad_enum"),
        ("crowd-comparisons.csv", "8,left", "8,", "winner", "missing"),
        ("crowd-comparisons.csv", "8,left", ",left", "worker", "missing"),
        ("crowd-comparisons.csv", "Tern,Auk (7B)\n0", "Gull,Auk (7B)\n0", "left", "unknown_ref"),
        ("crowd-comparisons.csv", "0,5,1,2,8", "0,5,2,1,8", "model_x", "unknown_ref"),
        ("crowd-comparisons.csv", "0,5,1,2,8", "0,6,1,2,8", "prompt", "unknown_ref"),
        ("crowd-comparisons.csv", "0,5,1,2,8", "7,5,1,2,8", "id", "unknown_ref"),
        ("crowd-comparisons.csv", "0,5,1,2,9,tie", "0,5,1,2,8,tie", "id", "duplicate_id"),
        ("pairs-crowd.jsonl", '"model_x": 1', '"model_x": 99', "model_x", "unknown_ref"),
        ("pairs-crowd.jsonl", '"prompt": 5', '"prompt": 7', "prompt", "unknown_ref"),
        ("pairs-crowd.jsonl", '"result_y": "Cod."', '"result_y": null', "result_y", "missing"),
        ("pairs-crowd.jsonl", '"result_x": "Cod."', '"result_x": "Carp."', "result_x", "conflict"),
        ("pairs-crowd.jsonl", "Which fish?", "Which bird?", "text", "prompt_mismatch"),
        ("pairs-crowd.jsonl", '"id": 1', '"id": 0', "id", "duplicate_id"),
        ("models.jsonl", '"name": "Tern"', '"name": ""', "name", "missing"),
        ("prompts.jsonl", '"id": 6', '"id": 5', "id", "duplicate_id"),
    ],
)
def test_a_contradiction_between_the_files_is_refused(
    folder: Path, file: str, old: str, new: str, field: str, code: str
) -> None:
    text = (folder / file).read_text()
    assert old in text
    write(folder / file, text.replace(old, new))
    _, errors = read("llmfao", folder)
    first = errors.rows[0]
    assert (first.file, first.field, first.code) == (file, field, code), [str(error) for error in errors.rows]
    assert first.line > 0


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "gpt3-crowd-comparisons.csv").unlink()
    _, errors = read("llmfao", folder)
    assert [(error.file, error.code) for error in errors.rows] == [("gpt3-crowd-comparisons.csv", "no_file")]


def test_the_public_files_are_read_whole(data_dir: Path) -> None:
    rows = rows_of("llmfao", data_dir / "llmfao")
    assert Counter(type(row).__name__ for row in rows) == {
        "JudgmentRow": 13_209, "PairRow": 2_139, "ResponseRow": 750, "AnnotatorRow": 126, "SystemRow": 59,
        "PromptRow": 13,
    }  # fmt: skip
    assert Counter(row.kind for row in only(rows, AnnotatorRow)) == {"human": 124, "judge": 2}
    judgments = only(rows, JudgmentRow)
    left = Counter((row.annotator_id if "GPT" in row.annotator_id else "crowd", clicked(row)) for row in judgments)
    assert left == {
        ("crowd", "tie"): 3471, ("crowd", "left"): 2911, ("crowd", "right"): 2549,
        ("llmfao:GPT-4", "left"): 943, ("llmfao:GPT-4", "right"): 1130, ("llmfao:GPT-4", "tie"): 66,
        ("llmfao:GPT-3", "left"): 1352, ("llmfao:GPT-3", "right"): 593, ("llmfao:GPT-3", "tie"): 194,
    }  # fmt: skip
    assert {row.prompt_id for row in judgments} == {row.prompt_id for row in only(rows, PromptRow)}
    assert all(row.messages and row.tags for row in only(rows, PromptRow))
    assert all(row.text is not None for row in only(rows, ResponseRow))


def clicked(row: JudgmentRow) -> str:
    if row.outcome == "tie":
        return "tie"
    return "left" if (row.shown_order == "ab") == (row.outcome == "a") else "right"
