r"""Find formulas between \( \), \[ \] and $$ $$, with or without a blank line before them, as models write them."""

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from annotation.rendering.formulas import LENGTH_CAP

_INLINE = {"\\(": ("\\)", "math_inline"), "\\[": ("\\]", "math_inline_double")}
_BLOCK = {"\\[": "\\]", "$$": "$$"}
_INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def plugin(md: MarkdownIt) -> None:
    """Add the rules; a display formula may follow a paragraph without a blank line."""
    md.inline.ruler.before("escape", "math_delimiters", _inline)
    md.block.ruler.before("fence", "math_delimiters_block", _block, _INTERRUPTS)


def _inline(state: StateInline, silent: bool) -> bool:
    opening = state.src[state.pos : state.pos + 2]
    if opening not in _INLINE:
        return False
    closing, kind = _INLINE[opening]
    end = _end(state.src, state.pos + 2, state.posMax, closing)
    if end < 0:
        return False
    if not silent:
        state.push(kind, "math", 0).content = state.src[state.pos + 2 : end]
    state.pos = end + 2
    return True


def _block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    start = state.bMarks[start_line] + state.tShift[start_line]
    opening = state.src[start : start + 2]
    if opening not in _BLOCK or state.is_code_block(start_line):
        return False
    end = _end(state.src, start + 2, state.eMarks[end_line - 1], _BLOCK[opening])
    last = start_line
    while last < end_line and state.eMarks[last] < end:
        last += 1
    if end < 0 or state.src[end + 2 : state.eMarks[last]].strip():
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        token.block = True
        token.content = state.getLines(start_line, last + 1, state.tShift[start_line], False).strip()[2:-2]
        state.line = last + 1
    return True


def _end(text: str, start: int, limit: int, closing: str) -> int:
    """Return where the closing mark is; -1 if it is missing or too far, or a blank line or nothing stands between."""
    end = text.find(closing, start, min(limit, start + LENGTH_CAP))
    if end < 0 or "\n\n" in text[start:end] or not text[start:end].strip():
        return -1
    return end
