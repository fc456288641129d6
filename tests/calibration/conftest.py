import dataclasses
from typing import Any

import pytest


@pytest.fixture
def short_fits(monkeypatch) -> None:
    """Sample for real but briefly, and let the gate pass: for tests of what is stored and shown, not of estimates."""
    from calibration.bayes import sampling

    real = sampling.fit

    def fit(data: Any, **options: Any) -> sampling.Fit:
        made = real(data, **options | {"chains": 2, "tune": 150, "draws": 100})
        return dataclasses.replace(made, diagnostics=dataclasses.replace(made.diagnostics, passed=True, reasons=()))

    monkeypatch.setattr(sampling, "fit", fit)
