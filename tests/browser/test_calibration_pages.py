"""The pages of a campaign's results in a real browser: pictures, rules of access, charts, filters, progress."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Campaign, Membership, User
from annotation.services import campaigns
from calibration import jobs
from calibration.models import Export, Run
from calibration.services import runs
from tests import factories
from tests.browser.visitor import PHONE
from tests.calibration import boards, builders, labeled
from tests.calibration.views.pages import address

CHART_DRAWN = ".js-plotly-plot .scatterlayer .point"


@pytest.fixture
def of(transactional_db) -> Campaign:
    # a name too long for a phone's bar
    return builders.campaign(
        tasks=12, systems=5, by=factories.user("a.researcher.with.a.name", may_create_campaigns=True)
    )


@pytest.fixture
def run(of: Campaign) -> Run:
    builders.judged(of, evaluators=3)
    made = builders.passed_run(of)
    boards.agreed(made)
    boards.placed(made)
    return made


@pytest.fixture
def rita(of: Campaign) -> User:
    return factories.researcher_of(of)


def charted(page: Page) -> None:
    page.wait_for_selector(CHART_DRAWN, state="attached")


@pytest.mark.parametrize("name", ["overview", "agreement", "tasks", "runs", "releases"])
def test_lists_look_right_and_break_no_rule(name: str, of, run, rita, show):
    builders.export(run)
    show(address(name, of), f"calibration-{name}", rita)


@pytest.mark.parametrize("name", ["annotators", "systems"])
def test_pages_with_charts_look_right_and_break_no_rule(name: str, of, run, rita, show):
    show(address(name, of), f"calibration-{name}", rita, before=charted)


def test_details_look_right_and_break_no_rule(of, run, rita, show):
    person = of.judgments.first().annotator
    builders.profile_of(run, person)
    show(address("annotator", of, person.public_id), "calibration-annotator", rita)
    show(address("task", of, of.tasks.first().public_id), "calibration-task", rita)
    show(address("run", of, run.public_id), "calibration-run", rita)


def test_a_failed_run_looks_right_and_breaks_no_rule(of, run, rita, show):
    failed = builders.run(of, Run.State.NOT_CONVERGED)
    show(address("overview", of), "calibration-overview-failed", rita)
    show(address("run", of, failed.public_id), "calibration-run-failed", rita)


def test_pages_before_the_first_run_look_right_and_break_no_rule(of, rita, show):
    builders.judged(of, evaluators=1)
    for name in ("overview", "annotators", "runs", "releases"):
        show(address(name, of), f"calibration-{name}-empty", rita)


def test_the_kind_filters_table_and_chart_in_place(of, run, rita, visit):
    with visit(user=rita) as visitor:
        page = visitor.open(address("annotators", of))
        charted(page)
        everybody = page.locator(CHART_DRAWN).count()
        page.get_by_label("Kind").focus()
        page.get_by_label("Kind").select_option("judge")
        expect(page.get_by_role("link", name="heron")).to_have_count(0)
        expect(page.locator(CHART_DRAWN)).to_have_count(2)
        assert everybody == 6
        assert page.url.endswith("?kind=judge&sort=look")
        expect(page.get_by_label("Kind")).to_be_focused()


def test_the_filters_work_without_javascript(of, run, rita, visit):
    with visit(user=rita, javascript=False) as visitor:
        page = visitor.open(address("annotators", of))
        page.get_by_label("Kind").select_option("judge")
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("link", name="heron")).to_have_count(0)
        expect(page.get_by_role("link", name="Tally-32b, config c7e8")).to_be_visible()
        page = visitor.open(address("tasks", of))
        page.get_by_label("Words in the prompt").fill("question 7?")
        page.get_by_role("button", name="Apply").click()
        expect(page.locator("tbody tr")).to_have_count(1)


def test_another_system_draws_another_chart(of, run, rita, visit):
    with visit(user=rita) as visitor:
        page = visitor.open(address("systems", of))
        charted(page)
        page.get_by_label("System", exact=True).select_option(label="Slate base")
        expect(page.locator(".js-plotly-plot .xtitle")).to_contain_text("Slate base")
        expect(page.locator("#chances th[scope=row]").first).to_have_text("Cobalt 3")


def test_charts_take_the_colors_of_the_theme_in_force(of, run, rita, visit):
    with visit(user=rita) as visitor:
        page = visitor.open(address("annotators", of))
        charted(page)
        expect(page.locator(".xtitle")).to_have_css("fill", "rgb(64, 76, 83)")
        page.emulate_media(color_scheme="dark")
        expect(page.locator(".xtitle")).to_have_css("fill", "rgb(185, 195, 200)")


def test_tasks_are_walked_with_the_next_link_and_opened(of, run, rita, visit, monkeypatch):
    monkeypatch.setattr("calibration.views.tables.tasks.PAGE", 5)
    with visit(user=rita, size=PHONE) as visitor:
        page = visitor.open(address("tasks", of))
        page.get_by_role("link", name="Next 5").click()
        expect(page.get_by_role("link", name="First page")).to_be_visible()
        page.locator("tbody th a").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Task T-")


def test_a_run_is_started_followed_and_cancelled(of, run, rita, visit, monkeypatch):
    monkeypatch.setattr(jobs.calibrate, "delay_on_commit", lambda **options: None)
    with visit(user=rita) as visitor:
        page = visitor.open(address("overview", of))
        page.get_by_role("button", name="Start a calibration run").click()
        expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
        started = of.runs.unfinished().get()
        _update(started, state=Run.State.RUNNING, percent=62, stage="sampling", eta_seconds=40, divergences=3)
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "62")
        expect(page.locator("#progress")).to_contain_text("about 40 s")
        expect(page.locator("#run-state")).to_have_text("Running")
        visitor.shoot("calibration-run-progress")
        visitor.check()
        page.get_by_role("button", name="Cancel the run").click()
        expect(page.get_by_role("heading", name="Stopping")).to_be_visible()
        _update(started, state=Run.State.CANCELLED)
        expect(page.get_by_text("It gave no estimates")).to_be_visible()


def test_a_run_that_passes_shows_its_sentence_by_itself(of, rita, visit):
    under_way = builders.run(of, Run.State.RUNNING, percent=99)
    with visit(user=rita) as visitor:
        page = visitor.open(address("run", of, under_way.public_id))
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "99")
        _update(under_way, state=Run.State.PASSED, headline="People prefer Cobalt 3.", diagnostics=builders.DIAGNOSTICS)
        expect(page.get_by_text("People prefer Cobalt 3.")).to_be_visible()
        expect(page.get_by_text("Passed all checks")).to_be_visible()


def _update(run: Run, **values: object) -> None:
    Run.objects.filter(pk=run.pk).update(**values)


def test_a_release_is_built_followed_and_downloaded(of, run, rita, visit, monkeypatch):
    monkeypatch.setattr(jobs.build_export, "delay_on_commit", lambda **options: None)
    with visit(user=rita) as visitor:
        page = visitor.open(address("releases", of))
        page.get_by_role("button", name="New release").click()
        expect(page.get_by_role("heading", name="Building a release")).to_be_visible()
        _fill(of.exports.get(), _at_judgments)
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "40")
        visitor.shoot("calibration-release-progress")
        visitor.check()
        _fill(of.exports.get(), builders.finish)
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Download release 1").click()
        assert waiting.value.suggested_filename == f"steelyard-export-{of.slug}-1.zip"


def _at_judgments(export: Export) -> None:
    export.state, export.stage, export.percent = Export.State.RUNNING, "judgments", 40


def _fill(export: Export, change: Callable[[Export], None]) -> None:
    change(export)
    export.save()


def test_an_auditor_finds_no_button_that_changes(of, run, rita, visit):
    olga = factories.user("olga")
    campaigns.add_member(campaign=of, user=olga, role=Membership.Role.AUDITOR, by=rita)
    with visit(user=olga) as visitor:
        for name in ("overview", "runs", "releases"):
            page = visitor.open(address(name, of))
            expect(page.locator("main button")).to_have_count(0)


def test_the_judgments_behind_a_figure_look_right_and_break_no_rule(of, run, rita, show):
    person, system = of.judgments.first().annotator, of.systems.first()
    show(address("judgments", of), "calibration-judgments", rita)
    query = f"?annotator={person.public_id}&system={system.key}&use=model&run={run.public_id}"
    show(address("judgments", of, query=query), "calibration-judgments-filtered", rita, before=_unfold)
    show(address("judgments", of, query="?kind=judge&tag=none"), "calibration-judgments-none", rita)
    show(address("judgments", of, query="?colour=blue"), "calibration-judgments-refused", rita, status=400)


def _unfold(page: Page) -> None:
    page.get_by_text("Filter", exact=True).click()


def test_the_filters_of_judgments_work_without_javascript(of, run, rita, visit):
    with visit(user=rita, javascript=False) as visitor:
        page = visitor.open(address("judgments", of, query="?use=model"))
        _unfold(page)
        page.get_by_label("Answer").select_option("tie")
        page.get_by_role("button", name="Apply").click()
        ties = of.judgments.filter(outcome="tie").count()
        expect(page.locator(".reading .value").first).to_have_text(str(ties))


def test_groups_of_systems_and_two_runs_side_by_side_look_right_and_break_no_rule(of, run, rita, show):
    earlier, unlike = builders.run(of), builders.run(of)
    boards.placed(earlier)
    boards.placed(unlike, rubric_hash="c" * 64)
    newest = builders.passed_run(of)
    boards.placed(newest)
    show(address("systems", of, query=f"?with={earlier.public_id}"), "calibration-systems-beside", rita, before=charted)
    query = f"?with={unlike.public_id}"
    show(address("systems", of, query=query), "calibration-systems-refused", rita, before=charted)
    apart = builders.passed_run(of)
    boards.placed(apart, components=2)
    show(address("systems", of), "calibration-systems-groups", rita, before=charted)


def test_agreement_of_few_data_and_of_one_pair_looks_right_and_breaks_no_rule(of, run, rita, show):
    pair = run.pairs.exclude(alpha_nominal=None).first()
    query = f"?run={run.public_id}&criterion={pair.criterion.key}&use=agreement"
    builders.judged(of, evaluators=0)
    empty = builders.passed_run(of)
    show(address("agreement", of), "calibration-agreement-few", rita)
    assert empty.pairs.count() == 0
    show(address("judgments", of, query=f"{query}&annotator=&partner="), "calibration-judgments-of-run", rita)


def test_where_people_differ_looks_right_and_breaks_no_rule(of, run, rita, show):
    key, task = of.rubric.criteria.get().key, of.tasks.order_by("pk").first()
    person = of.judgments.first().annotator
    builders.profile_of(run, person)
    task.estimates.update(pooled_a=0.44, pooled_tie=0.33, pooled_b=0.23)
    outcomes = [
        {"group": 0, "share": 0.7, "p_a": 0.81, "p_tie": 0.1, "p_b": 0.09},
        {"group": 1, "share": 0.3, "p_a": 0.12, "p_tie": 0.08, "p_b": 0.8},
        {"group": -1, "share": 1.0, "p_a": 0.6, "p_tie": 0.09, "p_b": 0.31},
    ]
    item = {"item": str(task.public_id), "n": 9, "dissent": 0.62, "expected_dissent": 0.31, "contested_by": "item"}
    found = {
        "n_items": 12, "n_contested": 1, "items": [item | {"outcomes": outcomes}], "tags": [{"tag": "medical"}],
        "n_groups": 2, "flagged": [{"annotator": str(person.public_id), "reason": "fixed side"}],
        "members": [{"annotator": str(person.public_id), "group": 1, "probability": 0.93}],
    }  # fmt: skip
    weights = [{"candidate": name, "log_score": -0.81, "weight": 1 / 3} for name in ("frequencies", "hierarchical")]
    weighed = {"weights": weights, "floor": 0.2, "floor_reason": "assumed: fewer than 20 gold items"}
    _update(run, adequacy={key: {"contested": found, "consensus": weighed}})
    show(address("task", of, task.public_id), "calibration-task-contested", rita)
    show(address("tasks", of), "calibration-tasks-contested", rita)
    show(address("annotator", of, person.public_id), "calibration-annotator-flagged", rita)
    show(address("run", of, run.public_id), "calibration-run-differing", rita)


@pytest.fixture
def labels(transactional_db, tmp_path) -> Run:
    of = labeled.campaign(graded=False, by=factories.user("a.researcher", may_create_campaigns=True))
    labeled.judged(of, tmp_path, tasks=44, annotators=4)
    return runs.execute(runs.request(campaign=of, by=None, seed=5).pk)


def test_pages_of_labels_look_right_and_break_no_rule(labels, show):
    assert labels.state == Run.State.PASSED, labels.error
    of = labels.campaign
    reader = factories.researcher_of(of)
    asked = "?question=wrong%2Fdeception"
    for name in ("overview", "systems", "tasks"):
        show(address(name, of, query=asked), f"labels-{name}", reader)
    person = of.judgments.first().annotator
    show(address("annotator", of, person.public_id, query="?question=topic"), "labels-annotator", reader)
