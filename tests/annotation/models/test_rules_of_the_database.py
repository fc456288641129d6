"""Each rule that the database itself holds, tried against the database."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from annotation.models import Annotator, Assignment, AuditEvent, Campaign, Enrollment, Judgment, Membership
from annotation.services import audit
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


def refused(rule: str):
    return pytest.raises(DatabaseError, match=rule)


def judgment_of(campaign, annotator, task, **kwargs) -> Judgment:
    values = {"outcome": "a", "shown_order": "ab", "idempotency_key": f"k{Judgment.objects.count()}"} | kwargs
    row = Judgment(
        campaign=campaign, task=task, annotator=annotator, criterion=campaign.rubric.criteria.get(), **values
    )
    audit.seal(row)
    return row


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"outcome": "left"}, "judgment_outcome_known"),
        ({"outcome": ""}, "judgment_outcome_known"),
        ({"outcome": "a", "is_retraction": True}, "judgment_outcome_known"),
        ({"outcome": "a", "strength": -1}, "judgment_strength_matches_outcome"),
        ({"outcome": "b", "strength": 4}, "judgment_strength_matches_outcome"),
        ({"outcome": "tie", "strength": 1}, "judgment_strength_matches_outcome"),
        ({"revision": 1}, "judgment_correction_supersedes"),
        ({"shown_order": "xy"}, "judgment_order_known"),
    ],
)
def test_an_impossible_judgment_is_refused(campaign, change, rule):
    alice, task = factories.evaluator(campaign), factories.task(campaign)
    with refused(rule), transaction.atomic():
        judgment_of(campaign, alice, task, **change).save()


def test_a_second_answer_needs_a_revision_and_a_key_of_its_own(campaign):
    alice, task = factories.evaluator(campaign), factories.task(campaign)
    first = judgment_of(campaign, alice, task)
    first.save()
    with refused("judgment_revision_once"), transaction.atomic():
        judgment_of(campaign, alice, task).save()
    with refused("judgment_idempotency_key_once"), transaction.atomic():
        judgment_of(campaign, alice, task, revision=1, supersedes=first, idempotency_key=first.idempotency_key).save()
    judgment_of(campaign, alice, task, revision=1, supersedes=first).save()
    assert Judgment.objects.effective().count() == 1


def test_a_correction_stays_inside_its_own_chain(campaign):
    alice, bob = factories.evaluator(campaign), factories.evaluator(campaign)
    task = factories.task(campaign)
    first = judgment_of(campaign, alice, task)
    first.save()
    with refused("judgment_supersedes_own_chain"), transaction.atomic():
        judgment_of(campaign, bob, task, revision=1, supersedes=first).save()


def test_a_judgment_is_superseded_only_once(campaign):
    alice, task = factories.evaluator(campaign), factories.task(campaign)
    first = judgment_of(campaign, alice, task)
    first.save()
    judgment_of(campaign, alice, task, revision=1, supersedes=first).save()
    with refused("supersedes"), transaction.atomic():
        judgment_of(campaign, alice, task, revision=2, supersedes=first).save()


def test_a_task_stands_in_canonical_order_with_two_responses_of_its_prompt(campaign):
    task, other = factories.task(campaign), factories.task(campaign)
    for change, rule in [
        ({"order_key_a": "zeta\x1f"}, "task_canonical_order"),
        ({"response_b": task.response_a}, "task_two_responses"),
        ({"response_b": other.response_b}, "task_response_b_of_prompt"),
        ({"pool": "secret"}, "task_pool_known"),
        ({"split": "mine"}, "task_split_known"),
    ]:
        copy = type(task).objects.get(pk=task.pk)
        for name, value in change.items():
            setattr(copy, name, value)
        with refused(rule), transaction.atomic(), connection.cursor() as cursor:
            copy.save()
            cursor.execute("set constraints all immediate")


def test_a_task_and_an_annotator_meet_once_a_round(campaign):
    alice, task = factories.evaluator(campaign), factories.task(campaign)
    values = {"campaign": campaign, "task": task, "annotator": alice, "shown_order": "ab"}
    Assignment.objects.create(**values, leased_at=Now(), expires_at=Now() + "1 hour")
    with refused("assignment_once_per_round"), transaction.atomic():
        Assignment.objects.create(**values, leased_at=Now(), expires_at=Now() + "1 hour")


def test_standing_and_roles_are_known_and_unique(campaign):
    alice, rita = factories.evaluator(campaign), factories.researcher_of(campaign)
    with refused("enrollment_once"), transaction.atomic():
        Enrollment.objects.create(annotator=alice, campaign=campaign)
    with refused("enrollment_state_known"), transaction.atomic():
        Enrollment.objects.update(state="chief")
    with refused("membership_one_role_per_campaign"), transaction.atomic():
        Membership.objects.create(user=rita, campaign=campaign, role="auditor")
    with refused("campaign_state_known"), transaction.atomic():
        Campaign.objects.update(state="ended")


def test_a_login_belongs_to_a_human_annotator():
    person = factories.user()
    with refused("annotator_login_is_human"), transaction.atomic():
        Annotator.objects.create(kind="judge", name="x", user=person)


@pytest.mark.parametrize("table", ["audit_event", "annotation_rubric", "annotation_criterion"])
def test_rubrics_and_events_are_never_changed(campaign, table):
    for statement in (f"update {table} set id = id", f"delete from {table}"):
        with refused("append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_all_append_only_triggers_are_in_the_migrated_schema(campaign):
    with connection.cursor() as cursor:
        cursor.execute("select tgname from pg_trigger where not tgisinternal")
        names = {row[0] for row in cursor.fetchall()}
    for table in ("audit_event", "annotation_judgment", "annotation_rubric", "annotation_criterion"):
        assert {f"{table}_append_only", f"{table}_no_truncate"} <= names


def test_an_event_object_cannot_be_saved_again_or_deleted(campaign):
    event = AuditEvent.objects.first()
    with pytest.raises(TypeError, match="never changed"):
        event.save()
    with pytest.raises(TypeError, match="never changed"):
        event.delete()
