"""Guess the format of a file from the columns of its first row."""

from pathlib import Path

from annotation.readers.errors import ErrorLog
from annotation.readers.sources import LIMITS, Limits, Record, records
from annotation.readers.tools import is_old

# The first line whose columns a row has wins, so those with more of their own stand first.
COLUMNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("label_studio", frozenset({"data", "annotations"})),
    ("helpsteer3", frozenset({"context", "response1", "response2"})),
    ("ultrafeedback", frozenset({"instruction", "completions"})),
    ("nectar", frozenset({"prompt", "answers"})),
    ("mt_bench_judgments", frozenset({"question_id", "judge", "g1_winner"})),
    ("mt_bench_judgments", frozenset({"question_id", "judge", "score", "model"})),
    ("arena", frozenset({"model_a", "model_b", "winner", "conversation_a"})),
    ("helm", frozenset({"WorkerId", "Input.prompt"})),
    ("plain", frozenset({"prompt", "response_1", "response_2", "choice"})),
    ("canonical", frozenset({"prompt_id", "system_a", "system_b", "annotator_id", "outcome"})),
    ("ratings", frozenset({"prompt_id", "system", "annotator_id", "criterion"})),
    ("tasks", frozenset({"prompt_id", "system", "response"})),
    ("rewardbench", frozenset({"prompt", "chosen", "rejected", "subset"})),
    ("preference", frozenset({"prompt", "chosen", "rejected"})),
)
FOLDERS: tuple[tuple[str, frozenset[str]], ...] = (
    ("llmfao", frozenset({"crowd-comparisons.csv", "pairs-crowd.jsonl"})),
    ("mt_bench", frozenset({"human.jsonl", "gpt4_pair.jsonl"})),
)
STEMS = (("judgments", "canonical"), ("tasks", "tasks"))


def guess(path: Path, limits: Limits = LIMITS) -> str | None:
    """Return the name of the format that a file or folder is most likely in, None if it is like none of them."""
    if path.is_dir():
        names = {file.name for file in path.iterdir()}
        found = next((name for name, files in FOLDERS if files <= names), None)
        stems = {Path(name).stem for name in names}
        return found or next((name for stem, name in STEMS if stem in stems), None)
    first = next(records(path, ErrorLog(), limits), None)
    return _of(first) if first else None


def _of(first: Record) -> str | None:
    columns = first.values.keys()
    if any(name.endswith(".responses") or is_old(value) for name, value in first.values.items()):
        return "argilla"
    if columns >= {"chosen", "rejected"} and "prompt" not in columns:
        is_transcript = isinstance(first.values["chosen"], str) and "\n\nHuman:" in first.values["chosen"]
        return "hh" if is_transcript else "preference"
    return next((name for name, known in COLUMNS if known <= columns), None)
