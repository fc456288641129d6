"""Every page of the record's side in light, dark and on a phone: axe and console silent, nothing sideways."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotation.models import Import, Membership
from annotation.services import assignments, campaigns, evaluators, imports, judging
from annotation.services.campaigns import CriterionDraft
from tests import factories
from tests.browser import texts
from tests.browser.visitor import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign():
    criteria = [
        CriterionDraft("helpfulness", "Helpfulness", "Which serves the person better?", levels=5),
        CriterionDraft("honesty", "Honesty", "Which is plainer about its limits?", levels=5),
    ]
    rita = factories.rita()
    return factories.campaign(
        rita, guide=texts.GUIDE, criteria=criteria, description="Letters of a clinic, for lay readers."
    )


@pytest.fixture
def rita(campaign):
    return factories.researcher_of(campaign)


@pytest.fixture
def olga(campaign, rita):
    person = factories.user("olga")
    campaigns.add_member(campaign=campaign, user=person, role=Membership.Role.AUDITOR, by=rita)
    return person


@pytest.fixture
def alice(campaign):
    return factories.evaluator(campaign, "alice")


def at(name: str, campaign, *args) -> str:
    return reverse(name, args=[campaign.slug, *args])


def test_sign_in(show):
    show("/login/", "sign-in")


def test_sign_in_that_did_not_match(show, django_user_model):
    def fail(page) -> None:
        page.get_by_label("User name").fill("alice")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("That did not match.").wait_for()

    show("/login/", "sign-in-failed", before=fail)


def test_error_page(show, rita):
    show("/nowhere/", "error", rita, status=404)


def test_desk(show, campaign, alice):
    texts.task(campaign)
    show(at("evaluate", campaign), "desk", alice.user)


def test_desk_of_one_criterion(show):
    campaign = factories.campaign(guide=texts.GUIDE)
    alice = factories.evaluator(campaign, "alice")
    texts.task(campaign, messages=texts.TALK)
    show(at("evaluate", campaign), "desk-one-criterion", alice.user)


def test_desk_with_a_content_warning(show, campaign, alice):
    texts.task(campaign, content_warning="injury")
    show(at("evaluate", campaign), "desk-warning", alice.user)


@pytest.mark.parametrize("drawer", ["guide", "keys", "skip", "flag", "comment"])
def test_drawers_of_the_desk(show, campaign, alice, drawer):
    texts.task(campaign)

    def open_drawer(page) -> None:
        page.evaluate(f"document.getElementById('{drawer}').showPopover()")

    show(at("evaluate", campaign), f"desk-{drawer}", alice.user, before=open_drawer)


def test_desk_with_a_refused_answer(show, campaign, alice):
    texts.task(campaign)
    show(
        at("evaluate", campaign),
        "desk-refused",
        alice.user,
        before=lambda page: page.get_by_role("button", name="Submit and next").click(),
    )


def test_desk_without_a_task(show, campaign, alice):
    show(at("evaluate", campaign), "desk-empty", alice.user)


def test_paused_campaign_at_the_desk(show, campaign, alice, rita):
    campaigns.pause(campaign=campaign, by=rita)
    show(at("evaluate", campaign), "desk-paused", alice.user, status=409)


def test_list_of_an_evaluator(show, campaign, alice, rita):
    other = factories.campaign(rita, description="Short and plain answers about numbers.")
    evaluators.apply(user=alice.user, campaign=other)
    third = factories.campaign(rita)
    standing = evaluators.apply(user=alice.user, campaign=third)
    evaluators.suspend(enrollment=standing, by=rita, reason="Too many answers under 2 seconds.")
    show("/evaluate/", "evaluate-list", alice.user)


def test_apply(show, campaign):
    show(at("apply", campaign), "apply", factories.user("charlie"))


def test_campaigns(show, campaign, rita):
    for name in ("charlie", "dana"):
        factories.evaluator(campaign, name, qualified=False)
    alice = factories.evaluator(campaign, "alice")
    for _ in range(4):
        texts.task(campaign)
    draft = factories.campaign(rita, is_open=False)
    paused = factories.campaign(rita)
    campaigns.pause(campaign=paused, by=rita)
    assignments.next_for(annotator=alice, campaign=campaign)
    assert draft.state == "draft"
    show("/campaigns/", "campaigns", rita)


def test_campaigns_when_there_are_none(show):
    show("/campaigns/", "campaigns-empty", factories.rita())


def test_new_campaign(show):
    show("/campaigns/new/", "campaign-new", factories.rita())


def test_new_campaign_with_mistakes(show):
    def send(page) -> None:
        page.get_by_label("Evaluators a task").fill("0")
        page.get_by_role("button", name="Make the campaign").click()
        page.get_by_text("Nothing was made yet.").wait_for()

    show("/campaigns/new/", "campaign-new-refused", factories.rita(), before=send, expected=(422,))


def test_people(show, campaign, rita, alice):
    factories.evaluator(campaign, "charlie", qualified=False)
    show(at("campaign-people", campaign), "people", rita)


def test_people_for_an_auditor(show, campaign, olga, alice):
    show(at("campaign-people", campaign), "people-auditor", olga)


def test_account(show, rita):
    show("/account/", "account", rita)


def test_account_with_a_new_token(show, rita):
    def make(page) -> None:
        page.get_by_label("Name").fill("nightly export")
        page.get_by_role("button", name="Make a token").click()
        page.get_by_text("shown once").wait_for()

    show("/account/", "account-token", rita, before=make)


def test_import(show, campaign, rita):
    show(at("campaign-import", campaign), "import", rita)


def prepared_import(campaign, rita, **values) -> Import:
    upload = SimpleUploadedFile("tasks.jsonl", b"{}\n")
    made = imports.start(campaign=campaign, files=[upload], format="tasks", source_name="clinic", by=rita)
    Import.objects.filter(pk=made.pk).update(**values)
    return made


def test_import_with_problems(show, campaign, rita):
    errors = [
        {
            "file": "tasks.jsonl",
            "line": line,
            "field": "response",
            "code": "empty_response",
            "message": "The response is empty. Give its text, or leave the row out.",
            "excerpt": '{"prompt_id": "p7", "response": ""}',
        }
        for line in (3, 18, 19)
    ]
    made = prepared_import(campaign, rita, state="failed", errors=errors, error_total=140, rows_done=1200)
    show(at("import-detail", campaign, made.public_id), "import-refused", rita)


def test_import_that_is_checked(show, campaign, rita):
    task = texts.task(campaign)
    sample = {
        "prompt_html": task.prompt.html,
        "left_html": task.response_a.html,
        "right_html": task.response_b.html,
    }
    counts = {"prompts": 40, "responses": 200, "systems": 5, "tasks": 400}
    made = prepared_import(campaign, rita, state="previewed", samples=[sample, sample], counts=counts, rows_done=200)
    show(at("import-detail", campaign, made.public_id), "import-checked", rita)


def test_import_under_way(show, campaign, rita):
    made = prepared_import(campaign, rita, state="running", rows_done=4000, rows_total=13000)
    show(at("import-detail", campaign, made.public_id), "import-running", rita)


def test_judges(show, campaign, rita, settings):
    settings.JUDGE_ALLOWED_HOSTS = ["127.0.0.1"]
    texts.task(campaign)
    judge = judging.add_judge(
        campaign=campaign, name="Quill-S", family="quill", base_url="http://127.0.0.1:9/v1", model="quill-s-1", by=rita
    )
    judging.plan(config=judge, by=rita)
    show(at("campaign-judges", campaign), "judges", rita)


def test_the_menu_of_a_phone(visit, rita):
    with visit(user=rita, size=PHONE) as visitor:
        page = visitor.open("/campaigns/")
        page.get_by_role("button", name="Menu").tap()
        page.get_by_role("navigation", name="Main").wait_for()
        visitor.shoot("menu-phone", full=False)
        visitor.check()
