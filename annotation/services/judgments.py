"""The one door of judgments: browser, REST and judges submit here."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models.functions import Now

from annotation import tasktypes
from annotation.models import Annotator, Assignment, Campaign, Criterion, Enrollment, Judgment
from annotation.policies import CampaignNotOpen
from annotation.services import assignments, audit, rubrics
from annotation.tasktypes.answers import Answer, AnswerRefused

Outcome = Judgment.Outcome
SIDES = ("left", "right", "tie", "both_bad")
MAX_IDEMPOTENCY_KEY = 100


class AssignmentClosed(Exception):
    """The lease ran out and its place was taken, or the task was answered, skipped or revoked."""


class KeyReused(ValueError):
    """The idempotency key came before with another answer."""


class Submission(NamedTuple):
    judgments: tuple[Judgment, ...]
    replayed: bool


Answers = Mapping[str, Answer] | Callable[[Sequence[Criterion]], Mapping[str, Answer]]


@transaction.atomic
def submit(
    *,
    by: Annotator,
    assignment_id: str,
    answers: Answers,
    idempotency_key: str,
    campaign: Campaign | None = None,
    active_ms: int | None = None,
    comment: str = "",
    flags: Sequence[str] = (),
    provenance: Judgment.Provenance = Judgment.Provenance.LIVE,
) -> Submission:
    """Store the answers of one assignment, exactly once: all criteria of a person, one criterion a call of a judge.

    Locks the task, then looks the key up, then decides by counting rows; a replay returns the stored rows.
    A form hands in how to read it instead of answers, because the rubric is known only behind the lock.
    """
    if not 1 <= len(idempotency_key) <= MAX_IDEMPOTENCY_KEY:
        raise AnswerRefused(f"An idempotency key has 1 to {MAX_IDEMPOTENCY_KEY} characters.")
    assignment, now = lock(by, assignment_id, campaign)
    criteria = rubrics.criteria(assignment.task.rubric_id)
    given = answers(criteria) if callable(answers) else answers
    digest = _payload_digest(assignment_id, given, comment)
    before = _look(assignment, idempotency_key)
    if before.replayed:
        if any(sha != digest for sha in before.replayed.values()):
            raise KeyReused("This key was used for another answer. Send a new key with a new answer.")
        return Submission(_stored(before), replayed=True)
    answered = _check_answers(assignment, criteria, given)
    _check_takes_answer(assignment, before)
    rows = [_row(assignment, criterion, given[criterion.key], now, before) for criterion in answered]
    for row in rows:
        row.idempotency_key, row.payload_sha256 = idempotency_key, digest
        row.active_ms, row.comment, row.flags, row.provenance = active_ms, comment, list(flags), provenance
        audit.seal(row)
    Judgment.objects.bulk_create(rows)
    audit.record_all("judgment.create", rows, by=by, campaign=assignment.campaign)
    _close(assignment, now)
    return Submission(tuple(rows), replayed=False)


def lock(by: Annotator, assignment_id: str, campaign: Campaign | None) -> tuple[Assignment, datetime]:
    """Lock task and assignment in one statement, in the order in which a lease locks them; the moment is its own."""
    within = {"campaign": campaign} if campaign else {}
    found = (
        Assignment.objects.select_for_update(of=("task", "self"), no_key=True)
        .select_related("task", "campaign", "annotator")
        .annotate(now=Now())
        .filter(public_id=assignment_id, annotator=by, **within)
        .first()
    )
    if found is None:
        raise assignments.NotYours("This task is not yours. Go back to your tasks.")
    return found, found.now


class Last(NamedTuple):
    """The last row of a criterion's chain."""

    pk: int
    criterion_id: int
    revision: int
    is_retraction: bool


class Before(NamedTuple):
    """What the rows say once the lock is held: who else fills the task, who this person is, what they sent before."""

    others: int
    is_golden: bool
    standing: str | None
    campaign_state: str
    chains: dict[int, Last]
    replayed: dict[int, str]


# After the lock and therefore a statement of its own: the lock's own statement would see what was before it.
LOOK = """
select (select count(*) from (
          select j.annotator_id from annotation_judgment j join annotation_annotator p on p.id = j.annotator_id
           where j.task_id = %(task)s and p.kind = 'human' and j.round = 0 and not j.is_retraction
             and j.annotator_id <> %(annotator)s
             and not exists (select 1 from annotation_judgment later where later.supersedes_id = j.id)
          union
          select a.annotator_id from annotation_assignment a join annotation_annotator p on p.id = a.annotator_id
           where a.task_id = %(task)s and p.kind = 'human' and a.round = 0 and a.annotator_id <> %(annotator)s
             and a.state = 'leased' and a.expires_at > now()) people),
       exists (select 1 from annotation_gold g join annotation_task t on t.id = g.task_id
                where g.task_id = %(task)s and t.pool = 'gold'),
       (select state from annotation_enrollment
         where annotator_id = %(annotator)s and campaign_id = %(campaign)s),
       (select state from annotation_campaign where id = %(campaign)s),
       (select coalesce(json_agg(json_build_array(j.id, j.criterion_id, j.revision, j.is_retraction)), '[]')
          from annotation_judgment j
         where j.task_id = %(task)s and j.annotator_id = %(annotator)s and j.round = %(round)s
           and not exists (select 1 from annotation_judgment later where later.supersedes_id = j.id)),
       (select coalesce(json_agg(json_build_array(j.id, j.payload_sha256)), '[]') from annotation_judgment j
         where j.annotator_id = %(annotator)s and j.idempotency_key = %(key)s)
"""


def _look(assignment: Assignment, key: str) -> Before:
    values = {"task": assignment.task_id, "annotator": assignment.annotator_id, "campaign": assignment.campaign_id}
    with connection.cursor() as cursor:
        cursor.execute(LOOK, values | {"round": assignment.round, "key": key})
        others, is_golden, standing, state, chains, replayed = cursor.fetchone()
    lasts = [Last(*row) for row in _rows(chains)]
    return Before(
        others, is_golden, standing, state, {last.criterion_id: last for last in lasts}, dict(_rows(replayed))
    )


def _rows(value: Any) -> list[Any]:
    return list(json.loads(value) if isinstance(value, str) else value)


def _stored(before: Before) -> tuple[Judgment, ...]:
    return tuple(Judgment.objects.filter(pk__in=before.replayed).select_related("criterion").order_by("id"))


NOT_ACTIVE = "You are not an active evaluator of this campaign any more. Nothing was changed."


def check_is_active(assignment: Assignment) -> None:
    """Refuse a change by a person whose standing does not allow it; behind the lock of the assignment."""
    standing = Enrollment.objects.filter(annotator=assignment.annotator, campaign=assignment.campaign)
    if not standing.filter(state=Enrollment.State.QUALIFIED).exists():
        raise AssignmentClosed(NOT_ACTIVE)


def _check_takes_answer(assignment: Assignment, before: Before) -> None:
    if not assignment.annotator.is_human:
        return
    if before.campaign_state != Campaign.State.OPEN:
        assignment.campaign.state = before.campaign_state
        raise CampaignNotOpen(assignment.campaign)
    if before.standing != Enrollment.State.QUALIFIED:
        raise AssignmentClosed(NOT_ACTIVE)
    if assignment.state not in {Assignment.State.LEASED, Assignment.State.EXPIRED}:
        raise AssignmentClosed(f"This task is already {assignment.state}. Take the next one.")
    # Everybody may judge a task with a known answer: it checks people, and its overlap is no quota.
    if assignment.round == 0 and not before.is_golden and before.others >= assignment.campaign.overlap:
        raise AssignmentClosed("This task was open too long and went to somebody else. Take the next one.")


def _check_answers(
    assignment: Assignment, criteria: Sequence[Criterion], answers: Mapping[str, Answer]
) -> list[Criterion]:
    if unknown := answers.keys() - {criterion.key for criterion in criteria}:
        raise AnswerRefused(f"This task has no criterion {sorted(unknown)[0][:60]!r}.")
    missing = [criterion.name for criterion in criteria if criterion.key not in answers]
    if not answers or (missing and assignment.annotator.is_human):
        raise AnswerRefused(f"{missing[0]} has no answer yet. Choose one of the answers and submit again.")
    answered = [criterion for criterion in criteria if criterion.key in answers]
    for criterion in answered:
        _check_on_menu(criterion, answers[criterion.key], is_human=assignment.annotator.is_human)
    return answered


def _check_on_menu(criterion: Criterion, answer: Answer, *, is_human: bool) -> None:
    if is_human or answer.side not in NON_VERDICTS:
        tasktypes.scale_of(criterion).check(criterion, answer)


NON_VERDICTS = {
    "abstain": Outcome.ABSTAIN,
    "refused": Outcome.REFUSED,
    "filtered": Outcome.FILTERED,
    "invalid": Outcome.INVALID,
    "error": Outcome.ERROR,
}


def canonical(criterion: Criterion, answer: Answer, shown_order: str) -> dict[str, Any]:
    """Return the values of the record: free of the shown order, or why there is no verdict."""
    if answer.side in NON_VERDICTS:
        return {"outcome": NON_VERDICTS[answer.side]}
    return tasktypes.scale_of(criterion).record(criterion, answer, shown_order)


def _row(assignment: Assignment, criterion: Criterion, answer: Answer, now: datetime, before: Before) -> Judgment:
    last = before.chains.get(criterion.pk)
    if last and not last.is_retraction:
        raise AssignmentClosed(f"{criterion.name} is answered already. Take the next task.")
    return Judgment(
        campaign=assignment.campaign,
        task=assignment.task,
        annotator=assignment.annotator,
        criterion=criterion,
        assignment=assignment,
        round=assignment.round,
        revision=last.revision + 1 if last else 0,
        supersedes_id=last.pk if last else None,
        **canonical(criterion, answer, assignment.shown_order),
        shown_order=assignment.shown_order,
        rationale=answer.rationale,
        started_at=assignment.leased_at,
        submitted_at=now,
    )


def _close(assignment: Assignment, now: datetime) -> None:
    values: dict[str, Any] = {"assignment": assignment.pk, "task": assignment.task_id, "now": now}
    counts = assignment.annotator.is_human and assignment.round == 0
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, values | {"counts": counts, "overlap": assignment.campaign.overlap})


# Whether a task is open is a hint for picking only: those whose overlap is answered leave the index of open ones.
CLOSE = """
with answered as (
  update annotation_assignment set state = 'submitted', submitted_at = %(now)s, draft = '' where id = %(assignment)s
)
update annotation_task t set is_open = false
 where t.id = %(task)s and %(counts)s and (
   select count(distinct j.annotator_id) from annotation_judgment j join annotation_annotator p on p.id = j.annotator_id
    where j.task_id = t.id and p.kind = 'human' and j.round = 0 and not j.is_retraction
      and not exists (select 1 from annotation_judgment later where later.supersedes_id = j.id)) >= %(overlap)s
"""


def _payload_digest(assignment_id: str, answers: Mapping[str, Answer], comment: str) -> str:
    content = [assignment_id, comment, {key: answer.content() for key, answer in answers.items()}]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
