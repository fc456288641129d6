import pytest

from calibration.services import exports
from tests.calibration.exports import builders
from tests.calibration.exports.conftest import rows

pytestmark = pytest.mark.django_db


def test_smoke(built):
    of = builders.campaign()
    run = builders.passed_run(of)
    export = exports.request(campaign=of, by=None, run=run)
    files = built(export)
    for name, content in files.items():
        print(name, len(content))
    print(files["README.md"].decode())
    print(files["manifest.json"].decode())
    for name in ("judgments", "calibrated", "annotators", "systems", "data/preference/train"):
        print(rows(files[f"{name}.jsonl"])[0])
