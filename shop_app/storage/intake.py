"""Facts on their way into a shop: frames in, rows out, all inside the caller's one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Connection

from shop_app.storage import (
    customers,
    dirty_customers,
    fact_lock,
    gone,
    line_items,
    orders,
    products,
    refunds,
    staging,
)
from shop_app.storage.customer_details import ReadyCustomers, ready_customers, sealed
from shop_app.storage.known_fields import Authority
from shop_app.storage.orders import Told
from shop_app.storage.products import newest_names
from shop_app.storage.staging import Origin

_PER_PEOPLE = (
    *("staged_customers", "staged_refs", "adopted_customers", "placed_customers", "customer_turns"),
    "sealed_details",
    "changed_customers",
)
_PER_PRODUCTS = ("staged_products",)
_PER_PART = (
    "staged_orders",
    "told_orders",
    "staged_lines",
    "staged_refunds",
    "placed_orders",
    "refund_rows",
    "refund_units",
)


Frames = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]
"""People, orders, lines and refunds of one piece of a telling."""


@dataclass(slots=True)
class Taken:
    """How much came in: rows that are new, and old ones of which a value changed."""

    customers_new: int = 0
    customers_updated: int = 0
    lines: int = 0
    refunds: int = 0
    orders: Told = field(default_factory=Told)
    tied: list[int] = field(default_factory=list)  # Shopify's numbers: told twice for one second, differently
    told: int = 0  # people, orders and refunds that the parts held, changed or not


@dataclass(frozen=True, slots=True)
class ReadyPart:
    """A part of a telling, made ready without the database: this may happen in another thread."""

    people: ReadyCustomers | None
    sold: pl.DataFrame
    heads: pl.DataFrame
    lines: pl.DataFrame
    credit_rows: pl.DataFrame
    told: int


class Intake:
    """One telling of facts (a file, or a run of the interface), taken in part by part.

    :meth:`add` any number of times, :meth:`settle` whenever the orders added so far are whole, and
    :meth:`finish` once. Nothing is visible to others before the transaction commits.
    """

    def __init__(self, connection: Connection, shop_id: int, origin: Origin) -> None:
        self.taken = Taken()
        self._connection = connection
        self._shop_id = shop_id
        self._origin = origin
        fact_lock.share(connection)
        staging.open_staging(connection)
        self._left: set[tuple[str, ...]] = set()
        self._follows_loose = not origin.whole_orders or refunds.has_loose(connection, origin.source)

    def add(self, part: ReadyPart) -> None:
        """Take in people and products at once, and let orders, lines and refunds wait for :meth:`settle`."""
        if part.people is not None:
            self._make_room(_PER_PEOPLE)
            self._take_people(part.people)
            self._left.add(_PER_PEOPLE)
        if part.sold.height:
            self._make_room(_PER_PRODUCTS)
            products.take_in(self._connection, part.sold, self._origin)
            self._left.add(_PER_PRODUCTS)
        self._make_room(_PER_PART)
        orders_table = "told_orders" if self._origin.whole_orders else "staged_orders"
        staging.fill(self._connection, orders_table, part.heads)
        staging.fill(self._connection, "staged_lines", part.lines)
        staging.fill(self._connection, "staged_refunds", part.credit_rows)
        self.taken.lines += part.lines.height
        self.taken.refunds += part.credit_rows.height
        self.taken.told += part.told

    def settle(self) -> None:
        """Write the orders that wait, with their lines and refunds."""
        if _PER_PART in self._left:
            return  # nothing came since
        orders.gather(self._connection, self._shop_id, self._origin)
        line_items.mark_changed(self._connection, self._origin)
        self.taken.orders += orders.write(self._connection, self._origin)
        self.taken.tied += orders.list_tied(self._connection)
        line_items.write(self._connection, self._origin)
        refunds.write(self._connection, self._origin)
        if self._follows_loose:
            refunds.touch(self._connection)
        self._left.add(_PER_PART)

    def finish(self) -> Taken:
        """Settle what is left, give credits their orders, and return what came in."""
        self.settle()
        if self._follows_loose:
            refunds.match_loose(self._connection, self._origin)
        return self.taken

    def _make_room(self, tables: tuple[str, ...]) -> None:
        """Empty what an earlier part left; what the last one leaves goes with the transaction."""
        if tables in self._left:
            staging.empty(self._connection, *tables)
            self._left.remove(tables)

    def _take_people(self, ready: ReadyCustomers) -> None:
        staging.fill(self._connection, "staged_customers", ready.rows)
        staging.fill(self._connection, "staged_refs", ready.refs)
        gone.drop_erased_people(self._connection)
        gone.blank_deleted_people(self._connection)
        staging.count_rows(self._connection, ["staged_customers", "staged_refs"])
        is_keyed = ready.rows.select(
            pl.any_horizontal(pl.col("shopify_id", "source_key").is_not_null())
        ).to_series()
        customers.place(self._connection, self._origin, keyed=is_keyed.any(), bare=not is_keyed.all())
        wanted = customers.list_wanted(self._connection, self._origin)
        self.taken.customers_new += wanted.filter("is_new").height
        self.taken.customers_updated += wanted.filter(pl.col("changes") & ~pl.col("is_new")).height
        staging.fill(self._connection, "sealed_details", sealed(ready.details, wanted, self._shop_id))
        staging.count_rows(self._connection, ["sealed_details"])
        customers.write(self._connection, self._origin)
        if self._origin.marks_dirty:
            changed = wanted.filter(pl.col("changes") | pl.col("is_new")).select("seq")
            staging.fill(self._connection, "changed_customers", changed)
            dirty_customers.mark(self._connection, customers.CHANGED)


def ready_part(told: Sequence[Frames], *, shop_id: int, authority: Authority, origin: Origin) -> ReadyPart:
    """Hash, fold and sort a part of a telling, which may have come in several pieces.

    Each piece holds people, orders, lines and refunds.
    """
    people = pl.concat([_dated(*piece) for piece in told])
    heads, lines, credit_rows = (pl.concat([piece[place] for piece in told]) for place in (1, 2, 3))
    ready = None
    if people.height:
        ready = ready_customers(
            people, shop_id=shop_id, source=origin.source, authority=authority, at=origin.at
        )
    told_count = people.height + heads.height + credit_rows.height
    sold = newest_names(_sold(heads, lines, credit_rows), authority)
    if not origin.whole_orders:
        return ReadyPart(
            people=ready,
            sold=sold,
            heads=heads.select(orders.ORDER_COLUMNS),
            lines=lines.select(line_items.LINE_COLUMNS),
            credit_rows=credit_rows.select(refunds.REFUND_COLUMNS),
            told=told_count,
        )
    numbered = orders.sum_up(heads, lines)
    return ReadyPart(
        people=ready,
        sold=sold,
        heads=numbered,
        lines=line_items.number(lines, numbered),
        credit_rows=refunds.number(credit_rows, numbered),
        told=told_count,
    )


def _dated(
    people: pl.DataFrame, heads: pl.DataFrame, _lines: pl.DataFrame, credit_rows: pl.DataFrame
) -> pl.DataFrame:
    """Add when each customer was heard of: details typed into an order are as old as that order."""
    moments = pl.concat(
        [
            heads.select("customer_ref", known_at="processed_at"),
            credit_rows.select("customer_ref", known_at="refunded_at"),
        ]
    )
    newest = moments.drop_nulls().group_by("customer_ref").agg(ordered_at=pl.col("known_at").max())
    dated = people.join(newest, on="customer_ref", how="left", maintain_order="left")
    return dated.with_columns(known_at=pl.coalesce("known_at", "ordered_at")).drop("ordered_at")


def _sold(heads: pl.DataFrame, lines: pl.DataFrame, credit_rows: pl.DataFrame) -> pl.DataFrame:
    """Return the different ways in which products were named, and when each was used last."""
    moments = heads.select("order_ref", "processed_at").unique("order_ref", keep="first", maintain_order=True)
    names = ("product_ref", "title", "sku", "vendor", "category", "shopify_id")
    bought = (
        lines.rename({"shopify_product_id": "shopify_id"})
        .select("order_ref", *names)
        .join(moments, on="order_ref", how="left")
        .group_by(names)
        .agg(sold_at=pl.col("processed_at").max())
    )
    returned = credit_rows.select(
        "product_ref",
        *(pl.lit(None, bought.schema[name]).alias(name) for name in names[1:]),
        sold_at=pl.col("refunded_at"),
    ).unique("product_ref")
    return pl.concat([bought, returned.select(bought.columns)])
