"""What a file shows of itself while it is read: rows left out, rows told twice, products with two names."""

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from shop_app.files.batch import Batch

_PAIR: dict[str, pl.DataType] = {"product": pl.UInt64(), "title": pl.UInt64()}


@dataclass(slots=True)
class Findings:
    """Counts over a whole file; products and titles are kept as 64-bit digests, so that they stay small."""

    rows: int = 0
    rows_left_out: int = 0
    cells_left_out: int = 0
    repeated_rows: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    _titles: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_PAIR))

    def add(self, batch: Batch) -> None:
        """Look at one more stretch of the file."""
        self.rows = batch.rows_read
        for reject in batch.rejects:
            self.by_reason[f"{reject.field}: {reject.reason}"] += 1
            if reject.row_kept:
                self.cells_left_out += 1
            else:
                self.rows_left_out += 1
        self.repeated_rows += _repeated(batch.lines)
        titles = (
            batch.lines.lazy()
            .drop_nulls(["product_ref", "title"])
            .select(product=pl.col("product_ref").hash(), title=_plain_title().hash())
        )
        self._titles = pl.concat([self._titles.lazy(), titles.unique()]).unique().collect()

    @property
    def conflicting_titles(self) -> int:
        """Return how many products go by more than one title."""
        return self._titles.group_by("product").len().filter(pl.col("len") > 1).height


def _plain_title() -> pl.Expr:
    """Return the title as two people would call the same one: letter case and blanks aside."""
    return pl.col("title").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()


def _repeated(lines: pl.DataFrame) -> int:
    """Return how many rows say again, word for word, what another row of the same order says."""
    told = lines.drop("row_no")
    return told.height - told.n_unique() if told.height else 0
