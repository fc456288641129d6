"""How the simulated judge decides: a logistic choice with known biases, drawn from the hash of the request."""

import json
import math
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from annotation.judges.parametric.quality import QualityTable, digest
from annotation.judges.parametric.settings import Settings

STRENGTH_CUTS = (1.0, 2.2)
_OPENING = re.compile(r'<(?:message|response)_1[^>\n]* id="([0-9a-f]{16})">')
_TEXT_MENU = re.compile(r"VERDICT: <one of ([^>\n]+)>\s*\Z")
_WORD_MENU = re.compile(r"Answer with one word and nothing else: ([^.\n]+)\.\Z")
SCORE_CUT = 0.9
LABEL_SHARE = 0.15


class NotAQuestion(ValueError):
    """A chat request that is no comparison in our template."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the judge reads out of a request: the two texts and what it may answer."""

    first: str
    second: str
    words: tuple[str, ...]
    strengths: tuple[int, ...]
    structured: bool
    scores: tuple[int, ...] = ()
    labels: tuple[tuple[str, tuple[object, ...]], ...] = ()


def read(request: dict[str, Any]) -> Question:
    """Find the fenced responses and the menu in a chat request."""
    user = _last_content(request)
    opening = _OPENING.match(user)
    if not opening:
        raise NotAQuestion("The user message does not begin with a fence.")
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema")
    asked = {} if schema is None else schema["properties"]
    if "verdict" not in asked and asked:
        return _about_one(_fenced(user, 1, opening[1]), asked)
    first, second = (_fenced(user, number, opening[1]) for number in (1, 2))
    if schema is None:
        menu = _TEXT_MENU.search(user) or _WORD_MENU.search(user)
        if not menu:
            raise NotAQuestion("The request names no menu.")
        return Question(first, second, tuple(menu[1].split(", ")), (), structured=False)
    strengths = tuple(asked["strength"]["enum"]) if "strength" in asked else ()
    return Question(first, second, tuple(asked["verdict"]["enum"]), strengths, structured=True)


def _about_one(text: str, asked: dict[str, Any]) -> Question:
    labels = asked.get("labels", {}).get("properties", {})
    kinds = tuple((key, tuple(kind.get("enum", (False, True)))) for key, kind in labels.items())
    scores = tuple(asked.get("score", {}).get("enum", ()))
    return Question(text, "", (), (), structured=True, scores=scores, labels=kinds)


def answer(request: dict[str, Any], raw: bytes, settings: Settings, table: QualityTable) -> str:
    """Return the content of the judge's message; the same request bytes always get the same one."""
    question = read(request)
    if question.scores or question.labels:
        return json.dumps(_judge_one(question, raw, table))
    if request.get("logprobs"):
        return max(odds(question, settings, table).items(), key=lambda pair: pair[1])[0]
    word, margin = _choose(question, raw, settings, table)
    reason = _reason(word, question.words[:2], margin)
    if not question.structured:
        return f"{reason}\nVERDICT: {word}"
    fields: dict[str, object] = {"reason": reason, "verdict": word}
    if question.strengths:
        fields["strength"] = _strength(word in question.words[:2], margin, question.strengths)
    return json.dumps(fields)


def odds(question: Question, settings: Settings, table: QualityTable) -> dict[str, float]:
    """Return the probability of each word of the menu, ties within the tie band."""
    felt = preference(question, settings, table)
    band = settings.tie_band if "tie" in question.words else 0.0
    first, second = _logistic(felt - band), _logistic(-felt - band)
    found = {question.words[0]: first, question.words[1]: second}
    return found | ({"tie": 1 - first - second} if band else {})


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _judge_one(question: Question, raw: bytes, table: QualityTable) -> dict[str, object]:
    """Score one response by its quality, and apply each label to some texts."""
    reason = "Simulated judge: by the looks of it."
    if question.scores:
        cuts = [SCORE_CUT * (step - (len(question.scores) - 2) / 2) for step in range(len(question.scores) - 1)]
        felt = table.quality(question.first) + 0.5 * (_uniform(sha256(raw).digest()[:8]) - 0.5)
        return {"reason": reason, "score": question.scores[sum(felt > cut for cut in cuts)]}
    found = {}
    for key, words in question.labels:
        draw = _uniform(sha256(f"{key}|{question.first}".encode()).digest()[:8]) / LABEL_SHARE
        found[key] = words[0] if draw >= 1 else words[1 + int(draw * (len(words) - 1))]
    return {"reason": reason, "labels": found}


def preference(question: Question, settings: Settings, table: QualityTable) -> float:
    """Return the logit of preferring the first response shown."""
    better = table.quality(question.first) - table.quality(question.second)
    longer = math.log((len(question.first) + 1) / (len(question.second) + 1))
    own = (digest(question.first) in settings.own_responses) - (digest(question.second) in settings.own_responses)
    return (
        settings.discrimination * better
        + settings.first_slot_bias
        + settings.length_bias * longer
        + settings.self_preference * own
    )


def _choose(question: Question, raw: bytes, settings: Settings, table: QualityTable) -> tuple[str, float]:
    draws = sha256(raw).digest()
    uniform, lapse, pick = (_uniform(draws[at : at + 8]) for at in (0, 8, 16))
    if lapse < settings.lapse:
        blind = question.words[: 3 if "tie" in question.words else 2]
        return blind[int(pick * len(blind))], 0.0
    felt = preference(question, settings, table) + math.log(uniform / (1 - uniform))
    if "tie" in question.words and abs(felt) < settings.tie_band:
        best = max(table.quality(question.first), table.quality(question.second))
        poor = "both_bad" in question.words and best < settings.both_bad_below
        return ("both_bad" if poor else "tie"), abs(felt)
    return question.words[0 if felt > 0 else 1], abs(felt)


def _uniform(eight: bytes) -> float:
    # 52 bits, so that the value is never rounded up to 1.
    return (int.from_bytes(eight) // 2**12 + 0.5) / 2**52


def _strength(winner: bool, margin: float, strengths: tuple[int, ...]) -> int:
    return min(1 + sum(margin > cut for cut in STRENGTH_CUTS), strengths[-1]) if winner else 0


def _reason(word: str, labels: tuple[str, ...], margin: float) -> str:
    if word not in labels:
        return "Simulated judge: neither response stands out."
    degree = "much" if margin > STRENGTH_CUTS[1] else "clearly" if margin > STRENGTH_CUTS[0] else "slightly"
    return f"Simulated judge: response {word} looks {degree} better."


def _last_content(request: dict[str, Any]) -> str:
    messages = request.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else {}
    content = last.get("content") if isinstance(last, dict) else None
    if not isinstance(content, str):
        raise NotAQuestion("The request has no user message.")
    return content


def _fenced(user: str, number: int, nonce: str) -> str:
    opening, closing = f'<response_{number} id="{nonce}">\n', f'\n</response_{number} id="{nonce}">'
    start, end = user.find(opening), user.find(closing)
    if start < 0 or end < start:
        raise NotAQuestion(f"Response {number} is not fenced.")
    text = user[start + len(opening) : end]
    return _unquoted(text)


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text
