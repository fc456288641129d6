"""Render whole texts and conversations: the one door for untrusted text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from typing import Protocol

from annotation.rendering import invisible, markdown, sanitizing

SOURCE_CAP = 100_000
HTML_CAP = 1_000_000
RENDERER_VERSION = "1 " + " ".join(
    f"{package}={version(package)}" for package in ("markdown-it-py", "latex2mathml", "pygments", "nh3")
)

_CUT = "<p>The text goes on; it is too long to be shown whole.</p>\n"
_ROLES = {"user": "User", "assistant": "Assistant", "system": "System", "tool": "Tool"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """Safe HTML, what was shown more plainly than written, and which renderer made it."""

    html: str
    flags: tuple[str, ...]
    renderer_version: str = RENDERER_VERSION


class Message(Protocol):
    """One turn of a conversation."""

    @property
    def role(self) -> str: ...

    @property
    def content(self) -> str: ...


def render(text: str, *, own_hosts: frozenset[str] = frozenset()) -> Rendered:
    """Return the text as safe HTML; over a cap, or where rendering fails, its escaped source and a flag."""
    return _guarded(lambda: _convert(text, own_hosts), source=text)


def render_messages(messages: Sequence[Message], *, own_hosts: frozenset[str] = frozenset()) -> Rendered:
    """Return a conversation, each turn under the name of its role; a lone user message stands without one."""
    if len(messages) == 1 and messages[0].role == "user":
        return render(messages[0].content, own_hosts=own_hosts)
    source = "\n\n".join(f"{_ROLES.get(turn.role, 'Tool')}:\n{turn.content}" for turn in messages)
    return _guarded(lambda: _convert_turns(messages, own_hosts), source=source)


def _guarded(convert: Callable[[], tuple[str, set[str]]], *, source: str) -> Rendered:
    if len(source) > SOURCE_CAP or len(source.encode(errors="replace")) > SOURCE_CAP:
        return _as_source(source, "source_too_long")
    try:
        html, flags = convert()
        if len(html) > HTML_CAP:
            return _as_source(source, "html_too_long")
        return Rendered(html=sanitizing.clean(html), flags=tuple(sorted(flags)))
    except markdown.TooMuch as over:
        return _as_source(source, over.flag)
    except Exception:  # a parser's fault on hostile input must cost its formatting, never the import
        return _as_source(source, "render_failed")


def _convert(text: str, own_hosts: frozenset[str]) -> tuple[str, set[str]]:
    return markdown.to_html(invisible.well_formed(text), own_hosts)


def _convert_turns(messages: Sequence[Message], own_hosts: frozenset[str]) -> tuple[str, set[str]]:
    parts, flags = [], set[str]()
    for turn in messages:
        role = turn.role if turn.role in _ROLES else "tool"
        body, found = _convert(turn.content, own_hosts)
        parts.append(
            f'<section class="message message-{role}"><p class="message-role">{_ROLES[role]}</p>\n{body}</section>\n'
        )
        flags |= found
    return "".join(parts), flags


def _as_source(source: str, flag: str) -> Rendered:
    """Show the source escaped; what does not fit is named, not dropped in silence."""
    text = invisible.bidi_visible(invisible.well_formed(source[:HTML_CAP]))
    body = escape(text, quote=False)
    flags = [flag]
    if len(body) > HTML_CAP or len(source) > HTML_CAP:
        body = escape(text[: HTML_CAP // 5], quote=False)
        flags.append("cut")
    html = f'<pre tabindex="0" role="group" aria-label="Source"><code>{body}</code></pre>\n'
    return Rendered(html=sanitizing.clean(html + (_CUT if "cut" in flags else "")), flags=tuple(flags))
