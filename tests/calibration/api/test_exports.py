import base64
import hashlib
import io
import os
import subprocess
import sys
import zipfile

import pytest

from calibration.models import Export, Run
from calibration.services import exports
from tests import factories
from tests.annotation.api import clients
from tests.calibration.exports import builders

pytestmark = pytest.mark.django_db
EXPORTS = f"{clients.API}/exports/"


@pytest.fixture
def queued(monkeypatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr("calibration.jobs.build_export.delay_on_commit", lambda *, export_id: found.append(export_id))
    return found


def rita_of(campaign):
    return clients.client(factories.researcher_of(campaign))


def test_a_release_is_asked_for_polled_and_downloaded(queued):
    campaign = builders.campaign()
    run = builders.passed_run(campaign)
    rita = rita_of(campaign)
    asked = rita.post(EXPORTS, {"campaign": campaign.slug, "options": {"ties": "both"}})
    assert asked.status_code == 202, asked.content
    export = Export.objects.get()
    assert (queued, export.options["ties"], export.run) == ([export.pk], "both", run)
    address = asked["Location"]
    assert address == f"{EXPORTS}{export.public_id}/"
    early = rita.get(f"{address}download/")
    assert (early.status_code, early.json()["code"]) == (409, "not_built")
    assert rita.get(address).json()["manifest"] is None
    exports.build(export.pk)
    shown = rita.get(address).json()
    assert (shown["state"], shown["percent"], shown["manifest"]["export_id"]) == ("done", 100, str(export.public_id))
    download = rita.get(f"{address}download/")
    content = b"".join(download.streaming_content)
    digest = hashlib.sha256(content).hexdigest()
    assert (download["ETag"], download["X-Checksum-SHA256"]) == (f'"{digest}"', digest)
    assert download["Repr-Digest"] == f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:"
    assert download["Content-Disposition"] == f'attachment; filename="steelyard-export-{campaign.slug}-1.zip"'
    assert (download["Content-Type"], int(download["Content-Length"])) == ("application/zip", len(content))
    assert download["X-Content-Type-Options"] == "nosniff"
    assert shown["archive_sha256"] == digest
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_a_release_that_the_caller_has_is_not_sent_again(queued):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    exports.build(export.pk)
    export.refresh_from_db()
    rita, address = rita_of(campaign), f"{EXPORTS}{export.public_id}/download/"
    known = rita.get(address, HTTP_IF_NONE_MATCH=f'"{export.archive_sha256}"')
    assert (known.status_code, known.content, known["ETag"]) == (304, b"", f'"{export.archive_sha256}"')
    other = rita.get(address, HTTP_IF_NONE_MATCH='"0000"')
    assert (other.status_code, len(b"".join(other.streaming_content))) == (200, export.bytes)
    head = rita.head(address)
    assert (head.status_code, int(head["Content-Length"])) == (200, export.bytes)
    assert b"".join(head.streaming_content) == b""


def test_a_missing_archive_is_a_404_and_no_error(queued):
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    exports.build(export.pk)
    export.refresh_from_db()
    exports.path_of(export).unlink()
    assert rita_of(campaign).get(f"{EXPORTS}{export.public_id}/download/").status_code == 404


def test_a_run_that_did_not_pass_yields_no_release(queued):
    campaign = builders.campaign(tasks=1)
    rita = rita_of(campaign)
    none = rita.post(EXPORTS, {"campaign": campaign.slug})
    assert (none.status_code, none.json()["code"]) == (409, "no_passed_run")
    run = builders.passed_run(campaign, state=Run.State.NOT_CONVERGED)
    named = rita.post(EXPORTS, {"campaign": campaign.slug, "run": str(run.public_id)})
    assert (named.status_code, named.json()["code"]) == (409, "run_not_passed")
    assert (Export.objects.count(), queued) == (0, [])


@pytest.mark.parametrize("wrong", [
    {"campaign": ""}, {"campaign": None}, {"campaign": ["a"]}, {"run": "x"}, {"run": 1.5}, {"options": []},
    {"by": "rita"}, {"options": {"tie": "drop"}}, {"options": {"ties": "split"}}, {"options": {"min_confidence": 0.6}},
    {"options": {"min_confidence": "x"}}, {"options": {"criterion": "a b"}}, {"options": {"allow_unconverged": True}},
])  # fmt: skip
def test_fields_and_options_outside_the_rules_are_refused(queued, wrong):
    campaign = builders.campaign(tasks=1)
    builders.passed_run(campaign)
    response = rita_of(campaign).post(EXPORTS, {"campaign": campaign.slug} | wrong)
    assert (response.status_code, set(response.json()["errors"])) == (400, set(wrong))
    assert (Export.objects.count(), queued) == (0, [])


def test_campaigns_runs_and_releases_of_others_do_not_exist(queued):
    own, other = builders.campaign(tasks=1), builders.campaign(tasks=1)
    builders.passed_run(own)
    foreign_run = builders.passed_run(other)
    foreign = exports.request(campaign=other, by=None, run=foreign_run)
    exports.build(foreign.pk)
    rita = rita_of(own)
    assert rita.post(EXPORTS, {"campaign": other.slug}).status_code == 404
    assert rita.post(EXPORTS, {"campaign": own.slug, "run": str(foreign_run.public_id)}).status_code == 404
    for tail in ("", "download/"):
        assert rita.get(f"{EXPORTS}{foreign.public_id}/{tail}").status_code == 404
    assert rita.get(EXPORTS, {"campaign": other.slug}).status_code == 404
    assert rita.get(EXPORTS).json()["results"] == []
    assert (Export.objects.count(), queued) == (1, [])


def test_releases_are_listed_without_their_manifests():
    campaign = builders.campaign(tasks=1)
    run = builders.passed_run(campaign)
    made = [exports.request(campaign=campaign, by=None, run=run) for _ in range(3)]
    rita = rita_of(campaign)
    page = rita.get(EXPORTS, {"campaign": campaign.slug, "page_size": 2}).json()
    assert [row["id"] for row in page["results"]] == [str(made[2].public_id), str(made[1].public_id)]
    assert "manifest" not in page["results"][0]
    (last,) = rita.get(page["next"]).json()["results"]
    assert last["id"] == str(made[0].public_id)


def test_asking_for_releases_loads_no_arrow_and_no_pandas():
    code = (
        "import sys, django; django.setup();"
        "import calibration.api.serializers.exports, calibration.services.exports;"
        "print([m for m in ('pymc', 'arviz', 'nutpie', 'pyarrow', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert done.stdout.strip() == "[]"


def _environment() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "annotation.conf.settings", "DEVELOPMENT": "1"}


def test_one_file_of_a_release_comes_whole_or_in_ranges():
    campaign = builders.campaign()
    export = exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign))
    rita, address = rita_of(campaign), f"{EXPORTS}{export.public_id}/files/"
    assert rita.get(f"{address}calibrated.parquet").json()["code"] == "not_built"
    exports.build(export.pk)
    whole = rita.get(f"{address}calibrated.parquet")
    content = b"".join(whole.streaming_content)
    assert (whole.status_code, whole["Accept-Ranges"], content[:4]) == (200, "bytes", b"PAR1")
    assert hashlib.sha256(content).hexdigest() == whole["X-Checksum-SHA256"] == whole["ETag"].strip('"')
    size = len(content)
    for asked, part in (("bytes=0-3", content[:4]), ("bytes=-8", content[-8:]), (f"bytes=10-{size * 2}", content[10:])):
        answer = rita.get(f"{address}calibrated.parquet", HTTP_RANGE=asked)
        assert (answer.status_code, b"".join(answer.streaming_content)) == (206, part)
        assert answer["Content-Length"] == str(len(part))
        assert answer["Content-Range"].endswith(f"/{size}")
    beyond = rita.get(f"{address}calibrated.parquet", HTTP_RANGE=f"bytes={size}-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{size}")
    stale = rita.get(f"{address}calibrated.parquet", HTTP_RANGE="bytes=0-3", HTTP_IF_RANGE='"other"')
    assert (stale.status_code, int(stale["Content-Length"])) == (200, size)
    assert b"".join(stale.streaming_content) == content
    lines = rita.get(f"{address}data/preference/train.jsonl")
    assert (lines.status_code, b"".join(lines.streaming_content)[:1]) == (200, b"{")
    for name in ("nothing.txt", "../secret", "calibrated.parquet/", "%2e%2e/settings"):
        assert rita.get(address + name).status_code == 404, name


def test_the_same_key_asks_for_the_same_release_and_never_for_another(queued):
    campaign = builders.campaign()
    builders.passed_run(campaign)
    rita, body = rita_of(campaign), {"campaign": campaign.slug}
    first, second = (rita.post(EXPORTS, body, HTTP_IDEMPOTENCY_KEY="once") for _ in range(2))
    other = rita.post(EXPORTS, body | {"options": {"ties": "both"}}, HTTP_IDEMPOTENCY_KEY="once")
    assert (first.status_code, second.status_code, first.json()["id"]) == (202, 202, second.json()["id"])
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert rita.post(EXPORTS, body, HTTP_IDEMPOTENCY_KEY="x" * 101).json()["code"] == "idempotency_key_bad"
    assert Export.objects.count() == 1


def test_a_release_is_cancelled_before_and_while_it_is_built(queued, monkeypatch):
    campaign = builders.campaign()
    builders.passed_run(campaign)
    rita = rita_of(campaign)
    waiting = rita.post(EXPORTS, {"campaign": campaign.slug})["Location"]
    assert rita.post(f"{waiting}cancel/").json()["state"] == "cancelled"
    assert exports.build(Export.objects.get().pk).state == "cancelled"
    under_way = Export.objects.get(public_id=rita.post(EXPORTS, {"campaign": campaign.slug}).json()["id"])
    original = exports._reporter

    def cancel_first(export: Export):
        exports.cancel(export=export, by=factories.researcher_of(campaign))
        return original(export)

    monkeypatch.setattr(exports, "_reporter", cancel_first)
    built = exports.build(under_way.pk)
    assert (built.state, built.archive, built.manifest) == ("cancelled", "", None)
    again = rita.post(f"{EXPORTS}{under_way.public_id}/cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "already_finished")
