"""Write a calibration into a folder: every file or none, and the same bytes for the same calibration."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from calibration.standalone import plots
from calibration.standalone.problems import BadInput
from calibration.standalone.results import Calibration

TABLES = ("annotators", "systems", "items", "win_probability", "population", "confusion", "prevalence", "differences")
FILES = (
    *(f"{name}.csv" for name in (*TABLES, "predictions")),
    "agreement.json",
    "diagnostics.json",
    "run.json",
    "plots.html",
)


def check_folder(out: Path) -> None:
    """Refuse a folder that could not be written, before anything is computed."""
    if out.exists() and not out.is_dir():
        raise BadInput(f"{out} is a file; name a folder.")
    existing = next(place for place in (out.absolute(), *out.absolute().parents) if place.exists())
    if not existing.is_dir():
        raise BadInput(f"{existing} is a file, so {out} cannot be made; name another folder.")
    try:
        with tempfile.TemporaryDirectory(dir=existing):
            pass
    except OSError as error:
        raise BadInput(f"{existing} cannot be written ({error.strerror}); name another folder.") from None


def write(calibration: Calibration, out: Path) -> Path:
    """Write beside the folder first, then move in; files of an earlier calibration are replaced, others stay."""
    check_folder(out)
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=f".{out.name}.") as folder:
        made = Path(folder) / "made"
        made.mkdir()
        _fill(calibration, made)
        _move(made, out)
    return out


def _fill(calibration: Calibration, folder: Path) -> None:
    tables = calibration.tables
    if calibration.predictions is not None:
        tables |= {"predictions": calibration.predictions}
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    _json(folder / "agreement.json", calibration.agreement)
    _json(folder / "diagnostics.json", calibration.diagnostics)
    _json(folder / "run.json", calibration.run | {"warnings": list(calibration.warnings)})
    (folder / "plots.html").write_text(plots.page(calibration), encoding="utf-8")


def _move(made: Path, out: Path) -> None:
    if not out.exists():
        made.rename(out)
        return
    for name in FILES:
        if not (made / name).exists():
            (out / name).unlink(missing_ok=True)
    for path in sorted(made.iterdir()):
        shutil.move(path, out / path.name)


def _json(path: Path, value: Any) -> None:
    text = json.dumps(_plain(value), indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    """Give values that JSON has; what is not a finite number is null."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is not None and not isinstance(value, str | int | float | bool) and pd.isna(value):
        return None
    return value
