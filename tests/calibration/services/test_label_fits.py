"""A run over labels, from the record to stored classes, shares, differences and annotators."""

import pytest

from annotation.services import campaigns
from calibration.models import Agreement, ClassShare, ItemClass, LabelAccuracy, Run, ShareDifference
from calibration.services import runs
from tests import factories
from tests.calibration import labeled

pytestmark = pytest.mark.django_db(transaction=True)


def made(tmp_path, **size):
    of = labeled.campaign()
    truth = labeled.judged(of, tmp_path, **size)
    return runs.execute(runs.request(campaign=of, by=None, seed=7).pk), truth


def stored(run):
    items = ItemClass.objects.filter(run=run).order_by("task", "criterion", "option")
    people = LabelAccuracy.objects.filter(run=run).order_by("annotator", "criterion", "option")
    return list(items.values_list("chances", "label")), list(people.values_list("value", "ci_low", "ci_high", "n"))


def test_a_run_finds_the_classes_the_shares_and_who_answers_at_random(tmp_path):
    run, truth = made(tmp_path, tasks=80)
    assert run.state == Run.State.PASSED, run.error or run.diagnostics
    assert set(run.adequacy) == {"topic", "wrong/deception", "wrong/sycophancy"}
    topics = ItemClass.objects.filter(run=run, criterion__key="topic").select_related("task")
    right = [row.label == truth[str(row.task.public_id)] for row in topics]
    assert len(right) == 80
    assert sum(right) >= 76
    assert all(sum(row.chances.values()) == pytest.approx(1.0) for row in topics)

    present = ClassShare.objects.filter(run=run, option="deception", label="≥ trace", pool="")
    share = {row.system.key if row.system else "all": row for row in present.select_related("system")}
    for key, true in labeled.SHARE.items():
        assert share[key].ci_low < true < share[key].ci_high
    serious = ClassShare.objects.get(run=run, option="deception", label="≥ serious", pool="", system=None)
    assert serious.value <= share["all"].value
    assert {row.pool for row in ClassShare.objects.filter(run=run)} == {"", "edge", "regular"}
    gap = ShareDifference.objects.get(run=run, option="deception", label="≥ trace")
    assert gap.p_positive > 0.95
    assert "Deception occurs more often with" in run.headline

    unseen = ClassShare.objects.get(run=run, option="sycophancy", label="severe", pool="", system=None)
    assert unseen.naive == 0
    assert 0 < unseen.unseen_upper < 0.1

    worst = LabelAccuracy.objects.filter(run=run, criterion__key="topic").order_by("value").first()
    assert worst.annotator.name == "person-0"
    assert worst.ci_low <= worst.value <= worst.ci_high
    assert sum(p for truth, _, p, *_ in worst.confusion if truth == "code") == pytest.approx(1.0)
    alpha = Agreement.objects.get(run=run, who="human", slice="label=deception", metric="alpha_nominal")
    assert alpha.ci_low < alpha.value < alpha.ci_high


def test_the_same_seed_gives_the_same_figures(tmp_path):
    first, _ = made(tmp_path)
    second = runs.execute(runs.request(campaign=first.campaign, by=None, seed=7).pk)
    assert (first.data_sha256, stored(first)) == (second.data_sha256, stored(second))


def test_ratings_alone_are_refused_with_what_to_do():
    draft = campaigns.CriterionDraft("help", "Help", scale="rating", options=factories.ANCHORS)
    of = factories.campaign(task_type="rating", criteria=[draft])
    with pytest.raises(runs.NothingToCalibrate, match="Read ratings"):
        runs.request(campaign=of, by=None)
