"""Build what a judge reads. Nothing here has a place for a system's name, a gold answer or another's judgment."""

import hmac
import json
import re
from dataclasses import dataclass
from hashlib import sha256
from string import Template as Wording

from annotation.judges import templates
from annotation.judges.config import JudgeConfig
from annotation.judges.parsing import AnswerForm
from annotation.judges.schema import ABSENT, SEVERITIES, AnyMenu, Label, LabelMenu, Menu, Option, RatingMenu
from annotation.judges.templates import Template

NONCE_TRIES = 8
_ROLE = re.compile(r"[a-z_]{1,32}")


class NonceInText(ValueError):
    """Every nonce we may use stands in the text already, so no fence would hold it."""


class BadRole(ValueError):
    """A conversation role that is no plain word."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation the responses answer."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeTask:
    """One criterion of one task, its two responses in the order they will be shown, or its only one."""

    criterion_name: str
    criterion_question: str
    guide: str
    messages: tuple[Message, ...]
    response_1: str
    response_2: str | None
    menu: AnyMenu

    @property
    def material(self) -> tuple[str, ...]:
        """List every text that somebody else wrote."""
        return (*(message.content for message in self.messages), *self.responses)

    @property
    def responses(self) -> tuple[str, ...]:
        """List the responses in the order shown."""
        return (self.response_1,) if self.response_2 is None else (self.response_1, self.response_2)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages for the chat API and the form in which their answer will be bound."""

    messages: tuple[dict[str, str], ...]
    form: AnswerForm


def build(task: JudgeTask, config: JudgeConfig, *, idempotency_key: str, nonce_key: bytes) -> Prompt:
    """Return the prompt; the same arguments give the same bytes, so a replay rebuilds them."""
    template = templates.get(config.template, config.template_sha256)
    nonce = _unused_nonce(nonce_key, idempotency_key, (*task.material, task.guide))
    form = AnswerForm(
        menu=task.menu,
        output=config.output,
        labels=config.slot_labels,
        nonce=nonce,
        material=task.material,
        on_conflict=config.on_conflict,
        least_mass=float(config.least_mass),
    )
    user = [*_fences(template, task, nonce, config.quoting), _instruction(template, form)]
    messages = (
        {"role": "system", "content": _system(template, task, form)},
        {"role": "user", "content": "\n\n".join(user)},
    )
    return Prompt(messages, form)


def derive_nonce(nonce_key: bytes, idempotency_key: str, counter: int = 0) -> str:
    """Return the fence id: known to us alone, and the same whenever the request is rebuilt."""
    text = f"{idempotency_key}|{counter}" if counter else idempotency_key
    return hmac.new(nonce_key, text.encode(), sha256).hexdigest()[:16]


def _unused_nonce(nonce_key: bytes, idempotency_key: str, texts: tuple[str, ...]) -> str:
    for counter in range(NONCE_TRIES):
        nonce = derive_nonce(nonce_key, idempotency_key, counter)
        if not any(nonce in text for text in texts):
            return nonce
    raise NonceInText("The text to be judged holds every fence id we could use; the request was not sent.")


def _system(template: Template, task: JudgeTask, form: AnswerForm) -> str:
    return Wording(template.system).substitute(
        criterion=task.criterion_name,
        question=task.criterion_question,
        guide=Wording(template.guide).substitute(guide=task.guide) if task.guide.strip() else "",
        menu="\n".join(_menu_lines(template, task.menu, form.labels)),
        nonce=form.nonce,
    )


def _menu_lines(template: Template, menu: AnyMenu, labels: Label) -> list[str]:
    if isinstance(menu, RatingMenu):
        return [_line(str(score), option) for score, option in zip(menu.scores(), menu.levels, strict=True)]
    if isinstance(menu, LabelMenu):
        return [_line(option.key, option) for option in menu.labels]
    explained = {
        labels[0]: template.verdict_first,
        labels[1]: template.verdict_second,
        "tie": template.verdict_tie,
        "both_bad": template.verdict_both_bad,
        "abstain": template.verdict_abstain,
    }
    return [Wording(explained[word]).substitute(word=word) for word in menu.verdicts(labels)]


def _line(word: str, option: Option) -> str:
    return f"{word}: {option.name}" + (f" ({option.says})" if option.says else "")


def _fences(template: Template, task: JudgeTask, nonce: str, quoting: str) -> list[str]:
    blocks = []
    for number, message in enumerate(task.messages, start=1):
        if not _ROLE.fullmatch(message.role):
            raise BadRole(f"Message {number} has the role {message.role!r}; use user, assistant or system.")
        text = _quoted(message.content, quoting)
        blocks.append(Wording(template.message).substitute(number=number, role=message.role, nonce=nonce, text=text))
    for number, response in enumerate(task.responses, start=1):
        text = _quoted(response, quoting)
        blocks.append(Wording(template.response).substitute(number=number, nonce=nonce, text=text))
    return blocks


def _quoted(text: str, quoting: str) -> str:
    return json.dumps(text, ensure_ascii=False) if quoting == "json" else text


def _instruction(template: Template, form: AnswerForm) -> str:
    if not isinstance(form.menu, Menu):
        return Wording(template.output_schema).substitute(words=_fields(form.menu))
    words = ", ".join(form.menu.verdicts(form.labels))
    if form.output != "schema":
        wording = template.output_text if form.output == "text" else template.output_logprob
        return Wording(wording).substitute(words=words)
    instruction = Wording(template.output_schema).substitute(words=words)
    if not form.menu.levels:
        return instruction
    strengths = form.menu.strengths()
    listed = ", ".join(map(str, strengths))
    return instruction + Wording(template.output_strength).substitute(strengths=listed, strongest=strengths[-1])


def _fields(menu: RatingMenu | LabelMenu) -> str:
    if isinstance(menu, RatingMenu):
        return f'"score", a whole number from 1 to {len(menu.levels)}'
    several = "any number of them may apply" if menu.takes_several else "at most one of them applies"
    word = f"one of {', '.join((ABSENT, *SEVERITIES))}" if menu.asks_severity else "true if it applies, else false"
    return f'"labels", an object with every label of the list: {word}; {several}'
