"""Untrusted text to safe HTML, once, at import."""

from annotation.rendering.documents import RENDERER_VERSION, Rendered, render, render_messages
from annotation.rendering.invisible import visible

__all__ = ["RENDERER_VERSION", "Rendered", "render", "render_messages", "visible"]
