"""The orders export: one row a line item, the order's own columns only on its first row."""

import numpy as np
import polars as pl

from sandbox.sample_store import address_cells, order_cells
from sandbox.sample_store.baskets import EMPTY
from sandbox.sample_store.catalogue import CARDS, LINES, OLD_TITLE, PRODUCTS, RENAMED_SKU, SAMPLES, VENDORS
from sandbox.sample_store.cells import choose, money, only, yes_no
from sandbox.sample_store.draws import Ints
from sandbox.sample_store.telling import Told

_COLUMNS = (
    "Name|Email|Financial Status|Paid at|Fulfillment Status|Fulfilled at|Accepts Marketing|Currency|"
    "Subtotal|Shipping|Taxes|Total|Discount Code|Discount Amount|Shipping Method|Created at|"
    "Lineitem quantity|Lineitem name|Lineitem price|Lineitem compare at price|Lineitem sku|"
    "Lineitem requires shipping|Lineitem taxable|Lineitem fulfillment status|Billing Name|Billing Street|"
    "Billing Address1|Billing Address2|Billing Company|Billing City|Billing Zip|Billing Province|"
    "Billing Country|Billing Phone|Shipping Name|Shipping Street|Shipping Address1|Shipping Address2|"
    "Shipping Company|Shipping City|Shipping Zip|Shipping Province|Shipping Country|Shipping Phone|Notes|"
    "Note Attributes|Cancelled at|Payment Method|Payment Reference|Refunded Amount|Vendor|"
    "Outstanding Balance|Employee|Location|Device ID|Id|Tags|Risk Level|Source|Lineitem discount|"
    "Tax 1 Name|Tax 1 Value|Tax 2 Name|Tax 2 Value|Tax 3 Name|Tax 3 Value|Tax 4 Name|Tax 4 Value|"
    "Tax 5 Name|Tax 5 Value|Phone|Receipt Number|Duties|Billing Province Name|Shipping Province Name|"
    "Payment ID|Payment Terms Name|Next Payment Due At|Payment References"
)
HEADER = _COLUMNS.split("|")
_ON_EVERY_ROW = ("Name", "Email", "Created at")  # beside the line's own


def order_rows(told: Told) -> pl.DataFrame:
    """Return the rows of a block's orders, all cells text or null."""
    order, place = np.nonzero(told.baskets.product != EMPTY)
    first = np.ones(order.size, dtype=np.bool_)
    first[1:] = order[1:] != order[:-1]
    orders = pl.DataFrame({**order_cells.describe(told), **address_cells.describe(told)})
    rows = orders.select(pl.all().gather(only(pl.Series(order), first)))
    rows = rows.with_columns(orders.select(pl.col(_ON_EVERY_ROW).gather(pl.Series(order))))
    rows = rows.with_columns(**_lines(told, order, place))
    missing = [pl.lit(None, dtype=pl.Utf8).alias(name) for name in HEADER if name not in rows.columns]
    return rows.with_columns(missing).select(HEADER)


def _lines(told: Told, order: Ints, place: Ints) -> dict[str, pl.Series]:
    product = told.baskets.product[order, place]
    sku = choose([one.sku for one in PRODUCTS], product)
    was = np.array([one.was_cents for one in PRODUCTS], dtype=np.int64)[product]
    merchandise = (LINES[product] != CARDS) & (LINES[product] != SAMPLES)
    return {
        "Lineitem quantity": pl.Series(told.baskets.quantity[order, place]).cast(pl.Utf8),
        "Lineitem name": _titles(told, order, product),
        "Lineitem price": money(told.bills.price[order, place]),
        "Lineitem compare at price": only(money(was), was > 0),
        "Lineitem sku": only(sku, (sku != "").to_numpy()),
        "Lineitem requires shipping": yes_no(LINES[product] != CARDS, "true", "false"),
        "Lineitem taxable": yes_no(merchandise, "true", "false"),
        "Lineitem fulfillment status": _line_status(told, order),
        "Vendor": choose(VENDORS, LINES[product]),
        "Lineitem discount": money(told.bills.line_discount[order, place]),
    }


def _titles(told: Told, order: Ints, product: Ints) -> pl.Series:
    """Return the names the products had on that day."""
    titles = choose([one.title for one in PRODUCTS], product)
    renamed = [one.sku for one in PRODUCTS].index(RENAMED_SKU)
    earlier = (product == renamed) & (told.block.day[order] < told.store.calendar.rename_day)
    return pl.select(pl.when(pl.Series(earlier)).then(pl.lit(OLD_TITLE)).otherwise(titles)).to_series()


def _line_status(told: Told, order: Ints) -> pl.Series:
    """Return what was sent; of an order sent in part the last line waits."""
    sent, part = order_cells.fulfilled(told)
    last = np.ones(order.size, dtype=np.bool_)
    last[:-1] = order[1:] != order[:-1]
    return yes_no(sent[order] & ~(part[order] & last), "fulfilled", "pending")
