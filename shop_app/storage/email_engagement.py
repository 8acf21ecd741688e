"""What customers did with e-mails, by day: a day that is read again takes the place of what was there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage.engine import copy_frame

_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "remote_id": pl.String,
    "day": pl.Date,
    "received": pl.Int64,
    "opened": pl.Int64,
    "clicked": pl.Int64,
    "last_click_at": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True, slots=True)
class EngagementDay:
    """One profile's day: e-mails received, opened and clicked in by a person, and the last click."""

    remote_id: str
    day: date
    received: int
    opened: int
    clicked: int
    last_click_at: datetime | None


def replace_days(
    connection: Connection, destination: str, days: Iterable[EngagementDay], *, since: date
) -> list[int]:
    """Keep these days in place of all that is kept from ``since`` on; return the customers concerned.

    Profiles that belong to no customer of ours are left out.
    """
    frame = pl.DataFrame(
        [(d.remote_id, d.day, d.received, d.opened, d.clicked, d.last_click_at) for d in days],
        schema=_SCHEMA,
        orient="row",
    )
    connection.execute(
        text("""
            CREATE TEMP TABLE told_days (remote_id text, day date, received int, opened int, clicked int,
                last_click_at timestamptz) ON COMMIT DROP""")
    )
    copy_frame(connection, frame, "told_days")
    connection.execute(text("DELETE FROM email_engagement WHERE day >= :since"), {"since": since})
    rows = connection.execute(
        text("""
            INSERT INTO email_engagement (shop_id, customer_id, day, received, opened, clicked, last_click_at)
            SELECT s.shop_id, s.customer_id, t.day, t.received, t.opened, t.clicked, t.last_click_at
            FROM told_days t JOIN push_states s ON s.destination = :destination AND s.remote_id = t.remote_id
            WHERE t.day >= :since ORDER BY s.customer_id, t.day
            ON CONFLICT (shop_id, customer_id, day) DO NOTHING
            RETURNING customer_id"""),
        {"destination": destination, "since": since},
    )
    found = sorted(set(rows.scalars()))
    connection.execute(text("DROP TABLE told_days"))
    return found


def forget(connection: Connection, *, before: date) -> int:
    """Forget days that are older than anything looks back to."""
    return connection.execute(
        text("DELETE FROM email_engagement WHERE day < :before"), {"before": before}
    ).rowcount
