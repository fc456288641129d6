from tests import factories
from tests.calibration import builders
from django.urls import reverse
import pytest

def test_shots(visit, show, transactional_db, settings, tmp_path):
    of = builders.campaign(tasks=30, systems=5)
    run = builders.passed_run(of)
    export = builders.export(run)
    rita = factories.researcher_of(of)
    pages = {n: reverse(f"calibration:{n}", args=[of.slug]) for n in ["annotators","systems"]}
    from annotation.models import Annotator
    problems = []
    for name, path in pages.items():
        try:
            show(path, name, rita, before=lambda page: page.wait_for_timeout(800) if name in ("systems","annotators") else None)
        except AssertionError as e:
            problems.append((name, str(e)[:1500]))
    for p in problems: print(*p, sep="\n")
    assert not problems
