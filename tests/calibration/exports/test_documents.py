"""What a release says of itself, and how a stranger checks it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from calibration.exports.documents import statements
from calibration.exports.records import TABLES
from calibration.models import Export
from calibration.services import exports
from steelyard import verify
from tests.calibration.exports import builders
from tests.calibration.exports.conftest import rows

pytestmark = pytest.mark.django_db
OK = "OK: files match the manifest; unsigned\n"


@pytest.fixture
def folder(built, tmp_path: Path) -> Path:
    """Return an unpacked release with every format and a licence."""
    campaign = builders.campaign()
    chosen = {"formats": list(exports.options.FORMATS), "license": "CC-BY-4.0", "about": {"uses": "testing *writers*"}}
    built(exports.request(campaign=campaign, by=None, run=builders.passed_run(campaign), chosen=chosen))
    return exports.write(Export.objects.get(), tmp_path / "release")


def verified(folder: Path) -> tuple[int, str]:
    """Run the bundle's own script on a Python without packages."""
    done = subprocess.run([sys.executable, "-I", "-S", folder / "verify.py"], capture_output=True, text=True)
    return done.returncode, done.stdout


def test_one_flipped_byte_in_any_file_says_which(folder: Path):
    assert verified(folder) == (0, OK)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, content = path.relative_to(folder).as_posix(), path.read_bytes()
        for place in (0, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            assert [problem.split(": ")[0] for problem in verify.check(folder)] == [name]
        path.write_bytes(content)
    readme = folder / "README.md"
    readme.write_bytes(readme.read_bytes().replace(b"Steelyard", b"steelyard", 1))
    assert verified(folder) == (1, "README.md: was changed\nFAILED: 1 of the files do not match\n")


def test_missing_added_and_escaping_files_are_named(folder: Path):
    (folder / "systems.jsonl").unlink()
    (folder / "extra.txt").write_text("not ours")
    assert verified(folder) == (
        1, "systems.jsonl: is missing\nextra.txt: is not in the manifest\nFAILED: 2 of the files do not match\n",
    )  # fmt: skip
    script = folder / "verify.py"
    script.write_text(script.read_text() + "\n")
    assert "verify.py: has" in verified(folder)[1]


def test_the_sums_can_be_checked_with_the_usual_tool(folder: Path):
    done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_head_of_the_card_is_yaml_and_names_files_that_exist(folder: Path):
    head = yaml.safe_load((folder / "README.md").read_text().split("---\n")[1])
    paths = [entry["data_files"][0]["path"] for entry in head["configs"]]
    assert head["license"] == "cc-by-4.0"
    assert len(paths) == 4 + len(exports.options.FORMATS) - 3
    assert all((folder / path).is_file() for path in paths)
    assert [entry["config_name"] for entry in head["configs"] if entry["default"]] == ["preference"]
    assert head["annotations_creators"] == ["crowdsourced", "machine-generated"]


def test_what_nobody_recorded_is_said_to_be_unrecorded(folder: Path):
    sheet = (folder / "datasheet.md").read_text()
    assert "**Who paid for it?** not recorded" in sheet
    assert r"**What is it for?** testing \*writers\*" in sheet
    described = json.loads((folder / "croissant.json").read_text())
    assert described["rai:dataSocialImpact"] == statements.NOT_RECORDED
    assert len([name for name in described if name.startswith("rai:")]) == 20


def test_card_sheet_croissant_and_manifest_tell_the_same(folder: Path):
    manifest = json.loads((folder / "manifest.json").read_text())
    described = json.loads((folder / "croissant.json").read_text())
    entries = {entry["path"]: entry["sha256"] for entry in manifest["files"]}
    for entry in described["distribution"]:
        assert entry["sha256"] == entries[entry["contentUrl"]]
    for text in ((folder / "README.md").read_text(), described["description"]):
        assert manifest["canary_guid"] in text
        assert statements.headline(manifest) in text
    assert (folder / "LICENSE.txt").read_text() == "CC-BY-4.0\n"


def test_the_schemas_describe_the_tables(folder: Path):
    for table in TABLES:
        schema = json.loads((folder / f"schemas/{table.name}.json").read_text())
        for row in rows((folder / f"{table.name}.jsonl").read_bytes()):
            assert list(row) == list(schema["properties"])


def test_the_counts_of_each_format_are_its_rows(folder: Path):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest["formats"]) == set(exports.options.FORMATS)
    files = {entry["path"]: entry for entry in manifest["files"]}
    assert files["data/arena/train.jsonl"]["rows"] == manifest["formats"]["arena"]["written"]
    assert files["data/unpaired/train.jsonl"]["rows"] == 2 * manifest["formats"]["unpaired"]["written"]
