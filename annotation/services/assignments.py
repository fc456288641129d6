"""Give tasks to annotators: exact overlap, leases by the database's clock, blind seeded sides."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Case, Count, DateTimeField, F, Func, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Least, Now
from django.http import Http404

from annotation.models import Annotator, Assignment, Campaign, Enrollment, Task, User
from annotation.permissions import check_may_evaluate
from annotation.policies import check_is_open
from annotation.services import audit, picking

ATTEMPTS = 5
SKIP_REASONS = ("cannot judge", "unsafe", "not my language", "broken", "conflict of interest")


class Seat(NamedTuple):
    """A person's place in a campaign, and how far they are: answered today, last answer."""

    enrollment: Enrollment
    today: int
    total: int
    now: datetime
    saved_at: datetime | None
    saved_id: str | None

    @property
    def annotator(self) -> Annotator:
        return self.enrollment.annotator

    @property
    def campaign(self) -> Campaign:
        return self.enrollment.campaign


class Rest(StrEnum):
    """Why there is no task for a person now."""

    NONE_LEFT = "none_left"
    DAY_DONE = "day_done"
    ALL_DONE = "all_done"
    DEADLINE = "deadline"


class Turn(NamedTuple):
    """What a person gets when they ask for the next task: None when there is none left for them."""

    seat: Seat
    assignment: Assignment | None
    rest: Rest = Rest.NONE_LEFT


class NotYours(Exception):
    """The assignment is not this annotator's, or does not exist."""


def seat_of(user: User, slug: str) -> Seat:
    """Return a person's seat; a campaign without a seat for them does not exist for them."""
    return _seat(_seats().filter(annotator__user=user, campaign__slug=slug).first())


def next_for(*, annotator: Annotator, campaign: Campaign) -> Assignment | None:
    """Return the annotator's running lease, else lease the next task; None when there is none left for them."""
    return _next(annotator=annotator, campaign=campaign).assignment


def next_at_desk(*, user: User, slug: str) -> Turn:
    """Do the same for a person at an address, in one round of four statements fewer."""
    return _next(annotator__user=user, campaign__slug=slug)


def _next(**whose: object) -> Turn:
    for _ in range(ATTEMPTS):
        turn, is_settled = _try_once(**whose)
        if is_settled:
            break
    return turn


@transaction.atomic
def _try_once(**whose: object) -> tuple[Turn, bool]:
    """Take one person's requests one after the other, so that two tabs get the same task."""
    seat = _seat(_seats().select_for_update(of=("self",), no_key=True).filter(**whose).first())
    check_is_open(seat.campaign)
    rest = _rest(seat)
    task = picking.find(seat.enrollment, may_begin=rest is None)
    if task is None:
        return Turn(seat, None, rest or Rest.NONE_LEFT), True
    leased = _show_again(task, seat) or _lease(task, seat)
    return Turn(seat, leased), leased is not None


def _rest(seat: Seat) -> Rest | None:
    """Say why a person may not begin another task: the deadline, or as many as one person may answer."""
    campaign = seat.campaign
    if campaign.deadline and seat.now >= campaign.deadline:
        return Rest.DEADLINE
    if campaign.total_cap and seat.total >= campaign.total_cap:
        return Rest.ALL_DONE
    return Rest.DAY_DONE if campaign.daily_cap and seat.today >= campaign.daily_cap else None


def _seats() -> QuerySet[Enrollment]:
    """Select seats with their counts: both are bounded by a day's work, not by a person's history."""
    mine = Assignment.objects.filter(
        annotator=OuterRef("annotator"), campaign=OuterRef("campaign"), state=Assignment.State.SUBMITTED
    ).order_by()
    start_of_day = Func(Now(), template="date_trunc('day', now())", output_field=DateTimeField())
    today = mine.filter(submitted_at__gte=start_of_day).values("campaign").annotate(n=Count("pk")).values("n")
    last = mine.order_by(F("submitted_at").desc())[:1]
    counted = Subquery(mine.values("campaign").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    # Counted only where it decides: a person's history may be long.
    total = Case(When(campaign__total_cap__gt=0, then=Coalesce(counted, 0)), default=0)
    return Enrollment.objects.select_related("annotator", "campaign").annotate(
        today=Coalesce(Subquery(today, output_field=IntegerField()), 0),
        total=total,
        now=Now(),
        saved_at=Subquery(last.values("submitted_at")),
        saved_id=Subquery(last.values("public_id")),
    )


def _seat(enrollment: Enrollment | None) -> Seat:
    if enrollment is None:
        raise Http404("No such campaign.")
    check_may_evaluate(enrollment)
    found: Any = enrollment
    return Seat(enrollment, found.today, found.total, found.now, found.saved_at, found.saved_id)


def _show_again(task: Task, seat: Seat) -> Assignment | None:
    """Return the lease that runs already; the statement that found it has seen to its clock."""
    mine: Assignment | None = getattr(task, "mine", None)
    if mine is None or mine.state != Assignment.State.LEASED:
        return None
    mine.task, mine.annotator, mine.campaign = task, seat.annotator, seat.campaign
    return mine


def _lease(task: Task, seat: Seat) -> Assignment | None:
    """Lease a locked task; one that this person gave back keeps its id and its sides."""
    draft = Assignment(campaign=seat.campaign, task=task, annotator=seat.annotator)
    earlier: Assignment | None = getattr(task, "mine", None)
    draft.round = int(getattr(task, "is_repeat", False))
    if earlier:
        draft.public_id = earlier.public_id
        draft.draft, draft.draft_revision = earlier.draft, earlier.draft_revision
    draft.shown_order = picking.shown_order(seat.campaign, seat.annotator, task, round_=draft.round)
    audit.seal(draft)
    previous = earlier.commitment if earlier else None
    event = audit.draft("assignment.create", draft, by=seat.annotator, campaign=seat.campaign, previous=previous)
    row = picking.lease(draft, event, seat.enrollment)
    if row is None:
        return None
    draft.pk, draft.leased_at, draft.expires_at = row
    draft._state.adding = False
    return draft


def get_own(*, public_id: str, annotator: Annotator, campaign: Campaign | None = None) -> Assignment:
    """Return an assignment with all that its page shows."""
    within = {"campaign": campaign} if campaign else {}
    found = (
        Assignment.objects.select_related(
            "campaign", "annotator", "task__rubric", "task__prompt", "task__response_a", "task__response_b"
        )
        .filter(public_id=public_id, annotator=annotator, **within)
        .first()
    )
    if found is None:
        raise NotYours("This task is not yours. Go back to your tasks.")
    return found


def extend(*, annotator: Annotator, campaign: Campaign, public_id: str) -> int:
    """Let a running lease begin anew because its person works on it; return its seconds, 0 when it has run out.

    Four times its length is the end, so that nobody keeps a task from others for good.
    """
    running = Assignment.objects.held().filter(public_id=public_id, annotator=annotator, campaign=campaign)
    length = timedelta(minutes=campaign.lease_minutes)
    running.update(expires_at=Least(Now() + length, F("leased_at") + 4 * length))
    left = running.annotate(left=F("expires_at") - Now()).values_list("left", flat=True).first()
    return int(left.total_seconds()) if left else 0


@transaction.atomic
def skip(*, annotator: Annotator, public_id: str, reason: str) -> None:
    """Return a task to the pool; this annotator does not get it again."""
    locked = _own_locked(annotator, public_id)
    if locked.state != Assignment.State.LEASED:
        return
    locked.state, locked.draft = Assignment.State.SKIPPED, ""
    locked.reason = reason if reason in SKIP_REASONS else "cannot judge"
    audit.save(locked, "assignment.skip", by=annotator, campaign=locked.campaign)


def _own_locked(annotator: Annotator, public_id: str) -> Assignment:
    found = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign", "annotator", "task")
        .filter(public_id=public_id, annotator=annotator)
        .first()
    )
    if found is None:
        raise NotYours("This task is not yours. Go back to your tasks.")
    return found


@transaction.atomic
def give_back(*, annotator: Annotator, campaign: Campaign) -> int:
    """Return a person's open tasks to the pool because they rest; the same person may get them again."""
    held = _leased().filter(annotator=annotator, campaign=campaign)
    return _end(held, Assignment.State.EXPIRED, "assignment.expire", by=annotator, reason="pause")


def give_back_all(*, campaign: Campaign, by: User) -> int:
    """Return every open task of a campaign that rests or ends; drafts stay with their tasks."""
    people = _leased().filter(campaign=campaign, annotator__kind=Annotator.Kind.HUMAN)
    return _end(people, Assignment.State.EXPIRED, "assignment.expire", by=by, reason=campaign.state)


def revoke(*, annotator: Annotator, campaign: Campaign, by: User | None) -> int:
    """Take a suspended person's open tasks away and return them to the pool."""
    held = _leased().filter(annotator=annotator, campaign=campaign)
    return _end(held, Assignment.State.REVOKED, "assignment.revoke", by=by, reason="suspension")


@transaction.atomic
def expire_leases(*, limit: int = 1_000) -> int:
    """Give back leases that have run out by the database's clock."""
    overdue = _leased(skip_locked=True).filter(expires_at__lte=Now())[:limit]
    return _end(overdue, Assignment.State.EXPIRED, "assignment.expire", by=None)


def _leased(*, skip_locked: bool = False) -> QuerySet[Assignment]:
    return (
        Assignment.objects.select_for_update(skip_locked=skip_locked, of=("self",), no_key=True)
        .select_related("task", "annotator", "campaign")
        .filter(state=Assignment.State.LEASED)
        .order_by("pk")
    )


def _end(leased: QuerySet[Assignment], state: Assignment.State, action: str, *, by: audit.By, reason: str = "") -> int:
    """End leases inside the caller's transaction, each with its event."""
    ended = list(leased)
    for assignment in ended:
        assignment.state = state
        audit.save(assignment, action, by=by, campaign=assignment.campaign, reason=reason)
    return len(ended)


def answered(seat: Seat) -> int:
    """Count all tasks that a person has answered in a campaign."""
    return Assignment.objects.filter(
        annotator=seat.annotator, campaign=seat.campaign, state=Assignment.State.SUBMITTED
    ).count()
