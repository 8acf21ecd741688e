"""What reading a file yields: frames of facts, and the rows that could not be used."""

from dataclasses import dataclass

import polars as pl

_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Reject:
    """One thing in a file that could not be used: the whole row, or (``row_kept``) one cell of it."""

    line_number: int
    field: str
    value: str
    reason: str
    row_kept: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """A stretch of a file. ``complete``: no later batch holds a row of an order of this one."""

    customers: pl.DataFrame
    orders: pl.DataFrame
    lines: pl.DataFrame
    refunds: pl.DataFrame
    rejects: list[Reject]
    rows_read: int
    bytes_read: int
    complete: bool


def shown(value: str | None) -> str:
    """Make a cell fit to be shown: one line, nothing that a terminal would obey, not too long."""
    cut = (value or "")[:_SHOWN_CHARACTERS]
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cut)
