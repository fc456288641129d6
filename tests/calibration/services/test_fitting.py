"""A real run from the record to stored figures; no transaction stands open meanwhile, as in the product."""

import pytest

from annotation.models import Gold
from annotation.services import audit
from calibration.models import Run
from calibration.services import runs
from tests.calibration import builders

pytestmark = [pytest.mark.filterwarnings("ignore::UserWarning"), pytest.mark.filterwarnings("ignore::FutureWarning")]


def figures(run: Run) -> list[tuple]:
    rows = run.estimates.order_by("quantity", "system", "against", "annotator", "parameter")
    return list(rows.values_list("quantity", "system__key", "against__key", "annotator", "value", "ci_low", "ci_high"))


@pytest.mark.django_db(transaction=True)
def test_a_real_run_stores_figures_checks_and_the_same_again_for_the_same_seed():
    of = builders.campaign(tasks=24, systems=3)
    builders.judged(of, evaluators=3)
    first, second = (runs.execute(runs.request(campaign=of, by=None, seed=11).pk) for _ in range(2))

    assert first.state == Run.State.PASSED, first.error or first.diagnostics["reasons"]
    assert (first.items.count(), first.estimates.filter(quantity="strength").count()) == (24, 3)
    assert first.headline
    stored = list(first.estimates.values_list("ci_low", "value", "ci_high", "n"))
    assert all(low <= value <= high and n > 0 for low, value, high, n in stored)

    (found,) = first.adequacy.values()
    assert {row["check"] for row in found["checks"]} >= {"tie_rate", "alpha_nominal", "outcomes_per_item"}
    assert sum(row["weight"] for row in found["consensus"]["weights"]) == pytest.approx(1.0)
    assert found["contested"]["n_items"] == 24

    assert (first.data_sha256, figures(first)) == (second.data_sha256, figures(second))
    assert first.adequacy == second.adequacy


@pytest.mark.django_db(transaction=True)
def test_a_run_stores_pairs_places_and_pooled_outcomes_and_takes_gold_into_account(short_fits):
    of = builders.campaign(tasks=24, systems=3)
    builders.judged(of, evaluators=3)
    for task in of.tasks.order_by("pk")[:20]:
        made = Gold(task=task, outcome="a", justification="known")
        audit.seal(made)
        made.save()
    run = runs.execute(runs.request(campaign=of, by=None, seed=3).pk)
    assert run.state == Run.State.PASSED, run.error

    assert run.pairs.count() == 3
    assert all(row.alpha_low < row.alpha_nominal <= row.alpha_high for row in run.pairs.all())
    places = list(run.standings.order_by("place"))
    assert [(row.place, row.of, row.component) for row in places] == [(1, 3, 0), (2, 3, 0), (3, 3, 0)]
    assert sum(row.p_best for row in places) == pytest.approx(1.0)
    for row in places:
        assert sum(share for _, share in row.ranks) == pytest.approx(1.0)
        assert row.win_low <= row.win_probability <= row.win_high
    assert [row.flips_with for row in places] == [places[1].system, places[2].system, None]
    assert all(row.votes_to_flip is not None or row.flip_reason for row in places)
    assert places[-1].flip_reason == "nobody below it"

    pooled = list(run.items.values_list("pooled_a", "pooled_tie", "pooled_b"))
    assert all(sum(shares) == pytest.approx(1.0) for shares in pooled)
    (found,) = run.adequacy.values()
    assert found["consensus"]["n_gold"] == 20
    assert found["consensus"]["floor_reason"] == "calibrated on 20 gold items"
    assert set(run.figures["protocol"]) == {"rubric_hash", "pool_version", "annotator_pool"}


@pytest.mark.django_db(transaction=True)
def test_too_many_systems_leave_a_reason_instead_of_places(short_fits, monkeypatch):
    monkeypatch.setattr("calibration.services.comparison_fits.MOST_RANKED", 2)
    of = builders.campaign(tasks=12, systems=3)
    builders.judged(of, evaluators=2)
    run = runs.execute(runs.request(campaign=of, by=None, seed=3).pk)
    assert run.standings.count() == 0
    (reason,) = run.figures["unranked"].values()
    assert reason.startswith("3 systems are more than the 2")
