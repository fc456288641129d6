"""Wilson's interval of a share."""

import numpy as np
import numpy.typing as npt
import scipy.special

from calibration.agreement.coding import Floats


def interval(count: npt.ArrayLike, n: npt.ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Return the ends of the interval of each share s = count/n.

    (s + z²/2n ± z √(s(1 - s)/n + z²/4n²)) / (1 + z²/n), z the normal quantile of (1 + level)/2, kept within 0 and 1.

    Parameters
    ----------
    count, n
        Successes and trials, any shape; n is 1 or more.
    level
        Mass of the interval.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953.
    """
    trials = np.asarray(n, float)
    share, z = np.asarray(count, float) / trials, float(scipy.special.ndtri((1 + level) / 2))
    scale = 1 + z**2 / trials
    middle = (share + z**2 / (2 * trials)) / scale
    reach = z * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2)) / scale
    return np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0)
