"""What was bought: an order's lines belong to it as a set, and are replaced as one."""

from sqlalchemy import Connection, text

_SHOP = "current_setting('app.shop_id')::bigint"

_MARK_CHANGED = """
    UPDATE order_heads SET lines_change = true WHERE order_id IN (
        SELECT h.order_id FROM order_heads h
        LEFT JOIN (
            SELECT l.order_ref, array_agg(ROW(p.product_id, l.quantity, l.unit_price,
                COALESCE(l.discount, 0), l.total, COALESCE(l.is_gift_card, false)) ORDER BY l.row_no) AS lines
            FROM staged_lines l LEFT JOIN file_products p USING (product_ref) GROUP BY l.order_ref
        ) told USING (order_ref)
        LEFT JOIN LATERAL (
            SELECT array_agg(ROW(k.product_id, k.quantity, k.unit_price, k.discount, k.total, k.is_gift_card)
                ORDER BY k.line_no) AS lines
            FROM line_items k WHERE k.order_id = h.order_id
        ) kept ON true
        WHERE NOT h.is_new AND h.applies AND told.lines IS DISTINCT FROM kept.lines
    )"""

_DELETE = """
    DELETE FROM line_items
    WHERE order_id = ANY (ARRAY(SELECT order_id FROM order_heads WHERE lines_change))"""

_INSERT = f"""
    INSERT INTO line_items (shop_id, order_id, line_no, product_id, quantity, unit_price, discount, total,
        is_gift_card)
    SELECT {_SHOP}, h.order_id, row_number() OVER (PARTITION BY h.order_id ORDER BY l.row_no), p.product_id,
        l.quantity, l.unit_price, COALESCE(l.discount, 0), l.total, COALESCE(l.is_gift_card, false)
    FROM order_heads h JOIN staged_lines l USING (order_ref) LEFT JOIN file_products p USING (product_ref)
    WHERE h.is_new OR h.lines_change"""


def mark_changed(connection: Connection) -> None:
    """Note on each gathered order that is already there whether its lines are told differently now."""
    if connection.execute(text("SELECT EXISTS (SELECT FROM order_heads WHERE NOT is_new)")).scalar_one():
        connection.execute(text(_MARK_CHANGED))


def write(connection: Connection) -> None:
    """Write the lines of new orders, and replace those that are told differently."""
    connection.execute(text(_DELETE))
    connection.execute(text(_INSERT))
