"""What each profile leaves out."""

import pytest

from calibration.services import exports
from tests.calibration.exports import builders
from tests.calibration.exports.conftest import rows

pytestmark = pytest.mark.django_db


def test_each_profile_hands_on_what_it_says_and_nothing_more(built):
    campaign = builders.campaign()
    run = builders.passed_run(campaign)
    ids = {str(annotator) for annotator in campaign.judgments.values_list("annotator__public_id", flat=True)}
    found = {}
    for profile in ("public", "partner", "hash_only", "internal"):
        chosen = {"profile": profile, "formats": ["arena"]}
        files = built(exports.request(campaign=campaign, by=None, run=run, chosen=chosen))
        everything = b"".join(files.values())
        judged = rows(files["judgments.jsonl"])
        found[profile] = (
            b"SECRET RATIONALE" in everything,
            any(one.encode() in everything for one in ids),
            {row["submitted_at"] for row in judged} == {"2026-03-04T15:27:33.123Z"},
        )
        first = rows(files["data/arena/train.jsonl"])[0]["conversation_a"]
        assert all(message["content"].startswith("sha256:") for message in first) is (profile == "hash_only")
    assert found == {
        "public": (False, False, False),
        "partner": (True, False, False),
        "hash_only": (False, False, False),
        "internal": (True, True, True),
    }
