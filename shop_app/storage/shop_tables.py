"""All of a shop's rows, table by table: to delete them in portions, and to count what is left."""

from sqlalchemy import Connection, text

from shop_app.storage.privacy_requests import SHOP_REDACT

_MEANT = {"privacy_requests": f"kind <> '{SHOP_REDACT}'"}
"""The shop's own request stays, as the record of what was done; it names nobody."""


def delete_some(connection: Connection, table: str, *, limit: int) -> int:
    """Delete up to so many of the shop's rows in one of our tables; count them."""
    meant = _MEANT.get(table, "true")
    return connection.execute(
        text(f"""
            DELETE FROM {table} WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM {table} WHERE {meant} LIMIT :limit))"""),
        {"limit": limit},
    ).rowcount


def is_empty(connection: Connection, table: str) -> bool:
    """Tell whether nothing of the shop is left in a table."""
    meant = _MEANT.get(table, "true")
    return not connection.execute(text(f"SELECT EXISTS (SELECT FROM {table} WHERE {meant})")).scalar_one()


def forget_due_work(connection: Connection, shop_id: int, *, but: str) -> None:
    """Drop whatever is due for the shop but one kind."""
    connection.execute(
        text("DELETE FROM due_work WHERE shop_id = :shop AND kind <> :but"), {"shop": shop_id, "but": but}
    )


def drop_stale_leases(connection: Connection) -> int:
    """Drop leases that ran out a day ago by the database's own clock; count them."""
    return connection.execute(text("DELETE FROM leases WHERE until < now() - interval '1 day'")).rowcount
