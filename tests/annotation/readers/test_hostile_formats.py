"""Every foreign format against files that somebody has damaged: no exception, and each refusal names its place."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from annotation.readers import sniffing
from annotation.readers.rows import JudgmentRow
from tests.annotation.readers.files import only, read, write
from tests.annotation.readers.malformed import damage
from tests.annotation.readers.test_malformed import check_errors

GOLDEN = Path(__file__).parents[2] / "calibration" / "exports" / "golden"
TURNS = [{"role": "user", "content": "Why?"}]
ROWS: dict[str, list[dict[str, Any]]] = {
    "nectar": [
        {"prompt": "\n\nHuman: Why?\n\nAssistant: ", "answers": [
            {"answer": "a", "model": "m1", "rank": 1.0}, {"answer": "b", "model": "m2", "rank": 2.0},
        ]},
    ],
    "ultrafeedback": [
        {"source": "own", "instruction": "Why?", "models": ["m1"], "completions": [
            {"model": "m1", "response": "So.", "overall_score": 10,
             "annotations": {"honesty": {"Rating": "2"}, "helpfulness": {"Rating": "N/A"}}},
        ]},
    ],
    "rewardbench": [
        {"prompt": "Why?", "chosen": "a", "chosen_model": "m1", "rejected": "b", "rejected_model": "m2", "subset": "s",
         "id": 1},
    ],
    "mt_bench_judgments": [
        {"question_id": 81, "model_1": "m1", "model_2": "m2", "g1_winner": "model_1", "g2_winner": "tie",
         "judge": ["gpt", "pair"], "g1_judgment": "x", "g2_judgment": "y", "turn": 1, "tstamp": 1.0},
        {"question_id": 81, "model": "m1", "judge": ["gpt", "single"], "judgment": "x", "score": -1, "turn": 1},
    ],
    "argilla": [
        {"prompt": "Why?", "response_a": "a", "response_b": "b",
         "better": [{"user_id": "u1", "value": [{"rank": 1, "value": "response_a"}, {"rank": 2, "value": "response_b"}],
                     "status": "submitted"}]},
    ],
}  # fmt: skip
FILES = {
    "arena": "arena.jsonl", "helpsteer3": "helpsteer3.jsonl", "plain": "plain.csv", "label_studio": "label_studio.json",
    "argilla": "argilla.json", "helm": "helm.csv", "preference": "preference.jsonl", "hh": "hh.jsonl",
}  # fmt: skip
STRANGE: list[Any] = [
    None, "", 0, -1, 2**63, 1e308, True, [], {}, [None], [[]], {"x": {}}, "\x00", "x" * 300, "\ud800", ["x"], "tie",
]  # fmt: skip


def sources() -> list[tuple[str, str, bytes]]:
    written = [(name, Path(file).suffix, (GOLDEN / file).read_bytes()) for name, file in FILES.items()]
    own = [(name, ".jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode()) for name, rows in ROWS.items()]
    return written + own


def test_the_undamaged_files_are_right(tmp_path: Path) -> None:
    for name, suffix, content in sources():
        path = write(tmp_path / f"{name}{suffix}", content)
        rows, errors = read(name, path)
        assert errors.rows == []
        assert only(rows, JudgmentRow), name
        assert sniffing.guess(path) == name


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place inside a row."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [place for key, child in inner for place in places(child, (*path, key))]


def mutated(row: Any, place: tuple[Any, ...], value: Any) -> Any:
    changed = json.loads(json.dumps(row))
    target = changed
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    return changed


def test_a_strange_value_at_any_place_never_raises(tmp_path: Path) -> None:
    tried = refused = 0
    dice = random.Random(20261124)
    for name, suffix, content in sources():
        if suffix == ".csv":
            continue
        rows = json.loads(content) if suffix == ".json" else [json.loads(line) for line in content.splitlines()]
        found = [(row, place) for row in rows for place in places(row)]
        for row, place in dice.sample(found, min(30, len(found))):
            path = write(tmp_path / f"{name}.jsonl", json.dumps(mutated(row, place, dice.choice(STRANGE))) + "\n")
            _, errors = read(name, path)
            check_errors(errors.rows, path.name)
            tried, refused = tried + 1, refused + (errors.total > 0)
    assert tried >= 200
    assert refused >= tried // 3


@pytest.mark.parametrize("name", sorted({*FILES, *ROWS}))
def test_random_damage_never_raises(tmp_path: Path, name: str) -> None:
    dice = random.Random(name)
    for source, suffix, content in sources():
        if source == name:
            for number in range(30):
                path = write(tmp_path / f"file{number}{suffix}", damage(content, dice))
                _, errors = read(name, path)
                check_errors(errors.rows, path.name)
