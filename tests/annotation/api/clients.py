"""Clients of the API that carry a token, and a campaign with one person of each role."""

from dataclasses import dataclass, field
from typing import Any

from rest_framework.test import APIClient

from annotation.models import Annotator, Assignment, Campaign, Import, JudgeConfig, Membership, User
from annotation.services import assignments, audit, campaigns, judging, tokens
from tests import factories

PROBLEM = "application/problem+json"
API = "/api/v1"


def client(user: User | None, scope: str = "write") -> APIClient:
    """Return a client with a token of its own; None stands for somebody without one."""
    made = APIClient()
    if user:
        _, secret = tokens.create(user=user, name="test", scope=scope, days=1)
        made.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return made


@dataclass
class World:
    """One campaign under way, and somebody of each role."""

    campaign: Campaign
    people: dict[str, User | None]
    alice: Annotator
    assignment: Assignment
    source: Import
    judge: JudgeConfig
    clients: dict[str, APIClient] = field(default_factory=dict)

    def as_(self, role: str) -> APIClient:
        if role not in self.clients:
            self.clients[role] = client(self.people[role])
        return self.clients[role]


def world(**kwargs: Any) -> World:
    rita = factories.user(may_create_campaigns=True)
    campaign = factories.campaign(rita, **kwargs)
    for _ in range(3):
        factories.task(campaign)
    alice = factories.evaluator(campaign)
    assert alice.user is not None
    olga, foreigner = factories.user(), factories.user(may_create_campaigns=True)
    campaigns.add_member(campaign=campaign, user=olga, role=Membership.Role.AUDITOR, by=rita)
    factories.campaign(foreigner)
    people = {
        "anonymous": None,
        "stranger": factories.user(),
        "foreigner": foreigner,
        "evaluator": alice.user,
        "auditor": olga,
        "researcher": rita,
        "admin": factories.user(is_admin=True),
    }
    assignment = assignments.next_for(annotator=alice, campaign=campaign)
    assert assignment is not None
    return World(campaign, people, alice, assignment, previewed(campaign, rita), judge(campaign, rita))


def previewed(campaign: Campaign, by: User) -> Import:
    source = Import(campaign=campaign, requested_by=by, format="tasks", source_name="lab", file_name="tasks.jsonl")
    source.sha256, source.state = "a" * 64, Import.State.PREVIEWED
    audit.seal(source)
    source.save()
    return source


def judge(campaign: Campaign, by: User) -> JudgeConfig:
    return judging.add_judge(
        campaign=campaign, name="simulated", family="parametric", base_url="http://127.0.0.1:9/v1", model="m-1", by=by
    )
