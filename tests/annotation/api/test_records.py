from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from annotation.models import Gold, Judgment, Task
from annotation.services import audit
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db


def campaign_with_judgments(tasks: int = 4, people: int = 2):
    campaign = factories.campaign()
    for _ in range(tasks):
        factories.task(campaign)
    evaluators = [factories.evaluator(campaign) for _ in range(people)]
    for person in evaluators:
        for _ in range(tasks):
            factories.judgment(person, campaign)
    return campaign, evaluators, clients.client(factories.researcher_of(campaign))


def read(client, campaign, what, **query):
    response = client.get(f"{clients.API}/campaigns/{campaign.slug}/{what}/", query)
    assert response.status_code == 200, response.content
    return response.json()


def test_pages_follow_each_other_without_gap_or_repeat():
    campaign, _, client = campaign_with_judgments(tasks=5)
    seen, address = [], f"{clients.API}/campaigns/{campaign.slug}/judgments/?page_size=3"
    while address:
        page = client.get(address).json()
        seen += [row["judgment_id"] for row in page["results"]]
        assert len(page["results"]) <= 3
        address = page["next"] and f"{urlsplit(page['next']).path}?{urlsplit(page['next']).query}"
    assert seen == [str(key) for key in Judgment.objects.order_by("pk").values_list("public_id", flat=True)]


def test_a_judgment_is_the_canonical_record():
    campaign, (alice, _), client = campaign_with_judgments(tasks=1)
    row = read(client, campaign, "judgments", annotator=str(alice.public_id))["results"][0]
    stored = Judgment.objects.get(annotator=alice)
    assert (row["task_id"], row["outcome"], row["shown_order"]) == (
        str(stored.task.public_id),
        stored.outcome,
        stored.shown_order,
    )
    assert (row["system_a"], row["system_b"], row["round"], row["criterion"]) == ("alpha", "beta", 0, "overall")
    assert (row["annotator_kind"], row["is_gold"], row["provenance"], row["flags"], row["extra"]) == (
        "human",
        False,
        "live",
        [],
        {},
    )
    assert row["rubric_sha256"] == campaign.rubric.sha256
    assert "username" not in str(row)


def test_the_explicit_filters_narrow_the_list():
    campaign, (alice, bob), client = campaign_with_judgments()
    ours = read(client, campaign, "judgments", annotator=str(bob.public_id))["results"]
    assert {row["annotator_id"] for row in ours} == {str(bob.public_id)}
    for outcome in ("a", "b", "tie"):
        found = read(client, campaign, "judgments", outcome=outcome)["results"]
        assert len(found) == Judgment.objects.filter(outcome=outcome).count()
    assert read(client, campaign, "judgments", criterion="honesty")["results"] == []
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    assert read(client, campaign, "judgments", since=later)["results"] == []
    assert len(read(client, campaign, "judgments", since="2020-01-01T00:00:00Z")["results"]) == 8


def test_superseded_and_withdrawn_answers_are_not_listed():
    campaign, (alice, _), client = campaign_with_judgments(tasks=2)
    first, second = Judgment.objects.filter(annotator=alice).order_by("pk")
    correction = _follow(first, outcome="tie")
    _follow(second, outcome="", is_retraction=True)
    ids = [row["judgment_id"] for row in read(client, campaign, "judgments", annotator=str(alice.public_id))["results"]]
    assert ids == [str(correction.public_id)]
    counts = {row["id"]: row["n_judgments"] for row in read(client, campaign, "annotators")["results"]}
    assert counts[str(alice.public_id)] == 1


def test_held_out_tasks_and_their_judgments_never_leave():
    campaign, _, client = campaign_with_judgments(tasks=3)
    hidden = Task.objects.order_by("pk").first()
    Task.objects.filter(pk=hidden.pk).update(split="held_out")
    for what in ("tasks", "judgments", "annotators"):
        assert str(hidden.public_id) not in str(read(client, campaign, what))
    assert {row["n_tasks"] for row in read(client, campaign, "annotators")["results"]} == {2}
    detail = client.get(f"{clients.API}/campaigns/{campaign.slug}/").json()
    assert detail["counts"] == {"tasks": 2, "held_out_tasks": 1, "judgments": 6}


def test_a_gold_task_is_marked_and_its_answer_stays_inside():
    campaign, _, client = campaign_with_judgments(tasks=1)
    gold = Gold(task=Task.objects.get(), outcome="both_bad", justification="canary justification")
    audit.seal(gold)
    gold.save()
    assert read(client, campaign, "judgments")["results"][0]["is_gold"] is True
    for what in ("tasks", "judgments", "annotators"):
        assert "canary" not in str(read(client, campaign, what))
        assert "both_bad" not in str(read(client, campaign, what))


def test_tasks_are_filtered_by_pool_prompt_system_and_tag():
    campaign, client = factories.campaign(), None
    client = clients.client(factories.researcher_of(campaign))
    plain = factories.task(campaign, prompt="p-1")
    edge = factories.task(campaign, system_b="gamma", pool="edge", tags=["medical"])
    for query, expected in (
        ({"pool": "edge"}, edge), ({"tag": "medical"}, edge), ({"system": "gamma"}, edge), ({"prompt": "p-1"}, plain),
        ({"system": "beta"}, plain),
    ):  # fmt: skip
        assert [row["id"] for row in read(client, campaign, "tasks", **query)["results"]] == [str(expected.public_id)]


def test_annotators_are_listed_by_pseudonym_with_their_counts():
    campaign, people, client = campaign_with_judgments(tasks=3)
    rows = read(client, campaign, "annotators")["results"]
    assert {row["id"]: (row["n_judgments"], row["n_tasks"]) for row in rows} == {
        str(p.public_id): (3, 3) for p in people
    }
    assert not any(person.user.username in str(rows) for person in people)


@pytest.mark.parametrize(("what", "queries"), [("judgments", 5), ("tasks", 6), ("annotators", 6)])
def test_a_page_costs_the_same_number_of_queries_whatever_its_length(what, queries, django_assert_max_num_queries):
    campaign, _, client = campaign_with_judgments(tasks=6)
    for size in (1, 10):
        with django_assert_max_num_queries(queries + 3):
            read(client, campaign, what, page_size=size)


def _follow(before: Judgment, **kwargs) -> Judgment:
    row = Judgment(
        campaign=before.campaign, task=before.task, annotator=before.annotator, criterion=before.criterion,
        revision=before.revision + 1, supersedes=before, shown_order=before.shown_order,
        idempotency_key=f"follow-{before.pk}", payload_sha256="0" * 64, **kwargs,
    )  # fmt: skip
    audit.seal(row)
    row.save()
    return row
