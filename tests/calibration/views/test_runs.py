import pytest

from annotation.models import AuditEvent
from calibration import jobs
from calibration.models import Run
from tests.calibration import builders
from tests.calibration.views.pages import address, columns

POLL = {"HX-Request": "true", "HX-Target": "progress"}


@pytest.fixture
def queued(monkeypatch) -> list[dict[str, int]]:
    """Catch the jobs that a page schedules."""
    calls: list[dict[str, int]] = []
    monkeypatch.setattr(jobs.calibrate, "delay_on_commit", lambda **options: calls.append(options))
    return calls


def events(action: str) -> int:
    return sum(f'"{action}"'.encode() in bytes(event.body) for event in AuditEvent.objects.all())


def test_a_start_queues_one_run_and_leaves_its_event(of, rita, signed_in, queued):
    builders.judged(of, evaluators=1)
    answer = signed_in(rita).post(address("run-start", of))
    run = of.runs.get()
    assert answer.url == address("run", of, run.public_id)
    assert queued == [{"run_id": run.pk}]
    assert events("model_fit.request") == 1


def test_a_second_start_joins_the_run_under_way(of, rita, signed_in, queued):
    builders.judged(of, evaluators=1)
    client = signed_in(rita)
    first, second = (client.post(address("run-start", of)) for _ in range(2))
    assert first.url == second.url
    assert of.runs.count() == 1


def test_a_start_without_judgments_says_what_is_missing(of, rita, signed_in, queued):
    answer = signed_in(rita).post(address("run-start", of), follow=True)
    assert "This campaign has no judgments yet" in answer.content.decode()
    assert queued == []
    assert not of.runs.exists()


def test_a_cancel_asks_the_fit_to_stop(of, rita, signed_in):
    run = builders.run(of, Run.State.RUNNING)
    html = signed_in(rita).post(address("run-cancel", of, run.public_id), follow=True).content.decode()
    run.refresh_from_db()
    assert run.cancel_requested
    assert "stops at its next step" in html
    assert "Cancel the run" not in html


def test_a_finished_run_is_not_cancelled(of, run, rita, signed_in):
    html = signed_in(rita).post(address("run-cancel", of, run.public_id), follow=True).content.decode()
    assert "This run is passed already" in html


def test_the_page_of_a_running_fit_shows_its_progress_and_polls_for_it(of, rita, signed_in):
    run = builders.run(of, Run.State.RUNNING, stage="sampling", percent=62, eta_seconds=40, divergences=3)
    html = signed_in(rita).get(address("run", of, run.public_id)).content.decode()
    region = html.partition('id="progress"')[2].partition("</section>")[0]
    for text in (
        'value="62" max="100"',
        "sampling",
        "about 40 s",
        "<dt>Divergences</dt><dd>3</dd>",
        'hx-trigger="every 1s"',
    ):
        assert text in region


def test_a_poll_gets_the_region_alone(of, rita, signed_in):
    run = builders.run(of, Run.State.RUNNING, percent=62)
    answer = signed_in(rita).get(address("run", of, run.public_id), headers=POLL)
    html = answer.content.decode()
    assert "<main" not in html
    assert 'id="progress"' in html
    assert '<span id="run-state" hx-swap-oob="true">' in html
    assert "HX-Refresh" not in answer.headers


def test_a_poll_of_a_finished_run_reads_the_whole_page_again_and_stops(of, run, rita, signed_in):
    answer = signed_in(rita).get(address("run", of, run.public_id), headers=POLL)
    assert answer.headers["HX-Refresh"] == "true"
    assert "every 1s" not in answer.content.decode()


def test_a_poll_after_the_session_ended_reloads_the_page(of, run, client):
    answer = client.get(address("run", of, run.public_id), headers=POLL)
    assert answer.headers["HX-Refresh"] == "true"
    assert answer.content == b""


def test_each_check_is_shown_against_its_bar(of, rita, signed_in):
    run = builders.run(of, Run.State.NOT_CONVERGED)
    html = signed_in(rita).get(address("run", of, run.public_id)).content.decode()
    cells = columns(html)
    assert cells[:4] == [("Check", "R̂, the largest"), ("This run", "1.034"), ("Must be", "below 1.01"), ("Met", "No")]
    assert ("This run", "14") in cells
    assert "R-hat is 1.034, the bar is 1.01; 14 divergences after warm-up." in html
    assert "Nothing is shown or released from it" in html


def test_the_bars_themselves_are_missed(of, rita, signed_in):
    at_the_bar = builders.DIAGNOSTICS | {
        "rhat_max": 1.01,
        "ess_bulk_min": 400.0,
        "ess_tail_min": 400.0,
        "ebfmi_min": 0.3,
    }
    run = builders.run(of, Run.State.NOT_CONVERGED, diagnostics=at_the_bar)
    cells = columns(signed_in(rita).get(address("run", of, run.public_id)).content.decode())
    assert [text for head, text in cells if head == "Met"] == ["No", "No", "No", "Yes", "Yes", "No"]


def test_a_broken_run_says_why(of, rita, signed_in):
    run = builders.run(of, Run.State.FAILED, error="The graph of systems is empty.", diagnostics={})
    html = signed_in(rita).get(address("run", of, run.public_id)).content.decode()
    assert "The run broke off." in html
    assert "The graph of systems is empty." in html
    assert columns(html) == []


def test_the_recipe_holds_seed_data_code_settings_and_versions(of, run, rita, signed_in):
    html = signed_in(rita).get(address("run", of, run.public_id)).content.decode()
    for text in ("20417", run.data_sha256, "0.1.0+test", "<dt>pymc</dt>", "6.4.0"):
        assert text in html


def test_what_groups_have_in_common_is_shown_with_its_interval(of, run, rita, signed_in):
    builders.group_parameter(run)
    cells = columns(signed_in(rita).get(address("run", of, run.public_id)).content.decode())
    assert ("Parameter", "position_mean (human)") in cells
    assert ("Estimate", "0.11 [0.06, 0.16]") in cells


def test_the_list_shows_the_newest_first_in_pages(of, run, rita, signed_in, monkeypatch):
    monkeypatch.setattr("calibration.views.runs.PAGE", 2)
    made = [run, *(builders.run(of, Run.State.CANCELLED) for _ in range(3))]
    client = signed_in(rita)
    first = client.get(address("runs", of)).content.decode()
    assert [text for head, text in columns(first) if head == "Run"] == [f"Run {one.pk}" for one in (made[3], made[2])]
    older = client.get(address("runs", of, query=f"?before={made[2].pk}")).content.decode()
    assert [text for head, text in columns(older) if head == "Run"] == [f"Run {one.pk}" for one in (made[1], made[0])]


def test_the_list_takes_the_same_queries_for_any_number(of, rita, signed_in, django_assert_num_queries):
    client = signed_in(rita)
    for more in (1, 9):
        for _ in range(more):
            builders.run(of, Run.State.CANCELLED, requested_by=rita)
        with django_assert_num_queries(6):
            client.get(address("runs", of))


ADEQUACY = {
    "checks": [
        {"check": "alpha_nominal", "bar": "observed inside the 95% band", "value": 0.31, "n": 90, "passed": False},
        {"check": "annotator_pairs", "bar": "95% of pairs", "value": None, "n": 0, "passed": None},
    ],
    "consensus": {"weights": [{"candidate": "hierarchical", "log_score": -0.81, "weight": 0.55}]},
}


def test_a_run_says_whether_the_model_describes_the_people(of, run, rita, signed_in):
    Run.objects.filter(pk=run.pk).update(adequacy={"preference": ADEQUACY})
    html = signed_in(rita).get(address("run", of, run.public_id)).content.decode()
    found = columns(html)
    assert ("Observed", "0.310") in found
    assert ("Observed", "–") in found
    assert ("Weight", "0.55") in found
    assert "Nominal alpha" in html


def test_a_part_that_could_not_be_computed_leaves_the_page_whole(of, run, rita, signed_in):
    broken = {"checks": {"error": "ValueError: no"}, "consensus": {"error": "ValueError: no"}}
    Run.objects.filter(pk=run.pk).update(adequacy={"preference": broken})
    html = signed_in(rita).get(address("run", of, run.public_id)).content.decode()
    assert "Not everything was checked." in html
    assert "consensus (preference): ValueError: no" in html
