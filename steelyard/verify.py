"""Check this folder against its manifest: python3 verify.py. Needs nothing but Python 3.8 or newer."""

import hashlib
import json
import sys
from pathlib import Path

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
CHUNK = 1 << 20


def digest(path: Path) -> str:
    state = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            state.update(chunk)
    return state.hexdigest()


def read_sums(folder: Path) -> "dict[str, str] | None":
    """Return the hashes of SHA256SUMS; its last line holds the hash of the lines above it."""
    content = (folder / SUMS).read_bytes()
    body, _, last = content.rstrip(b"\n").rpartition(b"\n")
    if last != b"# " + hashlib.sha256(body + b"\n").hexdigest().encode() or not content.endswith(b"\n"):
        return None
    lines = [line.split("  ", 1) for line in body.decode("utf-8").split("\n")]
    return {name: value for value, name in lines}


def read_manifest(folder: Path) -> "dict[str, tuple[str, int]]":
    document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return {entry["path"]: (entry["sha256"], entry["bytes"]) for entry in document["files"]}


def is_inside(name: str) -> bool:
    parts = name.split("/")
    return not name.startswith("/") and ".." not in parts and "\\" not in name and ":" not in name


def check(folder: Path) -> "list[str]":
    """Return what is wrong, one sentence a file."""
    for name in (MANIFEST, SUMS):
        if not (folder / name).is_file():
            return [name + ": is missing"]
    try:
        sums = read_sums(folder)
    except (ValueError, UnicodeDecodeError):
        sums = None
    problems = [] if sums else [SUMS + ": was changed"]
    if sums and sums.get(MANIFEST) != digest(folder / MANIFEST):
        return problems + [MANIFEST + ": was changed"]
    try:
        listed = read_manifest(folder)
    except (ValueError, KeyError, TypeError):
        return problems + [MANIFEST + ": cannot be read"]
    for name, (expected, size) in sorted(listed.items()):
        problems += check_file(folder, name, expected, size)
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    extra = present - set(listed) - {MANIFEST, SUMS}
    return problems + [name + ": is not in the manifest" for name in sorted(extra) if "__pycache__" not in name]


def check_file(folder: Path, name: str, expected: str, size: int) -> "list[str]":
    path = folder / name
    if not is_inside(name):
        return [name + ": points outside the folder"]
    if not path.is_file() or path.is_symlink():
        return [name + ": is missing"]
    found = path.stat().st_size
    if found != size:
        return [f"{name}: has {found} bytes instead of {size}"]
    return [] if digest(path) == expected else [name + ": was changed"]


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent)
    return report(check(folder))


def report(problems: "list[str]") -> int:
    for problem in problems:
        print(problem)
    if problems:
        print(f"FAILED: {len(problems)} of the files do not match")
        return 1
    print("OK: files match the manifest; unsigned")
    return 0


if __name__ == "__main__":
    sys.exit(main())
