"""Nothing that an evaluator receives tells the system, the known answer or another's judgment: pages, JSON, headers."""

import json
import re
import time

import pytest
from django.urls import reverse
from scipy import stats

from annotation.models import Assignment, Campaign, Prompt, Response, Task
from annotation.services import assignments, golds, judgments, vetting
from tests import factories
from tests.annotation.api import clients

pytestmark = pytest.mark.django_db
CANARY = "canary"
HTMX = {"HTTP_HX_REQUEST": "true"}


class Seen(list[str]):
    """Everything that came back: bodies, headers, cookies."""

    def keep(self, response, client=None):
        cookies = str(client.cookies) if client else ""
        self.append(f"{response.content.decode()}{response.headers}{cookies}")
        return response

    def check(self, secrets: list[str]) -> None:
        assert self
        for text in self:
            for secret in [CANARY, "gold", *secrets]:
                assert secret not in text.lower(), f"{secret!r} in {text[:200]}"


def marked(campaign: Campaign, **kwargs) -> Task:
    """Make a task whose every hidden part holds the canary."""
    names = {"system_a": f"{CANARY}-one", "system_b": f"{CANARY}-two"} if campaign.task_type == "comparison" else {}
    kwargs |= {"tags": [CANARY], "prompt": f"{CANARY}-prompt-{Task.objects.count()}"}
    made = factories.task(campaign, **names, **kwargs) if names else factories.single(campaign, **kwargs)
    Response.objects.filter(prompt=made.prompt).update(html="<p>words</p>", text="words", renderer=CANARY)
    Response.objects.filter(prompt=made.prompt).update(flags=[CANARY])
    Prompt.objects.filter(pk=made.prompt_id).update(
        html="<p>asked</p>", messages=[{"role": "user", "content": "asked"}], extra={CANARY: CANARY}
    )
    return made


def secrets_of(task: Task) -> list[str]:
    shown = [response for response in (task.response_a, task.response_b) if response]
    hashes = [task.prompt.sha256, task.snapshot_sha256, *(response.sha256 for response in shown)]
    return [str(task.public_id), str(task.campaign.public_id), *hashes]


def rita_and(campaign) -> tuple:
    return factories.researcher_of(campaign), factories.evaluator(campaign), factories.evaluator(campaign)


def fields(campaign, assignment: str, key: str) -> dict[str, str]:
    answers = {"answer-overall": "left", "answer-help": "2", "answer-wrong": "none"}
    return {"assignment": assignment, "key": key} | answers


@pytest.mark.parametrize("make", [factories.campaign, factories.rating_campaign])
def test_no_page_of_the_desk_tells_what_it_must_not(as_, make):
    campaign = make(overlap=3)
    rita, alice, bob = rita_and(campaign)
    tasks = [marked(campaign) for _ in range(4)]
    if campaign.task_type == "comparison":
        golds.set_answer(task=tasks[0], outcome="a", justification=CANARY, by=rita)
        Campaign.objects.filter(pk=campaign.pk).update(gold_percent=50)
    others = assignments.next_for(annotator=bob, campaign=campaign)
    answers = {c.key: _answer(c) for c in campaign.rubric.criteria.all()}
    call = {"assignment_id": others.public_id, "answers": answers, "idempotency_key": "k", "comment": CANARY}
    judgments.submit(by=bob, **call)
    client, seen = as_(alice), Seen()
    desk = reverse("evaluate", args=[campaign.slug])
    while seen.keep(client.get(desk), client).status_code == 200:
        held = Assignment.objects.filter(annotator=alice, state="leased").first()
        if held is None:
            break
        send = fields(campaign, held.public_id, held.public_id)
        draft = {"public_id": held.public_id, "content": "comment=x", "revision": "0"}
        seen.keep(client.post(reverse("evaluate-draft", args=[campaign.slug]), draft))
        seen.keep(client.post(reverse("evaluate-skip", args=[campaign.slug]), {"assignment": held.public_id}))
        seen.keep(client.post(desk, {**send, "key": ""}))
        seen.keep(client.post(desk, {**send, "assignment": others.public_id}))
        seen.keep(client.post(desk, send, **HTMX), client)
        seen.keep(client.post(reverse("evaluate-undo", args=[campaign.slug]), {"assignment": held.public_id}))
        seen.keep(client.post(desk, {**send, "key": f"{held.public_id}2"}), client)
        seen.keep(client.post(desk, {**send, "key": "third"}))
    assert len(seen) > 8 * 3
    for name in ("evaluate-list", "account", "home"):
        seen.keep(client.get(reverse(name), follow=True), client)
    seen.keep(client.get(reverse("apply", args=[campaign.slug])), client)
    seen.keep(client.post(reverse("evaluate-pause", args=[campaign.slug]), follow=True), client)
    for researchers_page in ("campaign-people", "campaign-vetting", "campaign-rubric"):
        seen.keep(client.get(reverse(researchers_page, args=[campaign.slug])))
    seen.check([secret for task in tasks for secret in secrets_of(task)])


def _answer(criterion):
    if criterion.scale == "rating":
        return judgments.Answer(rating=2)
    return judgments.Answer(labels={}) if criterion.scale == "labels" else judgments.Answer("left")


def test_no_page_of_the_test_tells_what_it_must_not_before_its_end(as_):
    campaign = factories.campaign()
    rita, *_ = rita_and(campaign)
    tasks = [marked(campaign) for _ in range(3)]
    for task in tasks:
        golds.set_answer(task=task, outcome="a", justification=CANARY, by=rita)
    vetting.set_test(campaign=campaign, size=3, line=2, gold_percent=10, by=rita)
    carla = factories.evaluator(campaign, qualified=False)
    client, seen = as_(carla), Seen()
    take = reverse("qualification", args=[campaign.slug])
    seen.keep(client.get(reverse("qualification-result", args=[campaign.slug])), client)
    seen.keep(client.post(take, {"begin": "1"}), client)
    for place in (1, 2, 3):
        seen.keep(client.get(take), client)
        seen.keep(client.post(take, {"attempt": "1", "place": str(place), "answer-overall": ""}))
        if place < 3:
            seen.keep(client.post(take, {"attempt": "1", "place": str(place), "answer-overall": "left"}))
            seen.keep(client.get(reverse("qualification-result", args=[campaign.slug]), follow=True))
    seen.check([secret for task in tasks for secret in secrets_of(task)])


def test_no_answer_of_the_api_tells_what_it_must_not():
    campaign = factories.campaign(overlap=3)
    rita, alice, _ = rita_and(campaign)
    tasks = [marked(campaign) for _ in range(3)]
    golds.set_answer(task=tasks[0], outcome="a", justification=CANARY, by=rita)
    Campaign.objects.filter(pk=campaign.pk).update(gold_percent=50)
    client, seen = clients.client(alice.user), Seen()
    while (response := seen.keep(client.post(f"{clients.API}/campaigns/{campaign.slug}/next/"))).status_code == 200:
        address = f"{clients.API}/assignments/{response.json()['id']}"
        body = {"answers": {"overall": {"side": "left"}}}
        seen.keep(client.post(f"{address}/judgments/", {"answers": {}}, HTTP_IDEMPOTENCY_KEY="k"))
        seen.keep(client.post(f"{address}/judgments/", body, HTTP_IDEMPOTENCY_KEY=f"{len(seen)}"))
        seen.keep(client.post(f"{address}/undo/"))
        seen.keep(client.post(f"{address}/skip/", {"reason": "broken"}))
    for path in ("enrollments/", f"campaigns/{campaign.slug}/tasks/", f"campaigns/{campaign.slug}/judgments/"):
        seen.keep(client.get(f"{clients.API}/{path}"))
    assert len(seen) >= 5 * 3
    seen.check([secret for task in tasks for secret in secrets_of(task)])


# What differs from one page to the next whatever the task: its tokens, its number, the time.
VARIES = re.compile(r"[A-Za-z0-9_-]{22,64}|\d+")


def serve(client, campaign, alice) -> tuple[bool, int, str, float, float] | None:
    """Take and answer one task: whether its answer is known, size, page without what varies, two times."""
    desk = reverse("evaluate", args=[campaign.slug])
    began = time.perf_counter()
    page = client.get(desk)
    shown = time.perf_counter() - began
    held = Assignment.objects.select_related("task").filter(annotator=alice, state="leased").first()
    if held is None:
        return None
    began = time.perf_counter()
    assert client.post(desk, fields(campaign, held.public_id, held.public_id)).status_code == 302
    taken = time.perf_counter() - began
    html = page.content.decode()
    return held.task.pool == "gold", len(html), VARIES.sub("·", html), shown, taken


def served(as_, tasks: int):
    """Serve a person known and unknown tasks with the same texts, half of each."""
    campaign = factories.campaign(overlap=1)
    rita = factories.researcher_of(campaign)
    for number in range(2 * tasks):
        task = factories.task(campaign, pool="gold" if number % 2 else "regular")
        if number % 2:
            golds.set_answer(task=task, outcome="a", justification="why", by=rita)
    Response.objects.update(html="<p>words</p>", text="words")
    Prompt.objects.update(html="<p>asked</p>")
    Campaign.objects.filter(pk=campaign.pk).update(gold_percent=50, daily_goal=10_000)
    alice = factories.evaluator(campaign)
    client = as_(alice)
    # The first pages compile templates, which says nothing of their tasks.
    rows = [serve(client, campaign, alice) for _ in range(2 * tasks)]
    return [row for row in rows if row][10:]


def test_a_task_with_a_known_answer_looks_like_any_other(as_):
    rows = served(as_, 15)
    pages = {kind: {page for is_gold, _, page, *_ in rows if is_gold == kind} for kind in (True, False)}
    assert pages[True] == pages[False]


@pytest.mark.slow
def test_a_task_with_a_known_answer_differs_neither_in_size_nor_in_time(as_):
    """Five hundred of each kind, Kolmogorov and Smirnov's test of two samples."""
    rows = served(as_, 500)
    for place, what in ((1, "size"), (3, "time of next"), (4, "time of submit")):
        kinds = [[row[place] for row in rows if row[0] == kind] for kind in (True, False)]
        found = stats.ks_2samp(*kinds)
        medians = json.dumps([round(sorted(kind)[len(kind) // 2], 4) for kind in kinds])
        print(f"{what}: D = {found.statistic:.3f}, p = {found.pvalue:.3f}, medians {medians}, n = {len(rows)}")
        assert found.pvalue > 0.01, what


@pytest.mark.slow
def test_sides_are_balanced_over_two_thousand_serves():
    campaign = factories.campaign(overlap=1)
    for _ in range(2_000):
        factories.task(campaign)
    people = [factories.evaluator(campaign) for _ in range(10)]
    for person in people:
        for _ in range(200):
            factories.judgment(person, campaign)
    lefts = [Assignment.objects.filter(annotator=person, shown_order="ab").count() for person in people]
    total = stats.chisquare([sum(lefts), 2_000 - sum(lefts)])
    each = stats.chi2_contingency([lefts, [200 - left for left in lefts]])
    print(f"{sum(lefts)} of 2,000 in canonical order, p = {total.pvalue:.3f}; among people p = {each.pvalue:.3f}")
    assert total.pvalue > 0.001
    assert each.pvalue > 0.001
