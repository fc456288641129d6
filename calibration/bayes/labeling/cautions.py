"""What a reader of the labels must know: where the models disagree, and what the data cannot tell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calibration.bayes.labeling.data import FloatArray, IntArray, LabelData
from calibration.bayes.labeling.items import disagreement
from calibration.bayes.labeling.weights import Weighting

MANY = 0.05
NEAR_ZERO = 2.0
LISTED = 100


def warnings(data: LabelData, weighting: Weighting, named: Mapping[str, IntArray]) -> list[str]:
    """Give the warnings of a fit, from the label each of the four models gives to each item."""
    apart = float(disagreement(named).mean())
    found = []
    if apart > MANY:
        found.append(f"The models give different labels to {apart:.0%} of the items; send the listed items to gold.")
    if unidentified(weighting, named):
        found.append(
            "The coin and the full model disagree and the judgments cannot tell which is right (t is near 0): "
            "the truth is not identified without gold."
        )
    if "H" not in named:
        found.append("There are too many labels for confusion matrices; only the coin models were used.")
    return found + _thin(data)


def unidentified(weighting: Weighting, named: Mapping[str, IntArray]) -> bool:
    """Tell whether C and H disagree on more than 5% of the items while the soft gate is near 0."""
    if weighting.gate is None:
        return False
    apart = disagreement({key: named[key] for key in ("C", "H")}).mean()
    return bool(apart > MANY and abs(weighting.gate) < NEAR_ZERO)


def to_gold(data: LabelData, q: FloatArray, named: Mapping[str, IntArray]) -> list[str]:
    """List up to 100 items that gold would teach most: the models disagree, the least certain first."""
    entropy = -(q * np.log(np.maximum(q, 1e-300))).sum(axis=1)
    apart = np.flatnonzero(disagreement(named))
    order = apart[np.argsort(-entropy[apart], kind="stable")]
    return [str(name) for name in data.items[order[:LISTED]]]


def _thin(data: LabelData) -> list[str]:
    found = []
    if len(data.annotators) == 1:
        found.append("There is one annotator: its accuracy cannot be told from these labels, only assumed.")
    elif int(data.item_size.max()) < 2:
        found.append("No item has two judgments: nothing tells the annotators' errors from the items' classes.")
    if few := int((np.bincount(data.annotator, minlength=len(data.annotators)) < 20).sum()):
        found.append(f"{few} of {len(data.annotators)} annotators have fewer than 20 judgments: mostly their group's.")
    return found
