"""One customer's orders: a line of time for the eye, and a list in words, the newest first."""

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from shop_app.charts.timeline import Dot, timeline
from shop_app.services.customer_story import CustomerStory, OrderStory, RefundStory
from shop_app.web.customer_pages import OrderLine
from shop_app.web.formats import Formats, count, counted, days, decimal

ORDERS_A_PAGE = 20

_CHANNELS = {"web": "online", "pos": "at a point of sale", "draft": "from a draft order"}
_ITEMS_SHOWN = 6
_MOST_DOTS = 200
"""More dots than pixels tell nothing; the newest are drawn."""
_SECONDS_A_DAY = 86_400


def order_lines(story: CustomerStory, page_number: int, formats: Formats) -> tuple[OrderLine, ...]:
    """Return one page of the list."""
    first = (page_number - 1) * ORDERS_A_PAGE
    gaps = _gaps_days(story.orders)
    return tuple(
        _order_line(order, gaps.get(order.order_id), formats)
        for order in story.orders[first : first + ORDERS_A_PAGE]
    )


def timeline_words(story: CustomerStory) -> str:
    """Say how many orders there are, and how many of them count."""
    total, counting = len(story.orders), sum(order.verdict == "counts" for order in story.orders)
    if not total:
        return "No order."
    if story.older_order_count:
        return f"The newest {counted(total, 'order')} of {count(total + story.older_order_count)}."
    if total == counting:
        return f"{counted(total, 'order')}, newest first."
    left_out = counted(total - counting, "of them does", "of them do")
    return f"{counted(total, 'order')}, newest first; {left_out} not count."


def draw_timeline(story: CustomerStory, formats: Formats) -> Markup:
    """Draw the orders on a line from the first one to the moment looked from."""
    shown = story.orders[:_MOST_DOTS]
    if not shown:
        return Markup("")
    start = shown[-1].processed_at
    start_text, end_text = formats.date(start), formats.date(story.as_of)
    return timeline(
        [_dot(order, formats) for order in reversed(shown)],
        start=start,
        end=max(story.as_of, shown[0].processed_at),
        start_text=start_text,
        end_text=end_text,
        label=f"{counted(len(shown), 'order')} from {start_text} to {end_text}; the list below tells each",
    )


def refund_words(refund: RefundStory, shop_formats: Formats) -> str:
    """Say how much went back, when, and how it was matched to its order where that was not stated."""
    formats = Formats(refund.currency, shop_formats.timezone)
    when = (
        "on a day the file does not tell"
        if refund.refunded_at is None
        else f"on {formats.date(refund.refunded_at)}"
    )
    matched = ", matched to this order by customer and product" if refund.order_found_by == "matched" else ""
    return f"{formats.money(refund.amount)} refunded {when}{matched}"


def _order_line(order: OrderStory, gap_days: float | None, shop_formats: Formats) -> OrderLine:
    formats = Formats(order.currency, shop_formats.timezone)
    counts = order.verdict == "counts"
    return OrderLine(
        name=order.name,
        at=shop_formats.moment(order.processed_at),
        amount=shop_formats.money(order.net_revenue) if counts else formats.money(order.total),
        counts=counts,
        reason="" if counts else order.words,
        items=_items(order, formats),
        refunds=tuple(refund_words(refund, shop_formats) for refund in order.refunds),
        notes=_notes(order, gap_days, formats),
    )


def _notes(order: OrderStory, gap_days: float | None, formats: Formats) -> tuple[str, ...]:
    notes = []
    if gap_days is not None:
        notes.append(f"{days(gap_days)} after the order before")
    if order.discount:
        codes = f" with {', '.join(order.discount_codes)}" if order.discount_codes else ""
        notes.append(f"{formats.money(order.discount)} off{codes}")
    if order.channel:
        notes.append(_CHANNELS.get(order.channel, f"via {order.channel}"))
    return tuple(notes)


def _items(order: OrderStory, formats: Formats) -> tuple[str, ...]:
    items = [
        f"{_quantity(line.quantity)} \u00d7 {line.title}"
        f"{' (gift card)' if line.is_gift_card else ''}, {formats.money(line.total)}"
        for line in order.lines[:_ITEMS_SHOWN]
    ]
    more = len(order.lines) - _ITEMS_SHOWN
    return (*items, f"and {counted(more, 'more line')}") if more > 0 else tuple(items)


def _gaps_days(orders: Sequence[OrderStory]) -> dict[int, float]:
    """Return the days since the order that counts before, for every order that counts but the first."""
    counting = [order for order in orders if order.verdict == "counts"]
    return {
        later.order_id: (later.processed_at - earlier.processed_at).total_seconds() / _SECONDS_A_DAY
        for later, earlier in pairwise(counting)
    }


def _dot(order: OrderStory, formats: Formats) -> Dot:
    counts = order.verdict == "counts"
    amount = (order.net_revenue or 0) if counts else 0
    words = f"{order.name}, {formats.date(order.processed_at)}, "
    return Dot(order.processed_at, amount, counts, words + (formats.money(amount) if counts else order.words))


def _quantity(quantity: float) -> str:
    return f"{quantity:.0f}" if quantity == int(quantity) else decimal(quantity)
