"""Make characters visible that hide, reorder or forge text."""

import re
import unicodedata

# Blank although their category says letter, mark or symbol: Hangul and Khmer fillers, the grapheme joiner, the empty
# Braille cell, and variation selectors except U+FE0F, which ordinary emoji carry.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """Return a single-line name with every hidden character written as ``[U+XXXX]``.

    The result is plain text: whoever puts it into a page still escapes it.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(escaped(char) if _is_hidden(char) else char for char in text)


def escaped(char: str) -> str:
    """Return the written form of one character."""
    return f"[U+{ord(char):04X}]"


def bidi_visible(text: str) -> str:
    """Return text with the controls that reorder it written out, so that code reads as it runs."""
    return BIDI_CONTROLS.sub(lambda match: escaped(match.group()), text)


def well_formed(text: str) -> str:
    """Return text that can be stored and encoded: NUL and lone surrogates become the replacement character."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN_CATEGORIES or _BLANK.match(char) is not None
