import pytest
from django.urls import reverse

from annotation.models import AuditEvent, Campaign
from annotation.services import audit, campaigns
from tests import factories

pytestmark = pytest.mark.django_db
NEW = "/campaigns/new/"


@pytest.fixture
def rita():
    return factories.rita()


def form(**more) -> dict:
    criteria = {"criteria-TOTAL_FORMS": "5", "criteria-INITIAL_FORMS": "0"}
    for number in range(5):
        criteria |= {f"criteria-{number}-name": "", f"criteria-{number}-levels": "3"}
    first = {"criteria-0-name": "Helpfulness", "criteria-0-question": "Which helps?", "criteria-0-levels": "5"}
    return criteria | first | {"name": "Clinic letters", "overlap": "3", "lease_minutes": "30"} | more


def test_a_new_campaign_is_a_draft_with_its_rubric_and_leads_to_the_import(rita, as_):
    data = form(guide="Be **fair**.", **{"criteria-1-name": "Honesty", "criteria-1-allow_tie": "on"})
    response = as_(rita).post(NEW, data)
    made = Campaign.objects.get()
    assert response["Location"] == reverse("campaign-import", args=["clinic-letters"])
    assert (made.slug, made.state, made.overlap) == ("clinic-letters", "draft", 3)
    assert "<strong>fair</strong>" in made.rubric.guide_html
    stored = list(made.rubric.criteria.order_by("position").values_list("key", "levels", "allow_tie"))
    assert stored == [("helpfulness", 5, False), ("honesty", 3, True)]
    assert made.memberships.get().user == rita


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"overlap": "0"}, "Enter a whole number from 1 to 100."),
        ({"lease_minutes": "soon"}, "Enter a whole number from 1 to 1,440."),
        ({"slug": "a b"}, "Use letters, digits and dashes only."),
        ({"slug": "new"}, "This address belongs to another page."),
        ({"slug": "taken"}, "This short name is taken."),
        ({"name": "漢字"}, "Enter a short name"),
        ({"criteria-0-name": ""}, "Name at least one criterion."),
        ({"criteria-1-name": "helpfulness"}, "Two criteria have the same name."),
        ({"criteria-0-levels": "4"}, "Select a valid choice."),
        ({"name": "nul\0"}, "Null characters are not allowed."),
    ],
)
def test_a_campaign_with_a_mistake_is_not_made_and_the_page_says_what_to_enter(rita, as_, wrong, message):
    campaigns.create(name="Taken", slug="taken", by=rita)
    response = as_(rita).post(NEW, form(**wrong))
    assert response.status_code == 422
    assert message in response.content.decode()
    assert Campaign.objects.count() == 1


def test_only_people_with_the_role_make_campaigns(as_):
    client = as_(factories.user("alice"))
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, form()).status_code == 403
    assert not Campaign.objects.exists()


def test_if_the_audit_fails_no_campaign_is_made(rita, as_, monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise audit.EventRefused

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(audit.EventRefused):
        as_(rita).post(NEW, form())
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(("action", "state"), [("open", "open"), ("pause", "paused"), ("close", "closed")])
def test_the_state_changes_and_leaves_its_event(rita, as_, action, state):
    campaign = factories.campaign(rita, is_open=False)
    before = AuditEvent.objects.count()
    back = reverse("campaign-people", args=[campaign.slug])
    response = as_(rita).post(reverse("campaign-state", args=[campaign.slug]), {"action": action, "next": back})
    campaign.refresh_from_db()
    assert (campaign.state, response["Location"]) == (state, back)
    assert AuditEvent.objects.count() == before + 1


def test_an_unknown_state_changes_nothing(rita, as_):
    campaign = factories.campaign(rita)
    response = as_(rita).post(reverse("campaign-state", args=[campaign.slug]), {"action": "burn"})
    assert response.status_code == 422
    campaign.refresh_from_db()
    assert campaign.state == "open"


def test_the_way_back_after_a_change_stays_on_this_site(rita, as_):
    campaign = factories.campaign(rita)
    url = reverse("campaign-state", args=[campaign.slug])
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
        assert as_(rita).post(url, {"action": "open", "next": elsewhere})["Location"] == reverse("campaigns")


def test_the_list_counts_answers_of_people_once_a_task(rita, as_):
    campaign = factories.campaign(rita, overlap=2)
    alice, bob = factories.evaluator(campaign, "alice"), factories.evaluator(campaign, "bob")
    for _ in range(3):
        factories.task(campaign)
    for person in (alice, alice, bob):
        factories.judgment(person, campaign)
    row = as_(rita).get("/campaigns/").context["campaigns"][0]
    assert (row.task_count, row.planned, row.answered) == (3, 6, 3)


def test_the_list_shows_only_campaigns_of_ones_own(rita, as_):
    mine, other = factories.campaign(rita), factories.campaign()
    html = as_(rita).get("/campaigns/?state=all").content.decode()
    assert f">{mine.name}<" in html
    assert f">{other.name}<" not in html
    everything = as_(factories.user("ada", is_admin=True)).get("/campaigns/?state=all").content.decode()
    assert f">{other.name}<" in everything


def test_the_tabs_divide_the_campaigns_by_state(rita, as_):
    opened, closed = factories.campaign(rita), factories.campaign(rita)
    campaigns.close(campaign=closed, by=rita)
    client = as_(rita)
    assert [row.pk for row in client.get("/campaigns/").context["campaigns"]] == [opened.pk]
    assert [row.pk for row in client.get("/campaigns/?state=closed").context["campaigns"]] == [closed.pk]
    assert len(client.get("/campaigns/?state=nonsense").context["campaigns"]) == 1


def test_applications_that_wait_are_named_with_their_campaign(rita, as_):
    campaign = factories.campaign(rita)
    factories.evaluator(campaign, "charlie", qualified=False)
    html = as_(rita).get("/campaigns/").content.decode()
    assert "1 application to decide on" in html


def test_the_list_asks_the_database_the_same_for_one_campaign_or_many(rita, as_, django_assert_num_queries):
    client = as_(rita)
    for wanted in (1, 6):
        while Campaign.objects.count() < wanted:
            factories.evaluator(factories.campaign(rita), qualified=False)
        with django_assert_num_queries(5):
            client.get("/campaigns/")
