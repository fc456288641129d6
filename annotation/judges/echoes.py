"""Find the parts of a judge's answer that only repeat the material it was shown."""

import re
from collections.abc import Iterator

RUN = 40
MARK = "VERDICT:"
_SPACE = re.compile(r"\s+")


def is_quotation(answer: str, material: tuple[str, ...]) -> bool:
    """Tell whether the whole answer stands, white space aside, somewhere in the material."""
    squashed = _SPACE.sub("", answer)
    return any(squashed in _SPACE.sub("", text) for text in material)


def covers(answer: str, span: tuple[int, int], nonce: str, material: tuple[str, ...]) -> bool:
    """Tell whether the span of the answer lies in a region that repeats a fence or a run of the material.

    A text shorter than a run counts as repeated where all of it stands in the answer, if it brings a verdict line.
    """
    return _in_fence(answer, span, nonce) or any(_repeats(answer, span, text) for text in material)


def _in_fence(answer: str, span: tuple[int, int], nonce: str) -> bool:
    marks = [found.start() for found in re.finditer(re.escape(nonce), answer)] if nonce else []
    # From the first repeated tag to the last: text between two fences is repeated too.
    return bool(marks) and (_line_start(answer, marks[0]) < span[1] and span[0] <= marks[-1])


def _line_start(answer: str, at: int) -> int:
    return answer.rfind("\n", 0, at) + 1


def _repeats(answer: str, span: tuple[int, int], text: str) -> bool:
    run = text.strip()[:RUN]
    if len(run) < RUN:
        return MARK in run and any(_overlaps(found, span) for found in _places(answer, run))
    first, last = max(0, span[0] - RUN + 1), min(span[1] - 1, len(answer) - RUN)
    return any(answer[at : at + RUN] in text for at in range(first, last + 1))


def _places(answer: str, run: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in re.finditer(re.escape(run), answer))


def _overlaps(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
