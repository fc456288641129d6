"""Fill a campaign by the database alone: a million tasks through the services would take a day."""

import math

from django.db import connection

from annotation.models import Annotator, Campaign

SYSTEMS = """
insert into annotation_system (campaign_id, key, name, family)
select %(campaign)s, 's' || lpad(n::text, 6, '0'), 's' || n, '' from generate_series(1, %(responses)s) n
"""
PROMPT = """
insert into annotation_prompt (campaign_id, key, messages, html, language, sha256, extra)
values (%(campaign)s, 'p', '[{"role": "user", "content": "Why?"}]', %(html)s, '', repeat('0', 64), '{}')
"""
RESPONSES = """
insert into annotation_response (prompt_id, system_id, key, text, html, renderer, length, sha256, flags)
select p.id, s.id, '', %(html)s, %(html)s, '', 1200, repeat('0', 64), '{}'
  from annotation_system s join annotation_prompt p using (campaign_id) where s.campaign_id = %(campaign)s
"""
TASKS = """
insert into annotation_task (public_id, campaign_id, rubric_id, task_type, prompt_id, response_a_id, response_b_id,
                             order_key_a, order_key_b, pool, tags, split, content_warning, snapshot_sha256,
                             is_servable, is_open, shuffle_key, salt)
select gen_random_uuid(), %(campaign)s, %(rubric)s, 'comparison', a.prompt_id, a.id, b.id, sa.key || chr(31),
       sb.key || chr(31), 'regular', '{}', 'train', '', repeat('0', 64), true, true,
       floor(random() * 2147483647)::int, ''
  from annotation_response a join annotation_system sa on sa.id = a.system_id
  join annotation_system sb on sb.campaign_id = sa.campaign_id and (sa.key collate "C") < (sb.key collate "C")
  join annotation_response b on b.system_id = sb.id
 where sa.campaign_id = %(campaign)s limit %(tasks)s
"""
HISTORY = """
with done as (
  insert into annotation_assignment (public_id, campaign_id, task_id, annotator_id, round, shown_order, state, reason,
                                     draft, draft_revision, leased_at, expires_at, submitted_at, salt)
  select left(gen_random_uuid()::text, 22), %(campaign)s, t.id, %(annotator)s, 0, 'ab', 'submitted', '', '', 0,
         now() - interval '40 days', now() - interval '39 days', now() - interval '39 days' - random() * interval '9 h',
         ''
    from (select id from annotation_task where campaign_id = %(campaign)s order by shuffle_key limit %(history)s) t
  returning id, task_id, submitted_at
)
insert into annotation_judgment (public_id, campaign_id, task_id, annotator_id, criterion_id, assignment_id, round,
                                 revision, is_retraction, outcome, shown_order, rationale, comment, flags, cluster_id,
                                 extra, provenance, submitted_at, idempotency_key, payload_sha256, salt)
select gen_random_uuid(), %(campaign)s, task_id, %(annotator)s, %(criterion)s, id, 0, 0, false, 'a', 'ab', '', '', '{}',
       '', '{}', 'live', submitted_at, id::text, repeat('0', 64), '' from done
"""
CLOSE = "update annotation_task set is_open = false where campaign_id = %(campaign)s and random() * 100 < %(percent)s"
TEXT = "<p>" + "A sentence of an answer that somebody reads. " * 30 + "</p>"


def tasks(campaign: Campaign, count: int) -> None:
    """Compare as many responses to one prompt as the pairs need."""
    responses = math.ceil((1 + math.sqrt(1 + 8 * count)) / 2)
    values = {"campaign": campaign.pk, "rubric": campaign.rubric.pk, "responses": responses, "tasks": count}
    for statement in (SYSTEMS, PROMPT, RESPONSES, TASKS):
        _run(statement, values | {"html": TEXT})


def history(campaign: Campaign, annotator: Annotator, count: int) -> None:
    """Let a person have answered the first tasks of the order in which they are picked."""
    if count:
        criterion = campaign.rubric.criteria.get().pk
        values = {"campaign": campaign.pk, "annotator": annotator.pk, "criterion": criterion, "history": count}
        _run(HISTORY, values)


def close(campaign: Campaign, percent: int) -> None:
    if percent:
        _run(CLOSE, {"campaign": campaign.pk, "percent": percent})


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("analyze")


def _run(statement: str, values: dict[str, object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 0")
        cursor.execute(statement, values)
