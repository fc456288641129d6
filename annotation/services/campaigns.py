"""Campaigns, their members and rubric versions."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, cast

import rfc8785
from django.db import transaction

from annotation import rendering, tasktypes
from annotation.models import Campaign, Criterion, Membership, Rubric, User
from annotation.permissions import check_may_change, check_may_create_campaigns
from annotation.services import assignments, audit
from annotation.tasktypes import failure_modes


class RubricRefused(ValueError):
    """A criterion cannot be shown as drafted."""


@dataclass(frozen=True, slots=True)
class CriterionDraft:
    """One question of a rubric before its version is locked."""

    key: str
    name: str
    question: str = ""
    levels: int = 3
    allow_tie: bool = True
    allow_both_bad: bool = True
    scale: str = "comparison"
    options: tuple[dict[str, str], ...] = ()
    takes_several: bool = False
    asks_severity: bool = False

    def fields(self) -> dict[str, Any]:
        return asdict(self) | {"options": list(self.options)}

    def content(self) -> dict[str, Any]:
        """Return what the version's hash covers; what a comparison leaves out is left out of its hash."""
        values = self.fields()
        defaults = {"scale": "comparison", "options": [], "takes_several": False, "asks_severity": False}
        return {name: value for name, value in values.items() if name not in defaults or value != defaults[name]}


DEFAULT_CRITERIA = (CriterionDraft("overall", "Overall", "Which serves the person better?"),)


@transaction.atomic
def create(
    *,
    name: str,
    slug: str,
    by: User | None,
    description: str = "",
    overlap: int = 3,
    judge_overlap: int = 1,
    lease_minutes: int = 30,
    guide: str = "",
    task_type: str = "comparison",
    criteria: Sequence[CriterionDraft] = DEFAULT_CRITERIA,
) -> Campaign:
    """Create a draft campaign with its first rubric version; a person who creates it becomes its researcher."""
    if by:
        check_may_create_campaigns(by)
    campaign = Campaign(name=name, slug=slug, description=description, task_type=task_type)
    campaign.overlap, campaign.judge_overlap, campaign.lease_minutes = overlap, judge_overlap, lease_minutes
    audit.save(campaign, "campaign.create", by=by, campaign=campaign)
    lock_rubric(campaign, guide=guide, criteria=criteria, by=by)
    if by:
        admit(campaign, by, Membership.Role.RESEARCHER, by=by)
    return campaign


class LimitsRefused(ValueError):
    """The limits contradict each other."""


@transaction.atomic
def set_limits(
    *, campaign: Campaign, daily_cap: int, total_cap: int, deadline: datetime | None, repeat_percent: int, by: User
) -> None:
    """State how much one person may answer, until when tasks are given out, and how many come a second time."""
    check_may_change(by, campaign)
    if total_cap and daily_cap > total_cap:
        raise LimitsRefused("A day cannot hold more tasks than a person may answer in all.")
    campaign.daily_cap, campaign.total_cap = daily_cap, total_cap
    campaign.deadline, campaign.repeat_percent = deadline, repeat_percent
    facts: dict[str, Any] = {"daily_cap": daily_cap, "total_cap": total_cap, "repeat_percent": repeat_percent}
    facts["deadline"] = deadline.isoformat(timespec="seconds") if deadline else None
    audit.save(campaign, "campaign.change", by=by, campaign=campaign, **facts)


@transaction.atomic
def add_member(*, campaign: Campaign, user: User, role: Membership.Role, by: User) -> None:
    check_may_change(by, campaign)
    admit(campaign, user, role, by=by)


def admit(campaign: Campaign, user: User, role: Membership.Role, *, by: User) -> None:
    """Give a role inside the caller's transaction; the caller has checked that it may be given."""
    Membership.objects.update_or_create(campaign=campaign, user=user, defaults={"role": role})
    audit.record("permission.change", campaign, by=by, campaign=campaign, user=str(user.public_id), role=str(role))


def open_(*, campaign: Campaign, by: User) -> None:
    _move(campaign, Campaign.State.OPEN, "campaign.open", by=by)


@transaction.atomic
def pause(*, campaign: Campaign, by: User) -> None:
    _move(campaign, Campaign.State.PAUSED, "campaign.pause", by=by)
    assignments.give_back_all(campaign=campaign, by=by)


@transaction.atomic
def close(*, campaign: Campaign, by: User) -> None:
    _move(campaign, Campaign.State.CLOSED, "campaign.close", by=by)
    assignments.give_back_all(campaign=campaign, by=by)


@transaction.atomic
def _move(campaign: Campaign, state: Campaign.State, action: str, *, by: User) -> None:
    check_may_change(by, campaign)
    campaign.state = state
    audit.save(campaign, action, by=by, campaign=campaign)


def lock_rubric(campaign: Campaign, *, guide: str, criteria: Sequence[CriterionDraft], by: User | None) -> Rubric:
    """Lock the next version of a campaign's rubric; the caller holds the transaction."""
    criteria = with_options(criteria)
    content: dict[str, Any] = {"guide": guide, "criteria": [draft.content() for draft in criteria]}
    check_scales(campaign, criteria)
    rubric = Rubric(
        campaign=campaign,
        version=campaign.rubrics.count() + 1,
        guide=guide,
        guide_html=rendering.render(guide).html,
        sha256=hashlib.sha256(rfc8785.dumps(content)).hexdigest(),
    )
    audit.save(rubric, "rubric.lock", by=by, campaign=campaign, version=rubric.version, sha256=rubric.sha256)
    Criterion.objects.bulk_create(
        Criterion(rubric=rubric, position=position, **draft.fields()) for position, draft in enumerate(criteria)
    )
    return rubric


def with_options(criteria: Sequence[CriterionDraft]) -> list[CriterionDraft]:
    """Start labels that nobody has named from the failure modes."""
    modes = tuple(failure_modes.options())
    is_bare = [draft.scale == Criterion.Scale.LABELS and not draft.options for draft in criteria]
    return [replace(draft, options=modes) if bare else draft for draft, bare in zip(criteria, is_bare, strict=True)]


def check_scales(campaign: Campaign, criteria: Sequence[CriterionDraft]) -> None:
    """Refuse criteria that a campaign's tasks cannot show."""
    kind = tasktypes.TASK_TYPES[campaign.task_type]
    for draft in with_options(criteria):
        if draft.scale not in kind.scales:
            raise RubricRefused(f"{draft.name}: a {kind.name.lower()} task takes {' or '.join(kind.scales)} criteria.")
        try:
            tasktypes.SCALES[draft.scale].check_scale(cast(Any, draft))
        except ValueError as error:
            raise RubricRefused(str(error)) from None
