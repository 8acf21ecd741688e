"""How Shopify writes a value into a cell: money, times, postal codes, phones."""

from typing import IO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sandbox.sample_store.catalogue import TIMEZONE
from sandbox.sample_store.draws import Flags, Ints


def money(cents: Ints) -> pl.Series:
    """Return amounts as ``12.34``."""
    whole = pl.Series(cents // 100).cast(pl.Utf8)
    return whole + "." + pl.Series(cents % 100).cast(pl.Utf8).str.zfill(2)


def times(instants: Ints, known: Flags | None = None) -> pl.Series:
    """Return seconds since 1970 as ``2026-01-03 10:22:11 -0500``, null where not ``known``."""
    moment = (pl.Series(instants).cast(pl.Int64) * 1_000).cast(pl.Datetime("ms", "UTC"))
    written = moment.dt.convert_time_zone(TIMEZONE).dt.strftime("%Y-%m-%d %H:%M:%S %z")
    return written if known is None else only(written, known)


def choose(words: list[str] | tuple[str, ...], positions: NDArray[np.integer]) -> pl.Series:
    """Return one word for each position."""
    return pl.Series(words, dtype=pl.Utf8).gather(positions)


def only(cells: pl.Series | str, kept: Flags) -> pl.Series:
    """Return the cells where ``kept``, null elsewhere."""
    return pl.select(
        pl.when(pl.Series(kept)).then(pl.lit(cells) if isinstance(cells, str) else cells)
    ).to_series()


def yes_no(flags: Flags, yes: str = "yes", no: str = "no") -> pl.Series:
    """Return one of two words."""
    return choose([no, yes], flags.astype(np.int64))


def shielded(cells: pl.Series) -> pl.Series:
    """Put the apostrophe before each cell that keeps a spreadsheet from taking it for a number."""
    return "'" + cells


def write(frame: pl.DataFrame, file: IO[bytes], *, header: bool) -> None:
    """Append rows to a file; an empty text is written as two quotes, an unknown value as nothing."""
    frame.write_csv(file, include_header=header, line_terminator="\n")
