"""Test data built through the services, so that it obeys the rules."""

import hashlib
import itertools
from typing import Any

from annotation.models import (
    Annotator,
    Campaign,
    Enrollment,
    Judgment,
    Membership,
    Prompt,
    Response,
    System,
    Task,
    User,
)
from annotation.services import assignments, audit, campaigns, evaluators, judgments

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def user(username: str = "", **kwargs: Any) -> User:
    return evaluators.create_user(username=username or f"user{next(_numbers)}", password=PASSWORD, by=None, **kwargs)


def rita() -> User:
    return user("rita", may_create_campaigns=True)


def campaign(by: User | None = None, *, is_open: bool = True, **kwargs: Any) -> Campaign:
    number = next(_numbers)
    by = by or user(may_create_campaigns=True)
    created = campaigns.create(name=f"Campaign {number}", slug=f"campaign-{number}", by=by, **kwargs)
    if is_open:
        campaigns.open_(campaign=created, by=by)
    return created


def researcher_of(of: Campaign) -> User:
    return Membership.objects.filter(campaign=of, role="researcher").select_related("user").first().user


def evaluator(of: Campaign, username: str = "", *, qualified: bool = True) -> Annotator:
    person = user(username)
    enrollment: Enrollment = evaluators.apply(user=person, campaign=of)
    if qualified:
        evaluators.qualify(enrollment=enrollment, by=researcher_of(of), reason="passed")
    return enrollment.annotator


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def system(of: Campaign, key: str) -> System:
    return System.objects.get_or_create(campaign=of, key=key, defaults={"name": key})[0]


def response(prompt: Prompt, key: str, text: str) -> Response:
    values = {"text": text, "html": f"<p>{text}</p>", "length": len(text), "sha256": _sha(text)}
    return Response.objects.get_or_create(prompt=prompt, system=system(prompt.campaign, key), key="", defaults=values)[
        0
    ]


def task(of: Campaign, *, system_a: str = "alpha", system_b: str = "beta", prompt: str = "", **kwargs: Any) -> Task:
    key = prompt or f"p{next(_numbers)}"
    asked = f"What is {key}?"
    row, _ = Prompt.objects.get_or_create(
        campaign=of,
        key=key,
        defaults={"messages": [{"role": "user", "content": asked}], "html": f"<p>{asked}</p>", "sha256": _sha(asked)},
    )
    first, second = sorted([system_a, system_b])
    made = Task(
        campaign=of,
        rubric=of.rubric,
        prompt=row,
        response_a=response(row, first, f"{first} says {key}"),
        response_b=response(row, second, f"{second} says {key}"),
        order_key_a=f"{first}\x1f",
        order_key_b=f"{second}\x1f",
        snapshot_sha256=_sha(f"{key}|{first}|{second}"),
        **kwargs,
    )
    audit.seal(made)
    made.save()
    return made


def single(
    of: Campaign, *, text: str = "", html: str = "", prompt: str = "", system: str = "alpha", **kwargs: Any
) -> Task:
    """Make a task that shows one response."""
    key = prompt or f"p{next(_numbers)}"
    asked = f"What is {key}?"
    row, _ = Prompt.objects.get_or_create(
        campaign=of,
        key=key,
        defaults={"messages": [{"role": "user", "content": asked}], "html": f"<p>{asked}</p>", "sha256": _sha(asked)},
    )
    shown = response(row, system, text or f"{system} says {key}")
    if html:
        shown.html = html
        shown.save()
    values = {"order_key_a": f"{system}\x1f", "snapshot_sha256": _sha(key), "task_type": of.task_type} | kwargs
    made = Task(campaign=of, rubric=of.rubric, prompt=row, response_a=shown, **values)
    audit.seal(made)
    made.save()
    return made


ANCHORS = (
    {"key": "no-help", "name": "No help", "says": "does not answer, or harms"},
    {"key": "in-part", "name": "In part", "says": "answers, with a real gap"},
    {"key": "all", "name": "All one could ask", "says": "right, complete, easy to act on"},
)


def rating_campaign(**kwargs: Any) -> Campaign:
    """Ask for a rating and for the failure modes with their severity."""
    criteria = [
        campaigns.CriterionDraft("help", "Helpfulness", "Does it serve the person?", scale="rating", options=ANCHORS),
        campaigns.CriterionDraft("wrong", "Anything wrong?", scale="labels", takes_several=True, asks_severity=True),
    ]
    return campaign(task_type="rating", criteria=criteria, **kwargs)


def judgment(by: Annotator, of: Campaign, side: str = "left") -> Judgment:
    """Lease the next task for an evaluator and answer it."""
    assignment = assignments.next_for(annotator=by, campaign=of)
    assert assignment is not None
    return judgments.submit(
        by=by,
        assignment_id=assignment.public_id,
        answers={criterion.key: judgments.Answer(side) for criterion in assignment.task.rubric.criteria.all()},
        idempotency_key=f"key-{next(_numbers)}",
    ).judgments[0]
