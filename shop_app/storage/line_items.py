"""What was bought: an order's lines belong to it as a set, and are replaced as one."""

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage.staging import Origin

LINE_COLUMNS = (
    *("order_ref", "row_no", "product_ref", "quantity", "kept_quantity"),
    *("unit_price", "discount", "total", "is_gift_card", "automatic_discounts", "bundle_product_id"),
)

_SHOP = "current_setting('app.shop_id')::bigint"

# Lines of whole orders come numbered; those that lay anywhere are numbered by their rows.
_NUMBERED = """(
    SELECT o.order_no, row_number() OVER (PARTITION BY o.order_no ORDER BY s.row_no) AS line_no,
        s.product_ref, s.quantity, s.kept_quantity, s.unit_price, s.discount, s.total, s.is_gift_card,
        s.automatic_discounts, s.bundle_product_id
    FROM staged_lines s JOIN told_orders o USING (order_ref)
)"""

_MARK_CHANGED = """
    UPDATE placed_orders SET lines_change = true WHERE order_no IN (
        SELECT p.order_no FROM placed_orders p
        LEFT JOIN (
            SELECT l.order_no, array_agg(ROW(f.product_id, l.quantity, l.kept_quantity, l.unit_price,
                COALESCE(l.discount, 0), l.total, COALESCE(l.is_gift_card, false),
                string_to_array(l.automatic_discounts, chr(10)), l.bundle_product_id
                ) ORDER BY l.line_no) AS lines
            FROM {lines} l LEFT JOIN file_products f USING (product_ref) GROUP BY l.order_no
        ) told USING (order_no)
        LEFT JOIN LATERAL (
            SELECT array_agg(ROW(k.product_id, k.quantity, k.kept_quantity, k.unit_price, k.discount, k.total,
                k.is_gift_card, k.automatic_discounts, k.bundle_product_id) ORDER BY k.line_no) AS lines
            FROM line_items k WHERE k.order_id = p.order_id
        ) kept ON true
        WHERE NOT p.is_new AND p.applies AND told.lines IS DISTINCT FROM kept.lines
    )"""

_DELETE = """
    DELETE FROM line_items
    WHERE order_id = ANY (ARRAY(SELECT order_id FROM placed_orders WHERE lines_change))"""

_INSERT = f"""
    INSERT INTO line_items (shop_id, order_id, line_no, product_id, quantity, kept_quantity, unit_price,
        discount, total, is_gift_card, automatic_discounts, bundle_product_id)
    SELECT {_SHOP}, p.order_id, l.line_no, f.product_id, l.quantity, l.kept_quantity, l.unit_price,
        COALESCE(l.discount, 0), l.total, COALESCE(l.is_gift_card, false),
        string_to_array(l.automatic_discounts, chr(10)), l.bundle_product_id
    FROM placed_orders p JOIN {{lines}} l USING (order_no) LEFT JOIN file_products f USING (product_ref)
    WHERE p.is_new OR p.lines_change ORDER BY p.order_id, l.line_no"""


def number(lines: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of numbered, whole orders under the orders' numbers, and numbered themselves."""
    return (
        lines.select(LINE_COLUMNS)
        .join(heads.select("order_ref", "order_no"), on="order_ref", how="inner")
        .sort("order_no", "row_no")
        .with_columns(line_no=pl.int_range(1, pl.len() + 1).over("order_no"))
        .drop("order_ref", "row_no")
    )


def mark_changed(connection: Connection, origin: Origin) -> None:
    """Note on each gathered order that is already there whether its lines are told differently now."""
    if connection.execute(text("SELECT EXISTS (SELECT FROM placed_orders WHERE NOT is_new)")).scalar_one():
        connection.execute(text(_MARK_CHANGED.format(lines=_lines(origin))))


def write(connection: Connection, origin: Origin) -> None:
    """Write the lines of new orders, and replace those that are told differently."""
    connection.execute(text(_DELETE))
    connection.execute(text(_INSERT.format(lines=_lines(origin))))


def _lines(origin: Origin) -> str:
    return "staged_lines" if origin.whole_orders else _NUMBERED
