"""Whether a judge's probabilities mean what they say, against what people chose."""

import numpy as np
import numpy.typing as npt

BINS = 15


def expected_calibration_error(p: npt.ArrayLike, label: npt.ArrayLike) -> float:
    """Return the mean absolute gap of probability and outcome over 15 bins of equal mass.

    Parameters
    ----------
    p
        Predicted probabilities.
    label
        Outcomes or soft labels, 0 to 1, of the same shape.
    """
    predicted, truth = np.asarray(p, float), np.asarray(label, float)
    if not len(predicted):
        return np.nan
    order = np.argsort(predicted, kind="stable")
    parts = [part for part in np.array_split(order, min(BINS, len(order))) if len(part)]
    gaps = [len(part) * abs(predicted[part].mean() - truth[part].mean()) for part in parts]
    return float(sum(gaps) / len(predicted))


def brier(p: npt.ArrayLike, label: npt.ArrayLike) -> float:
    """Return the mean squared distance of probability and outcome."""
    return float(np.mean((np.asarray(p, float) - np.asarray(label, float)) ** 2))
