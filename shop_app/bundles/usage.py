"""Which orders made use of an offer, and what they came to."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from shop_app.bundles.shares import share_interval
from shop_app.bundles.terms import Form, Terms

USAGE: dict[str, pl.DataType | type[pl.DataType]] = {
    "order_id": pl.Int64,
    "customer_id": pl.Int64,
    "at": pl.Datetime("us", "UTC"),
    "times": pl.Int64,
    "list_price": pl.Int64,
    "discount": pl.Int64,
    "paid": pl.Int64,
    "refunded": pl.Int64,
    "cost": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class AttachRate:
    """Of the orders that could have used an offer, those that did, with a 95 % interval; ratios 0 to 1.

    All three ratios are ``None`` where no order could have.
    """

    used_count: int
    eligible_count: int
    ratio: float | None
    low: float | None
    high: float | None


def orders_using(
    lines: pl.DataFrame,
    terms: Terms,
    items: pl.DataFrame,
    *,
    live_from: datetime,
    ended: datetime | None = None,
) -> pl.DataFrame:
    """Return the orders that used an offer while it was live.

    A discount that comes by itself leaves no name in an order: an order used it if it holds what has to be
    bought and at least the offer's money was taken off what is cheaper. Another discount as deep on the same
    goods cannot be told from it. A code's orders are those that carry the code. A fixed bundle's are those that
    hold every part and paid no more for them together than the bundle costs.

    Parameters
    ----------
    lines
        ``order_id``, ``customer_id``, ``at``, ``item_id``, ``quantity`` (pieces kept), ``bought`` (before
        returns), ``unit_price``, ``total`` (paid for all bought pieces), and for a code ``codes``
        (List[String], what was typed in at the checkout). Money in minor units.
    terms
        The offer as it was live.
    items
        ``item_id``, ``cost`` (of a piece, null where unknown) and ``price`` (list price, may be left away).
        Shopify spreads the price of a fixed bundle over its parts, so that only ``price`` tells what they cost
        singly.
    live_from, ended
        From when on, and up to when but not at it (``None``: it still is); with time zones.

    Returns
    -------
    polars.DataFrame
        One row per order: ``order_id``, ``customer_id``, ``at``, ``times`` (uses, 1 or more), ``list_price``,
        ``discount`` (``list_price - paid``), ``paid``, ``refunded`` (of what was paid, by the share of pieces
        returned) and ``cost`` (of the pieces kept; null where one is not known). The sums are over the whole
        order lines that hold goods of the offer, of a fixed bundle over those lines that made it up.
    """
    live = _live(lines, terms, live_from, ended)
    known = items.select("item_id", "cost", *(["price"] if "price" in items.columns else []))
    priced = live.join(known, on="item_id", how="left").with_columns(
        list_price=_list_price(items, terms) * pl.col("bought"),
        refunded=_refunded(),
        goods_cost=pl.when(pl.col("quantity") > 0).then(pl.col("cost") * pl.col("quantity")).otherwise(0),
    )
    used = _fixed_uses(priced, terms) if terms.form is Form.FIXED else _discount_uses(priced, terms)
    return _sums(priced.join(used, on=["order_id", "line"]))


def attach_rate(
    lines: pl.DataFrame,
    usage: pl.DataFrame,
    terms: Terms,
    *,
    live_from: datetime,
    ended: datetime | None = None,
) -> AttachRate:
    """Return how many of the orders with what has to be bought used the offer.

    Of a fixed bundle these are the orders with any of its parts. ``usage`` comes from :func:`orders_using`; the
    other parameters are the same.
    """
    wanted = [part.item_id for part in terms.parts] if terms.form is Form.FIXED else list(terms.buys)
    least = 1 if terms.form is Form.FIXED else terms.buy_quantity
    within = _between(lines, live_from, ended).filter(pl.col("item_id").is_in(wanted))
    pieces = within.group_by("order_id").agg(pieces=pl.col("bought").sum())
    eligible = set(pieces.filter(pl.col("pieces") >= least)["order_id"]) | set(usage["order_id"])
    if not eligible:
        return AttachRate(0, 0, None, None, None)
    low, high = (float(end) for end in share_interval(usage.height, len(eligible)))
    return AttachRate(usage.height, len(eligible), usage.height / len(eligible), low, high)


def _between(lines: pl.DataFrame, live_from: datetime, ended: datetime | None) -> pl.DataFrame:
    within = lines.filter(pl.col("at") >= live_from, pl.col("bought") > 0)
    return within if ended is None else within.filter(pl.col("at") < ended)


def _live(lines: pl.DataFrame, terms: Terms, live_from: datetime, ended: datetime | None) -> pl.DataFrame:
    live = _between(lines, live_from, ended).filter(pl.col("item_id").is_in(list(terms.item_ids)))
    if terms.code:
        typed = pl.col("codes").list.eval(pl.element().str.to_lowercase())
        live = live.filter(typed.list.contains(terms.code.lower()).fill_null(value=False))
    return live.with_row_index("line").with_columns(pl.col("line").cast(pl.UInt32))


def _list_price(items: pl.DataFrame, terms: Terms) -> pl.Expr:
    """Return what one piece costs singly: as the order says, of a bundle's part at least today's list price."""
    if terms.form is not Form.FIXED or "price" not in items.columns:
        return pl.col("unit_price")
    return pl.max_horizontal("unit_price", "price")


def _refunded() -> pl.Expr:
    """Give the share of what was paid that went back with the pieces, rounded half up; all of it at most."""
    back = (pl.col("bought") - pl.col("quantity")).clip(0, pl.col("bought"))
    return (pl.col("total") * back * 2 + pl.col("bought")) // (pl.col("bought") * 2)


def _discount_uses(priced: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Return the lines of the orders that met the terms, with how often each order did."""
    off = pl.col("list_price") - pl.col("total")
    off_a_piece = pl.col("unit_price") * terms.discount_percent / 100
    is_got = pl.col("item_id").is_in(list(terms.gets)) & (off > 0) & (off_a_piece > 0)
    # One unit of rounding, whichever way the till rounds.
    cheaper = pl.when(is_got).then(((off + 1) / off_a_piece).floor().clip(0, pl.col("bought"))).otherwise(0)
    orders = priced.group_by("order_id").agg(
        all_pieces=pl.col("bought").sum(),
        buy_pieces=pl.col("bought").filter(pl.col("item_id").is_in(list(terms.buys))).sum(),
        cheaper_pieces=cheaper.sum().cast(pl.Int64),
    )
    each = terms.buy_quantity + terms.get_quantity
    times = pl.min_horizontal(
        pl.col("all_pieces") // each,
        pl.col("buy_pieces") // terms.buy_quantity,
        pl.col("cheaper_pieces") // terms.get_quantity,
    )
    # Shopify took the code, so the terms were met; by themselves discounts count so often in an order at most.
    times = times.clip(lower_bound=1) if terms.code else times.clip(upper_bound=terms.uses_per_order)
    counted = orders.select("order_id", times=times).filter(pl.col("times") > 0)
    return priced.select("order_id", "line").join(counted, on="order_id")


def _fixed_uses(priced: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Return the lines that made up bundles, with how many each order holds."""
    wanted = {part.item_id: part.quantity for part in terms.parts}
    complete = (
        priced.group_by("order_id").agg(pl.col("item_id").n_unique()).filter(pl.col("item_id") == len(wanted))
    )
    rows = []
    holding = priced.join(complete.select("order_id"), on="order_id")
    for (order_id,), order in holding.group_by("order_id", maintain_order=True):
        times, used = _bundles_in(order.to_dicts(), wanted, terms.price or 0)
        rows += [{"order_id": order_id, "line": line, "times": times} for line in used]
    return pl.DataFrame(rows, schema={"order_id": pl.Int64, "line": pl.UInt32, "times": pl.Int64})


def _bundles_in(
    order: Sequence[Mapping[str, Any]], wanted: Mapping[int, int], price: int
) -> tuple[int, list[int]]:
    """Return how many bundles an order holds, and the lines they are made of, its cheapest ones first."""
    by_item: dict[int, list[Mapping[str, Any]]] = {}
    for line in sorted(order, key=lambda line: (line["total"] / line["bought"], line["line"])):
        by_item.setdefault(line["item_id"], []).append(line)
    pieces = {item_id: sum(line["bought"] for line in of_it) for item_id, of_it in by_item.items()}
    most = min(pieces[item_id] // quantity for item_id, quantity in wanted.items())

    def is_dearer(times: int) -> bool:
        return _made_of(by_item, wanted, times)[0] > price * times + 1e-6

    # The cheapest pieces go first, so each further bundle costs as much as the one before it, or more.
    times = bisect_right(range(1, most + 1), False, key=is_dearer)
    return times, _made_of(by_item, wanted, times)[1]


def _made_of(
    by_item: Mapping[int, Sequence[Mapping[str, Any]]], wanted: Mapping[int, int], times: int
) -> tuple[float, list[int]]:
    """Return what was paid for the goods of so many bundles, the cheapest pieces first, and their lines."""
    paid, used = 0.0, []
    for item_id, quantity in wanted.items():
        missing = quantity * times
        for line in by_item[item_id]:
            if missing <= 0:
                break
            taken = min(missing, line["bought"])
            paid += line["total"] * taken / line["bought"]
            missing -= taken
            used.append(line["line"])
    return paid, used


def _sums(used: pl.DataFrame) -> pl.DataFrame:
    return (
        used.group_by("order_id")
        .agg(
            pl.col("customer_id", "at", "times").first(),
            pl.col("list_price").sum(),
            discount=(pl.col("list_price") - pl.col("total")).sum(),
            paid=pl.col("total").sum(),
            refunded=pl.col("refunded").sum(),
            cost=pl.when(pl.col("goods_cost").is_null().any()).then(None).otherwise(pl.col("goods_cost").sum()),
        )
        .select([pl.col(name).cast(dtype) for name, dtype in USAGE.items()])
        .sort("at", "order_id")
    )
