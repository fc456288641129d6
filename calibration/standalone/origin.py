"""What a result follows from besides its data: the code and the libraries."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

ROOMS = ("agreement", "bayes", "standalone")
LIBRARIES = ("arviz", "krippendorff", "numba", "numpy", "nutpie", "pandas", "pymc", "pytensor", "scipy")


@functools.cache
def code_sha256() -> str:
    """Hash every source file that the figures come from."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(path for room in ROOMS for path in (root / room).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def versions(libraries: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """Name the version of Python and of each library."""
    return {"python": platform.python_version()} | {name: version(name) for name in libraries}
