"""Files that are to be written again and again: what, where to, how often, and how it went last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

_COLUMNS = "id, kind, format, folder, every, hour, segment, last_at, last_words, created_by"


@dataclass(frozen=True, slots=True)
class StoredSchedule:
    """One schedule; ``kind`` is the export, ``every`` is ``day`` or ``week``, ``hour`` is the shop's clock."""

    id: int
    kind: str
    format: str
    folder: str
    every: str
    hour: int
    segment: str | None
    last_at: datetime | None
    last_words: str
    created_by: str


def list_all(connection: Connection) -> list[StoredSchedule]:
    """Return the shop's schedules, the oldest first."""
    rows = connection.execute(text(f"SELECT {_COLUMNS} FROM export_schedules ORDER BY id"))
    return [StoredSchedule(*row) for row in rows]


def add(connection: Connection, shop_id: int, values: dict[str, Any]) -> int:
    """Keep a new schedule (``values``: every column but id, ``last_at`` and ``last_words``); return its id."""
    added: int = connection.execute(
        text("""
            INSERT INTO export_schedules
                (shop_id, kind, format, folder, every, hour, segment, last_words, created_by)
            VALUES (:shop, :kind, :format, :folder, :every, :hour, :segment, '', :created_by)
            RETURNING id"""),
        {"shop": shop_id, **values},
    ).scalar_one()
    return added


def remove(connection: Connection, schedule_id: int) -> StoredSchedule | None:
    """Drop a schedule, and return what it was; ``None`` where there was none."""
    row = connection.execute(
        text(f"DELETE FROM export_schedules WHERE id = :id RETURNING {_COLUMNS}"), {"id": schedule_id}
    ).one_or_none()
    return None if row is None else StoredSchedule(*row)


def note(connection: Connection, schedule_id: int, words: str, *, done_at: datetime | None) -> None:
    """Keep how it went; ``done_at`` is ``None`` where no file came of it."""
    connection.execute(
        text("""
            UPDATE export_schedules SET last_words = :words, last_at = coalesce(:done_at, last_at)
            WHERE id = :id"""),
        {"id": schedule_id, "words": words, "done_at": done_at},
    )


def write_again(connection: Connection, schedule_id: int) -> None:
    """Let a file be due at once, as if none had been written."""
    connection.execute(text("UPDATE export_schedules SET last_at = NULL WHERE id = :id"), {"id": schedule_id})


def newest_erasure(connection: Connection) -> datetime | None:
    """Return when a person was last erased: what was written earlier may still hold them."""
    found: datetime | None = connection.execute(text("SELECT max(erased_at) FROM erased_subjects")).scalar_one()
    return found
