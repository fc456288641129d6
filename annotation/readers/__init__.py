"""Files of strangers to canonical rows, streamed; one module a format.

An annotator's id is the one its source gives, with the source before it where the format knows it (``llmfao:58``,
``mt_bench:expert_17``). The importer puts ``import:`` before every one, so that none can be taken for a local account.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from annotation.readers import (
    alpaca_eval,
    arena_hard,
    arenas,
    canonical,
    llmfao,
    mt_bench,
    mt_bench_judgments,
    ranked,
    ratings,
    tasks,
    tools,
    transcripts,
)
from annotation.readers.errors import ErrorLog
from annotation.readers.rows import Row

Reader = Callable[[Path, ErrorLog], Iterator[Row]]

FORMATS: dict[str, Reader] = {
    "tasks": tasks.read,
    "canonical": canonical.read,
    "llmfao": llmfao.read,
    "mt_bench": mt_bench.read,
    "ratings": ratings.read,
    "preference": transcripts.read_preference,
    "hh": transcripts.read_hh,
    "arena": arenas.read_arena,
    "helpsteer3": arenas.read_helpsteer3,
    "plain": arenas.read_plain,
    "nectar": ranked.read_nectar,
    "ultrafeedback": ranked.read_ultrafeedback,
    "rewardbench": ranked.read_rewardbench,
    "label_studio": tools.read_label_studio,
    "argilla": tools.read_argilla,
    "helm": tools.read_helm,
    "mt_bench_judgments": mt_bench_judgments.read,
    "alpaca_eval": alpaca_eval.read,
    "arena_hard": arena_hard.read,
}

# Formats whose annotators carry the name of their source.
NAMED_SOURCES = frozenset({"llmfao", "mt_bench", "mt_bench_judgments", "alpaca_eval", "arena_hard"})

__all__ = ["FORMATS", "NAMED_SOURCES", "ErrorLog", "Reader", "Row"]
