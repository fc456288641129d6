"""What the load needs in its database: one campaign, its tasks, people with their sessions; and the recount."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

OVERLAP = 3


def seed(folder: Path, people: int, tasks: int) -> None:
    """Make the campaign and sign everybody in; all of them look for their first task in the same place."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from annotation.models import Campaign, Enrollment
    from tests import factories
    from tests.bench import desk_seed

    campaign = factories.campaign(overlap=OVERLAP)
    Campaign.objects.filter(pk=campaign.pk).update(slug="load", gold_percent=0)
    desk_seed.tasks(campaign, tasks)
    sessions = []
    for _ in range(people):
        user = factories.evaluator(campaign).user
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        sessions.append(session.session_key)
    Enrollment.objects.update(pick_from=0)
    desk_seed.analyze()
    (folder / "sessions.json").write_text(json.dumps(sessions))
    (folder / "acks.jsonl").touch()


class Count(NamedTuple):
    """What the rows say after the load."""

    acknowledged: int
    stored: int
    lost: int
    changed: int
    duplicates: int
    beyond_overlap: int
    without_event: int

    @property
    def is_whole(self) -> bool:
        return not (self.lost or self.changed or self.duplicates or self.beyond_overlap or self.without_event)


def recount(folder: Path) -> Count:
    """Look for each acknowledged answer in the rows and count places and witnesses from rows, never from counters."""
    from annotation.models import Assignment, AuditEvent, Judgment

    acks = [json.loads(line) for line in (folder / "acks.jsonl").read_text().splitlines()]
    rows = list(Judgment.objects.effective().select_related("assignment"))
    stored = {(row.assignment.public_id, row.idempotency_key): row for row in rows}
    found = [(stored.get((public_id, key)), side) for public_id, key, side in acks]
    people = Counter((row.task_id, row.annotator_id) for row in rows)
    # A place is taken by an answer in force or by a lease that runs.
    places = {*people, *Assignment.objects.held().values_list("task", "annotator")}
    events = sum(b'"action":"judgment.create"' in bytes(event.body) for event in AuditEvent.objects.iterator())
    return Count(
        acknowledged=len(acks),
        stored=len(rows),
        lost=sum(row is None for row, _ in found),
        changed=sum(row is not None and _side(row) != side for row, side in found),
        duplicates=sum(count - 1 for count in people.values()),
        beyond_overlap=sum(max(0, count - OVERLAP) for count in Counter(task for task, _ in places).values()),
        without_event=abs(events - len(rows)),
    )


def _side(row: object) -> str:
    """Return what was pressed, from the outcome in canonical order and the shown one."""
    outcome, order = row.outcome, row.shown_order  # type: ignore[attr-defined]
    if outcome in {"tie", "both_bad"}:
        return outcome
    return "left" if (outcome == "a") == (order == "ab") else "right"
