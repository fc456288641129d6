"""What the judgments are worth: agreement, models, dashboards, releases.

In a notebook ``calibration.calibrate(frame)`` does the whole job on a table, without server or database.
"""

from typing import Any

_NOTEBOOK = ("calibrate", "Calibration", "BadInput")


def __getattr__(name: str) -> Any:
    """Load the notebook's functions when they are first used: they bring pandas along."""
    if name not in _NOTEBOOK:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from calibration import standalone

    return getattr(standalone, name)
