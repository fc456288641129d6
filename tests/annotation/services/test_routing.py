"""A task goes to those who read its language and are versed in its field; what people say of themselves is theirs."""

import pytest

from annotation.models import AuditEvent, Enrollment, Prompt
from annotation.services import assignments, evaluators, vetting
from annotation.services.evaluators import Profile
from annotation.vetting_forms import ApplicationForm
from tests import factories
from tests.annotation.statements import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return factories.campaign(overlap=5)


def somebody(campaign, **said):
    person = factories.evaluator(campaign)
    evaluators.set_profile(enrollment=person.enrollments.get(), profile=Profile(**said), takes_warned=True)
    return person


def gets_one(person, campaign) -> bool:
    return assignments.next_for(annotator=person, campaign=campaign) is not None


def in_language(campaign, language: str, **kwargs):
    task = factories.task(campaign, **kwargs)
    Prompt.objects.filter(pk=task.prompt_id).update(language=language)
    return task


@pytest.mark.parametrize(
    ("language", "reads", "expected"),
    [
        ("de-AT", ("de",), True),
        ("de", ("en", "fr"), False),
        ("DE", ("de",), True),
        ("", ("en",), True),
        ("de", (), True),
    ],
)
def test_a_task_goes_to_those_who_read_its_language(campaign, language, reads, expected):
    in_language(campaign, language)
    assert gets_one(somebody(campaign, languages=reads), campaign) is expected


@pytest.mark.parametrize(
    ("tags", "versed", "expected"),
    [
        (["expert:law"], ("law",), True),
        (["expert:law"], ("medicine",), False),
        (["expert:law"], (), False),
        (["expert:law", "expert:tax"], ("law",), False),
        (["law", "long"], (), True),
    ],
)
def test_a_task_of_a_field_goes_to_those_versed_in_it(campaign, tags, versed, expected):
    factories.task(campaign, tags=tags)
    assert gets_one(somebody(campaign, expertise=versed), campaign) is expected


def test_a_known_answer_follows_the_same_routes(campaign):
    from annotation.services import golds

    rita = factories.researcher_of(campaign)
    golds.set_answer(task=in_language(campaign, "de"), outcome="a", justification="x", by=rita)
    vetting.set_test(campaign=campaign, size=0, line=0, gold_percent=50, by=rita)
    person = somebody(campaign, languages=("en",))
    assert not any(gets_one(person, campaign) for _ in range(20))


def test_routes_cost_no_statement_more(campaign):
    in_language(campaign, "en", tags=["expert:law"])
    person = somebody(campaign, languages=("en",), expertise=("law",))
    with statements() as asked:
        assert gets_one(person, campaign)
    assert len(asked) == 3


def test_what_people_say_of_themselves_is_voluntary_and_stays_out_of_the_log(campaign):
    person = somebody(campaign, group="patients", languages=("de",))
    assert Enrollment.objects.get(annotator=person).group == "patients"
    body = bytes(AuditEvent.objects.latest("id").body)
    assert b"annotator.profile" in body
    assert b"patients" not in body
    form = ApplicationForm({}, campaign=campaign)
    assert form.is_valid()
    assert form.profile() == Profile()


@pytest.mark.parametrize("wrong", ["english", "d", "de;en", "<b>", "１２", "x" * 101, "de\x00"])
def test_a_language_is_a_code(campaign, wrong):
    assert not ApplicationForm({"languages": wrong}, campaign=campaign).is_valid()


def test_a_group_is_one_of_the_campaigns_own(campaign):
    rita = factories.researcher_of(campaign)
    vetting.set_profile_lists(campaign=campaign, groups=["patients"], fields_of_expertise=["law"], by=rita)
    assert not ApplicationForm({"group": "admins"}, campaign=campaign).is_valid()
    assert not ApplicationForm({"expertise": ["medicine"]}, campaign=campaign).is_valid()
    form = ApplicationForm({"group": "patients", "expertise": ["law"], "languages": "DE, en-GB"}, campaign=campaign)
    assert form.is_valid()
    assert form.profile() == Profile("patients", ("de", "en"), ("law",))
