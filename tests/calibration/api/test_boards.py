import pytest

from tests import factories
from tests.annotation.api import clients
from tests.calibration import boards, builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    of = builders.campaign(systems=4, tasks=6)
    made = builders.passed_run(of)
    boards.agreed(made)
    boards.placed(made, components=2)
    return made


@pytest.fixture
def get(run):
    client = clients.client(factories.researcher_of(run.campaign))
    return lambda tail, **query: client.get(f"{clients.API}/runs/{run.public_id}/{tail}", query)


def test_pairs_carry_an_interval_or_the_reason_why_not(run, get):
    rows = get("agreement/pairs/", page_size=200).json()["results"]
    assert len(rows) == run.pairs.count()
    for row in rows:
        if row["alpha_nominal"] is None:
            assert row["undefined_reason"] == f"{row['n_items']} common items, 20 needed"
        else:
            assert row["alpha_low"] <= row["alpha_nominal"] <= row["alpha_high"]


def test_pairs_of_one_annotator_are_found_on_either_place(run, get):
    someone = run.pairs.first().second
    rows = get("agreement/pairs/", annotator=str(someone.public_id), page_size=200).json()["results"]
    assert len(rows) == 6
    assert all(str(someone.public_id) in {row["first"], row["second"]} for row in rows)


def test_the_leaderboard_ranks_within_components_and_names_what_flips_a_rank(run, get):
    rows = get("leaderboard/", criterion="overall").json()["results"]
    assert [(row["system"], row["component"], row["place"], row["of"]) for row in rows] == [
        ("s00", 0, 1, 2),
        ("s01", 1, 1, 2),
        ("s02", 0, 2, 2),
        ("s03", 1, 2, 2),
    ]
    assert [row["flips_with"] for row in rows] == ["s02", "s03", None, None]
    assert rows[2]["votes_to_flip"] is None
    assert rows[2]["flip_reason"] == "nobody below it"
    assert all(sum(share for _, share in row["ranks"]) == pytest.approx(1) for row in rows)
    assert get("leaderboard/", criterion="honesty").json()["results"] == []


def test_two_runs_are_comparable_only_under_one_protocol(run, get):
    twin, other = builders.run(run.campaign), builders.run(run.campaign)
    boards.placed(twin)
    boards.placed(other, rubric_hash="c" * 64)
    assert get(f"comparable/{twin.public_id}/").json() == {"comparable": True, "reasons": []}
    assert get(f"comparable/{other.public_id}/").json() == {
        "comparable": False,
        "reasons": [f"the rubric differs: {'a' * 12} and {'c' * 12}"],
    }


def test_a_run_that_one_may_not_read_is_not_compared_with(run, get):
    foreign = builders.run(builders.campaign())
    assert get(f"comparable/{foreign.public_id}/").status_code == 404
