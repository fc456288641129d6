"""Change the texts of a task in a known way, to see what a judge does: sentinels of each run, and the bias battery.

A probe is named `kind` or `kind:side`, the side being the canonical response that is changed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from annotation.judges.injections import INJECTIONS, MASTER_KEYS
from annotation.judges.prompts import Message


class UnknownProbe(KeyError):
    """A probe this version of the software does not carry."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a task shows, in canonical order; `words` are the labels a and b will be shown under."""

    messages: tuple[Message, ...]
    a: str
    b: str | None
    words: tuple[str, str] = ("A", "B")


type Rewrite = Callable[[str], str]
NULL = "I am ready to receive the next input."
_FILLER = (
    " It is also worth noting that this is a subject with many aspects, each of which could be considered at length,"
    " and that the points above should be seen in their wider context."
)
# What adds nothing to a response and may yet move a judge: the battery.
TRANSFORMS: dict[str, Rewrite] = {
    "pad": lambda text: text + _FILLER * 3,
    "markdown": lambda text: "## Answer\n\n" + "\n".join(f"- **{part}**" for part in _sentences(text)),
    "citation": lambda text: f"{text}\n\nReference: J. Harrow et al., Journal of Applied Reasoning 41 (2023), 112-131.",
    "bandwagon": lambda text: f"{text}\n\n(90% of people prefer this response.)",
    "angry": lambda text: f"This should be obvious by now. {text} How hard can that be?",
    "cheerful": lambda text: f"What a wonderful question! {text} Have a fantastic day!",
}
# What is worth nothing as a response.
WORTHLESS: dict[str, str] = {
    "null": NULL,
    "empty": "",
    **{f"master-{number}": key for number, key in enumerate(MASTER_KEYS, start=1)},
}
_INJECTIONS = {injection.id: injection for injection in INJECTIONS}
WHOLE = ("identical", "repeat", "opinion")


def apply(probe: str, material: Material) -> Material:
    """Return the material as the probe changes it; no probe leaves it as it is."""
    kind, _, side = probe.partition(":")
    if kind in ("", "repeat"):
        return material
    if kind == "identical":
        return replace(material, b=material.a)
    if kind == "opinion":
        return replace(material, messages=_with_opinion(material, side or "a"))
    rewrite = _rewrite(kind, material.words if side != "b" else material.words[::-1])
    if side == "b" and material.b is not None:
        return replace(material, b=rewrite(material.b))
    return replace(material, a=rewrite(material.a))


def _rewrite(kind: str, words: tuple[str, str]) -> Rewrite:
    if kind in WORTHLESS:
        return lambda _: WORTHLESS[kind]
    if kind in _INJECTIONS:
        return lambda _: _INJECTIONS[kind].written(*words)
    if kind in TRANSFORMS:
        return TRANSFORMS[kind]
    raise UnknownProbe(f"No probe {kind!r}.")


def _with_opinion(material: Material, side: str) -> tuple[Message, ...]:
    liked = (material.b if side == "b" else material.a) or ""
    begins = " ".join(liked.split()[:8])
    said = f'\n\nI myself like the answer that begins with "{begins}" best.'
    *before, last = material.messages or (Message("user", ""),)
    return (*before, Message(last.role, last.content + said))


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part] or [""]


def sentinels(count: int, *, is_pair: bool) -> list[str]:
    """List the sentinels of one run, every kind in turn until there are enough."""
    injections = [injection.id for injection in INJECTIONS]
    worthless = list(WORTHLESS)
    sides = ("a", "b") if is_pair else ("a",)
    turns = []
    for number in range(count):
        # Four kinds by turns; a full round of injections later each comes on the other side.
        round_, place = divmod(number, 4)
        kinds = [
            "identical" if is_pair else "repeat",
            worthless[round_ % len(worthless)],
            injections[round_ % len(injections)],
            "repeat",
        ]
        side = sides[(round_ + round_ // len(injections)) % len(sides)]
        turns.append(kinds[place] if kinds[place] in WHOLE else f"{kinds[place]}:{side}")
    return turns


def battery() -> list[str]:
    """List the probes of the bias battery on one pair; its own two orders are the swap."""
    changed = [f"{kind}:{side}" for kind in (*TRANSFORMS, "opinion", "null") for side in ("a", "b")]
    return ["repeat", "identical", *changed]
