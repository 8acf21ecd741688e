"""Exponentials and logarithms whose last bit does not depend on a number's place in the batch."""

import numpy as np
from scipy.special import exp2, xlogy

from shop_app.segments.predictions.btyd_table import Real

# NumPy's own take several numbers at once, and the rest of a batch in another way; SciPy's take one by one.

_LOG_2 = float(np.log(2.0))


def log(values: Real | float) -> Real:
    """Return the natural logarithm."""
    return np.asarray(xlogy(1.0, values), dtype=np.float64)


def exp(values: Real) -> Real:
    """Return e to the power of the values."""
    return np.asarray(exp2(values / _LOG_2), dtype=np.float64)
