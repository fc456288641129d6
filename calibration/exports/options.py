"""What a release may be asked to do differently; stored with it, printed in its manifest."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

TIES = ("drop", "both")


class BadOption(ValueError):
    """The option does not exist or does not take this value."""


@dataclass(frozen=True, slots=True)
class Options:
    """Choices of the person who asks for a release.

    ties: `drop` leaves tasks whose likeliest outcome is a tie out of the preference file, `both` writes them in both
    directions. min_confidence: keep preferences with |p_a_better - .5| of at least this. criterion: the one of the
    preference file; empty stands for the rubric's first. extra: hand on the unnamed columns of imported files.
    """

    ties: str = "drop"
    min_confidence: float = 0.0
    criterion: str = ""
    extra: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read(raw: Mapping[str, Any]) -> Options:
    """Return checked options; an unknown one is refused, never ignored."""
    known = {field.name for field in fields(Options)}
    if unknown := sorted(raw.keys() - known):
        raise BadOption(f"There is no option {unknown[0]!r}. The options are {', '.join(sorted(known))}.")
    options = Options(**raw)
    if options.ties not in TIES:
        raise BadOption(f"ties is one of {', '.join(TIES)}, not {options.ties!r}.")
    if isinstance(options.min_confidence, bool) or not isinstance(options.min_confidence, int | float):
        raise BadOption("min_confidence is a number from 0 to 0.5.")
    if not 0 <= options.min_confidence <= 0.5:
        raise BadOption(f"min_confidence is a number from 0 to 0.5, not {options.min_confidence}.")
    if not isinstance(options.criterion, str) or not isinstance(options.extra, bool):
        raise BadOption("criterion is the key of a criterion, extra is true or false.")
    return options
