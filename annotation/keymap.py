"""The desk's single keys: what each does, and what a person may put in its place."""

import string
from collections.abc import Mapping

DEFAULTS = {
    "tie": "t",
    "undo": "u",
    "skip": "s",
    "flag": "f",
    "comment": "c",
    "guide": "g",
    "difference": "d",
    "scroll": "y",
    "keys": "?",
}
NAMES = {
    "tie": "Tie",
    "undo": "Undo",
    "skip": "Skip",
    "flag": "Flag",
    "comment": "Comment",
    "guide": "Guide",
    "difference": "Differences",
    "scroll": "Scroll together",
    "keys": "Key sheet",
}
# Digits answer, so they are not among them.
OFFERED = (*string.ascii_lowercase, "?", ".", ",", "-", "+")
OFF = ""


def in_force(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return each default key with the key that stands in its place for a person."""
    known = {action: key for action, key in chosen.items() if action in DEFAULTS and (key in OFFERED or key == OFF)}
    return {default: known.get(action, default) for action, default in DEFAULTS.items()}
