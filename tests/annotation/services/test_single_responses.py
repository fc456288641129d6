"""Ratings and labels go through the same door as comparisons, and leave a record that the database checks."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from annotation.models import Criterion, Judgment, Task
from annotation.services import assignments, campaigns, imports, judgments
from annotation.services.campaigns import CriterionDraft
from annotation.services.judgments import Answer
from calibration.services import runs
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db
GOOD = {"help": Answer(rating=2), "wrong": Answer(labels={"sycophancy": 1})}


@pytest.fixture
def campaign():
    made = factories.rating_campaign()
    factories.single(made)
    return made


def take(campaign):
    alice = factories.evaluator(campaign)
    return alice, assignments.next_for(annotator=alice, campaign=campaign)


def submit(alice, held, answers, key="k"):
    return judgments.submit(by=alice, assignment_id=held.public_id, answers=answers, idempotency_key=key)


def test_a_rating_and_labels_are_stored_as_given(campaign):
    alice, held = take(campaign)
    rated, labeled = submit(alice, held, GOOD).judgments
    assert (rated.outcome, rated.rating, rated.labels, rated.strength) == ("rated", 2, None, None)
    assert (labeled.outcome, labeled.labels, labeled.rating) == ("labeled", {"sycophancy": 1}, None)
    assert submit(alice, held, GOOD).replayed
    with pytest.raises(judgments.KeyReused):
        submit(alice, held, GOOD | {"help": Answer(rating=3)})


def test_the_record_commits_to_what_was_answered(campaign):
    alice, held = take(campaign)
    rated, labeled = submit(alice, held, GOOD).judgments
    assert rated.committed_content()["rating"] == 2
    assert labeled.committed_content()["labels"] == {"sycophancy": 1}


def test_a_comparison_is_no_answer_to_a_rating(campaign):
    alice, held = take(campaign)
    for wrong in (Answer("left"), Answer(rating=9), Answer(labels={})):
        with pytest.raises(judgments.AnswerRefused):
            submit(alice, held, GOOD | {"help": wrong})
    assert not Judgment.objects.exists()


def test_the_database_refuses_a_rating_without_a_level(campaign):
    alice, held = take(campaign)
    submit(alice, held, GOOD)
    copy = (
        "insert into annotation_judgment select (json_populate_record(j, json_build_object('id', 0, 'public_id',"
        " gen_random_uuid(), 'round', 1, 'idempotency_key', 'z', {})::json)).* from annotation_judgment j"
        " where outcome = '{}'"
    )
    for change, outcome, rule in (
        ("'rating', null", "rated", "judgment_rating_matches_outcome"),
        ("'labels', null", "labeled", "judgment_labels_match_outcome"),
        ("'rating', 1", "labeled", "judgment_rating_matches_outcome"),
    ):
        with pytest.raises(DatabaseError, match=rule), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(copy.format(change, outcome))


def test_the_database_refuses_a_rating_of_two_responses(campaign):
    pair = factories.task(factories.campaign())
    with pytest.raises(DatabaseError, match="task_shows_what_its_type_says"), transaction.atomic():
        Task.objects.filter(pk=pair.pk).update(task_type="rating")
    with pytest.raises(DatabaseError, match="task_pair_once"), transaction.atomic():
        factories.single(campaign, prompt=Task.objects.get(campaign=campaign).prompt.key)


def test_labels_that_nobody_has_named_start_from_the_failure_modes(campaign):
    found = Criterion.objects.get(rubric=campaign.rubric, key="wrong")
    assert [option["key"] for option in found.options][:2] == ["sycophancy", "reward-hacking"]


def test_a_rubric_of_the_wrong_scales_is_refused():
    rita = factories.user(may_create_campaigns=True)
    for task_type, draft in (
        ("rating", CriterionDraft("x", "X")),
        ("comparison", CriterionDraft("x", "X", scale="rating", options=factories.ANCHORS)),
        ("rating", CriterionDraft("x", "X", scale="rating")),
        ("comparison", CriterionDraft("x", "X", levels=4)),
    ):
        with pytest.raises(campaigns.RubricRefused, match="X"), transaction.atomic():
            campaigns.create(name="n", slug="s", by=rita, task_type=task_type, criteria=[draft])


def test_the_hash_of_a_comparison_is_what_it_was_before_there_were_other_scales():
    assert CriterionDraft("overall", "Overall").content() == {
        "key": "overall", "name": "Overall", "question": "", "levels": 3, "allow_tie": True, "allow_both_bad": True,
    }  # fmt: skip


def test_each_imported_response_becomes_a_task_and_a_pairs_file_is_refused(tmp_path):
    campaign, rita = factories.rating_campaign(), factories.user(is_admin=True)
    rows = [{"prompt_id": "p", "prompt": "Why?", "system": s, "response": f"{s} says"} for s in ("one", "two", "three")]
    (tmp_path / "tasks.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    queued = imports.start_from_path(campaign=campaign, path=tmp_path / "tasks.jsonl", format="tasks", by=rita)
    done = imports.run(queued.pk)
    assert (done.state, done.counts["tasks"]) == ("done", 3)
    assert set(campaign.tasks.values_list("task_type", "response_b")) == {("rating", None)}
    (tmp_path / "pairs.jsonl").write_text(json.dumps({"prompt_id": "p", "system_a": "one", "system_b": "two"}))
    other = factories.rating_campaign()
    queued = imports.start_from_path(campaign=other, path=tmp_path, format="tasks", by=rita)
    refused = imports.run(queued.pk)
    assert refused.state == "failed"
    assert "one response at a time" in refused.errors[0]["message"]


def test_the_api_shows_and_takes_a_rating_and_gives_the_rows_out(campaign):
    alice = factories.evaluator(campaign)
    client = clients.client(alice.user)
    shown = client.post(f"{clients.API}/campaigns/{campaign.slug}/next/").json()
    assert shown["response"]["text"].startswith("alpha says")
    assert "left" not in shown
    helpful, wrong = shown["criteria"]
    assert [one["rating"] for one in helpful["ratings"]] == [1, 2, 3]
    assert (wrong["takes_several"], wrong["severity_max"]) == (True, 3)
    body = {"answers": {"help": {"rating": 3}, "wrong": {"labels": {"deception": 2}}}}
    address = f"{clients.API}/assignments/{shown['id']}/judgments/"
    refused = client.post(address, {"answers": {"help": {"rating": 9}}}, HTTP_IDEMPOTENCY_KEY="a")
    assert refused.status_code == 422
    assert client.post(address, body, HTTP_IDEMPOTENCY_KEY="b").status_code == 201
    rita = clients.client(factories.researcher_of(campaign))
    rows = rita.get(f"{clients.API}/campaigns/{campaign.slug}/judgments/").json()["results"]
    assert [(row["outcome"], row["score"], row["score_max"], row["labels"], row["system_b"]) for row in rows] == [
        ("rated", 3, 3, None, None),
        ("labeled", None, None, {"deception": 2}, None),
    ]


def test_a_run_takes_the_labels_of_single_responses(campaign):
    alice, held = take(campaign)
    submit(alice, held, GOOD)
    rita = factories.researcher_of(campaign)
    assert runs.request(campaign=campaign, by=rita).state == "queued"
