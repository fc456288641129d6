"""What a release may be asked to do differently; stored with it, printed in its manifest."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

TIES = ("drop", "both", "keep")
LABEL_MODES = ("hard", "soft", "replicate", "votes")
SOURCES = ("human+judge", "human", "judge")
PROFILES = ("public", "partner", "hash_only", "internal")
FORMATS = (
    "preference", "preference_standard", "preference_implicit", "unpaired", "prompts", "completions",
    "language_modeling", "hh", "helpsteer3", "arena", "mt_bench", "alpaca_eval", "label_studio", "argilla", "plain",
    "helm", "crowd_kit_pairs", "crowd_kit_labels", "krippendorff", "krippendorff_matrix", "lewidi",
)  # fmt: skip
# What only people can say of a data set; whatever they leave out is printed as "not recorded".
ABOUT = (
    "motivation", "funding", "collection", "speakers", "sensitive", "uses", "unsuitable_uses", "social_impact",
    "distribution", "maintenance", "contact", "citation",
)  # fmt: skip
ABOUT_CAP = 5_000
LICENSE_CAP = 100


class BadOption(ValueError):
    """The option does not exist or does not take this value."""


@dataclass(frozen=True, slots=True)
class Options:
    """Choices of the person who asks for a release.

    formats: the files under `data/`. label_mode: `hard` takes the likelier response, `soft` adds the shares of the
    label, `replicate` writes as many copies as there are votes, `votes` one row a vote. ties: `drop` and `keep` leave
    ties out of formats that have none, `both` writes them in both directions. min_confidence: keep preferences with
    |p_a_better - .5| of at least this. source: whose votes count; with all of them labels are the run's posterior, with
    some they are vote shares. criterion: the one of the files under `data/`; empty stands for the rubric's first.
    margin: add 2p - 1, which TRL's reward trainer puts into its loss. extra: hand on the unnamed columns of imported
    files. profile: what is left out for whom. csv_guard: no cell of a CSV file can become a formula. license: an SPDX
    name. about: what people say of the data set.
    """

    formats: tuple[str, ...] = ("preference",)
    label_mode: str = "hard"
    ties: str = "drop"
    min_confidence: float = 0.0
    source: str = "human+judge"
    criterion: str = ""
    margin: bool = False
    extra: bool = False
    profile: str = "public"
    csv_guard: bool = True
    license: str = ""
    about: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"formats": list(self.formats)}


def read(raw: Mapping[str, Any]) -> Options:
    """Return checked options; an unknown one is refused, never ignored."""
    known = {field.name for field in fields(Options)}
    if unknown := sorted(raw.keys() - known):
        raise BadOption(f"There is no option {unknown[0]!r}. The options are {', '.join(sorted(known))}.")
    options = Options(**raw)
    for name, allowed in (("label_mode", LABEL_MODES), ("ties", TIES), ("source", SOURCES), ("profile", PROFILES)):
        if getattr(options, name) not in allowed:
            raise BadOption(f"{name} is one of {', '.join(allowed)}, not {getattr(options, name)!r}.")
    for name in ("margin", "extra", "csv_guard"):
        if not isinstance(getattr(options, name), bool):
            raise BadOption(f"{name} is true or false.")
    _check_confidence(options.min_confidence)
    _check_words(options)
    return Options(**(asdict(options) | {"formats": _formats(options.formats)}))


def _check_confidence(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadOption("min_confidence is a number from 0 to 0.5.")
    if not 0 <= value <= 0.5:
        raise BadOption(f"min_confidence is a number from 0 to 0.5, not {value}.")


def _check_words(options: Options) -> None:
    if not isinstance(options.criterion, str):
        raise BadOption("criterion is the key of a criterion.")
    if not isinstance(options.license, str) or len(options.license) > LICENSE_CAP or "\n" in options.license:
        raise BadOption("license is the SPDX name of a licence, such as CC-BY-4.0.")
    about = options.about
    if not isinstance(about, dict) or not all(isinstance(text, str) for text in about.values()):
        raise BadOption("about is an object of texts.")
    if unknown := sorted(about.keys() - set(ABOUT)):
        raise BadOption(f"about has no {unknown[0]!r}. It may hold {', '.join(ABOUT)}.")
    if any(len(text) > ABOUT_CAP for text in about.values()):
        raise BadOption(f"A text of about has at most {ABOUT_CAP:,} characters. Shorten it.")


def _formats(wanted: Any) -> tuple[str, ...]:
    """Return the wanted formats, each once and in their own order, so that the same wish gives the same bytes."""
    if not isinstance(wanted, list | tuple) or not all(isinstance(name, str) for name in wanted):
        raise BadOption("formats is a list of names.")
    if unknown := sorted(set(wanted) - set(FORMATS)):
        raise BadOption(f"There is no format {unknown[0]!r}. The formats are {', '.join(FORMATS)}.")
    return tuple(name for name in FORMATS if name in wanted)
