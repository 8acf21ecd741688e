"""Facts that come in pieces: each field keeps the newest value anybody knew, whatever order files come in.

A row of such a table carries ``field_versions``, one number a field; a value wins over one of a lower
version. On equal versions the newer file wins, so that a file that is read again, and better, is believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Authority(IntEnum):
    """Who says so: what was typed into an order, the shop's own list, the shop's interface."""

    GLEANED = 0
    LISTED = 1
    LIVE = 2


_AUTHORITY_STEP = 10**17
"""Microseconds in 3,170 years: a higher authority is above every date."""


def version(authority: Authority, known_at: datetime) -> int:
    """Return the number by which what somebody said at a moment is compared."""
    return authority * _AUTHORITY_STEP + max(round(known_at.timestamp() * 1_000_000), 0)


@dataclass(frozen=True, slots=True)
class KnownField:
    """A value that is known or not as a whole: its columns, and the one that tells two values apart.

    A value that was not worth sealing has nothing in its ``sealed`` columns; nothing is never written.
    """

    name: str
    columns: tuple[str, ...]
    compared: str
    sealed: tuple[str, ...] = ()

    @classmethod
    def plain(cls, column: str) -> "KnownField":
        """Return the field of a single column."""
        return cls(column, (column,), column)

    @property
    def version_column(self) -> str:
        """Return the staged column that holds the version of this field's value, null where unknown."""
        return f"{self.name}_version"


def insert_columns(fields: Sequence[KnownField]) -> str:
    """Return the columns that a new row gets, versions last."""
    return ", ".join([*_columns(fields), "field_versions"])


def insert_values(fields: Sequence[KnownField], staged: str) -> str:
    """Return the values for :func:`insert_columns`."""
    versions = ", ".join(f"{staged}.{field.version_column}" for field in fields)
    return ", ".join([*(f"{staged}.{column}" for column in _columns(fields)), f"ARRAY[{versions}]::bigint[]"])


def assignments(fields: Sequence[KnownField], staged: str, kept: str, told: str = ":at") -> str:
    """Return the SET list that takes over each value that wins; ``told`` says when the values were told."""
    parts = [
        f"{column} = CASE WHEN {brings_news(place, field, staged, kept, told)}{_is_there(field, staged)} "
        f"THEN {staged}.{column} ELSE {kept}.{column} END"
        for place, field in enumerate(fields, start=1)
        for column in field.columns
    ]
    versions = [
        f"CASE WHEN {_wins(place, field, staged, kept, told)} "
        f"THEN {staged}.{field.version_column} ELSE {kept}.field_versions[{place}] END"
        for place, field in enumerate(fields, start=1)
    ]
    return ", ".join([*parts, f"field_versions = ARRAY[{', '.join(versions)}]::bigint[]"])


def anything_wins(fields: Sequence[KnownField], staged: str, kept: str, told: str = ":at") -> str:
    """Return the condition for a row that is to be written at all."""
    return " OR ".join(_wins(place, field, staged, kept, told) for place, field in enumerate(fields, start=1))


def anything_changes(fields: Sequence[KnownField], staged: str, kept: str, told: str = ":at") -> str:
    """Return the condition for a row of which a value, not only its date, becomes another one."""
    return " OR ".join(
        brings_news(place, field, staged, kept, told) for place, field in enumerate(fields, start=1)
    )


def brings_news(place: int, field: KnownField, staged: str, kept: str, told: str = ":at") -> str:
    """Return the condition for a field's value to win and to differ from what is kept."""
    return f"({_wins(place, field, staged, kept, told)} AND {_differs(field, staged, kept)})"


def _wins(place: int, field: KnownField, staged: str, kept: str, told: str) -> str:
    new, old = f"{staged}.{field.version_column}", f"{kept}.field_versions[{place}]"
    later = f"{new} = {old} AND {told} >= {kept}.fact_at AND {_differs(field, staged, kept)}"
    return f"COALESCE({new} > COALESCE({old}, -1) OR ({later}), false)"


def _is_there(field: KnownField, staged: str) -> str:
    values = ", ".join(f"{staged}.{column}" for column in field.sealed)
    return f" AND COALESCE({values}) IS NOT NULL" if values else ""


def _differs(field: KnownField, staged: str, kept: str) -> str:
    return f"{staged}.{field.compared} IS DISTINCT FROM {kept}.{field.compared}"


def _columns(fields: Sequence[KnownField]) -> list[str]:
    return [column for field in fields for column in field.columns]
