"""A person's orders as they are told: what was bought, given back, and whether it counts."""

from collections.abc import Sequence

import polars as pl

from shop_app.segments.ledger import VERDICTS
from shop_app.services.customer_story import LineStory, OrderStory, RefundStory
from shop_app.storage import order_history
from shop_app.storage.engine import Connection
from shop_app.storage.order_history import StoredRefund

NEWEST_ORDERS = 500
"""Of somebody with more (a till's "walk-in customer") the older ones are counted, not told."""


def order_stories(
    connection: Connection, row_ids: Sequence[int], judged: pl.DataFrame
) -> tuple[OrderStory, ...]:
    """Return the newest orders of these customer rows with their verdicts, newest first."""
    verdicts = {row["order_id"]: row for row in judged.iter_rows(named=True)}
    newest = order_history.list_orders(connection, row_ids, limit=NEWEST_ORDERS)
    orders = [order for order in newest if order.order_id in verdicts]
    lines = _lines(connection, [order.order_id for order in orders])
    refunds = _refunds(connection, [order.order_id for order in orders])
    return tuple(
        OrderStory(
            order_id=order.order_id,
            name=order.name,
            processed_at=order.processed_at,
            verdict=verdicts[order.order_id]["verdict"],
            words=_why_not(verdicts[order.order_id]["verdict"]),
            currency=order.currency,
            total=order.total,
            paid=verdicts[order.order_id]["paid"],
            refunded=verdicts[order.order_id]["refunded"],
            net_revenue=verdicts[order.order_id]["net_revenue"],
            discount=order.discount,
            discount_codes=order.discount_codes,
            channel=order.channel,
            lines=tuple(lines.get(order.order_id, ())),
            refunds=tuple(refunds.get(order.order_id, ())),
        )
        for order in orders
    )


def loose_refund_stories(connection: Connection, row_ids: Sequence[int]) -> tuple[RefundStory, ...]:
    """Return the refunds of these customer rows for which no order was found."""
    return tuple(map(_refund, order_history.list_loose_refunds(connection, row_ids)))


def _lines(connection: Connection, order_ids: Sequence[int]) -> dict[int, list[LineStory]]:
    found: dict[int, list[LineStory]] = {}
    for line in order_history.list_lines(connection, order_ids):
        story = LineStory(line.title, line.quantity, line.unit_price, line.total, line.is_gift_card)
        found.setdefault(line.order_id, []).append(story)
    return found


def _refunds(connection: Connection, order_ids: Sequence[int]) -> dict[int | None, list[RefundStory]]:
    found: dict[int | None, list[RefundStory]] = {}
    for refund in order_history.list_refunds(connection, order_ids):
        found.setdefault(refund.order_id, []).append(_refund(refund))
    return found


def _refund(refund: StoredRefund) -> RefundStory:
    return RefundStory(refund.refunded_at, refund.amount, refund.currency, refund.order_found_by)


def _why_not(verdict: str) -> str:
    return "" if verdict == "counts" else VERDICTS[verdict]
