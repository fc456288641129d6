"""A real small model end to end. It chooses by position, and that is what must be seen of it."""

from decimal import Decimal

import pytest
from django.urls import reverse

from annotation.judges import local
from annotation.models import JudgeAttempt, JudgeRequest, Judgment
from annotation.services import judging
from calibration.services import judges
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.localmodel]
QUESTIONS = {
    "What is two plus two?": ("Four.", "Purple."),
    "Which planet do we live on?": ("We live on Earth.", "We live in a spoon."),
    "What color is grass?": ("Grass is green.", "Grass is loud."),
    "How many legs has a dog?": ("A dog has four legs.", "A dog has a hundred legs."),
    "What do bees make?": ("Bees make honey.", "Bees make bricks."),
    "Is ice cold?": ("Yes, ice is cold.", "No, ice boils."),
    "What is the capital of France?": ("Paris.", "A sandwich."),
    "What do cows drink?": ("Cows drink water.", "Cows drink gravel."),
    "What comes after Monday?": ("Tuesday.", "Yesterday is a fish."),
    "What is a book for?": ("A book is for reading.", "A book is for swimming."),
    "What falls from clouds?": ("Rain falls from clouds.", "Chairs fall from clouds."),
    "What do birds do?": ("Birds fly.", "Birds evaporate."),
}


@pytest.fixture(autouse=True)
def installed() -> None:
    try:
        local.weights()
    except local.NotInstalled as error:
        pytest.skip(str(error))


def test_its_position_bias_is_found_with_intervals_and_a_replay_needs_no_network(settings, client, monkeypatch):
    settings.JUDGE_ALLOWED_HOSTS = ["127.0.0.1"]
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}
    monkeypatch.setattr("annotation.services.judging.planning.FEWEST_SENTINELS", 0)
    monkeypatch.setattr("annotation.services.judging.planning.SENTINEL_SHARE", 0.0)
    criterion = judging_criterion()
    campaign = factories.campaign(criteria=[criterion])
    for question, (good, bad) in QUESTIONS.items():
        task = factories.task(campaign, prompt=question)
        for response, text in ((task.response_a, good), (task.response_b, bad)):
            response.text = text
            response.save()
    rita = factories.researcher_of(campaign)
    with local.LocalJudge(threads=1) as served:
        config = judging.add_judge(
            campaign=campaign, name="SmolLM2", family=local.FAMILY, base_url=served.base_url,
            model=local.MODEL, by=rita, settings_={"output": "logprob", "least_mass": Decimal("0.1")},
        )  # fmt: skip
        judging.plan(config=config, by=rita)
        work(config)
    assert JudgeRequest.objects.filter(state="succeeded").count() >= 20
    report = judges.examine(campaign=campaign, annotator=config.annotator, by=rita)
    found = {row["judge"]["name"]: row["judge"] for row in report.figures["biases"]}
    rate, consistency = found["first-slot rate"], found["position consistency"]
    print(f"first-slot rate {rate}, position consistency {consistency}")
    assert rate["ci_low"] > 0.5 or rate["ci_high"] < 0.5
    assert consistency["ci_high"] < 0.8
    assert report.gate != "PASS"
    client.force_login(rita)
    page = client.get(reverse("calibration:judge", args=[campaign.slug, config.annotator.public_id])).content.decode()
    assert f"{rate['value']:.2f}" in page
    replayed(config, rita, monkeypatch)


def judging_criterion():
    from annotation.services import campaigns

    return campaigns.CriterionDraft("right", "Right", "Which answer is right?", allow_tie=False, allow_both_bad=False)


def work(config) -> None:
    for _ in range(500):
        taken = judging.take(config)
        if taken is None:
            return judging.finish_if_done(config)
        if not isinstance(taken, judging.Wait):
            judging.carry_out(taken)
    return None


def replayed(config, rita, monkeypatch) -> None:
    """Wipe the judgments and take them from the stored bytes, with every socket closed."""
    from django.db import connection

    columns = ("round", "outcome", "shown_order", "rationale", "idempotency_key")
    before = list(Judgment.objects.order_by("idempotency_key").values_list(*columns))
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table annotation_judgment disable trigger annotation_judgment_append_only")
        cursor.execute("delete from annotation_judgment")
        cursor.execute("alter table annotation_judgment enable trigger annotation_judgment_append_only")
    calls = JudgeAttempt.objects.count()
    JudgeRequest.objects.update(state="queued", attempts_made=0, verdict=None)
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a replay opened a socket"))
    judging.plan(config=config, by=rita, mode="replay")
    JudgeRequest.objects.update(run=config.runs.order_by("-pk").first())
    work(config)
    assert list(Judgment.objects.order_by("idempotency_key").values_list(*columns)) == before
    assert JudgeAttempt.objects.count() == calls
