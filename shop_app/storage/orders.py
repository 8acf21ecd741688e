"""Orders: one row an order, however often and from wherever it is told; the newest telling is the truth.

An order is found by Shopify's id, else by its name in the same source when one of the two tellings has no
id. The interface's telling (rank 1) is above every file's (rank 0); among equals the later one is.
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage import dirty_customers, gone, staging
from shop_app.storage.staging import Origin

_SHOP = "current_setting('app.shop_id')::bigint"

ORDER_COLUMNS = (
    *("order_ref", "row_no", "shopify_id", "name", "customer_ref", "processed_at", "cancelled_at"),
    *("financial_status", "test", "currency", "total", "outstanding", "tax", "shipping", "discount"),
    *("tax_included", "discount_codes", "tags", "channel", "country", "known_at", "told_at"),
)
"""What a file says of an order itself; the rest are sums of its lines."""

_TOLD = (
    *("customer_id", "processed_at", "cancelled_at", "financial_status", "test", "currency", "total"),
    *("outstanding", "tax", "shipping", "discount", "tax_included", "discount_codes", "tags", "channel"),
    *("country", "item_count", "gift_card_total", "goods_total"),
)
"""What the newest telling decides."""

_HEAD = {column: f"o.{column}" for column in ORDER_COLUMNS} | {
    "customer_ref": "COALESCE(o.customer_ref, named.customer_ref)",
}

# For orders whose rows lay anywhere: the first row of an order gives its head, and the first row that names
# a customer says whose it is.
_TELL = f"""
    INSERT INTO told_orders (order_no, {", ".join(_HEAD)}, item_count, goods_total, gift_card_total)
    SELECT row_number() OVER (ORDER BY o.row_no), {", ".join(_HEAD.values())},
        COALESCE(l.item_count, 0), COALESCE(l.goods_total, 0), COALESCE(l.gift_card_total, 0)
    FROM (SELECT DISTINCT ON (order_ref) * FROM staged_orders ORDER BY order_ref, row_no) o
    LEFT JOIN (
        SELECT DISTINCT ON (order_ref) order_ref, customer_ref FROM staged_orders
        WHERE customer_ref IS NOT NULL ORDER BY order_ref, row_no
    ) named USING (order_ref)
    LEFT JOIN (
        SELECT order_ref, sum(quantity) AS item_count, sum(total)::bigint AS goods_total,
            (sum(total) FILTER (WHERE is_gift_card))::bigint AS gift_card_total
        FROM staged_lines GROUP BY order_ref
    ) l USING (order_ref)"""

_PLACE = """
    INSERT INTO placed_orders
    SELECT o.order_no, COALESCE(kept.id, nextval('orders_id_seq')), kept.id IS NULL,
        COALESCE((:rank, new.version, new.told_at)
            >= (kept.fact_rank, kept.fact_at, COALESCE(kept.told_at, kept.fact_at)), true),
        kept.customer_id, c.customer_id, false, new.version, new.told_at,
        COALESCE((:rank, new.version) = (kept.fact_rank, kept.fact_at), false), false
    FROM told_orders o
    CROSS JOIN LATERAL (
        SELECT COALESCE(o.known_at, :at) AS version, COALESCE(o.told_at, :at) AS told_at
    ) new
    LEFT JOIN file_customers c USING (customer_ref)
    LEFT JOIN LATERAL (
        SELECT k.id, k.customer_id, k.fact_rank, k.fact_at, k.told_at FROM orders k
        WHERE k.shopify_id = o.shopify_id LIMIT 1
    ) by_id ON true
    LEFT JOIN LATERAL (
        SELECT k.id, k.customer_id, k.fact_rank, k.fact_at, k.told_at FROM orders k
        WHERE by_id.id IS NULL AND k.name = o.name AND k.source = :source
          AND (k.shopify_id IS NULL OR o.shopify_id IS NULL)
        ORDER BY k.shopify_id IS NOT NULL, k.id LIMIT 1
    ) by_name ON true
    CROSS JOIN LATERAL (
        SELECT COALESCE(by_id.id, by_name.id) AS id,
            COALESCE(by_id.customer_id, by_name.customer_id) AS customer_id,
            COALESCE(by_id.fact_rank, by_name.fact_rank) AS fact_rank,
            COALESCE(by_id.fact_at, by_name.fact_at) AS fact_at,
            COALESCE(by_id.told_at, by_name.told_at) AS told_at
    ) kept
    ORDER BY o.order_no"""

# Two refs of one file that lead to the same order: the one further down is the same order told again.
_ONE_TELLING_EACH = """
    DELETE FROM placed_orders p USING placed_orders earlier
    WHERE p.order_id = earlier.order_id AND p.order_no > earlier.order_no"""

# What an order was placed for is the sum of its lines where nobody says.
_VALUES = {column: f"t.{column}" for column in _TOLD} | {
    "customer_id": "p.customer_id",
    "currency": "COALESCE(t.currency, :currency)",
    "total": "COALESCE(t.total, t.goods_total)",
    "discount_codes": "string_to_array(t.discount_codes, chr(10))",
    "tags": "string_to_array(t.tags, chr(10))",
}

_INSERT = f"""
    INSERT INTO orders (shop_id, id, shopify_id, source, name, fact_rank, fact_at, told_at,
        {", ".join(_VALUES)})
    SELECT {_SHOP}, p.order_id, t.shopify_id, :source, t.name, :rank, p.version, p.told_at,
        {", ".join(_VALUES.values())}
    FROM placed_orders p JOIN told_orders t USING (order_no) WHERE p.is_new ORDER BY p.order_no"""

_KNOWN = "placed_orders p JOIN told_orders t USING (order_no) WHERE o.id = p.order_id AND NOT p.is_new"
_KEPT = ", ".join(["o.shopify_id", "o.name", "o.source", *(f"o.{column}" for column in _VALUES)])
_NEW = ", ".join(["COALESCE(t.shopify_id, o.shopify_id)", "t.name", ":source", *_VALUES.values()])

_MARK_CHANGED = f"""
    UPDATE placed_orders m SET changes = true
    FROM orders o, {_KNOWN} AND m.order_no = p.order_no
      AND (p.lines_change OR ROW({_KEPT}) IS DISTINCT FROM ROW({_NEW}))"""

_UPDATE = f"""
    UPDATE orders o SET shopify_id = COALESCE(t.shopify_id, o.shopify_id), name = t.name, source = :source,
        fact_rank = :rank, fact_at = p.version, told_at = p.told_at,
        {", ".join(f"{name} = {value}" for name, value in _VALUES.items())}
    FROM {_KNOWN} AND p.applies AND p.changes"""

_TIED = """
    SELECT t.shopify_id FROM placed_orders p JOIN told_orders t USING (order_no)
    WHERE p.tied AND p.changes AND NOT p.is_new AND t.shopify_id IS NOT NULL ORDER BY t.shopify_id"""

# Whose labels follow: those who have an order now, and those who had it before.
_MARK_DIRTY = """
    SELECT customer_id FROM placed_orders WHERE is_new OR (changes AND applies)
    UNION SELECT old_customer_id FROM placed_orders WHERE changes AND applies"""

# An id is no fact that grows old: an older telling brings it along too.
_ADOPT_IDS = f"""
    UPDATE orders o SET shopify_id = t.shopify_id
    FROM {_KNOWN} AND o.shopify_id IS NULL AND t.shopify_id IS NOT NULL"""

# The same facts from a later export: only their date moves on, so that an export in between cannot undo them.
_CONFIRM = """
    UPDATE orders o SET fact_rank = :rank, fact_at = p.version, told_at = p.told_at FROM placed_orders p
    WHERE o.id = p.order_id AND NOT p.is_new AND p.applies
      AND (o.fact_rank, o.fact_at, o.told_at)
          IS DISTINCT FROM (CAST(:rank AS smallint), p.version, p.told_at)"""

_COUNT = """
    SELECT count(*) AS told, count(*) FILTER (WHERE is_new) AS new,
        count(*) FILTER (WHERE NOT applies) AS older FROM placed_orders"""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the orders of one part of a file."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    older: int = 0

    def __add__(self, other: "Told") -> "Told":
        """Return the sums."""
        return Told(
            self.new + other.new,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.older + other.older,
        )


def sum_up(heads: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return whole orders with the sums of their lines, numbered; of two tellings of one the first."""
    sums = lines.group_by("order_ref").agg(
        item_count=pl.col("quantity").sum(),
        goods_total=pl.col("total").sum(),
        gift_card_total=pl.col("total").filter(pl.col("is_gift_card")).sum(),
    )
    first = pl.col("shopify_id").is_first_distinct() | pl.col("shopify_id").is_null()
    return (
        heads.select(ORDER_COLUMNS)
        .unique("order_ref", keep="first", maintain_order=True)
        .filter(first)
        .join(sums, on="order_ref", how="left", maintain_order="left")
        .with_columns(pl.col("item_count", "goods_total", "gift_card_total").fill_null(0))
        .with_row_index("order_no")
    )


def gather(connection: Connection, shop_id: int, origin: Origin) -> None:
    """Put the rows of each order together, and find the order that is already there."""
    staging.count_rows(connection, ["staged_lines", "file_customers", "file_products"])
    if not origin.whole_orders:
        staging.count_rows(connection, ["staged_orders"])
        connection.execute(text(_TELL))
    gone.drop_deleted_orders(connection)
    gone.blank_erased_orders(connection, shop_id)
    staging.count_rows(connection, ["told_orders"])
    for statement in (_PLACE, _ONE_TELLING_EACH):
        connection.execute(text(statement), origin.values())
    staging.count_rows(connection, ["placed_orders"])


def write(connection: Connection, origin: Origin) -> Told:
    """Write the gathered orders: new ones, and those told differently by somebody who knows better."""
    connection.execute(text(_INSERT), origin.values())
    row = connection.execute(text(_COUNT)).one()
    updated = 0
    if row.new < row.told:
        connection.execute(text(_MARK_CHANGED), origin.values())
        updated = connection.execute(text(_UPDATE), origin.values()).rowcount
        connection.execute(text(_ADOPT_IDS))
        connection.execute(text(_CONFIRM), origin.values())
    if origin.marks_dirty:
        dirty_customers.mark(connection, _MARK_DIRTY)
    return Told(
        new=row.new,
        updated=updated,
        unchanged=row.told - row.new - row.older - updated,
        older=row.older,
    )


def list_tied(connection: Connection) -> list[int]:
    """Return Shopify's numbers of those just written that were told twice for one second, and differently."""
    return list(connection.execute(text(_TIED)).scalars())


def newest_processed_at(connection: Connection, *, until: datetime) -> datetime | None:
    """Return when the last order up to a moment was placed, or ``None`` where there is none."""
    found = connection.execute(
        text("SELECT max(processed_at) FROM orders WHERE processed_at <= :until"), {"until": until}
    ).scalar()
    return found if isinstance(found, datetime) else None


def name_currency(connection: Connection, *, unknown: str, currency: str) -> None:
    """Say in which money the orders and refunds are of which nobody could say so far."""
    for table in ("orders", "refunds"):
        connection.execute(
            text(f"UPDATE {table} SET currency = :currency WHERE currency = :unknown"),
            {"currency": currency, "unknown": unknown},
        )
