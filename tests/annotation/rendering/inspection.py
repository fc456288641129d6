"""A second opinion on rendered HTML, written without looking at the sanitizer."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

HARMLESS = {
    "a", "blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "section",
    "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
    "math", "menclose", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "ms", "mspace",
    "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
}  # fmt: skip
PLAIN_ATTRIBUTES = {
    "accent", "aria-label", "class", "columnalign", "dir", "display", "displaystyle", "fence", "form", "linethickness",
    "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rel", "role", "rspace", "scriptlevel",
    "separator", "start", "stretchy", "symmetric", "tabindex", "target", "width", "height", "depth",
}  # fmt: skip
CLASSES = {"scroll", "maths", "message", "message-role"}
LINK_REL = "noopener noreferrer nofollow"


@dataclass
class Inspector(HTMLParser):
    """Collect what is suspicious, and the words a reader sees."""

    complaints: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HARMLESS:
            self.complaints.append(f"<{tag}>")
        for name, value in attrs:
            self._check(tag, name, value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.complaints.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.complaints.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.complaints.append("instruction")

    def _check(self, tag: str, name: str, value: str) -> None:
        if name == "href":
            parts = urlsplit(value)
            if tag != "a" or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
                self.complaints.append(f"{tag} href={value}")
        elif name not in PLAIN_ATTRIBUTES:
            self.complaints.append(f"{tag} {name}={value}")
        elif name == "class":
            allowed = CLASSES | {f"message-{role}" for role in ("user", "assistant", "system", "tool")}
            foreign = [word for word in value.split() if len(word) > 2 and word not in allowed]
            if any(not word.startswith("language-") for word in foreign):
                self.complaints.append(f"{tag} class={value}")
        elif name == "rel" and value != LINK_REL:
            self.complaints.append(f"rel={value}")
        elif name == "aria-label":
            self.names.add(value)


def inspect(html: str) -> Inspector:
    """Return what a plain HTML parser makes of it."""
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector
