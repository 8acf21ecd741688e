"""What Shopify says is gone: deleted orders, and customers that were deleted or became one with another."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from shop_app.storage import dirty_customers, fact_lock, gone

_SHOP = "current_setting('app.shop_id')::bigint"

# Nothing is known of such a row but that it is there, so whatever is told of it is newer.
_ADD_ROWS = f"""
    INSERT INTO customers (shop_id, id, person_id, shopify_id, source, fact_rank, fact_at)
    SELECT {_SHOP}, fresh.id, fresh.id, fresh.number, 'shopify', 1, to_timestamp(0)
    FROM (SELECT nextval('customers_id_seq') AS id, number
          FROM unnest(CAST(:numbers AS bigint[])) AS number ORDER BY number) fresh
    ON CONFLICT (shop_id, shopify_id) WHERE shopify_id IS NOT NULL DO NOTHING"""

_BLANK_ROWS = """
    UPDATE customers SET deleted_at = LEAST(COALESCE(deleted_at, :at), :at), email = NULL, email_hash = NULL,
        phone = NULL, phone_hash = NULL, first_name = NULL, last_name = NULL, details_hash = NULL,
        email_consent = NULL, sms_consent = NULL, tags = NULL, country = NULL, signup_source = NULL,
        created_at = NULL, data_sale_opt_out = NULL, field_versions = '{}'
    WHERE shopify_id = ANY(CAST(:numbers AS bigint[])) RETURNING id"""


def delete_orders(connection: Connection, shopify_ids: Sequence[int], *, at: datetime) -> None:
    """Take orders away for good, with their lines and refunds; those who had placed them are marked."""
    fact_lock.share(connection)
    gone.bury(connection, "order", shopify_ids, at=at)
    found = connection.execute(
        text(
            "SELECT id, customer_id FROM orders WHERE shopify_id = ANY(CAST(:numbers AS bigint[])) FOR UPDATE"
        ),
        {"numbers": list(shopify_ids)},
    ).all()
    ids = {"ids": [row.id for row in found]}
    for statement in (
        "DELETE FROM refunds WHERE order_id = ANY(CAST(:ids AS bigint[]))",
        "DELETE FROM line_items WHERE order_id = ANY(CAST(:ids AS bigint[]))",
        "DELETE FROM orders WHERE id = ANY(CAST(:ids AS bigint[]))",
    ):
        connection.execute(text(statement), ids)
    buyers = [row.customer_id for row in found if row.customer_id is not None]
    dirty_customers.mark_ids(connection, buyers)


def delete_customers(connection: Connection, shop_id: int, shopify_ids: Sequence[int], *, at: datetime) -> None:
    """Blank customers and keep the bare row, which orders point to; unknown ones get one in their place."""
    fact_lock.share(connection)
    erased = gone.list_erased_numbers(connection, shop_id, shopify_ids)
    shopify_ids = [number for number in shopify_ids if number not in erased]
    gone.bury(connection, "customer", shopify_ids, at=at)
    _ensure_rows(connection, shop_id, shopify_ids)
    blanked = connection.execute(text(_BLANK_ROWS), {"numbers": list(shopify_ids), "at": at}).scalars()
    dirty_customers.mark_ids(connection, list(blanked))


def merge_customers(connection: Connection, shop_id: int, pairs: Sequence[tuple[int, int]]) -> None:
    """Say that each pair (Shopify's number of the one that is kept, and of the one that is lost) is one person.

    An erased person takes part in nothing.
    """
    fact_lock.share(connection)
    numbers = sorted({number for pair in pairs for number in pair})
    _ensure_rows(connection, shop_id, numbers)
    touched = connection.execute(
        text("""
            UPDATE customers lost SET merged_into_id = kept.id
            FROM unnest(CAST(:kept AS bigint[]), CAST(:lost AS bigint[])) AS told (kept, lost), customers kept
            WHERE lost.shopify_id = told.lost AND kept.shopify_id = told.kept
            RETURNING lost.id, kept.id AS kept_id"""),
        {"kept": [kept for kept, _ in pairs], "lost": [lost for _, lost in pairs]},
    ).all()
    dirty_customers.mark_ids(connection, sorted({id_ for row in touched for id_ in (row.id, row.kept_id)}))


def list_known(connection: Connection, table: str, shopify_ids: Sequence[int]) -> set[int]:
    """Return which of Shopify's numbers are in ``orders``, ``customers`` or ``catalogue_products``."""
    rows = connection.execute(
        text(f"SELECT shopify_id FROM {table} WHERE shopify_id = ANY(CAST(:numbers AS bigint[]))"),
        {"numbers": list(shopify_ids)},
    )
    return set(rows.scalars())


def _ensure_rows(connection: Connection, shop_id: int, shopify_ids: Sequence[int]) -> None:
    erased = gone.list_erased_numbers(connection, shop_id, shopify_ids)
    numbers = [number for number in shopify_ids if number not in erased]
    connection.execute(text(_ADD_ROWS), {"numbers": numbers})
