"""Bind stored answers anew under other reading rules: another judge, no calls."""

from dataclasses import replace
from typing import Any

from django.db import transaction

from annotation.judges import config as judge_config
from annotation.judges import orders, parsing
from annotation.models import JudgeConfig, JudgeRequest, JudgeRun, User
from annotation.permissions import check_may_change
from annotation.services import audit
from annotation.services.judging import asking, planning, recording, registering
from annotation.services.judging.endpoints import JudgeRefused

ENDED = {"judged": "succeeded", "abstain": "succeeded", "error": "failed"}


@transaction.atomic
def reread(*, config: JudgeConfig, by: User, **rules: Any) -> JudgeConfig:
    """Register the judge that the other rules make, and record what they read in the stored bytes."""
    check_may_change(by, config.campaign)
    old = judge_config.JudgeConfig.from_json(config.settings)
    if not rules or not rules.keys() <= {"parser_version", "on_conflict"}:
        raise JudgeRefused("Stored answers are read anew under another parser version or conflict rule only.")
    new = replace(old, **rules)
    if new.parser_version not in parsing.PARSERS:
        raise JudgeRefused(f"No parser {new.parser_version!r}; known are {', '.join(sorted(parsing.PARSERS))}.")
    name = f"{config.annotator.name}, read anew"
    made = registering.register(config.endpoint, new, name=name, by=by, derived_from=config, currency=config.currency)
    run = JudgeRun(campaign=config.campaign, config=made, mode=JudgeRun.Mode.REPLAY, state=JudgeRun.State.FINISHED)
    audit.save(run, "judge_run.create", by=by, campaign=config.campaign, kind=run.kind, mode=run.mode)
    answered = config.requests.exclude(state__in=[*JudgeRequest.OPEN, "cancelled"]).filter(probe="")
    for request in answered.select_related("task__rubric", "task__prompt", "task__response_a", "task__response_b"):
        _reread(request, old, new, made, run)
    return made


def _reread(
    request: JudgeRequest,
    old: judge_config.JudgeConfig,
    new: judge_config.JudgeConfig,
    made: JudgeConfig,
    run: JudgeRun,
) -> None:
    last = request.attempts.order_by("-number").first()
    if last is None:
        return
    # The answer was given to the old prompt, so its fence ids are what an echo would repeat.
    form = replace(asking.prompt(request, old).form, on_conflict=new.on_conflict)
    verdict = parsing.parse(
        bytes(last.response_body or b""), form, http_status=last.http_status, version=new.parser_version
    )
    criterion = request.task.rubric.criteria.get(key=request.criterion_key)
    showing = orders.Showing(request.round, request.sample, "ba" if request.shown_order == "ba" else "ab")
    copy = planning.request(made, request.task, criterion, showing)
    copy.run, copy.state, copy.code = run, ENDED.get(verdict.state, verdict.state), verdict.code
    copy.verdict = recording.canonical(verdict, request.shown_order)
    copy.save()
    recording.submit(copy, verdict)
