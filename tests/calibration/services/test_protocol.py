"""What a run was measured with, and the guard that keeps unlike boards apart."""

import pytest

from annotation.models import Rubric
from calibration.services import protocol
from tests import factories
from tests.calibration import builders


@pytest.fixture
def of(db):
    made = builders.campaign()
    builders.judged(made, evaluators=2)
    return made


def test_more_judgments_of_the_same_people_and_tasks_keep_the_protocol(of):
    before = protocol.of(builders.run(of))
    builders.judged(of, evaluators=1, seed=2)
    assert protocol.of(builders.run(of)) == before
    assert before["annotator_pool"] == f"people; campaign {of.slug}"


def test_a_new_task_makes_another_version_of_the_pool(of):
    before = protocol.of(builders.run(of))
    factories.task(of, system_a="s00", system_b="s01", prompt="a new one")
    assert protocol.comparable(before, protocol.of(builders.run(of))).reasons[0].startswith("the pool of tasks differs")


def test_another_rubric_makes_another_hash(of):
    before = protocol.of(builders.run(of))
    old = of.rubric
    new = Rubric.objects.create(campaign=of, version=old.version + 1, sha256="f" * 64)
    criterion = old.criteria.get()
    criterion.pk, criterion.rubric = None, new
    criterion.save()
    row = of.judgments.first()
    row.pk, row.public_id, row.criterion, row.idempotency_key = None, None, criterion, "another rubric"
    row.public_id = builders.Run(campaign=of).public_id
    row.save(force_insert=True)
    assert protocol.of(builders.run(of))["rubric_hash"] != before["rubric_hash"]


def test_a_judge_in_the_record_is_another_pool(of):
    before = protocol.of(builders.run(of))
    row = of.judgments.first()
    row.pk, row.idempotency_key = None, "by a judge"
    row.public_id = builders.Run(campaign=of).public_id
    row.annotator = builders.annotator(builders.Profile("Quill", "judge"))
    row.save(force_insert=True)
    after = protocol.of(builders.run(of))
    assert after["annotator_pool"] == f"Quill, people; campaign {of.slug}"
    assert not protocol.comparable(before, after).comparable
