"""What a fit of labels gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from calibration.bayes.labeling import prediction
from calibration.bayes.labeling.data import FloatArray, LabelData
from calibration.bayes.labeling.sampling import ModelFit


@dataclass(frozen=True, slots=True, eq=False)
class LabelFit:
    """Hold the tables of one criterion, its diagnostics, and the models for predictions.

    The tables are described where they are made: ``items.table``, ``annotators.table`` and ``confusion``,
    ``prevalence.table`` and ``differences``. ``diagnostics`` holds plain values for a JSON field.
    """

    data: LabelData
    items: pd.DataFrame
    annotators: pd.DataFrame
    confusion: pd.DataFrame
    prevalence: pd.DataFrame
    differences: pd.DataFrame
    diagnostics: dict[str, Any]
    models: dict[str, ModelFit]
    weight: dict[str, float]
    system_share: FloatArray

    @property
    def converged(self) -> bool:
        """Tell whether every model that carries weight passed its gate; otherwise nothing may be released."""
        return bool(self.diagnostics["passed"])

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Give the chance of every label for rows (annotator, item); see ``prediction.predict``."""
        return prediction.predict(rows, self.data, self.models, self.weight, self.system_share)
