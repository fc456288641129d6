"""Give tasks to annotators: exact overlap, leases by the database's clock, blind seeded sides."""

import hmac
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Count
from django.db.models.functions import Now, TruncDate

from annotation.models import Annotator, Assignment, Campaign, Judgment, Task
from annotation.permissions import check_may_evaluate
from annotation.policies import check_is_open
from annotation.services import audit

ATTEMPTS = 5
SKIP_REASONS = ("cannot judge", "unsafe", "not my language", "broken", "conflict of interest")

# Rows decide, never a counter: people with an effective first answer, and people who hold a running lease.
OCCUPIED = """
  (select count(*) from (
     select j.annotator_id from annotation_judgment j join annotation_annotator p on p.id = j.annotator_id
      where j.task_id = t.id and p.kind = 'human' and j.round = 0 and not j.is_retraction
        and not exists (select 1 from annotation_judgment later where later.supersedes_id = j.id)
     union
     select a.annotator_id from annotation_assignment a join annotation_annotator p on p.id = a.annotator_id
      where a.task_id = t.id and p.kind = 'human' and a.round = 0 and a.state = 'leased' and a.expires_at > now()
   ) people)
"""

PICK = f"""
select t.id from annotation_task t
 where t.campaign_id = %(campaign)s and t.is_open and t.is_servable and t.shuffle_key >= %(start)s
   and not exists (select 1 from annotation_assignment mine
                    where mine.task_id = t.id and mine.annotator_id = %(annotator)s and mine.round = 0
                      and mine.state <> 'expired')
   and {OCCUPIED} < %(overlap)s
 order by t.shuffle_key
 limit 1 for no key update of t skip locked
"""  # noqa: S608  (no input in the text; values are bound)

LEASE = f"""
insert into annotation_assignment (public_id, campaign_id, task_id, annotator_id, round, shown_order, state, reason,
                                   leased_at, expires_at, salt)
select %(public_id)s, t.campaign_id, t.id, %(annotator)s, 0, %(shown_order)s, 'leased', '',
       now(), now() + make_interval(mins => %(minutes)s), %(salt)s
  from annotation_task t where t.id = %(task)s and {OCCUPIED} < %(overlap)s
on conflict (task_id, annotator_id, round) do update
   set state = 'leased', leased_at = now(), expires_at = now() + make_interval(mins => %(minutes)s)
 where annotation_assignment.state = 'expired'
returning id
"""  # noqa: S608


class Progress(NamedTuple):
    """What an evaluator sees of their own work."""

    today: int
    goal: int
    total: int


class NotYours(Exception):
    """The assignment is not this annotator's, or does not exist."""


def next_for(*, annotator: Annotator, campaign: Campaign) -> Assignment | None:
    """Return the annotator's running lease, else lease the next task; None when there is none left for them."""
    check_may_evaluate(annotator, campaign)
    check_is_open(campaign)
    held = _held(annotator, campaign)
    if held:
        return held
    for _ in range(ATTEMPTS):
        leased = _lease_one(annotator, campaign)
        if leased:
            return leased
    return None


def _held(annotator: Annotator, campaign: Campaign) -> Assignment | None:
    return Assignment.objects.held().filter(annotator=annotator, campaign=campaign).order_by("leased_at", "id").first()


@transaction.atomic
def _lease_one(annotator: Annotator, campaign: Campaign) -> Assignment | None:
    task_id = _pick(annotator, campaign)
    if task_id is None:
        return None
    task = Task.objects.only("public_id", "campaign_id").get(pk=task_id)
    draft = Assignment(shown_order=shown_order(campaign, annotator, task, round_=0))
    with connection.cursor() as cursor:
        cursor.execute(
            LEASE,
            {
                "public_id": draft.public_id,
                "task": task_id,
                "annotator": annotator.pk,
                "shown_order": draft.shown_order,
                "minutes": campaign.lease_minutes,
                "overlap": campaign.overlap,
                "salt": bytes(draft.salt),
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    assignment = Assignment.objects.select_related("task", "annotator").get(pk=row[0])
    audit.save(assignment, "assignment.create", by=annotator, campaign=campaign)
    return assignment


def _pick(annotator: Annotator, campaign: Campaign) -> int | None:
    """Lock the first open task from this annotator's own starting point, wrapping around once."""
    start = int.from_bytes(_digest(campaign, f"start|{annotator.public_id}")[:4]) >> 1
    values = {"campaign": campaign.pk, "annotator": annotator.pk, "overlap": campaign.overlap}
    with connection.cursor() as cursor:
        for begin in (start, 0):
            cursor.execute(PICK, values | {"start": begin})
            if row := cursor.fetchone():
                return int(row[0])
    return None


def shown_order(campaign: Campaign, annotator: Annotator, task: Task, *, round_: int) -> str:
    """Draw the side order from a keyed digest: stable on reload, unknown outside the server."""
    bit = _digest(campaign, f"{annotator.public_id}|{task.public_id}|{round_}")[0] & 1
    return "ba" if bit else "ab"


def _digest(campaign: Campaign, message: str) -> bytes:
    return hmac.digest(bytes(campaign.seed), message.encode(), "sha256")


def get_own(*, public_id: str, annotator: Annotator) -> Assignment:
    """Return an assignment with all that its page shows."""
    found = (
        Assignment.objects.select_related(
            "campaign", "annotator", "task__rubric", "task__prompt", "task__response_a", "task__response_b"
        )
        .filter(public_id=public_id, annotator=annotator)
        .first()
    )
    if found is None:
        raise NotYours("This task is not yours. Go back to your tasks.")
    return found


@transaction.atomic
def skip(*, annotator: Annotator, public_id: str, reason: str) -> None:
    """Return a task to the pool; this annotator does not get it again."""
    assignment = get_own(public_id=public_id, annotator=annotator)
    locked = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if locked.state != Assignment.State.LEASED:
        return
    locked.state = Assignment.State.SKIPPED
    locked.reason = reason if reason in SKIP_REASONS else "cannot judge"
    audit.save(locked, "assignment.skip", by=annotator, campaign=assignment.campaign)


@transaction.atomic
def expire_leases(*, limit: int = 1_000) -> int:
    """Give back leases that have run out by the database's clock."""
    overdue = (
        Assignment.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("task", "annotator", "campaign")
        .filter(state=Assignment.State.LEASED, expires_at__lte=Now())[:limit]
    )
    for assignment in overdue:
        assignment.state = Assignment.State.EXPIRED
        audit.save(assignment, "assignment.expire", by=None, campaign=assignment.campaign)
    return len(overdue)


def progress(annotator: Annotator, campaign: Campaign) -> Progress:
    counts = dict(
        Judgment.objects.filter(annotator=annotator, campaign=campaign, round=0)
        .effective()
        .values_list(TruncDate("recorded_at"))
        .annotate(n=Count("task_id", distinct=True))
    )
    with connection.cursor() as cursor:
        cursor.execute("select current_date")
        today = cursor.fetchone()[0]
    return Progress(today=counts.get(today, 0), goal=campaign.daily_goal, total=sum(counts.values()))
