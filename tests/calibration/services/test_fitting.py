"""A real run from the record to stored figures."""

import pytest

from calibration.models import Run
from calibration.services import runs
from tests.calibration import builders

pytestmark = [pytest.mark.filterwarnings("ignore::UserWarning"), pytest.mark.filterwarnings("ignore::FutureWarning")]


def figures(run: Run) -> list[tuple]:
    rows = run.estimates.order_by("quantity", "system", "against", "annotator", "parameter")
    return list(rows.values_list("quantity", "system__key", "against__key", "annotator", "value", "ci_low", "ci_high"))


@pytest.mark.django_db
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
