"""Say which code made a figure: the sources' hash and the libraries' versions."""

import functools
import hashlib
from importlib.metadata import version
from pathlib import Path

STATISTICS = ("agreement", "bayes", "validity")
LIBRARIES = ("pymc", "nutpie", "arviz", "numpy", "scipy", "numba", "pandas", "krippendorff")


@functools.cache
def code_version() -> str:
    """Return the hash of every source file that a statistic comes from."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    files = [path for room in STATISTICS for path in (root / room).rglob("*.py")]
    for path in sorted([*files, root / "frames.py"]):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@functools.cache
def libraries() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}
