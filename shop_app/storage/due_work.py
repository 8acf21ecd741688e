"""What is to be done for which shop, and when: the rows that sweeps read. Outside row-level security."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class DueWork:
    """One thing that is due for one shop."""

    shop_id: int
    kind: str


def ensure_due(connection: Connection, shop_id: int, kind: str, *, due_at: datetime) -> None:
    """See to it that this is done by then; an earlier date that stands already is kept."""
    connection.execute(
        text("""
            INSERT INTO due_work (shop_id, kind, due_at) VALUES (:shop, :kind, :due_at)
            ON CONFLICT (shop_id, kind) DO UPDATE SET due_at = least(due_work.due_at, EXCLUDED.due_at)"""),
        {"shop": shop_id, "kind": kind, "due_at": due_at},
    )


def begin(connection: Connection, shop_id: int, kind: str, *, again_at: datetime) -> None:
    """Say that this is being done: it falls due again at ``again_at``, should nobody finish it."""
    connection.execute(
        text("""
            INSERT INTO due_work (shop_id, kind, due_at) VALUES (:shop, :kind, :again_at)
            ON CONFLICT (shop_id, kind) DO UPDATE SET due_at = EXCLUDED.due_at"""),
        {"shop": shop_id, "kind": kind, "again_at": again_at},
    )


def take(connection: Connection, shop_id: int, kind: str) -> bool:
    """Take this off the list, and return whether it was there: who asks from now on puts it there anew."""
    return bool(
        connection.execute(
            text("DELETE FROM due_work WHERE shop_id = :shop AND kind = :kind"), {"shop": shop_id, "kind": kind}
        ).rowcount
    )


def finish(
    connection: Connection, shop_id: int, kind: str, *, begun: datetime, next_at: datetime | None
) -> None:
    """Say that it has been done, and when it comes next (``None``: not until somebody asks).

    ``begun`` is the date that :func:`begin` set. Where it is another one by now, somebody has asked for it
    anew in the meantime, and that stands.
    """
    values = {"shop": shop_id, "kind": kind, "begun": begun, "next_at": next_at}
    found = "shop_id = :shop AND kind = :kind AND due_at = :begun"
    if next_at is None:
        connection.execute(text(f"DELETE FROM due_work WHERE {found}"), values)
    else:
        connection.execute(text(f"UPDATE due_work SET due_at = :next_at WHERE {found}"), values)


def list_of_shop(connection: Connection, shop_id: int) -> dict[str, datetime]:
    """Return what is scheduled for one shop, and when."""
    rows = connection.execute(
        text("SELECT kind, due_at FROM due_work WHERE shop_id = :shop ORDER BY kind"), {"shop": shop_id}
    )
    return {row.kind: row.due_at for row in rows}


AFTER_LEAVING = ("webhooks", "webhooks-begun", "erase")
"""What is still done for a shop that has left: what it asks to be forgotten comes days later."""

NEEDS_SHOPIFY = ("read-again", "backfill", "changes", "compare", "subscriptions")
"""What waits while Shopify answers nothing for a shop, which is frozen or has to be connected anew."""


def claim_due(
    connection: Connection,
    *,
    at: datetime,
    again_at: datetime,
    limit: int,
    kinds: Sequence[str] | None = None,
) -> list[DueWork]:
    """Take what is due (of these kinds, or of any), oldest first, and set it due again.

    A knock that is lost is so repeated. Two sweeps at once get different rows; of shops that have left only
    :data:`AFTER_LEAVING` is taken, of cut off ones all but :data:`NEEDS_SHOPIFY`.
    """
    rows = connection.execute(
        text("""
            UPDATE due_work SET due_at = :again_at
            WHERE (shop_id, kind) IN (
                SELECT due.shop_id, due.kind FROM due_work AS due JOIN shops ON shops.id = due.shop_id
                WHERE due.due_at <= :at
                  AND (shops.state = 'active' OR due.kind = ANY(CAST(:after_leaving AS text[]))
                       OR (shops.state IN ('frozen', 'reconnect')
                           AND due.kind <> ALL(CAST(:needs_shopify AS text[]))))
                  AND (CAST(:kinds AS text[]) IS NULL OR due.kind = ANY(CAST(:kinds AS text[])))
                ORDER BY due.due_at, due.shop_id, due.kind LIMIT :limit
                FOR UPDATE OF due SKIP LOCKED)
            RETURNING shop_id, kind"""),
        {
            "at": at,
            "again_at": again_at,
            "limit": limit,
            "kinds": None if kinds is None else list(kinds),
            "after_leaving": list(AFTER_LEAVING),
            "needs_shopify": list(NEEDS_SHOPIFY),
        },
    )
    return sorted((DueWork(row.shop_id, row.kind) for row in rows), key=lambda due: (due.shop_id, due.kind))


def overdue_seconds(connection: Connection, at: datetime) -> float:
    """Return by how much the oldest thing that is due is late, 0 when nothing is."""
    oldest = connection.execute(
        text("""
            SELECT min(due.due_at) FROM due_work AS due JOIN shops ON shops.id = due.shop_id
            WHERE shops.state = 'active'""")
    ).scalar_one()
    return max(0.0, (at - oldest).total_seconds()) if oldest is not None else 0.0
