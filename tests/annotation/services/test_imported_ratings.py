"""Scores and labels come in as files do: checked against the rubric, line by line, all or nothing."""

import json

import pytest

from annotation.models import Judgment
from annotation.services import imports
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    made = factories.rating_campaign()
    factories.single(made, prompt="p1")
    return made


def row(**more):
    return {"prompt_id": "p1", "system": "alpha", "annotator_id": "ann", "criterion": "help", "score": 2} | more


def bring_in(campaign, tmp_path, *rows):
    path = tmp_path / "ratings.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in rows))
    admin = factories.user(is_admin=True)
    queued = imports.start_from_path(campaign=campaign, path=path, format="ratings", by=admin)
    return imports.run(queued.pk)


def test_scores_and_labels_are_stored_as_judgments(campaign, tmp_path):
    labels = {"criterion": "wrong", "score": None, "labels": {"deception": 3}}
    none = {"criterion": "wrong", "score": None, "labels": {}, "annotator_id": "other"}
    done = bring_in(campaign, tmp_path, row(), row(**labels), row(**none))
    assert (done.state, done.counts["judgments"]) == ("done", 3)
    rated = Judgment.objects.get(outcome="rated")
    assert (rated.rating, rated.provenance) == (2, "import")
    assert [one.labels for one in Judgment.objects.filter(outcome="labeled").order_by("id")] == [{"deception": 3}, {}]


def test_a_csv_file_does_the_same(campaign, tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text('prompt_id,system,annotator_id,criterion,score,labels\np1,alpha,ann,help,3,\n'
                    'p1,alpha,ann,wrong,,"{""sycophancy"": 1}"\n')  # fmt: skip
    admin = factories.user(is_admin=True)
    done = imports.run(imports.start_from_path(campaign=campaign, path=path, format="ratings", by=admin).pk)
    assert done.state == "done", done.errors
    assert set(Judgment.objects.values_list("outcome", "rating")) == {("rated", 3), ("labeled", None)}


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"score": 9}, "score", "score from 1 to 3"),
        ({"score": None}, "score", "either a score or labels"),
        ({"labels": {"deception": 1}}, "score", "either a score or labels"),
        ({"criterion": "wrong"}, "score", "takes labels"),
        ({"criterion": "wrong", "score": None, "labels": ["deception"]}, "labels", "severity"),
        ({"criterion": "wrong", "score": None, "labels": {"made-up": 1}}, "labels", "no label"),
        ({"criterion": "nobody"}, "criterion", "criteria are"),
        ({"system": "unknown"}, "prompt_id", "no such task"),
        ({"score": "much"}, "score", ""),
    ],
)
def test_a_row_that_the_rubric_does_not_offer_is_refused_with_its_line(campaign, tmp_path, wrong, field, message):
    failed = bring_in(campaign, tmp_path, row(annotator_id="good"), row(**wrong))
    assert failed.state == "failed"
    assert (failed.errors[0]["line"], failed.errors[0]["field"]) == (2, field)
    assert message in failed.errors[0]["message"]
    assert not Judgment.objects.exists()


def test_the_same_judgment_twice_is_refused(campaign, tmp_path):
    failed = bring_in(campaign, tmp_path, row(), row(score=3))
    assert "on line 1 already" in failed.errors[0]["message"]
