"""Training formats: the types of TRL and the transcripts of Anthropic's HH."""

from collections import Counter
from collections.abc import Iterable, Iterator

from calibration.exports.formats import pairs
from calibration.exports.formats.cases import Case, Row, one_turn, single_turn, turns, with_texts
from calibration.exports.options import Options

ASSISTANT = "\n\nAssistant: "
NAMES = {"user": "\n\nHuman: ", "assistant": ASSISTANT}


def preference(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Explicit prompt, conversational: what DPO and most trainers recommend."""
    for pair in pairs.of(cases, options, counts):
        arms = {"chosen": _answer(pair.chosen), "rejected": _answer(pair.rejected)}
        yield {"prompt": turns(pair.item), **arms, **pair.columns(options)}


def preference_standard(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Explicit prompt, plain texts."""
    plain = (case for case, _ in one_turn(cases, counts))
    for pair in pairs.of(plain, options, counts):
        arms = {"prompt": single_turn(pair.item), "chosen": pair.chosen, "rejected": pair.rejected}
        yield {**arms, **pair.columns(options)}


def preference_implicit(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Prompt inside both arms, conversational: what the reward trainer recommends."""
    for pair in pairs.of(cases, options, counts):
        prompt = turns(pair.item)
        arms = {"chosen": prompt + _answer(pair.chosen), "rejected": prompt + _answer(pair.rejected)}
        yield {**arms, **pair.columns(options)}


def unpaired(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """One row an arm, with a label, for KTO and BCO."""
    for pair in pairs.of(cases, options, counts):
        for text, label in ((pair.chosen, True), (pair.rejected, False)):
            yield {"prompt": turns(pair.item), "completion": _answer(text), "label": label, **pair.columns(options)}


def prompts(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Prompts alone, each once, for GRPO, RLOO and online DPO."""
    seen: set[str] = set()
    for case in with_texts(cases, counts):
        if case.item.prompt_id in seen:
            counts["same_prompt"] += 1
            continue
        seen.add(case.item.prompt_id)
        counts["written"] += 1
        yield {"prompt": turns(case.item), "prompt_id": case.item.prompt_id}


def completions(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Prompt and preferred response, for supervised training."""
    for pair in pairs.of(cases, options, counts):
        yield {"prompt": turns(pair.item), "completion": _answer(pair.chosen), **pair.columns(options)}


def language_modeling(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """The conversation with its preferred response."""
    for pair in pairs.of(cases, options, counts):
        yield {"messages": turns(pair.item) + _answer(pair.chosen), **pair.columns(options)}


def transcripts(cases: Iterable[Case], options: Options, counts: Counter[str]) -> Iterator[Row]:
    """Anthropic's HH: whole conversations as text, of user and assistant turns only."""
    for pair in pairs.of(_of_two_roles(cases, counts), options, counts):
        prompt = _transcript(turns(pair.item))
        yield {"chosen": prompt + ASSISTANT + pair.chosen, "rejected": prompt + ASSISTANT + pair.rejected}


def _of_two_roles(cases: Iterable[Case], counts: Counter[str]) -> Iterator[Case]:
    for case in cases:
        if all(message["role"] in NAMES for message in case.item.messages):
            yield case
        else:
            counts["other_roles"] += 1


def _transcript(messages: list[dict[str, str]]) -> str:
    return "".join(NAMES[message["role"]] + message["content"] for message in messages)


def _answer(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]
