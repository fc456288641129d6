import pytest

from annotation.models import Annotator
from calibration.bayes import planning
from calibration.models import Run
from calibration.services import runs
from tests import factories
from tests.annotation.api import clients
from tests.calibration.exports import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(monkeypatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr("calibration.jobs.calibrate.delay_on_commit", lambda *, run_id: found.append(run_id))
    return found


def rita_of(campaign):
    return clients.client(factories.researcher_of(campaign))


def test_a_run_is_queued_followed_and_cancelled(queued):
    campaign = builders.campaign()
    rita = rita_of(campaign)
    response = rita.post(f"{clients.API}/campaigns/{campaign.slug}/runs/", {"seed": 7})
    assert response.status_code == 202
    run = Run.objects.get()
    assert (queued, run.seed) == ([run.pk], 7)
    assert response["Location"] == f"{clients.API}/runs/{run.public_id}/"
    Run.objects.update(state="running", stage="sampling", percent=40, eta_seconds=90, divergences=2)
    shown = rita.get(response["Location"]).json()
    assert {name: shown[name] for name in ("state", "stage", "percent", "eta_seconds", "divergences", "seed")} == {
        "state": "running", "stage": "sampling", "percent": 40, "eta_seconds": 90, "divergences": 2, "seed": 7,
    }  # fmt: skip
    assert rita.post(f"{response['Location']}cancel/").status_code == 202
    assert Run.objects.get().cancel_requested
    Run.objects.update(state="cancelled")
    again = rita.post(f"{response['Location']}cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "already_finished")


def test_a_second_request_joins_the_run_under_way(queued):
    campaign = builders.campaign()
    rita = rita_of(campaign)
    ids = {rita.post(f"{clients.API}/campaigns/{campaign.slug}/runs/").json()["id"] for _ in range(2)}
    assert len(ids) == 1


def test_a_campaign_without_judgments_is_not_calibrated(queued):
    campaign = factories.campaign()
    response = rita_of(campaign).post(f"{clients.API}/campaigns/{campaign.slug}/runs/")
    assert (response.status_code, response.json()["code"], queued) == (409, "nothing_to_calibrate", [])


@pytest.mark.parametrize(
    "body", [{"seed": -1}, {"seed": 2**31}, {"seed": "x"}, {"seed": 1.5}, {"settings": {}}, [], "x"]
)
def test_a_wrong_seed_or_field_is_refused(queued, body):
    campaign = builders.campaign(tasks=1)
    response = rita_of(campaign).post(f"{clients.API}/campaigns/{campaign.slug}/runs/", body)
    assert (response.status_code, queued, Run.objects.count()) == (400, [], 0)


def test_runs_are_listed_newest_first_with_their_recipe():
    campaign = builders.campaign(tasks=1)
    first, second = builders.passed_run(campaign), builders.passed_run(campaign, state="not_converged")
    listed = rita_of(campaign).get(f"{clients.API}/campaigns/{campaign.slug}/runs/").json()["results"]
    assert [row["id"] for row in listed] == [str(second.public_id), str(first.public_id)]
    assert listed[1]["diagnostics"] == first.diagnostics
    assert (listed[1]["data_sha256"], listed[1]["versions"]) == (first.data_sha256, first.versions)
    assert not {"figures", "settings"} & set(listed[1])


def test_estimates_carry_interval_and_n_and_are_filtered():
    campaign = builders.campaign()
    run = builders.passed_run(campaign)
    rita, address = rita_of(campaign), f"{clients.API}/runs/{run.public_id}/estimates/"
    rows = rita.get(address, {"page_size": 200}).json()["results"]
    assert len(rows) == run.estimates.count()
    assert all(row["ci_low"] <= row["value"] <= row["ci_high"] and row["n"] == 12 for row in rows)
    (strength,) = rita.get(address, {"quantity": "strength", "system": "alpha"}).json()["results"]
    assert (strength["value"], strength["criterion"], strength["annotator"]) == (1.0, "overall", None)
    judge = Annotator.objects.get(kind="judge")
    ours = rita.get(address, {"annotator": str(judge.public_id)}).json()["results"]
    assert {row["annotator_kind"] for row in ours} == {"judge"}
    assert {row["quantity"] for row in ours} == set(builders.PERSON_QUANTITIES)
    assert rita.get(address, {"quantity": "weight"}).status_code == 400


def test_agreement_carries_what_it_was_computed_from():
    campaign = builders.campaign()
    run = builders.passed_run(campaign)
    rows = rita_of(campaign).get(f"{clients.API}/runs/{run.public_id}/agreement/").json()["results"]
    assert [(row["who"], row["value"], row["n_judgments"]) for row in rows] == [("all", 0.41, 18), ("human", 0.52, 18)]


def test_a_run_of_another_campaign_does_not_exist(queued):
    own, other = builders.campaign(tasks=1), builders.campaign(tasks=1)
    run, waiting = builders.passed_run(other), runs.request(campaign=other, by=None)
    rita = rita_of(own)
    for tail in ("", "estimates/", "agreement/"):
        assert rita.get(f"{clients.API}/runs/{run.public_id}/{tail}").status_code == 404
    assert rita.post(f"{clients.API}/runs/{waiting.public_id}/cancel/").status_code == 404
    waiting.refresh_from_db()
    assert (waiting.state, waiting.cancel_requested) == ("queued", False)


def test_planning_says_what_the_tasks_give_and_what_a_width_takes():
    campaign = factories.campaign()
    rita = rita_of(campaign)
    address = f"{clients.API}/campaigns/{campaign.slug}/planning/"
    empty = rita.get(address)
    assert (empty.status_code, empty.json()["code"]) == (409, "nothing_to_plan")
    for number, pair in enumerate([("a", "b"), ("a", "b"), ("a", "c")]):
        factories.task(campaign, system_a=pair[0], system_b=pair[1], prompt=f"question {number}")
    shown = rita.get(address, {"width": 0.1}).json()
    counts = (shown["tasks"], shown["pairs"], shown["overlap"], shown["judgments_per_pair"])
    assert counts == (3, 2, campaign.overlap, 3 * campaign.overlap / 2)
    assert shown["judgments_needed_per_pair"] == planning.judgments_needed(0.1)
    assert shown["judgments_needed"] == 2 * shown["judgments_needed_per_pair"]
    assert rita.get(address, {"width": 2}).status_code == 400
