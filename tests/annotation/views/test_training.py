"""The training explains each answer at once, decides nothing, and its tasks never come again for that person."""

import pytest
from django.urls import reverse

from annotation.models import Campaign, Enrollment, QualificationAnswer
from annotation.services import assignments, golds, vetting
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    made = factories.campaign()
    rita = factories.researcher_of(made)
    for number in range(6):
        task = factories.task(made, pool="gold")
        golds.set_answer(task=task, outcome="ab"[number % 2], justification=f"because {number}", by=rita)
    vetting.set_test(campaign=made, size=4, line=3, gold_percent=0, training_size=2, by=rita)
    return made


@pytest.fixture
def carla(campaign):
    return factories.evaluator(campaign, qualified=False)


def test_each_answer_is_explained_and_the_test_comes_after(campaign, carla, as_):
    client, address = as_(carla), reverse("training", args=[campaign.slug])
    result = reverse("qualification-result", args=[campaign.slug])
    assert address in client.get(result).content.decode()
    for place in (1, 2):
        asked = client.get(address).content.decode()
        assert f"Training, task {place} of 2" in asked
        assert "because" not in asked, "the reason comes after the answer"
        told = client.post(address, {"attempt": "0", "place": str(place), "answer-overall": "left"}, follow=True)
        given = QualificationAnswer.objects.get(place=place)
        assert given.task.gold.justification in told.content.decode()
        assert ("Right:" in told.content.decode()) == given.is_right
    assert client.get(address).url == result
    assert address not in client.get(result).content.decode()
    assert Enrollment.objects.get().state == "applied"
    first = vetting.start(enrollment=Enrollment.objects.get())
    assert first.number == 1
    trained = set(QualificationAnswer.objects.filter(qualification__number=0).values_list("task", flat=True))
    assert trained.isdisjoint(first.answers.values_list("task", flat=True))


def test_a_trained_answer_never_comes_in_the_stream(campaign, carla):
    vetting.train(enrollment=Enrollment.objects.get())
    Enrollment.objects.update(state="qualified")
    Campaign.objects.update(gold_percent=100)
    seen = set(QualificationAnswer.objects.values_list("task", flat=True))
    campaign.refresh_from_db()
    served = set()
    while held := assignments.next_for(annotator=carla, campaign=campaign):
        served.add(held.task_id)
        assignments.skip(annotator=carla, public_id=held.public_id, reason="broken")
    assert len(served) == 4
    assert served.isdisjoint(seen)


def test_an_explanation_is_for_what_was_answered_alone(campaign, carla, as_):
    client, address = as_(carla), reverse("training", args=[campaign.slug])
    for asked in ("1", "2", "x", "-1", "99999", "１"):
        assert "because" not in client.get(address, {"explained": asked}).content.decode()
    assert "no answer yet" in client.post(address, {"attempt": "0", "place": "1"}).content.decode()
    client.post(address, {"attempt": "0", "place": "2", "answer-overall": "left"})
    assert not QualificationAnswer.objects.exclude(outcome="").exists()


def test_a_campaign_without_training_has_no_such_page(as_):
    campaign = factories.campaign()
    carla = factories.evaluator(campaign, qualified=False)
    sent = as_(carla).get(reverse("training", args=[campaign.slug]))
    assert sent.url == reverse("qualification-result", args=[campaign.slug])
    assert as_(factories.user()).get(reverse("training", args=[campaign.slug])).status_code == 404
