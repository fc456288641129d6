"""What evaluators say reaches researchers, is answered in the same place, and changes no answer."""

import pytest
from django.urls import reverse

from annotation.models import Appeal, AuditEvent, Enrollment, Judgment, Review
from annotation.services import assignments, evaluators, judgments, reviews
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita():
    return factories.rita()


@pytest.fixture
def campaign(rita):
    made = factories.campaign(rita)
    for _ in range(3):
        factories.task(made)
    return made


def remark(annotator, campaign, **said) -> Judgment:
    held = assignments.next_for(annotator=annotator, campaign=campaign)
    call = {"by": annotator, "assignment_id": held.public_id, "idempotency_key": held.public_id}
    return judgments.submit(**call, answers={"overall": judgments.Answer("left")}, **said).judgments[0]


def inbox(client, campaign):
    return client.get(reverse("campaign-inbox", args=[campaign.slug]))


def suspended(campaign, rita):
    person = factories.evaluator(campaign)
    evaluators.suspend(enrollment=person.enrollments.get(), by=rita, reason="too fast")
    return person


def test_flags_and_comments_stay_until_somebody_has_looked(campaign, rita, alice, as_):
    flagged = remark(alice, campaign, flags=["broken"])
    said = remark(alice, campaign, comment="the second is cut off")
    remark(alice, campaign)
    client = as_(rita)
    shown = inbox(client, campaign)
    assert [row.pk for row, _ in shown.context["remarks"]] == [said.pk, flagged.pk]
    assert "A text is broken or cut off" in shown.content.decode()
    for _ in range(2):
        client.post(reverse("remark-settle", args=[campaign.slug, flagged.public_id]))
    assert [row.pk for row, _ in inbox(client, campaign).context["remarks"]] == [said.pk]
    assert Review.objects.count() == 1
    assert Judgment.objects.effective().count() == 3
    assert b"remark.settle" in bytes(AuditEvent.objects.latest("id").body)


def test_skipped_tasks_are_counted_by_reason(campaign, rita, alice, as_):
    held = assignments.next_for(annotator=alice, campaign=campaign)
    assignments.skip(annotator=alice, public_id=held.public_id, reason="unsafe")
    rows = list(inbox(as_(rita), campaign).context["skips"])
    assert [(row["reason"], row["n"]) for row in rows] == [("unsafe", 1)]


def test_a_suspended_person_appeals_and_reads_the_answer_in_the_same_place(campaign, rita, as_):
    person = suspended(campaign, rita)
    client, page = as_(person), reverse("apply", args=[campaign.slug])
    assert "looked at again" in client.get(page).content.decode()
    client.post(reverse("appeal", args=[campaign.slug]), {"text": "I read <b>fast</b>."})
    assert "It waits for a researcher" in client.get(page).content.decode()
    assert "I read &lt;b&gt;fast&lt;/b&gt;." in inbox(as_(rita), campaign).content.decode()
    address = reverse("appeal-decide", args=[campaign.slug, Appeal.objects.get().pk])
    assert as_(rita).post(address, {"decision": "uphold"}).status_code == 422
    as_(rita).post(address, {"decision": "uphold", "answer": "You do."})
    assert "It was upheld: You do." in client.get(page).content.decode()
    assert Enrollment.objects.get(annotator=person).state == "qualified"
    log = b" ".join(bytes(event.body) for event in AuditEvent.objects.all())
    assert log.count(b'"action":"appeal.create"') == log.count(b'"action":"appeal.decide"') == 1
    assert b"I read" not in log


def test_a_declined_appeal_changes_no_standing_and_is_answered_once(campaign, rita, as_):
    person = suspended(campaign, rita)
    made = reviews.appeal(enrollment=person.enrollments.get(), text="please")
    reviews.decide(appeal=made, is_upheld=False, answer="No.", by=rita)
    assert Enrollment.objects.get(annotator=person).state == "suspended"
    with pytest.raises(reviews.AppealRefused, match="already"):
        reviews.decide(appeal=made, is_upheld=True, answer="Yes.", by=rita)


@pytest.mark.parametrize("text", ["", " ", "x" * 2_001, "x\x00y", "x" * 1_000_000])
def test_a_hostile_appeal_is_not_taken(campaign, rita, as_, text):
    person = suspended(campaign, rita)
    sent = as_(person).post(reverse("appeal", args=[campaign.slug]), {"text": text})
    assert sent.status_code in {302, 400}
    assert not Appeal.objects.exists()


def test_one_appeal_is_open_at_a_time_and_only_of_who_was_turned_away(campaign, rita, alice):
    with pytest.raises(reviews.AppealRefused):
        reviews.appeal(enrollment=alice.enrollments.get(), text="x")
    enrollment = suspended(campaign, rita).enrollments.get()
    reviews.appeal(enrollment=enrollment, text="x")
    with pytest.raises(reviews.AppealRefused):
        reviews.appeal(enrollment=enrollment, text="y")


def test_nobody_else_reaches_the_inbox_or_anothers_campaign(campaign, rita, alice, as_):
    other = factories.campaign()
    made = reviews.appeal(enrollment=suspended(other, factories.researcher_of(other)).enrollments.get(), text="x")
    said = remark(alice, campaign, comment="x")
    assert inbox(as_(alice), campaign).status_code == 404
    address = reverse("appeal-decide", args=[campaign.slug, made.pk])
    assert as_(rita).post(address, {"decision": "uphold", "answer": "x"}).status_code == 404
    assert as_(rita).post(reverse("remark-settle", args=[other.slug, said.public_id])).status_code == 404
    assert as_(alice).post(reverse("remark-settle", args=[campaign.slug, said.public_id])).status_code == 404
    assert as_(factories.user()).post(reverse("appeal", args=[campaign.slug]), {"text": "x"}).status_code == 404


def test_the_inbox_asks_the_database_the_same_for_one_remark_or_many(campaign, rita, as_, django_assert_num_queries):
    client = as_(rita)
    for _ in range(3):
        remark(factories.evaluator(campaign), campaign, comment="x")
        with django_assert_num_queries(9):
            inbox(client, campaign)


def test_without_its_event_no_appeal_is_kept(campaign, rita, monkeypatch):
    enrollment = suspended(campaign, rita).enrollments.get()
    monkeypatch.setattr("annotation.services.audit._insert", lambda events: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reviews.appeal(enrollment=enrollment, text="x")
    assert not Appeal.objects.exists()
