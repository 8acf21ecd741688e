"""Division that has one answer, whoever else is in the frame."""

from collections.abc import Sequence

import numpy as np
import polars as pl


def divide(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Divide row by row to the nearest Float64; empty where either side is, or where both are 0.

    Polars divides by a column that it takes for one constant through the reciprocal. Whether it does depends on
    the batch, and with it would the last bit: a customer alone would not be the same as among a million.
    """
    floats = [side.cast(pl.Float64) for side in (part, whole)]
    return pl.map_batches(floats, _quotients, return_dtype=pl.Float64, is_elementwise=True)


def _quotients(sides: Sequence[pl.Series]) -> pl.Series:
    part, whole = (side.to_numpy() for side in sides)
    with np.errstate(all="ignore"):
        return pl.Series(sides[0].name, part / whole).fill_nan(None)
