"""Each reading of a shop's history, and how far every part of it is."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, text

_SHOP = "current_setting('app.shop_id')::bigint"

OPEN_STATES = ("waiting", "asked", "reading", "taking")
"""States of a part that is still to come."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """One reading of the whole shop; ``watermark`` is from when on changes are read again at its end."""

    id: int
    state: str
    reason: str
    started_at: datetime
    watermark: datetime
    first_segments_at: datetime | None
    caught_up_at: datetime | None
    finished_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """What is read in one go: a resource, for orders within a span of ``createdAt``.

    ``object_count`` and ``root_count`` are what Shopify counted in its file, ``expected_count`` what it counted
    in the shop before; ``pieces_taken`` pieces of the file are in, which is ``taken_count`` root objects.
    """

    backfill_id: int
    name: str
    resource: str
    position: int
    method: str = "bulk"
    state: str = "waiting"
    since: datetime | None = None
    until: datetime | None = None
    asked_at: datetime | None = None
    bulk_id: str | None = None
    refused_ids: Sequence[str] = ()
    cursor: str | None = None
    expected_count: int | None = None
    object_count: int | None = None
    root_count: int | None = None
    file_bytes: int | None = None
    bytes_read: int = 0
    pieces: int | None = None
    pieces_taken: int = 0
    taken_count: int = 0
    bad_lines: int = 0
    work_seconds: float = 0.0
    attempts: int = 0
    stumbles: int = 0
    next_at: datetime | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    error: str | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether there is still something to be done for it."""
        return self.state in OPEN_STATES


_BACKFILL = ", ".join(field.name for field in fields(Backfill))
_PART_COLUMNS = tuple(field.name for field in fields(Part))
_PART = ", ".join(_PART_COLUMNS)
_CHANGEABLE = frozenset(_PART_COLUMNS) - {"backfill_id", "name"}
_DATES = ("first_segments_at", "caught_up_at")


def begin(connection: Connection, *, reason: str, started_at: datetime, watermark: datetime) -> int | None:
    """Open a new reading and return its id; ``None`` where one is running."""
    found = connection.execute(
        text(f"""
            INSERT INTO backfills (shop_id, reason, started_at, watermark)
            VALUES ({_SHOP}, :reason, :started_at, :watermark)
            ON CONFLICT (shop_id) WHERE state = 'running' DO NOTHING RETURNING id"""),
        {"reason": reason, "started_at": started_at, "watermark": watermark},
    ).scalar()
    return None if found is None else int(found)


def find_newest(connection: Connection) -> Backfill | None:
    """Return the newest reading, running or over; ``None`` before the first."""
    row = connection.execute(text(f"SELECT {_BACKFILL} FROM backfills ORDER BY id DESC LIMIT 1")).one_or_none()
    return None if row is None else Backfill(*row)


def find_running(connection: Connection) -> Backfill | None:
    """Return the one that is going on, or ``None``."""
    row = connection.execute(text(f"SELECT {_BACKFILL} FROM backfills WHERE state = 'running'")).one_or_none()
    return None if row is None else Backfill(*row)


def set_date(connection: Connection, backfill_id: int, name: str, at: datetime) -> None:
    """Note when ``first_segments_at`` or ``caught_up_at`` was."""
    if name not in _DATES:
        raise ValueError(name)
    connection.execute(text(f"UPDATE backfills SET {name} = :at WHERE id = :id"), {"id": backfill_id, "at": at})


def set_error(connection: Connection, backfill_id: int, error: str | None) -> None:
    """Say what keeps the reading from going on, or that nothing does."""
    connection.execute(
        text("UPDATE backfills SET error = :error WHERE id = :id AND error IS DISTINCT FROM :error"),
        {"id": backfill_id, "error": error},
    )


def end(
    connection: Connection, backfill_id: int, state: str, *, at: datetime, error: str | None = None
) -> None:
    """Close a reading as ``done``, ``failed`` or ``stopped``."""
    connection.execute(
        text("UPDATE backfills SET state = :state, finished_at = :at, error = :error WHERE id = :id"),
        {"id": backfill_id, "state": state, "at": at, "error": error},
    )


def reopen(connection: Connection, backfill_id: int) -> None:
    """Go on with a reading that had failed: its failed parts are asked for from the start."""
    connection.execute(
        text("""
            UPDATE backfill_parts SET state = 'waiting', method = 'bulk', attempts = 0, stumbles = 0,
                error = NULL, next_at = NULL, ended_at = NULL, asked_at = NULL, cursor = NULL
            WHERE backfill_id = :id AND state = 'failed'"""),
        {"id": backfill_id},
    )
    connection.execute(
        text("UPDATE backfills SET state = 'running', finished_at = NULL, error = NULL WHERE id = :id"),
        {"id": backfill_id},
    )


def add_part(connection: Connection, part: Part) -> None:
    """Add a part that waits for its turn."""
    columns = ("backfill_id", "name", "resource", "position", "since", "until", "expected_count")
    connection.execute(
        text(f"""
            INSERT INTO backfill_parts (shop_id, {", ".join(columns)})
            VALUES ({_SHOP}, {", ".join(f":{name}" for name in columns)})"""),
        {name: getattr(part, name) for name in columns},
    )


def list_parts(connection: Connection, backfill_id: int) -> list[Part]:
    """Return all parts in the order in which they are read."""
    rows = connection.execute(
        text(
            f"SELECT {_PART} FROM backfill_parts WHERE backfill_id = :id ORDER BY position, since NULLS FIRST"
        ),
        {"id": backfill_id},
    )
    return [Part(*row) for row in rows]


def find_part(connection: Connection, backfill_id: int, name: str) -> Part:
    """Return one part as it is now."""
    row = connection.execute(
        text(f"SELECT {_PART} FROM backfill_parts WHERE backfill_id = :id AND name = :name"),
        {"id": backfill_id, "name": name},
    ).one()
    return Part(*row)


def change_part(connection: Connection, part: Part, **values: object) -> None:
    """Set these columns of a part; raises ``ValueError`` for a name that there is not."""
    unknown = set(values) - _CHANGEABLE
    if unknown:
        raise ValueError(f"no such column: {sorted(unknown)}")
    connection.execute(
        text(f"""
            UPDATE backfill_parts SET {", ".join(f"{name} = :{name}" for name in values)}
            WHERE backfill_id = :of_backfill AND name = :of_name"""),
        {**values, "of_backfill": part.backfill_id, "of_name": part.name},
    )


def knock_for_bulk(connection: Connection, bulk_id: str, *, at: datetime) -> bool:
    """Have the part that waits for this bulk operation looked at now; ``False`` where none does."""
    found = connection.execute(
        text("""
            UPDATE backfill_parts p SET next_at = :at FROM backfills b
            WHERE b.id = p.backfill_id AND b.state = 'running' AND p.state = 'asked' AND p.bulk_id = :bulk"""),
        {"bulk": bulk_id, "at": at},
    )
    return bool(found.rowcount)
