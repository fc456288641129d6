"""What a public release must never hold: people's names, internal ids, gold answers, held-out tasks."""

import json
from collections import Counter

import pytest

from annotation.models import Annotator, Gold, Judgment, Task
from annotation.services import audit
from calibration.services import exports
from tests import factories
from tests.calibration.exports import builders
from tests.calibration.exports.conftest import rows

pytestmark = pytest.mark.django_db


def everything(files: dict[str, bytes]) -> bytes:
    """Return all bytes of a release, those of Parquet uncompressed through their JSONL twins."""
    return b"\n".join(name.encode() + content for name, content in files.items())


def test_no_name_mail_internal_id_or_gold_answer_leaves(built):
    campaign = factories.campaign()
    person = factories.evaluator(campaign, "canary-username")
    person.user.email, person.user.first_name = "canary@example.org", "canary-first"
    person.user.save()
    Annotator.objects.filter(pk=person.pk).update(
        name="canary-pseudonym", import_key="import:lab:canary-key", version="canary-v"
    )
    task = factories.task(campaign, pool="gold")
    gold = Gold(task=task, outcome="both_bad", justification="canary justification")
    audit.seal(gold)
    gold.save()
    kept = builders.judgment(
        task, person, "a", at=builders.SUBMITTED, rationale="canary rationale", comment="canary comment",
        extra={"worker": "canary-extra"},
    )  # fmt: skip
    machine = builders.judgment(task, builders.judge(), "b", rationale="canary reason")
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    files = built(export)
    ids = [person.public_id, person.user.public_id, kept.public_id, machine.public_id, machine.annotator.public_id]
    secrets = ["canary-", "canary@", "canary justification", "canary rationale", "canary comment", "canary reason"]
    released = everything(files)
    assert [
        secret for secret in [*secrets, *map(str, ids), "15:27", "both_bad"] if secret.encode() in _data(files)
    ] == []
    assert [secret for secret in [*secrets, *map(str, ids)] if secret.encode() in released] == []
    assert rows(files["judgments.jsonl"])[0]["submitted_at"] in {None, "2026-03-04T15:00:00.000Z"}


def test_judges_keep_their_name_family_and_version(built):
    campaign = builders.campaign()
    files = built(exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign)))
    (judge,) = [row for row in rows(files["annotators.jsonl"]) if row["annotator_kind"] == "judge"]
    assert (judge["annotator_name"], judge["annotator_family"], judge["annotator_version"]) == (
        "judge model",
        "parametric",
        "f" * 64,
    )
    people = [row for row in rows(files["annotators.jsonl"]) if row["annotator_kind"] == "human"]
    assert {(row["annotator_name"], row["annotator_family"], row["annotator_version"]) for row in people} == {
        (None, None, "")
    }


def test_two_releases_share_no_pseudonym_no_judgment_id_and_no_canary(built):
    campaign = builders.campaign()
    run = builders.passed_run(campaign)
    first, second = (built(exports.request(campaign=campaign, by=None, run=run)) for _ in range(2))
    for field in ("annotator_id", "judgment_id"):
        ids = [{row[field] for row in rows(files["judgments.jsonl"])} for files in (first, second)]
        assert ids[0] & ids[1] == set()
        assert len(ids[0]) == len(ids[1])
    canaries = {json.loads(files["manifest.json"])["canary_guid"] for files in (first, second)}
    assert len(canaries) == 2
    for files in (first, second):
        assert json.loads(files["manifest.json"])["canary_guid"].encode() in files["README.md"]


def test_one_annotator_has_one_pseudonym_throughout_a_release(built):
    campaign = builders.campaign()
    files = built(exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign)))
    counted = Counter(row["annotator_id"] for row in rows(files["judgments.jsonl"]))
    assert counted == {row["annotator_id"]: row["n_judgments"] for row in rows(files["annotators.jsonl"])}
    assert all(len(name) == 16 and int(name, 16) >= 0 for name in counted)


def test_pseudonyms_depend_on_the_secret_of_the_instance(built, settings):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    before = built(export)
    type(export).objects.filter(pk=export.pk).update(state="queued")
    settings.SECRET_KEY = "another secret of another instance, long enough to be one"
    after = built(export)
    ids = [{row["annotator_id"] for row in rows(files["annotators.jsonl"])} for files in (before, after)]
    assert ids[0] & ids[1] == set()


def test_held_out_tasks_never_leave_and_are_counted(built):
    campaign = builders.campaign()
    hidden = Task.objects.order_by("pk").first()
    hidden.prompt.key = "canary-prompt"
    hidden.prompt.save()
    Task.objects.filter(pk=hidden.pk).update(split="held_out")
    run = builders.passed_run(campaign)
    files = built(exports.request(campaign=campaign, by=None, run=run))
    released = everything(files)
    for secret in (str(hidden.public_id), hidden.snapshot_sha256, "canary-prompt"):
        assert secret.encode() not in released
    manifest = json.loads(files["manifest.json"])
    assert manifest["held_out"] == {"judgments": 5, "tasks": 1}
    assert manifest["counts"]["tasks"] == 5
    assert len(rows(files["judgments.jsonl"])) == Judgment.objects.count() - 5
    assert {row["n_tasks"] for row in rows(files["annotators.jsonl"])} == {5}


def test_a_stakeholder_group_of_fewer_than_five_people_is_left_blank(built):
    campaign = builders.campaign(people=7)
    people = list(Annotator.objects.filter(kind="human").order_by("pk"))
    Annotator.objects.filter(pk__in=[person.pk for person in people[:5]]).update(group="clinicians")
    Annotator.objects.filter(pk__in=[person.pk for person in people[5:]]).update(group="canary-group")
    files = built(exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign)))
    groups = Counter(row["annotator_group"] for row in rows(files["annotators.jsonl"]))
    assert groups == {"clinicians": 5, None: 3}
    assert b"canary-group" not in everything(files)
    assert json.loads(files["manifest.json"])["suppressed_groups"] == 2


def test_further_columns_of_an_import_leave_only_when_asked_for(built):
    campaign = factories.campaign()
    task = factories.task(campaign)
    builders.judgment(task, builders.judge(), "a", extra={"turn": 2, "again": [1, {"b": 1, "a": 2}]})
    run = builders.passed_run(campaign)
    silent = built(exports.request(campaign=campaign, by=None, run=run))
    asked = built(exports.request(campaign=campaign, by=None, run=run, chosen={"extra": True}))
    assert rows(silent["judgments.jsonl"])[0]["extra"] == {}
    assert rows(asked["judgments.jsonl"])[0]["extra"] == {"again": [1, {"a": 2, "b": 1}], "turn": 2}


def _data(files: dict[str, bytes]) -> bytes:
    """Return the bytes of the rows alone: the card explains words that no row may hold."""
    return b"".join(content for name, content in files.items() if name.endswith(".jsonl"))
