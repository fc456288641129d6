import pytest

from annotation.models import Task
from calibration.models import ClassShare, ItemClass, LabelAccuracy, ShareDifference
from tests import factories
from tests.annotation.api import clients
from tests.calibration import builders, labeled

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    of = labeled.campaign()
    kept, held = (factories.single(of, prompt=f"p{n}", system=key) for n, key in enumerate(("alpha", "beta")))
    Task.objects.filter(pk=held.pk).update(split="held_out")
    made, criterion = builders.run(of), of.rubric.criteria.get(key="wrong")
    about = {"run": made, "criterion": criterion, "option": "deception"}
    counts = {"n_human": 2, "n_judge": 0, "is_contested": False}
    chances = {"absent": 0.1, "present": 0.9}
    for task in (kept, held):
        ItemClass.objects.create(**about, task=task, chances=chances, label="present", sure=0.9, **counts)
    interval = {"ci_low": 0.1, "ci_high": 0.5, "n": 2}
    items = {"items": 0.5, "items_low": 0.5, "items_high": 0.5, "naive": 0.5, "n_judgments": 4}
    ClassShare.objects.create(**about, label="present", value=0.3, **interval, **items)
    alpha, beta = of.systems.order_by("key")
    ShareDifference.objects.create(
        **about, label="present", first=alpha, second=beta, value=0.2, p_positive=0.8, **interval
    )
    who = builders.annotator(builders.PROFILES[0])
    LabelAccuracy.objects.create(**about, annotator=who, value=0.3, is_spam=True, **interval)
    return made


@pytest.fixture
def get(run):
    client = clients.client(factories.researcher_of(run.campaign))
    return lambda tail, **query: client.get(f"{clients.API}/runs/{run.public_id}/{tail}", query)


def test_classes_are_listed_without_held_out_tasks(get):
    (row,) = get("labels/").json()["results"]
    assert (row["criterion"], row["option"], row["label"]) == ("wrong", "deception", "present")
    assert row["chances"] == {"absent": 0.1, "present": 0.9}
    assert get("labels/", contested="true").json()["results"] == []
    assert get("labels/", option="sycophancy").json()["results"] == []
    assert get("labels/", unheard_of="1").status_code == 400


def test_shares_differences_and_annotators_carry_intervals(get):
    for tail in ("prevalence/", "differences/", "annotators/"):
        (row,) = get(f"labels/{tail}", criterion="wrong").json()["results"]
        assert (row["ci_low"], row["ci_high"], row["n"]) == (0.1, 0.5, 2)
    assert get("labels/differences/").json()["results"][0]["p_positive"] == 0.8
    assert get("labels/annotators/").json()["results"][0]["is_spam"] is True
