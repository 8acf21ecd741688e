"""Sorts out the rows that cannot be used, and says why."""

import polars as pl

from shop_app.files.batch import Reject, shown


class Sieve:
    """A frame with ``line_no`` that loses its unusable rows to ``rejects``."""

    def __init__(self, frame: pl.DataFrame, rejects: list[Reject]) -> None:
        self.frame = frame
        self.rejects = rejects

    def refuse(self, bad: pl.Expr, column: str, reason: str, *, field: str) -> None:
        """Drop the rows for which ``bad`` holds; ``column`` has the value to show, ``field`` is its name."""
        mask = self.frame.select(bad.fill_null(value=False)).to_series()
        if mask.any():
            self._tell(self.frame.filter(mask), column, reason, field, row_kept=False)
            self.frame = self.frame.filter(~mask)

    def blank(self, bad: pl.Expr, column: str, reason: str, *, field: str) -> None:
        """Make one cell unknown where ``bad`` holds, and keep the row."""
        mask = self.frame.select(bad.fill_null(value=False)).to_series()
        if mask.any():
            self._tell(self.frame.filter(mask), column, f"{reason}; row kept without it", field, row_kept=True)
            kept = pl.when(~mask).then(pl.col(column)).alias(column)
            self.frame = self.frame.with_columns(kept)

    def _tell(self, rows: pl.DataFrame, column: str, reason: str, field: str, *, row_kept: bool) -> None:
        for line_no, value in rows.select("line_no", column).iter_rows():
            self.rejects.append(Reject(line_no, field, shown(value), reason, row_kept))
