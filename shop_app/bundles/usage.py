"""Which orders made use of an offer, and what they came to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from shop_app.bundles.fixed_uses import fixed_uses
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
    titles: Collection[str] = (),
    product_numbers: Collection[int] = (),
) -> pl.DataFrame:
    """Return the orders that used an offer while it was live.

    A code's orders are those that carry the code. Of anything else an order tells itself if any of its lines
    does (:func:`untold` has those that do not): it used a discount if one of its titles stands on a line of
    what is cheaper, and a fixed bundle if lines of it were sold as parts of the bundle's product.

    Of orders that tell nothing it is inferred. They used a discount if they hold what has to be bought and at
    least the offer's money was taken off what is cheaper, be it by another discount as deep; and a fixed bundle
    if they hold every part and paid no more for them together than the bundle costs.

    Parameters
    ----------
    lines
        ``order_id``, ``customer_id``, ``at``, ``item_id``, ``quantity`` (pieces kept), ``bought`` (before
        returns), ``unit_price``, ``total`` (paid for all bought pieces), ``automatic_discounts``
        (List[String], titles of what took something off the line by itself; null where nobody said),
        ``bundle_product_id`` (Shopify's number of the bundle whose part it was sold as; null: of none, or
        nobody said), and for a code ``codes`` (List[String], what was typed in at the checkout). Money in minor
        units.
    terms
        The offer as it was live.
    items
        ``item_id``, ``cost`` (of a piece, null where unknown) and ``price`` (list price, may be left away).
        Shopify spreads the price of a fixed bundle over its parts, so that only ``price`` tells what they cost
        singly.
    live_from, ended
        From when on, and up to when but not at it (``None``: it still is); with time zones.
    titles
        Every title that its discount is known to have had; letters may be large or small.
    product_numbers
        Shopify's numbers of all products that were made for a fixed bundle.

    Returns
    -------
    polars.DataFrame
        One row per order: ``order_id``, ``customer_id``, ``at``, ``times`` (uses, 1 or more), ``list_price``,
        ``discount`` (``list_price - paid``), ``paid``, ``refunded`` (of what was paid, by the share of pieces
        returned) and ``cost`` (of the pieces kept; null where one is not known). The sums are over the whole
        order lines that hold goods of the offer, of a fixed bundle over those lines that made it up.
    """
    live = _live(_between(lines, live_from, ended), terms, titles, product_numbers)
    known = items.select("item_id", "cost", *(["price"] if "price" in items.columns else []))
    priced = live.join(known, on="item_id", how="left").with_columns(
        list_price=_list_price(items, terms) * pl.col("bought"),
        refunded=_refunded(),
        goods_cost=pl.when(pl.col("quantity") > 0).then(pl.col("cost") * pl.col("quantity")).otherwise(0),
    )
    used = fixed_uses(priced, terms) if terms.form is Form.FIXED else _discount_uses(priced, terms)
    return _sums(priced.join(used, on=["order_id", "line"]))


def untold(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of the orders of which no line tells what discounts and bundles it was sold by."""
    return lines.filter(~pl.col("order_id").is_in(_orders_that_tell(lines)))


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


def _live(
    within: pl.DataFrame, terms: Terms, titles: Collection[str], product_numbers: Collection[int]
) -> pl.DataFrame:
    """Return the lines that may be the offer's: ``is_told`` as their order tells, ``is_named`` if its own."""
    is_part = pl.col("bundle_product_id").is_in(list(product_numbers)).fill_null(value=False)
    is_its = pl.col("item_id").is_in(list(terms.item_ids))
    # The parts of a bundle may have been changed in Shopify: what was sold as a part of it was one.
    live = within.filter(is_its | is_part if terms.form is Form.FIXED else is_its)
    if terms.code:
        typed = pl.col("codes").list.eval(pl.element().str.to_lowercase())
        live = live.filter(typed.list.contains(terms.code.lower()).fill_null(value=False))
    return live.with_columns(
        is_told=pl.col("order_id").is_in(_orders_that_tell(within)),
        is_named=is_part if terms.form is Form.FIXED else _is_titled(live, titles),
        line=pl.int_range(pl.len(), dtype=pl.UInt32),
    )


def _orders_that_tell(lines: pl.DataFrame) -> pl.Series:
    return lines.filter(pl.col("automatic_discounts").is_not_null())["order_id"].unique().implode()


def _is_titled(lines: pl.DataFrame, titles: Collection[str]) -> pl.Expr:
    """Tell of each line whether one of these titles stands on it, whatever the case of their letters."""
    wanted = {_plain(title) for title in titles}
    standing = lines["automatic_discounts"].explode().drop_nulls().unique()
    found = [pl.col("automatic_discounts").list.contains(each) for each in standing if _plain(each) in wanted]
    return pl.any_horizontal(pl.lit(value=False), *found).fill_null(value=False)


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()


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
    """Return the lines of the orders that used it, with how often each order did."""
    off = pl.col("list_price") - pl.col("total")
    off_a_piece = pl.col("unit_price") * terms.discount_percent / 100
    is_got = pl.col("item_id").is_in(list(terms.gets))
    if not terms.code:
        is_got &= pl.col("is_named") | ~pl.col("is_told")
    # One unit of rounding, whichever way the till rounds. Of money that is told to be the offer's it is the
    # nearest number of pieces: a till that rounds each of them may be off by some units.
    pieces = pl.when("is_named").then((off / off_a_piece).round()).otherwise(((off + 1) / off_a_piece).floor())
    is_cheaper = is_got & (off > 0) & (off_a_piece > 0)
    cheaper = pl.when(is_cheaper).then(pieces.clip(0, pl.col("bought"))).otherwise(0)
    orders = priced.group_by("order_id").agg(
        all_pieces=pl.col("bought").sum(),
        buy_pieces=pl.col("bought").filter(pl.col("item_id").is_in(list(terms.buys))).sum(),
        cheaper_pieces=cheaper.sum().cast(pl.Int64),
        is_told=pl.col("is_told").first(),
        is_named=(is_got & pl.col("is_named")).any(),
    )
    each = terms.buy_quantity + terms.get_quantity
    times = pl.min_horizontal(
        pl.col("all_pieces") // each,
        pl.col("buy_pieces") // terms.buy_quantity,
        pl.col("cheaper_pieces") // terms.get_quantity,
    )
    counted = orders.select("order_id", times=_as_often_as_may_be(times, terms)).filter(pl.col("times") > 0)
    return priced.select("order_id", "line").join(counted, on="order_id")


def _as_often_as_may_be(times: pl.Expr, terms: Terms) -> pl.Expr:
    """Return how often an order used it: at least once where that is told, at most as often as it counts."""
    if terms.code:
        return times.clip(lower_bound=1)
    told = pl.when("is_named").then(times.clip(1, terms.uses_per_order)).otherwise(0)
    return pl.when("is_told").then(told).otherwise(times.clip(upper_bound=terms.uses_per_order))


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
