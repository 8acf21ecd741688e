"""Up to when the changes of each kind of thing have been read from Shopify."""

from datetime import datetime

from sqlalchemy import Connection, text

_SHOP = "current_setting('app.shop_id')::bigint"


def list_marks(connection: Connection) -> dict[str, datetime]:
    """Return by kind (``orders`` …) up to when everything has been read; what was never read is not in it."""
    rows = connection.execute(text("SELECT resource, read_until FROM sync_marks"))
    return {row.resource: row.read_until for row in rows}


def advance(connection: Connection, resource: str, read_until: datetime, *, at: datetime) -> None:
    """Say in the transaction that wrote them that changes up to then are in; a mark never goes back by this."""
    connection.execute(
        text(f"""
            INSERT INTO sync_marks (shop_id, resource, read_until, read_at)
            VALUES ({_SHOP}, :resource, :read_until, :at)
            ON CONFLICT (shop_id, resource) DO UPDATE
            SET read_until = GREATEST(sync_marks.read_until, EXCLUDED.read_until),
                read_at = EXCLUDED.read_at"""),
        {"resource": resource, "read_until": read_until, "at": at},
    )


def set_back(connection: Connection, read_until: datetime) -> None:
    """Have everything from then on read once more: something may have been missed."""
    connection.execute(
        text("UPDATE sync_marks SET read_until = LEAST(read_until, :read_until)"), {"read_until": read_until}
    )
