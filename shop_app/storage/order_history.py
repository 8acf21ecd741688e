"""The orders of a person as they are told on a page: names, lines, refunds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """One order as it was placed; money in minor units of its own currency."""

    order_id: int
    row_id: int | None
    name: str
    processed_at: datetime
    cancelled_at: datetime | None
    currency: str
    total: int
    discount: int | None
    discount_codes: tuple[str, ...]
    channel: str | None


@dataclass(frozen=True, slots=True)
class StoredLine:
    """One line of an order."""

    order_id: int
    title: str
    quantity: float
    unit_price: int
    total: int
    is_gift_card: bool


@dataclass(frozen=True, slots=True)
class StoredRefund:
    """Money given back; ``order_id`` is ``None`` where no order was found for it."""

    order_id: int | None
    refunded_at: datetime | None
    amount: int
    currency: str
    order_found_by: str


def list_orders(connection: Connection, row_ids: Sequence[int], *, limit: int) -> list[StoredOrder]:
    """Return the newest orders of these customer rows, newest first."""
    rows = connection.execute(
        text("""
            SELECT id AS order_id, customer_id AS row_id, name, processed_at, cancelled_at, currency,
                   total, discount, coalesce(discount_codes, '{}') AS discount_codes, channel
            FROM orders WHERE customer_id = ANY(CAST(:rows AS bigint[]))
            ORDER BY processed_at DESC, id DESC LIMIT :limit"""),
        {"rows": list(row_ids), "limit": limit},
    )
    return [StoredOrder(**row._asdict() | {"discount_codes": tuple(row.discount_codes)}) for row in rows]


def read_names(connection: Connection, order_ids: Sequence[int]) -> dict[int, str]:
    """Return what these orders are called, by id."""
    rows = connection.execute(
        text("SELECT id, name FROM orders WHERE id = ANY(CAST(:orders AS bigint[]))"),
        {"orders": list(order_ids)},
    )
    return {row.id: row.name for row in rows}


def list_lines(connection: Connection, order_ids: Sequence[int]) -> list[StoredLine]:
    """Return the lines of these orders, in the order they stand there."""
    rows = connection.execute(
        text("""
            SELECT line.order_id, coalesce(product.title, product.sku, product.source_key, '') AS title,
                   line.quantity, line.unit_price, line.total, line.is_gift_card
            FROM line_items AS line
            LEFT JOIN products AS product
                ON product.shop_id = line.shop_id AND product.id = line.product_id
            WHERE line.order_id = ANY(CAST(:orders AS bigint[])) ORDER BY line.order_id, line.line_no"""),
        {"orders": list(order_ids)},
    )
    return [StoredLine(*row) for row in rows]


def list_refunds(connection: Connection, order_ids: Sequence[int]) -> list[StoredRefund]:
    """Return the refunds of these orders, oldest first."""
    rows = connection.execute(
        text("""
            SELECT order_id, refunded_at, amount, currency, order_found_by FROM refunds
            WHERE order_id = ANY(CAST(:orders AS bigint[])) ORDER BY order_id, refunded_at, id"""),
        {"orders": list(order_ids)},
    )
    return [StoredRefund(*row) for row in rows]


def list_loose_refunds(connection: Connection, row_ids: Sequence[int]) -> list[StoredRefund]:
    """Return these customers' refunds for which no order was found, newest first."""
    rows = connection.execute(
        text("""
            SELECT order_id, refunded_at, amount, currency, order_found_by FROM refunds
            WHERE customer_id = ANY(CAST(:rows AS bigint[])) AND order_id IS NULL
            ORDER BY refunded_at DESC NULLS LAST, id DESC"""),
        {"rows": list(row_ids)},
    )
    return [StoredRefund(*row) for row in rows]


def count_by_row(connection: Connection, row_ids: Sequence[int]) -> dict[int, int]:
    """Return how many orders each of these customer rows has placed."""
    rows = connection.execute(
        text("""
            SELECT customer_id, count(*) AS orders FROM orders
            WHERE customer_id = ANY(CAST(:rows AS bigint[])) GROUP BY customer_id"""),
        {"rows": list(row_ids)},
    )
    return {row.customer_id: row.orders for row in rows}
