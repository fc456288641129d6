"""Turn LaTeX formulas into MathML, or into their source where that is not safe or not possible."""

import re
from html import escape, unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

LENGTH_CAP = 2_000
NESTING_CAP = 20
# A fraction of a root in a matrix needs about ten levels of MathML; the sanitizer slows down with depth.
ELEMENT_DEPTH_CAP = 80

# Environments the converter does not know, or would number, and the nearest it knows.
_ENVIRONMENTS = {
    "aligned": "split", "alignedat": "split", "align": "align*", "gather": "matrix", "gather*": "matrix",
    "gathered": "matrix", "multline": "matrix", "multline*": "matrix",
}  # fmt: skip
_ENVIRONMENT = re.compile(r"\\(begin|end)\{([a-z]+\*?)\}")
_REFERENCE = re.compile("&#x[0-9A-Fa-f]{4,6};")


def to_html(source: str, *, display: bool) -> str | None:
    """Return MathML for a formula, or None where only its source can be shown."""
    if len(source) > LENGTH_CAP or _braces(source) > NESTING_CAP:
        return None
    try:
        element = convert_to_element(_in_known_environments(source), display="block" if display else "inline")
        _decode(element)
        text = "".join(element.itertext())
        markup = tostring(element, encoding="unicode")
    except Exception:  # the converter raises its own errors, IndexError, KeyError, RecursionError and more
        return None
    is_lost = bool(source) and not text.strip()
    is_torn = "&" in text and "\\&" not in source
    if is_lost or is_torn or _depth(element) > ELEMENT_DEPTH_CAP:
        return None
    return markup


def _in_known_environments(source: str) -> str:
    return _ENVIRONMENT.sub(lambda match: f"\\{match[1]}{{{_ENVIRONMENTS.get(match[2], match[2])}}}", source)


def _decode(root: Element) -> None:
    """Put characters where the converter left references like ``&#x0003D;``.

    Its own ``convert`` unescapes the finished markup instead, which would turn text of a formula into elements.
    """
    for element in root.iter():
        element.text = _REFERENCE.sub(lambda match: unescape(match.group()), element.text or "")


def source_html(source: str) -> str:
    """Return the formula as written, for a formula that cannot be drawn."""
    return f"<code>{escape(source, quote=False)}</code>"


def _braces(source: str) -> int:
    deepest = level = 0
    for char in source:
        level += (char == "{") - (char == "}")
        deepest = max(deepest, level)
    return deepest


def _depth(root: Element) -> int:
    deepest, stack = 0, [(root, 1)]
    while stack:
        element, depth = stack.pop()
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in element)
    return deepest
