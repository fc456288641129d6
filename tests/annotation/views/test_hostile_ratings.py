"""What no honest page sends of a rating, of labels and of the clock: refused with a word, and nothing stored."""

import pytest
from django.urls import reverse

from annotation.models import Assignment, Judgment
from annotation.services import assignments
from tests import factories
from tests.annotation.views.test_hostile_forms import LONG, NUL, SURROGATE, post, strict

pytestmark = pytest.mark.django_db
HONEST = {"answer-help": "2", "answer-wrong": "deception", "severity-wrong-deception": "1"}


@pytest.fixture
def campaign():
    made = factories.rating_campaign(overlap=2)
    factories.single(made), factories.single(made)
    return made


@pytest.fixture
def held(campaign, alice):
    return assignments.next_for(annotator=alice, campaign=campaign)


WRONG = {
    "no rating": {"answer-help": ""},
    "a rating of zero": {"answer-help": "0"},
    "a rating beyond the scale": {"answer-help": "4"},
    "a negative rating": {"answer-help": "-1"},
    "a rating in other digits": {"answer-help": "２"},
    "a rating of four thousand digits": {"answer-help": "2" * 4_000},
    "a rating that is a side": {"answer-help": "left"},
    "a rating with NUL": {"answer-help": NUL},
    "a half character for a rating": {"answer-help": SURROGATE},
    "no label": {"answer-wrong": ""},
    "a label nobody offers": {"answer-wrong": "canary"},
    "a label with markup": {"answer-wrong": "<b>"},
    "a label with NUL": {"answer-wrong": NUL},
    "a half character for a label": {"answer-wrong": SURROGATE},
    "a label of a megabyte": {"answer-wrong": LONG},
    "no severity": {"severity-wrong-deception": ""},
    "a severity beyond its scale": {"severity-wrong-deception": "4"},
    "a negative severity": {"severity-wrong-deception": "-1"},
    "a severity in words": {"severity-wrong-deception": "high"},
    "a severity in other digits": {"severity-wrong-deception": "１"},
    "a comment of a megabyte": {"comment": LONG},
    "an unknown flag": {"flags": "gold"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_hostile_rating_or_label_is_refused_and_stores_nothing(campaign, alice, held, as_, wrong):
    fields = {"assignment": held.public_id, "key": "k"} | HONEST | wrong
    response = post(strict(as_(alice)), reverse("evaluate", args=[campaign.slug]), fields)
    assert response.status_code in {400, 413, 422}
    assert not Judgment.objects.exists()
    held.refresh_from_db()
    assert held.state == "leased"


def test_the_honest_form_is_taken_once(campaign, alice, held, as_):
    client, address = as_(alice), reverse("evaluate", args=[campaign.slug])
    fields = {"assignment": held.public_id, "key": "k"} | HONEST
    assert [client.post(address, fields).status_code for _ in range(2)] == [302, 302]
    assert Judgment.objects.count() == 2


EXTENSIONS = [{"assignment": ""}, {"assignment": NUL}, {"assignment": SURROGATE}, {"assignment": "x" * 22}, {}]


@pytest.mark.parametrize("wrong", EXTENSIONS, ids=str)
def test_a_hostile_extension_moves_no_clock(campaign, alice, held, as_, wrong):
    client = as_(alice) if wrong else as_(factories.evaluator(campaign))
    fields = {"assignment": held.public_id} | wrong
    response = post(strict(client), reverse("evaluate-extend", args=[campaign.slug]), fields)
    assert response.status_code == 409
    assert Assignment.objects.get(pk=held.pk).expires_at == held.expires_at


LIMITS = [
    {"daily_cap": "-1"},
    {"daily_cap": "x"},
    {"daily_cap": ""},
    {"total_cap": "9" * 30},
    {"daily_cap": "5", "total_cap": "2"},
    {"repeat_percent": "21"},
    {"repeat_percent": NUL},
    {"deadline": "soon"},
    {"deadline": "9999999-01-01T00:00"},
    {"deadline": NUL},
]


@pytest.mark.parametrize("wrong", LIMITS, ids=str)
def test_hostile_limits_are_refused(campaign, as_, wrong):
    fields = {"daily_cap": "1", "total_cap": "9", "repeat_percent": "4", "deadline": ""} | wrong
    client = strict(as_(factories.researcher_of(campaign)))
    assert post(client, reverse("campaign-collection", args=[campaign.slug]), fields).status_code == 422
    campaign.refresh_from_db()
    assert (campaign.daily_cap, campaign.repeat_percent) == (0, 0)
