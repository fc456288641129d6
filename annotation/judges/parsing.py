"""Bind a judge's answer to a verdict, or say why there is none. A failure is a state, never a verdict."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from annotation.judges import echoes, envelope, strict_json, token_odds
from annotation.judges.schema import ABSENT, SEVERITIES, AnyMenu, Label, LabelMenu, Menu, RatingMenu

type State = Literal["judged", "abstain", "refused", "filtered", "invalid", "error"]
type Outcome = Literal["first", "second", "tie", "both_bad"]
type Code = Literal["", "not_json", "extra_text", "off_menu", "conflict", "missing", "truncated", "empty", "echo"]

LATEST = "binding/1"
REASON_CHARS = 20_000
REFUSAL_CHARS = 400
_JSON_SPACE = " \t\r\n"
_CODE_FENCE = re.compile(r"```(?:json)?[ \t]*\r?\n(.*)\n[ \t]*```", re.DOTALL)
_VERDICT_LINE = re.compile(r"^VERDICT:[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)
_REFUSAL = re.compile(
    r"(?:i['\u2019]?m sorry|i am sorry|sorry|i apologi[sz]e|i (?:can(?:no|['\u2019])t|am unable|won['\u2019]t))\b",
    re.IGNORECASE,
)


class UnknownParser(KeyError):
    """A parser version this software does not carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """What was asked for: menu, labels, form of the answer, and the material an answer may only have echoed."""

    menu: AnyMenu
    output: Literal["schema", "text", "logprob"] = "schema"
    labels: Label = ("A", "B")
    nonce: str = ""
    material: tuple[str, ...] = ()
    on_conflict: Literal["invalid", "last"] = "invalid"
    least_mass: float = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bound answer in shown terms. `outcome` is set exactly when `state` is judged.

    `strength` is positive when the first response shown is better, 0 without a winner, None when not asked.
    `score` and `labels` stand in place of an outcome where one response was judged; `p_first` and `menu_mass` come
    from the probabilities of the first token where those were asked for.
    """

    state: State
    outcome: Outcome | None = None
    strength: int | None = None
    reason: str = ""
    code: Code = ""
    parser_version: str = LATEST
    score: int | None = None
    labels: dict[str, int | None] | None = None
    p_first: float | None = None
    menu_mass: float | None = None


def parse(raw: bytes, form: AnswerForm, *, http_status: int | None = 200, version: str = LATEST) -> Verdict:
    """Bind the raw bytes of an answer: a pure function, so stored answers can be bound again at any time."""
    if version not in PARSERS:
        raise UnknownParser(f"No parser {version!r}; known are {', '.join(sorted(PARSERS))}.")
    return PARSERS[version](raw, form, http_status)


def _binding_1(raw: bytes, form: AnswerForm, http_status: int | None) -> Verdict:
    answer = envelope.read(raw)
    if answer.finish_reason == "content_filter" or answer.error_code == "content_filter":
        return Verdict("filtered")
    if http_status is None or not 200 <= http_status < 300 or answer.is_error:
        return Verdict("error")
    if answer.refusal:
        return Verdict("refused", reason=_reason_or_nothing(answer.refusal))
    if form.output == "logprob":
        return _bind_odds(answer, form)
    if answer.finish_reason == "length":
        return _invalid("truncated")
    if answer.fault:
        return _invalid(answer.fault)
    if answer.content is None or not str(answer.content).strip():
        return _invalid("empty")
    if not isinstance(answer.content, str):
        return _invalid("missing")
    return _bind_object(answer.content, form) if form.output == "schema" else _bind_lines(answer.content, form)


PARSERS: dict[str, Callable[[bytes, AnswerForm, int | None], Verdict]] = {"binding/1": _binding_1}


def _bind_object(content: str, form: AnswerForm) -> Verdict:
    text = content.strip(_JSON_SPACE)
    if fenced := _CODE_FENCE.fullmatch(text):
        text = fenced[1]
    try:
        value = strict_json.loads(text)
    except strict_json.DuplicateKey:
        return _invalid("conflict")
    except strict_json.ExtraText:
        return _invalid("extra_text")
    except strict_json.NotJSON:
        if _declines(content):
            return Verdict("refused", reason=_reason_or_nothing(content))
        return _invalid("extra_text" if "{" in text else "not_json")
    verdict = _bind_fields(value, form)
    bound = verdict.state in ("judged", "abstain")
    return _invalid("echo") if bound and echoes.is_quotation(text, form.material) else verdict


def _bind_fields(value: Any, form: AnswerForm) -> Verdict:
    wanted = {"reason", *_wanted(form.menu)}
    if not isinstance(value, dict) or wanted - set(value):
        return _invalid("missing")
    if set(value) - wanted:
        return _invalid("extra_text")
    reason = value["reason"]
    if not strict_json.is_text(reason):
        return _invalid("not_json")
    if len(reason) > REASON_CHARS:
        return _invalid("extra_text")
    if isinstance(form.menu, RatingMenu):
        return _bind_score(value["score"], reason, form.menu)
    if isinstance(form.menu, LabelMenu):
        return _bind_labels(value["labels"], reason, form.menu)
    return _bind_word(value["verdict"], value.get("strength"), reason, form, form.menu)


def _wanted(menu: AnyMenu) -> set[str]:
    if isinstance(menu, RatingMenu):
        return {"score"}
    if isinstance(menu, LabelMenu):
        return {"labels"}
    return {"verdict", "strength"} if menu.levels else {"verdict"}


def _bind_score(score: object, reason: str, menu: RatingMenu) -> Verdict:
    if type(score) is not int or score not in menu.scores():
        return _invalid("off_menu")
    return Verdict("judged", reason=reason, score=score)


def _bind_labels(given: object, reason: str, menu: LabelMenu) -> Verdict:
    if not isinstance(given, dict) or {option.key for option in menu.labels} - set(given):
        return _invalid("missing")
    if len(given) > len(menu.labels):
        return _invalid("extra_text")
    words = (ABSENT, *SEVERITIES) if menu.asks_severity else (False, True)
    if any(type(word) is not type(words[0]) or word not in words for word in given.values()):
        return _invalid("off_menu")
    applied = {key: word for key, word in given.items() if word != words[0]}
    found = {key: words.index(word) - 1 if menu.asks_severity else None for key, word in applied.items()}
    if len(found) > 1 and not menu.takes_several:
        return _invalid("conflict")
    return Verdict("judged", reason=reason, labels=found)


def _bind_word(word: object, strength: object, reason: str, form: AnswerForm, menu: Menu) -> Verdict:
    if not isinstance(word, str) or word not in menu.verdicts(form.labels):
        return _invalid("off_menu")
    if not menu.levels:
        return _judged(word, None, reason, form)
    if type(strength) is not int or strength not in menu.strengths():
        return _invalid("off_menu")
    return _judged(word, strength, reason, form)


def _bind_odds(answer: envelope.Envelope, form: AnswerForm) -> Verdict:
    if not isinstance(form.menu, Menu) or not answer.first_token:
        return _invalid("missing")
    odds = token_odds.read(answer.first_token, form.menu.verdicts(form.labels))
    if odds.menu_mass < form.least_mass:
        return Verdict("invalid", code="off_menu", menu_mass=odds.menu_mass)
    bound = _judged(odds.word, None, "", form)
    return replace(bound, p_first=odds.share_of(form.labels[0]), menu_mass=odds.menu_mass)


def _judged(word: str, strength: int | None, reason: str, form: AnswerForm, code: Code = "") -> Verdict:
    if strength is not None and (strength == 0) == (word in form.labels):
        return _invalid("conflict")
    if word == "abstain":
        return Verdict("abstain", reason=reason, code=code)
    outcome = _outcome(word, form.labels)
    if strength is not None and outcome == "second":
        strength = -strength
    return Verdict("judged", outcome, strength, reason, code)


def _outcome(word: str, labels: Label) -> Outcome:
    if word in labels:
        return "first" if word == labels[0] else "second"
    return "tie" if word == "tie" else "both_bad"


def _bind_lines(content: str, form: AnswerForm) -> Verdict:
    lines = list(_VERDICT_LINE.finditer(content))
    own = [line for line in lines if not echoes.covers(content, line.span(), form.nonce, form.material)]
    if not own:
        if not lines and _declines(content):
            return Verdict("refused", reason=_reason_or_nothing(content))
        return _invalid("echo" if lines else "missing")
    words = [line[1] for line in own]
    on_menu = form.menu.verdicts(form.labels) if isinstance(form.menu, Menu) else ()
    if words[-1] not in on_menu:
        return _invalid("off_menu")
    conflict = any(word != words[-1] and word in on_menu for word in words)
    if conflict and form.on_conflict == "invalid":
        return _invalid("conflict")
    code: Code = "conflict" if conflict else "echo" if len(own) < len(lines) else ""
    reason = content[: own[-1].start()].strip()
    return _judged(words[-1], None, _reason_or_nothing(reason), form, code)


def _declines(content: str) -> bool:
    text = content.strip()
    return len(text) <= REFUSAL_CHARS and _REFUSAL.match(text) is not None


def _reason_or_nothing(text: str) -> str:
    return text[:REASON_CHARS] if strict_json.is_text(text) else ""


def _invalid(code: Code) -> Verdict:
    return Verdict("invalid", code=code)
