"""What stands at a destination by itself and is ours: segments, lists, definitions, by their ids there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """One segment, list or definition that Kindred made."""

    role: str
    slug: str
    remote_id: str
    name: str


def list_of(connection: Connection, destination: str) -> list[StoredGroup]:
    """Return what Kindred has made there."""
    rows = connection.execute(
        text("""
            SELECT role, slug, remote_id, name FROM remote_groups WHERE destination = :destination
            ORDER BY role, slug"""),
        {"destination": destination},
    )
    return [StoredGroup(*row) for row in rows]


def replace(connection: Connection, destination: str, groups: Sequence[StoredGroup], *, at: datetime) -> None:
    """Keep exactly these."""
    connection.execute(
        text("""
            DELETE FROM remote_groups WHERE destination = :destination AND NOT EXISTS (
                SELECT FROM unnest(CAST(:roles AS text[]), CAST(:slugs AS text[])) AS kept (role, slug)
                WHERE kept.role = remote_groups.role AND kept.slug = remote_groups.slug)"""),
        {
            "destination": destination,
            "roles": [group.role for group in groups],
            "slugs": [group.slug for group in groups],
        },
    )
    for group in groups:
        connection.execute(
            text("""
                INSERT INTO remote_groups (shop_id, destination, role, slug, remote_id, name, made_at)
                VALUES (current_setting('app.shop_id')::bigint, :destination, :role, :slug, :remote_id, :name,
                        :at)
                ON CONFLICT (shop_id, destination, role, slug)
                DO UPDATE SET remote_id = EXCLUDED.remote_id, name = EXCLUDED.name"""),
            {
                "destination": destination,
                "role": group.role,
                "slug": group.slug,
                "remote_id": group.remote_id,
                "name": group.name,
                "at": at,
            },
        )
