"""A frame's columns as plain numbers and back."""

import numpy as np
import polars as pl
from scipy.special import log1p

from shop_app.segments.predictions.btyd_table import Real


def numbers(frame: pl.DataFrame, name: str) -> Real:
    """Give a column as floats of its own, NaN where it is empty."""
    return np.array(frame[name].cast(pl.Float64).to_numpy(), dtype=np.float64)


def column(name: str, values: Real) -> pl.Series:
    """Give floats as a column, empty where they are NaN."""
    return pl.Series(name, values, dtype=pl.Float64).fill_nan(None)


def spread_out(values: Real, rows: np.ndarray) -> Real:
    """Put the values of some rows (a mask over all) in their places, NaN in the others."""
    whole = np.full(rows.size, np.nan)
    whole[rows] = values
    return whole


def log_of_more(values: Real) -> Real:
    """Take the logarithm of one more than each number; what is below 0 is taken as 0."""
    return np.asarray(log1p(np.maximum(values, 0.0)), dtype=np.float64)


def ratio(part: Real, whole: Real) -> Real:
    """Divide row by row; NaN where the result is no number."""
    with np.errstate(all="ignore"):
        found = part / whole
    return np.where(np.isfinite(found), found, np.nan)
