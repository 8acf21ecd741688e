"""What the merchant has changed in the playbook, and when it is to be looked at again."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class PlayEdit:
    """The changed fields of one play."""

    slug: str
    changes: dict[str, Any]
    review_at: date
    edited_at: datetime
    edited_by: str


def list_edits(connection: Connection) -> dict[str, PlayEdit]:
    """Return all edits by the slug of their group."""
    rows = connection.execute(text("SELECT slug, changes, review_at, edited_at, edited_by FROM plays"))
    return {row.slug: PlayEdit(*row) for row in rows}


def write(connection: Connection, edit: PlayEdit) -> None:
    """Keep an edit; an earlier one of the same play makes way for it."""
    connection.execute(
        text("""
            INSERT INTO plays (shop_id, slug, changes, review_at, edited_at, edited_by)
            VALUES (current_setting('app.shop_id')::bigint, :slug, CAST(:changes AS jsonb), :review_at,
                    :edited_at, :edited_by)
            ON CONFLICT (shop_id, slug) DO UPDATE SET changes = EXCLUDED.changes,
                review_at = EXCLUDED.review_at, edited_at = EXCLUDED.edited_at,
                edited_by = EXCLUDED.edited_by"""),
        {
            "slug": edit.slug,
            "changes": json.dumps(edit.changes, sort_keys=True),
            "review_at": edit.review_at,
            "edited_at": edit.edited_at,
            "edited_by": edit.edited_by,
        },
    )


def drop(connection: Connection, slug: str) -> bool:
    """Go back to the play as it was; return whether it had been changed."""
    return bool(connection.execute(text("DELETE FROM plays WHERE slug = :slug"), {"slug": slug}).rowcount)
