"""Decide which link targets of untrusted text may become links."""

import re
from urllib.parse import urlsplit

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"]")


def is_allowed(url: str, own_hosts: frozenset[str] = frozenset()) -> bool:
    """Return whether the target is absolute http(s), without user information, and not one of our own hosts."""
    if _UNSAFE.search(url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not url.lower().startswith(f"{parts.scheme}://"):
        return False
    return bool(host) and "@" not in parts.netloc and (host or "").rstrip(".") not in own_hosts
