"""What the simulated judge takes for the quality of a response."""

import json
import math
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

_WORD = re.compile(r"\w+")
_REFUSAL = re.compile(r"\b(?:i can(?:no|['\u2019])t|i am unable|as an ai)\b", re.IGNORECASE)


class QualityTable:
    """Known qualities by SHA-256 of the response text, read again when their file changes."""

    def __init__(self, path: str = "", known: Mapping[str, float] | None = None) -> None:
        self._path = Path(path) if path else None
        self._stamp = 0
        self._known = dict(known or {})

    def quality(self, text: str) -> float:
        """Return the known quality of the text, or an impression of it."""
        self._refresh()
        known = self._known.get(digest(text))
        return impression(text) if known is None else known

    def _refresh(self) -> None:
        if self._path is None or not self._path.exists():
            return
        stamp = self._path.stat().st_mtime_ns
        if stamp != self._stamp:
            loaded = json.loads(self._path.read_text("utf-8"))
            self._known = {key: float(value) for key, value in loaded.items()}
            self._stamp = stamp


def digest(text: str) -> str:
    """Return the key of a response text in the table."""
    return sha256(text.encode()).hexdigest()


def impression(text: str) -> float:
    """Guess a quality between -2 and 2 from the looks of a text: substance, variety, an ending, no refusal."""
    words = [word.lower() for word in _WORD.findall(text)]
    if not words:
        return -2.0
    substance = math.tanh(math.log(len(words) / 40))
    variety = len(set(words)) / len(words) - 0.6
    ending = 0.2 if text.rstrip()[-1:] in ".!?)`|}" else -0.2
    refusal = -0.8 if _REFUSAL.search(text) else 0.0
    return max(-2.0, min(2.0, substance + variety + ending + refusal))
