"""The page of one judge and the page of scores side by side."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotation.models import Annotator, Judgment
from annotation.services import audit
from calibration import jobs
from calibration.models import JudgeReport
from calibration.services import judges
from tests import factories

pytestmark = pytest.mark.django_db
BOARD = (
    "name,win_rate,standard_error,n_total,length_controlled_winrate\nNullModel,76.9,0.9,805,86.5\nwillow,50,1,805,50\n"
)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch) -> None:
    monkeypatch.setattr("calibration.validity.bias.DRAWS", 100)


@pytest.fixture
def judged():
    """A campaign in which two people and an imported judge have judged twelve tasks; the judge likes what is first."""
    campaign = factories.campaign(overlap=2)
    tasks = [factories.task(campaign) for _ in range(12)]
    for name in ("alice", "bob"):
        person = factories.evaluator(campaign, name)
        for _ in tasks:
            factories.judgment(person, campaign, "left")
    judge = Annotator(kind="judge", name="Quill", family="quill", import_key="import:quill")
    audit.seal(judge)
    judge.save()
    criterion = campaign.rubric.criteria.get()
    for number, task in enumerate(tasks):
        for round_, order in enumerate(("ab", "ba")):
            outcome = "invalid" if number == 0 else order[0]
            row = Judgment(
                campaign=campaign, task=task, annotator=judge, criterion=criterion, round=round_, outcome=outcome,
                shown_order=order, idempotency_key=f"{number}{order}", payload_sha256="0" * 64,
            )  # fmt: skip
            audit.seal(row)
            row.save()
    return campaign, judge


def page(campaign, judge) -> str:
    return reverse("calibration:judge", args=[campaign.slug, judge.public_id])


def test_a_judge_is_examined_and_its_page_shows_it(judged, signed_in):
    campaign, judge = judged
    rita = factories.researcher_of(campaign)
    client = signed_in(rita)
    assert "Nothing is known of this judge" in client.get(page(campaign, judge)).content.decode()
    report = judges.examine(campaign=campaign, annotator=judge, by=rita)
    found = {row["judge"]["name"]: row["judge"] for row in report.figures["biases"]}
    assert (found["first-slot rate"]["value"], found["position consistency"]["value"]) == (1.0, 0.0)
    assert found["position preference"]["value"] == -1.0
    assert (report.gate, report.figures["gate"]["people"]) == ("NOT_CHECKED", 0)
    assert sum(row["missing"] for row in report.figures["missing"]) == 4
    text = client.get(page(campaign, judge)).content.decode()
    assert "1.00 <span" in text
    assert "NOT_CHECKED" in text


def test_examining_is_queued_for_researchers_only(judged, signed_in, monkeypatch):
    campaign, judge = judged
    queued = []
    monkeypatch.setattr(jobs.examine_judge, "delay_on_commit", lambda **ids: queued.append(ids))
    address = reverse("calibration:judge-examine", args=[campaign.slug, judge.public_id])
    assert signed_in(factories.user("stranger")).post(address).status_code == 404
    rita = factories.researcher_of(campaign)
    assert signed_in(rita).post(address).status_code == 302
    assert queued == [{"campaign_id": campaign.pk, "annotator_id": judge.pk, "user_id": rita.pk}]
    jobs.examine_judge(**queued[0])
    assert JudgeReport.objects.count() == 1


def test_a_report_without_its_event_is_not_written(judged, monkeypatch):
    campaign, judge = judged
    rita = factories.researcher_of(campaign)
    monkeypatch.setattr(
        "annotation.services.audit.record", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("no log"))
    )
    with pytest.raises(RuntimeError):
        judges.examine(campaign=campaign, annotator=judge, by=rita)
    assert not JudgeReport.objects.exists()


def test_people_have_no_page_of_a_judge(judged, signed_in):
    campaign, _ = judged
    alice = Annotator.objects.get(user__username="alice")
    assert signed_in(factories.researcher_of(campaign)).get(page(campaign, alice)).status_code == 404


def test_scores_stand_side_by_side_and_a_null_model_is_caught(judged, signed_in):
    campaign, _ = judged
    client = signed_in(factories.researcher_of(campaign))
    address = reverse("calibration:compare", args=[campaign.slug])
    text = client.get(address).content.decode()
    assert "Quill, order-consistent" in text
    sent = client.post(address, {"leaderboard": SimpleUploadedFile("board.csv", BOARD.encode())})
    assert "NullModel answers every prompt alike" in sent.content.decode()
    assert "Worthless, and wins" in sent.content.decode()
    for wrong in (b"a,b\n1,2\n", b"\xff\xfe", b""):
        assert client.post(address, {"leaderboard": SimpleUploadedFile("x.csv", wrong)}).status_code == 422
