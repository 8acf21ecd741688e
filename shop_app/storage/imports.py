"""Files that were taken in, one row each, and the lock that lets one shop take in one at a time."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """Which file it is and how it was read: two equal ones bring the same facts."""

    file_name: str
    kind: str
    content_hash: bytes
    options_hash: bytes
    exported_at: datetime


def hold_shop(connection: Connection, shop_id: int) -> bool:
    """Keep other imports out of this shop until the transaction ends; false where one is running."""
    key = f"kindred import {shop_id}"
    return bool(
        connection.execute(
            text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key}
        ).scalar_one()
    )


def fail_stale(connection: Connection, *, at: datetime) -> int:
    """Mark what says "running" as failed; the caller holds the shop, so none of it is."""
    return connection.execute(
        text(
            "UPDATE imports SET state = 'failed', finished_at = :at, "
            "error = 'It was stopped before its end; nothing of it was kept.' WHERE state = 'running'"
        ),
        {"at": at},
    ).rowcount


def begin(connection: Connection, shop_id: int, file: ImportedFile, *, at: datetime) -> int:
    """Write down that a file is being taken in, and return the import's id."""
    return int(
        connection.execute(
            text(
                "INSERT INTO imports (shop_id, file_name, kind, content_hash, options_hash, exported_at, "
                "started_at) VALUES (:shop_id, :file_name, :kind, :content_hash, :options_hash, "
                ":exported_at, :at) RETURNING id"
            ),
            {
                "shop_id": shop_id,
                "file_name": file.file_name,
                "kind": file.kind,
                "content_hash": file.content_hash,
                "options_hash": file.options_hash,
                "exported_at": file.exported_at,
                "at": at,
            },
        ).scalar_one()
    )


def finish(connection: Connection, import_id: int, *, at: datetime, counts: dict[str, Any]) -> None:
    """Mark an import as done, in the transaction that keeps its facts."""
    connection.execute(
        text(
            "UPDATE imports SET state = 'done', finished_at = :at, counts = CAST(:counts AS jsonb) "
            "WHERE id = :id"
        ),
        {"id": import_id, "at": at, "counts": json.dumps(counts)},
    )


def fail(connection: Connection, import_id: int, *, at: datetime, error: str) -> None:
    """Mark an import as failed, with what was said about it."""
    connection.execute(
        text("UPDATE imports SET state = 'failed', finished_at = :at, error = :error WHERE id = :id"),
        {"id": import_id, "at": at, "error": error},
    )


def find_done(connection: Connection, content_hash: bytes, options_hash: bytes) -> dict[str, Any] | None:
    """Return the import of this very content, read this very way, or ``None``."""
    row = connection.execute(
        text(
            "SELECT id, kind, finished_at, counts FROM imports WHERE content_hash = :content "
            "AND options_hash = :options AND state = 'done' ORDER BY id DESC LIMIT 1"
        ),
        {"content": content_hash, "options": options_hash},
    ).one_or_none()
    return None if row is None else dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)


def record_health(connection: Connection, health: dict[str, Any]) -> None:
    """Keep a health report with the newest import that is done."""
    connection.execute(
        text(
            "UPDATE imports SET health = CAST(:health AS jsonb) "
            "WHERE id = (SELECT max(id) FROM imports WHERE state = 'done')"
        ),
        {"health": json.dumps(health)},
    )


def list_newest(connection: Connection, limit: int = 10) -> list[dict[str, Any]]:
    """Return the newest imports, the last one first."""
    rows = connection.execute(
        text(
            "SELECT id, file_name, kind, state, exported_at, started_at, finished_at, counts, health, error "
            "FROM imports ORDER BY id DESC LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [dict(row) for row in rows.mappings()]


def list_newest_done(connection: Connection, limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest imports that are done, the last one first: their kinds and counts."""
    rows = connection.execute(
        text("SELECT kind, counts FROM imports WHERE state = 'done' ORDER BY id DESC LIMIT :limit"),
        {"limit": limit},
    )
    return [dict(row) for row in rows.mappings()]
