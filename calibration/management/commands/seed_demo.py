import json
import random
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from annotation.models import Annotator, Campaign, Judgment, Membership, User
from annotation.services import assignments, campaigns, evaluators, imports, judging, judgments
from calibration.services import runs
from deploy.demo import population

SLUG = "first-weighing"
CAST = {
    "alice": "evaluator",
    "bob": "evaluator",
    "charlie": "applicant, not vetted yet",
    "rita": "researcher",
    "olga": "auditor: reads everything, changes nothing",
    "ada": "administrator",
}
GUIDE = """Judge the answer as the person asking would, not as a colleague would.

### Overall
Which answer serves the person better? Is it right, does it answer what was asked, and is it plain about what it does
not know? Length alone is no merit.

Choose **Tie** when you would be equally glad of either, and **Both bad** when you would send both back.
"""


class Command(BaseCommand):
    help = "Make the demonstration campaign: accounts, tasks, simulated judgments with a known truth, a judge, a run."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed what is missing: a start that was interrupted goes on where it stopped."""
        state_dir = Path(settings.STATE_DIR)
        truth = population.truth()
        truth.write_judge_table(state_dir)
        campaign = Campaign.objects.filter(slug=SLUG).first() or self._make_campaign()
        self._label(campaign, truth)
        rita = User.objects.get(username="rita")
        if settings.JUDGE_DEMO_URL and not campaign.judge_configs.exists():
            _add_judge(campaign, rita)
        if not campaign.runs.exists():
            runs.request(campaign=campaign, by=rita)
        logins = {"password": population.PASSWORD, "users": list(CAST.items())}
        (state_dir / "demo-logins.json").write_text(json.dumps(logins))

    @transaction.atomic
    def _make_campaign(self) -> Campaign:
        users = {name: _user(name) for name in [*CAST, *(person.username for person in population.PEOPLE)]}
        campaign = _campaign(users["rita"], users["olga"])
        self.stdout.write("importing 42 prompts and 210 answers")
        _import_tasks(campaign)
        for name in filter(_evaluates, users):
            _join(users[name], campaign, users["rita"])
        evaluators.apply(user=users["charlie"], campaign=campaign)
        return campaign

    def _label(self, campaign: Campaign, truth: population.Truth) -> None:
        for person in population.PEOPLE:
            annotator = Annotator.objects.get(user__username=person.username)
            todo = population.TASKS_A_PERSON - annotator.judgments.filter(campaign=campaign).count()
            done = _label(annotator, person, campaign, truth, todo)
            if done:
                self.stdout.write(f"{person.username} judged {done} tasks")


def _user(name: str) -> User:
    is_admin = name == "ada"
    return evaluators.create_user(
        username=name,
        password=population.PASSWORD,
        by=None,
        may_create_campaigns=is_admin or name == "rita",
        is_admin=is_admin,
    )


def _evaluates(name: str) -> bool:
    return name in {"alice", "bob"} or name.startswith("sim-")


def _campaign(rita: User, olga: User) -> Campaign:
    campaign = campaigns.create(
        name="First weighing",
        slug=SLUG,
        description="Everyday questions to five systems. The sim- evaluators are simulated: their truth is known.",
        by=rita,
        overlap=population.OVERLAP,
        guide=GUIDE,
    )
    campaigns.add_member(campaign=campaign, user=olga, role=Membership.Role.AUDITOR, by=rita)
    campaigns.open_(campaign=campaign, by=rita)
    return campaign


def _import_tasks(campaign: Campaign) -> None:
    queued = imports.start_from_path(
        campaign=campaign, path=population.TASKS, format="tasks", by=None, pairs_per_prompt=population.PAIRS_PER_PROMPT
    )
    done = imports.run(queued.pk)
    if done.error_total:
        raise RuntimeError(f"The demonstration's own tasks are refused: {done.errors[:3]}")


def _join(user: User, campaign: Campaign, rita: User) -> None:
    enrollment = evaluators.apply(user=user, campaign=campaign)
    evaluators.qualify(enrollment=enrollment, by=rita, reason="part of the demonstration")


def _label(
    annotator: Annotator, person: population.Evaluator, campaign: Campaign, truth: population.Truth, todo: int
) -> int:
    """Let a simulated person judge through the same services as everybody."""
    rng = random.Random(person.username)  # noqa: S311  (a simulation)
    for count in range(todo):
        assignment = assignments.next_for(annotator=annotator, campaign=campaign)
        if assignment is None:
            return count
        own = assignments.get_own(public_id=assignment.public_id, annotator=annotator)
        texts = [shown.text or "" for shown in (own.task.response_a, own.task.response_b) if shown]
        left, right = texts if own.shown_order == "ab" else texts[::-1]
        judgments.submit(
            by=annotator,
            assignment_id=own.public_id,
            answers={"overall": judgments.Answer(truth.answer(person, left, right, rng))},
            idempotency_key=f"seed-{own.public_id}",
            provenance=Judgment.Provenance.SYNTHETIC,
        )
    return max(todo, 0)


def _add_judge(campaign: Campaign, rita: User) -> None:
    config = judging.add_judge(
        campaign=campaign,
        name="parametric judge",
        family="parametric",
        base_url=f"{settings.JUDGE_DEMO_URL}/v1",
        model="parametric-1",
        by=rita,
        settings_={"provenance": "synthetic", "egress_class": "local"},
    )
    judging.plan(config=config, by=rita)
