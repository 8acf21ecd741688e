"""Shares of people or purchases, and how far the counts behind them let them lie."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.float64] | NDArray[np.int64]
_TWO_SIDED_95 = 1.959963984540054


def share_interval(count: Counts | int, of: Counts | int) -> tuple[Floats, Floats]:
    """Return the lower and the upper end of the 95 % interval of each share ``count / of``.

    Parameters
    ----------
    count, of
        One shape, or a number each; ``of`` is 1 or more.

    References
    ----------
    E. B. Wilson: Probable inference, the law of succession, and statistical inference. JASA 22 (1927), p. 209;
    recommended for shares of any size by L. D. Brown, T. T. Cai, A. DasGupta: Interval estimation for a
    binomial proportion. Statistical Science 16 (2001), p. 101.
    """
    share, square = np.asarray(count / of), _TWO_SIDED_95**2
    centre = (share + square / (2 * of)) / (1 + square / of)
    half = _TWO_SIDED_95 * np.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    # Rounding in the last bit must not put the share itself outside.
    return np.clip(centre - half, 0.0, share), np.clip(centre + half, share, 1.0)


def ratio_of_shares(
    count: Counts, of: Counts, other_count: Counts, other_of: Counts
) -> tuple[Floats, Floats, Floats]:
    """Return the ratio of one share to another, with the lower and the upper end of its 95 % interval.

    Parameters
    ----------
    count, of, other_count, other_of
        One shape; all are 1 or more.

    References
    ----------
    D. Katz, J. Baptista, S. P. Azen, M. C. Pike: Obtaining confidence intervals for the risk ratio in cohort
    studies. Biometrics 34 (1978), p. 469 (on the log scale).
    """
    ratio = (count / of) / (other_count / other_of)
    variance = 1 / count - 1 / of + 1 / other_count - 1 / other_of
    factor = np.exp(_TWO_SIDED_95 * np.sqrt(np.maximum(variance, 0.0)))
    return ratio, ratio / factor, ratio * factor
