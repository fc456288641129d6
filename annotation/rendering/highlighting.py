"""Colour code with the few classes the style sheet knows."""

from collections.abc import Iterator
from functools import cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType

TEXT_CAP = 20_000
# Pygments' lexers are quadratic on hostile input, those of the C family cubic: code is lexed in pieces.
PIECE = 2_000
_SMALLER_PIECES = {"c": 500, "cpp": 500, "java": 500, "csharp": 250}

_NAMES = {
    "bash": "bash sh shell zsh", "c": "c h", "cpp": "cpp c++ cc cxx hpp", "csharp": "csharp c# cs", "css": "css",
    "diff": "diff patch", "docker": "dockerfile docker", "go": "go golang", "haskell": "haskell hs", "html": "html htm",
    "java": "java", "javascript": "javascript js jsx node", "json": "json", "julia": "julia jl", "kotlin": "kotlin kt",
    "php": "php", "powershell": "powershell ps1", "python": "python py python3", "r": "r", "ruby": "ruby rb",
    "rust": "rust rs", "sql": "sql sqlite postgresql mysql", "swift": "swift", "tex": "tex latex", "toml": "toml",
    "typescript": "typescript ts tsx", "xml": "xml svg",
}  # fmt: skip
LANGUAGES = {alias: language for language, aliases in _NAMES.items() for alias in aliases.split()}

_CLASSES: dict[_TokenType, str] = {
    Token.Keyword: "k", Token.Keyword.Namespace: "kn", Token.Keyword.Type: "nb", Token.Operator.Word: "ow",
    Token.Name.Function: "nf", Token.Name.Class: "nf", Token.Name.Namespace: "nn", Token.Name.Builtin: "nb",
    Token.Name.Tag: "k", Token.Name.Attribute: "nf", Token.Literal.String: "s1", Token.Literal.String.Double: "s2",
    Token.Literal.String.Doc: "sd", Token.Literal.String.Affix: "sa", Token.Literal.Number: "mi",
    Token.Literal.Number.Float: "mf", Token.Comment: "c1", Token.Generic.Deleted: "s1", Token.Generic.Inserted: "mi",
    Token.Generic.Heading: "k", Token.Generic.Subheading: "k",
}  # fmt: skip
CLASSES = frozenset(_CLASSES.values())


def language_of(info: str) -> str | None:
    """Return the language a fence names, None where it is unknown."""
    words = info.split(maxsplit=1)
    return LANGUAGES.get(words[0].lower().strip("{}.")) if words else None


def to_html(code: str, language: str) -> str:
    """Return escaped code with a span around each token the style sheet colours."""
    lexer = _lexer(language)
    return "".join(_spans(lexer, piece) for piece in _pieces(code, _SMALLER_PIECES.get(language, PIECE)))


@cache
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


def _pieces(code: str, size: int) -> Iterator[str]:
    """Cut at blank lines where there are any, else at line ends, so that few tokens are torn."""
    start = 0
    while len(code) - start > size:
        window = code[start : start + size]
        cut = (window.rfind("\n\n") + 2 if "\n\n" in window else window.rfind("\n") + 1) or size
        yield window[:cut]
        start += cut
    yield code[start:]


def _spans(lexer: Lexer, piece: str) -> str:
    html, pending, current = [], "", ""
    for kind, value in lexer.get_tokens(piece):
        name = _class_of(kind)
        if name != current:
            html.append(_span(pending, current))
            pending, current = "", name
        pending += value
    return "".join(html) + _span(pending, current)


def _span(text: str, name: str) -> str:
    body = escape(text, quote=False)
    return f'<span class="{name}">{body}</span>' if name and text else body


def _class_of(kind: _TokenType) -> str:
    node: _TokenType | None = kind
    while node is not None:
        if node in _CLASSES:
            return _CLASSES[node]
        node = node.parent
    return ""
