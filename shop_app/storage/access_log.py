"""Who of the merchant's people looked at whose data, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Access:
    """One look; ``customer_id`` is ``None`` for many people at once, or for somebody who was erased."""

    at: datetime
    user_id: str
    what: str
    customer_id: int | None


def record(
    connection: Connection, shop_id: int, *, at: datetime, user_id: str, what: str, customer_id: int | None
) -> None:
    """Keep that somebody looked."""
    connection.execute(
        text("""
            INSERT INTO access_log (shop_id, at, user_id, what, customer_id)
            VALUES (:shop, :at, :user, :what, :customer)"""),
        {"shop": shop_id, "at": at, "user": user_id, "what": what, "customer": customer_id},
    )


def list_newest(connection: Connection, *, limit: int) -> list[Access]:
    """Return the latest looks, the last one first."""
    rows = connection.execute(
        text("SELECT at, user_id, what, customer_id FROM access_log ORDER BY at DESC, id DESC LIMIT :limit"),
        {"limit": limit},
    )
    return [Access(*row) for row in rows]


def list_of_rows(connection: Connection, row_ids: Sequence[int]) -> list[Access]:
    """Return who looked at these customers, the first one first."""
    rows = connection.execute(
        text("""
            SELECT at, user_id, what, customer_id FROM access_log
            WHERE customer_id = ANY(CAST(:rows AS bigint[])) ORDER BY at, id"""),
        {"rows": list(row_ids)},
    )
    return [Access(*row) for row in rows]


def count_since(connection: Connection, moment: datetime, *, user_id: str) -> int:
    """Count the looks of one person, or of one way in, from a moment on."""
    counted: int = connection.execute(
        text("SELECT count(*) FROM access_log WHERE at >= :moment AND user_id = :user"),
        {"moment": moment, "user": user_id},
    ).scalar_one()
    return counted


def forget_before(connection: Connection, moment: datetime) -> int:
    """Drop what is older than this; count it."""
    return connection.execute(text("DELETE FROM access_log WHERE at < :moment"), {"moment": moment}).rowcount
