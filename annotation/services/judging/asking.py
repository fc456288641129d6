"""Turn a request of the record into what a judge reads."""

import hmac

from django.conf import settings

from annotation.judges import config as judge_config
from annotation.judges import probes, prompts
from annotation.judges.schema import AnyMenu, LabelMenu, Menu, Option, RatingMenu
from annotation.models import Criterion, JudgeRequest


def prompt(request: JudgeRequest, frozen: judge_config.JudgeConfig) -> prompts.Prompt:
    """Build the prompt: the same bytes whenever the same request is asked."""
    return prompts.build(
        judge_task(request, frozen), frozen, idempotency_key=request.idempotency_key, nonce_key=_nonce_key()
    )


def judge_task(request: JudgeRequest, frozen: judge_config.JudgeConfig) -> prompts.JudgeTask:
    """Return the task in the shown order, its texts changed where the request is a probe."""
    criterion = request.task.rubric.criteria.get(key=request.criterion_key)
    shown = probes.apply(request.probe, _material(request, frozen))
    first, second = (shown.a, shown.b) if request.shown_order == "ab" or shown.b is None else (shown.b, shown.a)
    return prompts.JudgeTask(
        criterion_name=criterion.name,
        criterion_question=criterion.question,
        guide=request.task.rubric.guide,
        messages=shown.messages,
        response_1=first,
        response_2=second,
        menu=menu(criterion),
    )


def menu(criterion: Criterion) -> AnyMenu:
    """Return what a judge may answer to a criterion."""
    if criterion.scale == Criterion.Scale.COMPARISON:
        levels = criterion.levels if criterion.levels > 3 else 0
        return Menu(tie=criterion.allow_tie, both_bad=criterion.allow_both_bad, levels=levels)  # type: ignore[arg-type]
    options = tuple(Option(key=o["key"], name=o["name"], says=o.get("says", "")) for o in criterion.options)
    if criterion.scale == Criterion.Scale.RATING:
        return RatingMenu(levels=options)
    return LabelMenu(labels=options, takes_several=criterion.takes_several, asks_severity=criterion.asks_severity)


def _material(request: JudgeRequest, frozen: judge_config.JudgeConfig) -> probes.Material:
    task = request.task
    words = frozen.slot_labels if request.shown_order == "ab" else frozen.slot_labels[::-1]
    return probes.Material(
        messages=tuple(prompts.Message(m["role"], m["content"]) for m in task.prompt.messages),
        a=task.response_a.text or "",
        b=None if task.response_b is None else task.response_b.text or "",
        words=(words[0], words[1]),
    )


def _nonce_key() -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"judge-nonce", "sha256")
