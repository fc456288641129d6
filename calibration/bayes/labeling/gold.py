"""Items with a known label: read them, and fit the map from the pool to calibrated probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import logit

from calibration.bayes.columns import UnusableFrame
from calibration.bayes.labeling import rows as checks
from calibration.bayes.labeling.data import FloatArray, LabelData
from calibration.bayes.labeling.weights import FLOOR, floored

ENOUGH = 20
POWERS = (1.3, 1.0, 0.8, 0.6, 0.45, 0.3)
FLOORS = (0.05, 0.2, 0.5, 0.8)


@dataclass(frozen=True, slots=True)
class Gold:
    """Hold known classes by item index; ``n_unjudged`` gold items have no judgment and teach nothing."""

    item: np.ndarray
    label: np.ndarray
    n_unjudged: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Hold the map q = ((1 - floor) pool + floor majority)^power, normalized, and what it rests on."""

    floor: float
    power: float
    n_gold: int

    @property
    def fitted(self) -> bool:
        """Tell whether gold chose the numbers."""
        return self.n_gold >= ENOUGH

    def sentence(self) -> str:
        """Say in the export's words what the probabilities rest on."""
        return f"calibrated on {self.n_gold} gold items" if self.fitted else "floor is an assumption"

    def apply(self, pool: FloatArray, majority: FloatArray) -> FloatArray:
        """Map the pool."""
        raised = floored(pool, majority, self.floor) ** self.power
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def checked(gold: pd.DataFrame | None, criterion: str) -> pd.DataFrame | None:
    """Check a gold frame: item, label, and rows of other criteria left out; one label an item."""
    if gold is None:
        return None
    checks.needs(gold, ("item", "label"))
    if "criterion" in gold.columns:
        gold = gold[gold["criterion"].fillna("").astype(str).isin(["", criterion])]
    known = pd.DataFrame({name: checks.text(gold, name) for name in ("item", "label")}).drop_duplicates()
    if (twice := known["item"].duplicated()).any():
        raise UnusableFrame(f"Gold gives item {known['item'][twice].iloc[0]!r} several labels; give each item one.")
    return known


def found(known: pd.DataFrame | None, data: LabelData) -> Gold:
    """Find gold items among the judged ones."""
    if known is None:
        return Gold(np.array([], dtype=np.intp), np.array([], dtype=np.intp), 0)
    item = pd.Index(data.items).get_indexer(known["item"])
    label = pd.Index(data.labels).get_indexer(known["label"])
    return Gold(item[item >= 0], label[item >= 0], int((item < 0).sum()))


def calibrate(pool: FloatArray, majority: FloatArray, gold: Gold) -> Calibration:
    r"""Choose floor d and power :math:`\tau` by gold; below 20 gold items keep .2 and 1.

    Minimizes the summed log loss on gold plus :math:`(\log\tau)^2/.25 + (logit\,d - logit\,.2)^2/1.44` over a grid
    of 24.
    """
    usual = Calibration(FLOOR, 1.0, len(gold.item))
    if not usual.fitted:
        return usual
    tried = [Calibration(floor, power, len(gold.item)) for power, floor in product(POWERS, FLOORS)]
    return min(tried, key=lambda one: _loss(one, pool[gold.item], majority[gold.item], gold.label))


def _loss(tried: Calibration, pool: FloatArray, majority: FloatArray, label: np.ndarray) -> float:
    q = tried.apply(pool, majority)[np.arange(label.size), label]
    penalty = np.log(tried.power) ** 2 / 0.25 + (logit(tried.floor) - logit(FLOOR)) ** 2 / 1.44
    return float(penalty - np.log(np.maximum(q, 1e-12)).sum())
