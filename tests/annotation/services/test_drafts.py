import pytest

from annotation.models import Assignment
from annotation.services import assignments, drafts, judgments
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    made = factories.campaign(overlap=2)
    factories.task(made)
    return made


@pytest.fixture
def held(campaign, alice):
    return assignments.next_for(annotator=alice, campaign=campaign)


def save(annotator, held, content, revision):
    return drafts.save(
        annotator=annotator, campaign=held.campaign, public_id=held.public_id, content=content, revision=revision
    )


def test_each_save_follows_the_one_before(alice, held):
    assert save(alice, held, "comment=a", 0) == 1
    assert save(alice, held, "comment=ab", 1) == 2
    again = assignments.next_for(annotator=alice, campaign=held.campaign)
    assert (again.draft, again.draft_revision) == ("comment=ab", 2)


def test_an_older_tab_does_not_overwrite_a_newer_one(alice, held):
    save(alice, held, "comment=newer", 0)
    with pytest.raises(drafts.DraftOutdated, match="another tab"):
        save(alice, held, "comment=older", 0)
    assert Assignment.objects.get().draft == "comment=newer"


def test_nobody_writes_anothers_draft_and_no_draft_follows_an_answer(campaign, alice, held):
    bob = factories.evaluator(campaign)
    with pytest.raises(drafts.DraftOutdated):
        save(bob, held, "x", 0)
    save(alice, held, "comment=a", 0)
    answers = {"overall": judgments.Answer("left")}
    judgments.submit(by=alice, assignment_id=held.public_id, answers=answers, idempotency_key="k")
    assert Assignment.objects.get().draft == ""
    with pytest.raises(drafts.DraftOutdated):
        save(alice, held, "comment=late", 1)


def test_a_draft_outlives_the_end_of_its_lease(campaign, alice, held):
    save(alice, held, "comment=kept", 0)
    assignments.give_back(annotator=alice, campaign=campaign)
    again = assignments.next_for(annotator=alice, campaign=campaign)
    assert (again.draft, again.draft_revision) == ("comment=kept", 1)


def test_a_draft_has_an_end(alice, held):
    with pytest.raises(drafts.DraftRefused, match="30,000"):
        save(alice, held, "x" * 30_001, 0)
