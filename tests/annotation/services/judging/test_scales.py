"""Judges answer every scale a rubric may have."""

import pytest

from annotation.models import Judgment
from annotation.services import judging
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("behavior", ["ok", "bad_json"])
def test_ratings_and_labels_with_severities_become_judgments(bench, behavior):
    campaign = factories.rating_campaign()
    for _ in range(3):
        factories.single(campaign)
    made = bench(*[behavior] * 6, campaign=campaign, tasks=0)
    assert made.plan() == 6
    made.work()
    rows = Judgment.objects.filter(annotator=made.config.annotator)
    found = sorted(rows.values_list("criterion__key", "outcome"))
    if behavior == "bad_json":
        assert found == [("help", "invalid")] * 3 + [("wrong", "invalid")] * 3
        return
    assert found == [("help", "rated")] * 3 + [("wrong", "labeled")] * 3
    assert all(1 <= row.rating <= 3 for row in rows.filter(outcome="rated"))
    assert all(severity in range(4) for row in rows.filter(outcome="labeled") for severity in row.labels.values())


def test_a_single_response_has_sentinels_of_its_own(bench):
    campaign = factories.rating_campaign()
    factories.single(campaign)
    made = bench(campaign=campaign, tasks=0, sentinels=12)
    made.plan()
    made.work()
    assert made.run.state == "finished"
    assert judging.sentinel_report(made.run)[1].n > 0


def test_single_responses_take_structured_answers_only(bench):
    with pytest.raises(judging.JudgeRefused, match="structured"):
        bench(campaign=factories.rating_campaign(), tasks=0, judge={"output": "text"})
