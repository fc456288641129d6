"""How large an imported file may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one file; lengths in bytes where the text is not decoded yet."""

    file_bytes: int = 1_000_000_000
    line_bytes: int = 10_000_000
    rows: int = 5_000_000
    depth: int = 32
    nodes: int = 100_000


LIMITS = Limits()
