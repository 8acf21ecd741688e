"""Money that went back: with its order where the file says so, else matched to one, else on its own.

A credit is replaced as a set of rows: all refunds of an order where a file tells whole orders, else all
rows of one credit note. Rows keep their key (the credit, and the place in it) from export to export.
"""

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage import staging
from shop_app.storage.staging import Origin

REFUND_COLUMNS = (
    *("credit_ref", "row_no", "order_ref", "customer_ref", "product_ref", "quantity", "amount"),
    *("refunded_at", "currency"),
)

_SHOP = "current_setting('app.shop_id')::bigint"

# Under whole orders the key is the order's own number here: the order may get its Shopify id, or another
# name, later on.
_UNIT = "CASE WHEN :whole_orders AND p.order_id IS NOT NULL THEN 'order ' || p.order_id ELSE {} END"

_ROWS = f"""
    INSERT INTO refund_rows
    SELECT source_key, row_number() OVER (PARTITION BY source_key ORDER BY row_no), order_name, order_id,
        customer_id, product_id, quantity, refunded_at, currency, amount
    FROM (
        SELECT {_UNIT.format("r.credit_ref")} AS source_key, r.row_no,
            CASE WHEN p.order_id IS NULL THEN COALESCE(r.order_ref, r.credit_ref) END AS order_name,
            p.order_id, COALESCE(p.customer_id, c.customer_id) AS customer_id,
            f.product_id, r.quantity, r.refunded_at, COALESCE(r.currency, :currency) AS currency, r.amount
        FROM staged_refunds r
        LEFT JOIN placed_orders p ON p.order_no = r.order_no
        LEFT JOIN file_customers c ON c.customer_ref = r.customer_ref
        LEFT JOIN file_products f ON f.product_ref = r.product_ref
    ) told"""

# A credit applies where nobody newer has told of it, nor of the order it belongs to.
_UNITS = f"""
    INSERT INTO refund_units
    SELECT told.source_key, bool_and(told.applies) AND NOT COALESCE((
        SELECT bool_or((k.fact_rank, k.fact_at) > (CAST(:rank AS smallint), max(told.version)))
        FROM refunds k WHERE k.source = :source AND k.source_key = told.source_key), false), max(told.version)
    FROM (
        SELECT {_UNIT.format("t.name")} AS source_key, p.applies, p.version
        FROM placed_orders p JOIN told_orders t USING (order_no) WHERE NOT p.is_new
        UNION ALL
        SELECT r.source_key, true, COALESCE(p.version, :at)
        FROM refund_rows r LEFT JOIN placed_orders p ON :whole_orders AND p.order_id = r.order_id
    ) told GROUP BY told.source_key"""

_DELETE = """
    DELETE FROM refunds WHERE id = ANY (ARRAY(
        SELECT kept.id FROM refund_units u CROSS JOIN LATERAL (
            SELECT k.id, k.ordinal FROM refunds k
            WHERE k.source = :source AND k.source_key = u.source_key AND k.fact_rank <= :rank OFFSET 0
        ) kept
        WHERE u.applies AND NOT EXISTS (
            SELECT FROM refund_rows r WHERE r.source_key = u.source_key AND r.ordinal = kept.ordinal)
    ))"""

_TOLD = ("order_name", "customer_id", "product_id", "quantity", "refunded_at", "currency", "amount")

# An order that was matched before stays with the row; matching looks again at the end of the file.
_UPSERT = f"""
    INSERT INTO refunds AS k (shop_id, source, source_key, ordinal, order_id, order_found_by, fact_rank,
        fact_at, {", ".join(_TOLD)})
    SELECT {_SHOP}, :source, r.source_key, r.ordinal, r.order_id,
        CASE WHEN r.order_id IS NULL THEN 'none' ELSE 'stated' END, :rank, u.version,
        {", ".join(f"r.{column}" for column in _TOLD)}
    FROM refund_rows r JOIN refund_units u USING (source_key) WHERE u.applies
    ORDER BY r.source_key, r.ordinal
    ON CONFLICT (shop_id, source, source_key, ordinal) DO UPDATE SET
        order_id = COALESCE(EXCLUDED.order_id, k.order_id),
        order_found_by = CASE WHEN EXCLUDED.order_id IS NULL THEN k.order_found_by ELSE 'stated' END,
        fact_rank = EXCLUDED.fact_rank, fact_at = EXCLUDED.fact_at,
        {", ".join(f"{column} = EXCLUDED.{column}" for column in _TOLD)}
    WHERE ROW(COALESCE(EXCLUDED.order_id, k.order_id), k.fact_rank, k.fact_at,
              {", ".join(f"k.{column}" for column in _TOLD)})
        IS DISTINCT FROM ROW(k.order_id, EXCLUDED.fact_rank, EXCLUDED.fact_at,
              {", ".join(f"EXCLUDED.{column}" for column in _TOLD)})"""

_TOUCH = (
    """INSERT INTO touched_customers
       SELECT customer_id FROM placed_orders WHERE customer_id IS NOT NULL
       UNION SELECT old_customer_id FROM placed_orders WHERE old_customer_id IS NOT NULL
       UNION SELECT customer_id FROM refund_rows WHERE customer_id IS NOT NULL
       ON CONFLICT DO NOTHING""",
    """INSERT INTO touched_names
       SELECT name FROM told_orders UNION SELECT order_name FROM refund_rows WHERE order_name IS NOT NULL
       ON CONFLICT DO NOTHING""",
)

_LOOSE = """
    INSERT INTO loose_refunds
    SELECT r.id, r.customer_id, r.product_id, r.quantity, r.refunded_at, stated.id
    FROM refunds r
    LEFT JOIN LATERAL (
        SELECT o.id FROM orders o WHERE o.source = r.source AND o.name = r.order_name ORDER BY o.id LIMIT 1
    ) stated ON true
    WHERE r.order_name IS NOT NULL AND r.id = ANY (ARRAY(
        SELECT k.id FROM refunds k JOIN touched_customers t USING (customer_id) WHERE k.source = :source
        UNION
        SELECT k.id FROM refunds k JOIN touched_names t ON k.order_name = t.name WHERE k.source = :source
    ))"""

_BOUGHT = """
    INSERT INTO bought_products
    SELECT c.customer_id, line.product_id, sale.id, sale.processed_at, sale.name, line.quantity
    FROM (
        SELECT DISTINCT customer_id FROM loose_refunds
        WHERE stated_id IS NULL AND customer_id IS NOT NULL AND product_id IS NOT NULL
    ) c
    CROSS JOIN LATERAL (
        SELECT o.id, o.processed_at, o.name FROM orders o
        WHERE o.customer_id = c.customer_id AND o.source = :source OFFSET 0
    ) sale
    CROSS JOIN LATERAL (
        SELECT i.product_id, sum(i.quantity) AS quantity FROM line_items i
        WHERE i.order_id = sale.id AND i.product_id IS NOT NULL GROUP BY i.product_id OFFSET 0
    ) line"""

# The customer's latest order up to then that has the same product in at least this quantity. Names, not
# ids, break ties: ids tell in which order files came.
_FIND = """
    INSERT INTO found_orders
    SELECT l.id, COALESCE(l.stated_id, likely.order_id),
        CASE WHEN l.stated_id IS NOT NULL THEN 'stated'
             WHEN likely.order_id IS NOT NULL THEN 'matched' ELSE 'none' END
    FROM loose_refunds l
    LEFT JOIN (
        SELECT DISTINCT ON (l.id) l.id, b.order_id
        FROM loose_refunds l
        JOIN bought_products b ON b.customer_id = l.customer_id AND b.product_id = l.product_id
            AND b.processed_at <= l.refunded_at AND b.quantity >= COALESCE(l.quantity, 0)
        WHERE l.stated_id IS NULL
        ORDER BY l.id, b.processed_at DESC, b.name DESC
    ) likely USING (id)"""

_WRITE_FOUND = """
    UPDATE refunds r SET order_id = f.order_id, order_found_by = f.found_by FROM found_orders f
    WHERE r.id = f.id
      AND (r.order_id, r.order_found_by) IS DISTINCT FROM (f.order_id, f.found_by)"""


def number(credit_rows: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Return refunds with the number of the whole order they belong to, where it is among ``heads``."""
    numbers = heads.select("order_ref", "order_no")
    return credit_rows.select(REFUND_COLUMNS).join(numbers, on="order_ref", how="left")


def write(connection: Connection, origin: Origin) -> None:
    """Write the staged refunds; call it when the orders of the same rows are written."""
    values = {**origin.values(), "whole_orders": origin.whole_orders}
    staging.count_rows(connection, ["staged_refunds"])
    connection.execute(text(_ROWS), values)
    staging.count_rows(connection, ["refund_rows"])
    connection.execute(text(_UNITS), values)
    staging.count_rows(connection, ["refund_units"])
    for statement in (_DELETE, _UPSERT):
        connection.execute(text(statement), values)


def has_loose(connection: Connection, source: str) -> bool:
    """Tell whether a source has credits that stand for themselves."""
    return bool(
        connection.execute(
            text("SELECT EXISTS (SELECT FROM refunds WHERE source = :source AND order_name IS NOT NULL)"),
            {"source": source},
        ).scalar_one()
    )


def touch(connection: Connection) -> None:
    """Remember whose refunds may now belong elsewhere, before this part of the file is cleared away."""
    for statement in _TOUCH:
        connection.execute(text(statement))


def match_loose(connection: Connection, origin: Origin) -> None:
    """Find the orders of credits that stand for themselves, again for everybody the file had news of."""
    staging.count_rows(connection, ["touched_customers", "touched_names"])
    connection.execute(text(_LOOSE), origin.values())
    staging.count_rows(connection, ["loose_refunds"])
    connection.execute(text(_BOUGHT), origin.values())
    staging.count_rows(connection, ["bought_products"])
    connection.execute(text(_FIND))
    staging.count_rows(connection, ["found_orders"])
    connection.execute(text(_WRITE_FOUND))
