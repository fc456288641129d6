"""ARCHITECTURE.md's table of rooms is the tree, and the budgets of a room hold."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 60
SOURCES = [
    path
    for app in ("annotation", "calibration", "deploy", "steelyard")
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
]


def rooms_in_the_table() -> set[str]:
    text = (ROOT / "ARCHITECTURE.md").read_text().split("## Directions")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE))


def rooms_in_the_tree() -> set[str]:
    rooms = {"templates", "static", "tests", "docs", "deploy/local", "deploy/demo", "steelyard"}
    for app in ("annotation", "calibration"):
        for path in (ROOT / app).iterdir():
            is_room = path.is_dir() and any(path.rglob("*.py")) and path.name != "__pycache__"
            if is_room or (path.suffix == ".py" and path.name != "__init__.py"):
                rooms.add(f"{app}/{path.name}")
    return rooms


def test_the_table_of_rooms_is_the_tree():
    assert rooms_in_the_table() == rooms_in_the_tree()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_functions_stay_small(path):
    text = path.read_text()
    assert len(text.splitlines()) <= MAX_FILE_LINES
    nodes = ast.walk(ast.parse(text))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [f"{one.name}: {lines_of_code(one)} lines" for one in functions if lines_of_code(one) > MAX_FUNCTION_LINES]
    assert long == []


def lines_of_code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without its docstring: a statistic explains itself at length."""
    docstring = node.body[0] if ast.get_docstring(node) else None
    explained = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
    return node.end_lineno - node.lineno + 1 - explained
