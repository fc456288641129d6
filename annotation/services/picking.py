"""The two statements that give a task to an evaluator: find and lock one, then lease it if its place is still free."""

import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from annotation.models import Annotator, Assignment, AuditEvent, Campaign, Enrollment, Task

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

IS_GOLDEN = "(t.pool = 'gold' and exists (select 1 from annotation_gold g where g.task_id = t.id))"

# A task in a language goes to those who read it, one of a field to those who are versed in it.
SUITS = """
  (%(takes_warned)s or t.content_warning = '')
   and not exists (select 1 from annotation_prompt asked
                    where asked.id = t.prompt_id and cardinality(%(languages)s::text[]) > 0 and asked.language <> ''
                      and split_part(lower(asked.language), '-', 1) <> all(%(languages)s::text[]))
   and not exists (select 1 from unnest(t.tags) tag
                    where tag like 'expert:%%' and substr(tag, 8) <> all(%(expertise)s::text[]))
"""

OPEN = f"""
  t.campaign_id = %(campaign)s and t.is_open and t.is_servable and not {IS_GOLDEN}
   and {SUITS}
   and not exists (select 1 from annotation_assignment mine
                    where mine.task_id = t.id and mine.annotator_id = %(annotator)s and mine.round = 0
                      and mine.state not in ('expired', 'revoked'))
   and {OCCUPIED} < %(overlap)s
"""  # noqa: S608

# A task with a known answer, for everybody: it has no overlap, and whoever was shown its answer does not get it.
GOLDEN = """
  t.campaign_id = %(campaign)s and t.pool = 'gold' and t.is_servable
   and exists (select 1 from annotation_gold g where g.task_id = t.id)
   and not exists (select 1 from annotation_assignment mine
                    where mine.task_id = t.id and mine.annotator_id = %(annotator)s
                      and mine.state not in ('expired', 'revoked'))
   and not exists (select 1 from annotation_qualificationanswer shown
                     join annotation_qualification q on q.id = shown.qualification_id
                     join annotation_enrollment e on e.id = q.enrollment_id
                    where shown.task_id = t.id and e.annotator_id = %(annotator)s)
"""

# The lease that runs, else the first open task from this annotator's place on, else the first one before it.
# Each step is asked only when the one before it found nothing, so the cost does not grow with the tasks.
FIND = f"""
with held as (
  select a.task_id from annotation_assignment a
   where a.annotator_id = %(annotator)s and a.campaign_id = %(campaign)s
     and a.state = 'leased' and a.expires_at > now()
   order by a.leased_at, a.id limit 1
), golden as (
  select t.id from annotation_task t
   where %(may_begin)s and %(wants_gold)s and not exists (select from held) and {GOLDEN}
     and {SUITS}
   order by t.shuffle_key < %(place)s, t.shuffle_key limit 1 for no key update of t skip locked
), earlier as (
  select a.task_id as id from annotation_assignment a
   where %(may_begin)s and %(wants_repeat)s and not exists (select from held) and a.annotator_id = %(annotator)s
     and a.campaign_id = %(campaign)s and a.state = 'submitted'
   order by a.submitted_at desc offset %(lag)s limit 1
), repeated as (
  select t.id from earlier join annotation_task t using (id)
   where t.is_servable and t.pool <> 'gold' and {SUITS}
     and not exists (select from annotation_assignment second
                      where second.task_id = t.id and second.annotator_id = %(annotator)s and second.round > 0)
   for no key update of t skip locked
), taken as (
  select task_id as id from held union all select id from golden union all select id from repeated
), onward as (
  select t.id from annotation_task t
   where %(may_begin)s and not exists (select from taken) and t.shuffle_key >= %(place)s and {OPEN}
   order by t.shuffle_key limit 1 for no key update of t skip locked
), around as (
  select t.id from annotation_task t
   where %(may_begin)s and not exists (select from taken) and not exists (select from onward)
     and t.shuffle_key < %(place)s and {OPEN}
   order by t.shuffle_key limit 1 for no key update of t skip locked
)
select id from taken union all select id from onward union all select id from around limit 1
"""  # noqa: S608  (no input in the text; values are bound)

# The lock may have been waited for, so the places are counted again; lease, witness and place are one statement.
LEASE = f"""
with leased as (
  insert into annotation_assignment as mine (public_id, campaign_id, task_id, annotator_id, round, shown_order, state,
                                             reason, draft, draft_revision, leased_at, expires_at, salt, commitment)
  select %(public_id)s, t.campaign_id, t.id, %(annotator)s, %(round)s, %(shown_order)s, 'leased',
         '', '', 0, now(), now() + make_interval(mins => %(minutes)s), %(salt)s, %(commitment)s
    from annotation_task t where t.id = %(task)s and (%(round)s > 0 or {IS_GOLDEN} or {OCCUPIED} < %(overlap)s)
  on conflict (task_id, annotator_id, round) do update
     set state = 'leased', reason = '', leased_at = now(), expires_at = now() + make_interval(mins => %(minutes)s),
         salt = excluded.salt, commitment = excluded.commitment
   where mine.state in ('expired', 'revoked')
  returning mine.id, mine.leased_at, mine.expires_at
), witnessed as (
  insert into audit_event (body, leaf, campaign_id) select %(body)s, %(leaf)s, %(campaign)s from leased
), moved as (
  update annotation_enrollment set pick_from = %(place)s from leased, annotation_task t
   where annotation_enrollment.id = %(enrollment)s and t.id = %(task)s and %(round)s = 0 and not {IS_GOLDEN}
)
select id, leased_at, expires_at from leased
"""  # noqa: S608

LEAST_LAG = 20
NAMED = re.compile(r"%\((\w+)\)s")


class Lease(NamedTuple):
    """The row of a lease as the database gave it out."""

    pk: int
    leased_at: datetime
    expires_at: datetime


def find(enrollment: Enrollment, *, may_begin: bool = True) -> Task | None:
    """Return the task to show next with all that its page shows; its own assignment, if any, is in `mine`.

    Who may not begin another one still gets what they have open.
    """
    annotator, campaign = enrollment.annotator, enrollment.campaign
    place = start(campaign, annotator) if enrollment.pick_from is None else enrollment.pick_from
    values: dict[str, Any] = {
        "annotator": annotator.pk,
        "campaign": campaign.pk,
        "overlap": campaign.overlap,
        "place": place,
    }
    values |= {"takes_warned": enrollment.takes_warned, "wants_gold": secrets.randbelow(100) < campaign.gold_percent}
    values |= {"languages": enrollment.languages, "expertise": enrollment.expertise}
    values |= {"may_begin": may_begin, "wants_repeat": secrets.randbelow(100) < campaign.repeat_percent}
    # How many answers ago: far enough back not to be remembered, and not always the same distance.
    values["lag"] = LEAST_LAG + secrets.randbelow(LEAST_LAG)
    own = Q(assignments__annotator=annotator) & ~Q(assignments__state="submitted")
    return (
        Task.objects.select_related("rubric", "prompt", "response_a", "response_b", "mine")  # type: ignore[misc]
        .annotate(mine=FilteredRelation("assignments", condition=own), is_repeat=Exists(_answered_before(annotator)))
        .filter(pk=_bound(FIND, values))
        .order_by(F("mine__round").desc(nulls_last=True))
        .first()
    )


def _answered_before(annotator: Annotator) -> QuerySet[Assignment]:
    first = Assignment.objects.filter(task=OuterRef("pk"), annotator=annotator, round=0)
    return first.filter(state=Assignment.State.SUBMITTED)


def lease(draft: Assignment, event: AuditEvent, enrollment: Enrollment) -> Lease | None:
    """Store the drafted lease with its event; None when the last place went while the lock was waited for."""
    campaign = enrollment.campaign
    values: dict[str, Any] = {
        "public_id": draft.public_id,
        "task": draft.task_id,
        "annotator": draft.annotator_id,
        "campaign": campaign.pk,
        "enrollment": enrollment.pk,
        "round": draft.round,
        "shown_order": draft.shown_order,
        "minutes": campaign.lease_minutes,
        "overlap": campaign.overlap,
        "salt": bytes(draft.salt),
        "commitment": bytes(draft.commitment or b""),
        "body": bytes(event.body),
        "leaf": bytes(event.leaf),
        "place": draft.task.shuffle_key,
    }
    with connection.cursor() as cursor:
        cursor.execute(LEASE, values)
        row = cursor.fetchone()
    return Lease(*row) if row else None


def _bound(sql: str, values: Mapping[str, Any]) -> RawSQL:
    """Bind named values where the query builder knows positions only."""
    return RawSQL(NAMED.sub("%s", sql), [values[name] for name in NAMED.findall(sql)])  # noqa: S611  (our own text)


def start(campaign: Campaign, annotator: Annotator) -> int:
    """Return where an annotator begins, so that not everybody asks for the same task."""
    return int.from_bytes(_digest(campaign, f"start|{annotator.public_id}")[:4]) >> 1


def shown_order(campaign: Campaign, annotator: Annotator, task: Task, *, round_: int) -> str:
    """Draw the side order from a keyed digest: stable on reload, unknown outside the server."""
    if task.response_b_id is None:
        return "ab"
    bit = _digest(campaign, f"{annotator.public_id}|{task.public_id}|{round_}")[0] & 1
    return "ba" if bit else "ab"


def draw(campaign: Campaign, annotator: Annotator, task: Task, number: int) -> bytes:
    """Return a task's place in a person's draw, by which tests are put in order."""
    return _digest(campaign, f"draw|{annotator.public_id}|{task.public_id}|{number}")


def _digest(campaign: Campaign, message: str) -> bytes:
    return hmac.digest(bytes(campaign.seed), message.encode(), "sha256")
