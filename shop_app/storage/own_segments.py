"""Segments that the merchant has written by hand: every version of every rule."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

_COLUMNS = "slug, version, name, description, rule, written_at, written_by"


@dataclass(frozen=True, slots=True)
class OwnSegment:
    """One version of one segment; ``rule`` is the plain form of its rule."""

    slug: str
    version: int
    name: str
    description: str
    rule: dict[str, Any]
    written_at: datetime
    written_by: str


def list_live(connection: Connection) -> list[OwnSegment]:
    """Return the newest version of each segment that is in use, by name."""
    rows = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM (
                SELECT DISTINCT ON (slug) {_COLUMNS}, retired_at FROM own_segments
                ORDER BY slug, version DESC) AS newest
            WHERE retired_at IS NULL ORDER BY name, slug""")
    )
    return [OwnSegment(*row) for row in rows]


def list_versions(connection: Connection, slug: str) -> list[OwnSegment]:
    """Return every version of one segment, newest first."""
    rows = connection.execute(
        text(f"SELECT {_COLUMNS} FROM own_segments WHERE slug = :slug ORDER BY version DESC"), {"slug": slug}
    )
    return [OwnSegment(*row) for row in rows]


def list_at(connection: Connection, moment: datetime) -> list[OwnSegment]:
    """Return the segments that were in use at a moment, in the version of then."""
    rows = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM (
                SELECT DISTINCT ON (slug) {_COLUMNS}, retired_at FROM own_segments
                WHERE written_at <= :moment ORDER BY slug, version DESC) AS newest
            WHERE retired_at IS NULL OR retired_at > :moment ORDER BY name, slug"""),
        {"moment": moment},
    )
    return [OwnSegment(*row) for row in rows]


def add_version(
    connection: Connection,
    *,
    slug: str,
    name: str,
    description: str,
    rule: dict[str, Any],
    at: datetime,
    who: str,
) -> int:
    """Keep a new version of a segment, the first of a new one; return its number."""
    version: int = connection.execute(
        text("""
            INSERT INTO own_segments (shop_id, slug, version, name, description, rule, written_at, written_by)
            VALUES (current_setting('app.shop_id')::bigint, :slug,
                    1 + (SELECT coalesce(max(version), 0) FROM own_segments WHERE slug = :slug), :name,
                    :description, CAST(:rule AS jsonb), :at, :who)
            RETURNING version"""),
        {
            "slug": slug,
            "name": name,
            "description": description,
            "rule": json.dumps(rule, sort_keys=True),
            "at": at,
            "who": who,
        },
    ).scalar_one()
    return version


def retire(connection: Connection, slug: str, *, at: datetime) -> bool:
    """Take a segment out of use; its versions stay as history. Return whether it was in use."""
    return bool(
        connection.execute(
            text("UPDATE own_segments SET retired_at = :at WHERE slug = :slug AND retired_at IS NULL"),
            {"slug": slug, "at": at},
        ).rowcount
    )
