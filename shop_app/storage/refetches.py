"""What is to be read from Shopify once more: a webhook said too little, or two contradict each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from shop_app.storage import due_work

KIND = "read-again"
"""The work that reads what is asked for here."""

_SHOP = "current_setting('app.shop_id')::bigint"


@dataclass(frozen=True, slots=True)
class Refetch:
    """One thing to read; ``mark`` grows each time it is asked for."""

    resource: str
    shopify_id: int
    mark: int
    attempts: int


def ask(
    connection: Connection,
    shop_id: int,
    resource: str,
    shopify_ids: Sequence[int],
    *,
    reason: str,
    at: datetime,
) -> None:
    """Ask for these (``order``, ``customer``, ``product``) to be read again: that is due now, by this alone."""
    connection.execute(
        text(f"""
            INSERT INTO refetches (shop_id, resource, shopify_id, reason, mark, asked_at, next_at)
            SELECT {_SHOP}, :resource, number, :reason, nextval('dirty_marks'), :at, :at
            FROM (SELECT DISTINCT number FROM unnest(CAST(:numbers AS bigint[])) AS number ORDER BY number) told
            ON CONFLICT (shop_id, resource, shopify_id) DO UPDATE
            SET mark = EXCLUDED.mark, reason = EXCLUDED.reason,
                next_at = least(refetches.next_at, EXCLUDED.next_at)"""),
        {"resource": resource, "numbers": list(shopify_ids), "reason": reason, "at": at},
    )
    due_work.ensure_due(connection, shop_id, KIND, due_at=at)


def list_due(connection: Connection, resource: str, *, at: datetime, limit: int) -> list[Refetch]:
    """Return what is due of one kind, the longest waiting first."""
    rows = connection.execute(
        text("""
            SELECT resource, shopify_id, mark, attempts FROM refetches
            WHERE resource = :resource AND next_at <= :at ORDER BY next_at, shopify_id LIMIT :limit"""),
        {"resource": resource, "at": at, "limit": limit},
    )
    return [Refetch(*row) for row in rows]


def done(connection: Connection, read: Sequence[Refetch]) -> None:
    """Take these off the list, but for those asked for anew in the meantime."""
    connection.execute(
        text("""
            DELETE FROM refetches r
            USING unnest(CAST(:resources AS text[]), CAST(:numbers AS bigint[]), CAST(:marks AS bigint[]))
                AS read (resource, shopify_id, mark)
            WHERE r.resource = read.resource AND r.shopify_id = read.shopify_id AND r.mark = read.mark"""),
        {
            "resources": [each.resource for each in read],
            "numbers": [each.shopify_id for each in read],
            "marks": [each.mark for each in read],
        },
    )


def postpone(connection: Connection, tried: Sequence[Refetch], *, until: datetime) -> None:
    """Count an attempt that failed, and say when the next one is."""
    connection.execute(
        text("""
            UPDATE refetches r SET attempts = attempts + 1, next_at = :until
            FROM unnest(CAST(:resources AS text[]), CAST(:numbers AS bigint[])) AS tried (resource, shopify_id)
            WHERE r.resource = tried.resource AND r.shopify_id = tried.shopify_id"""),
        {
            "resources": [each.resource for each in tried],
            "numbers": [each.shopify_id for each in tried],
            "until": until,
        },
    )


def next_due(connection: Connection) -> datetime | None:
    """Return when the next of them is due, ``None`` where there is nothing to read again."""
    found = connection.execute(text("SELECT min(next_at) FROM refetches")).scalar()
    return found if isinstance(found, datetime) else None
