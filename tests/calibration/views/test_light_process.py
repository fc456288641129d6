"""Web processes stay small: no page imports an array library, a sampler or a plotting library."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("numpy", "pandas", "scipy", "pyarrow", "numba", "pymc", "pytensor", "arviz", "nutpie", "plotly")
PROGRAM = f"""
import sys
import django
django.setup()
import calibration.urls, calibration.views.charts, calibration.templatetags.marks
from calibration.views import charts
charts.themes()
print([name for name in {HEAVY!r} if name in sys.modules])
"""


def test_the_pages_import_no_heavy_library():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "annotation.conf.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == "[]"
