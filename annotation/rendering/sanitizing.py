"""The allow-list that every piece of rendered text passes last."""

import re

import nh3

from annotation.rendering import highlighting, links

ARIA_NAMES = frozenset({"Code", "Table", "Formula", "Source"})
LINK_REL = "noopener noreferrer nofollow"

_PROSE_TAGS = {
    "a", "blockquote", "br", "code", "del", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "section", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_MATH_TAGS = {
    "math", "menclose", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "ms", "mspace",
    "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
}  # fmt: skip
_FRAME = {"class", "tabindex", "role", "aria-label"}
_SIZES = {
    "width",
    "height",
    "depth",
    "lspace",
    "rspace",
    "voffset",
    "minsize",
    "maxsize",
    "rowspacing",
    "columnspacing",
}
_MATH_SIGNS = {
    "accent", "accentunder", "columnalign", "columnlines", "display", "displaystyle", "fence", "form", "linethickness",
    "mathvariant", "movablelimits", "notation", "rowlines", "scriptlevel", "separator", "stretchy", "symmetric",
}  # fmt: skip

_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"dir"}, "a": {"href", "target"}, "ol": {"start"}, "code": {"class"}, "section": {"class"}, "p": {"class"},
    "span": _FRAME, "pre": _FRAME, "div": _FRAME,
} | dict.fromkeys(_MATH_TAGS, _SIZES | _MATH_SIGNS)  # fmt: skip

# At most a few ems forward and less than one back: no formula may cover or push away what stands beside it.
_SIZE = re.compile(r"(0|-?0?\.\d{1,4}(em|ex)|\d(\.\d{1,4})?(em|ex))")
_SIGN = re.compile(r"[a-z0-9 .+-]{1,40}")
_CLASS = re.compile(r"scroll|maths|message message-(user|assistant|system|tool)|message-role|language-[a-z]+")


def clean(html: str) -> str:
    """Return the HTML with everything removed that the allow-list does not name."""
    return nh3.clean(
        html,
        tags=_PROSE_TAGS | _MATH_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep,
        url_schemes={"http", "https"},
        link_rel=LINK_REL,
        strip_comments=True,
    )


def _keep(tag: str, name: str, value: str) -> str | None:
    return value if _is_fine(name, value) and (tag != "math" or name in {"display", "dir"}) else None


def _is_fine(name: str, value: str) -> bool:
    match name:
        case "href":
            return links.is_allowed(value)
        case "class":
            return value in highlighting.CLASSES or _CLASS.fullmatch(value) is not None
        case "aria-label":
            return value in ARIA_NAMES
        case "dir":
            return value in {"auto", "ltr"}
        case "start":
            return value.isascii() and value.isdigit() and len(value) < 10
        case _ if name in _SIZES:
            return _SIZE.fullmatch(value) is not None
        case _:
            return (name, value) in _FIXED or (name in _MATH_SIGNS and _SIGN.fullmatch(value) is not None)


_FIXED = {("tabindex", "0"), ("role", "group"), ("target", "_blank"), ("rel", LINK_REL)}
