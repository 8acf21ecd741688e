"""Every sum in the files is right to the cent."""

from decimal import Decimal

import polars as pl

MONEY = pl.Decimal(12, 2)


def money(*names):
    return [pl.col(name).cast(MONEY) for name in names]


def lines_of(shop):
    return shop.orders.group_by("Name", maintain_order=True).agg(
        lines=(pl.col("Lineitem price").cast(MONEY) * pl.col("Lineitem quantity").cast(pl.Int64)).sum(),
        off=pl.col("Lineitem discount").cast(MONEY).sum(),
    )


def test_subtotal_is_lines_less_discount(shop):
    sums = shop.heads.join(lines_of(shop), on="Name").with_columns(money("Subtotal", "Discount Amount"))
    assert (sums["Subtotal"] == sums["lines"] - sums["Discount Amount"]).all()
    assert (sums["off"] <= sums["Discount Amount"]).all()
    assert (sums["off"] > 0).sum() > 20
    assert (sums["Subtotal"] >= 0).all()


def test_total_is_subtotal_and_shipping_and_taxes(shop):
    sums = shop.heads.select(money("Subtotal", "Shipping", "Taxes", "Total"))
    assert (sums["Total"] == sums["Subtotal"] + sums["Shipping"] + sums["Taxes"]).all()


def test_taxes_are_the_sum_of_the_named_taxes(shop):
    named = [f"Tax {number} Value" for number in range(1, 6)]
    sums = shop.heads.select(*money("Taxes"), *[value.fill_null(0) for value in money(*named)])
    assert (sums["Taxes"] == sum(sums[name] for name in named)).all()
    assert (sums["Taxes"] > 0).mean() > 0.3


def test_no_more_is_given_back_or_owed_than_was_asked(shop):
    sums = shop.heads.select(
        *money("Total", "Refunded Amount", "Outstanding Balance"), pl.col("Financial Status")
    )
    assert (sums["Refunded Amount"] + sums["Outstanding Balance"] <= sums["Total"]).all()
    full = sums.filter(pl.col("Financial Status") == "refunded")
    assert (full["Refunded Amount"] == full["Total"]).all()
    part = sums.filter(pl.col("Financial Status") == "partially_refunded")
    assert ((part["Refunded Amount"] > 0) & (part["Refunded Amount"] < part["Total"])).all()
    owed = sums.filter(pl.col("Financial Status").is_in(["pending", "expired", "authorized"]))
    assert (owed["Outstanding Balance"] == owed["Total"]).all()


def test_a_code_takes_off_its_percent(shop):
    """By hand: FROST25 takes a quarter off all but gift cards, rounded half up."""
    frost = shop.heads.filter(pl.col("Discount Code") == "FROST25")
    cards = shop.orders.filter(pl.col("Lineitem name").str.starts_with("Gift Card"))["Name"]
    plain = frost.join(lines_of(shop), on="Name").filter(
        ~pl.col("Name").is_in(cards.implode()), pl.col("off") == 0
    )
    assert plain.height > 100
    for lines, discount in plain.select("lines", pl.col("Discount Amount").cast(MONEY)).iter_rows():
        assert discount == (lines / 4).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")


def test_what_customers_spent_is_what_the_orders_brought(shop):
    truth = shop.store.truth.orders.filter(pl.col("person").is_not_null())
    kept = pl.col("total") - pl.col("refunded") - pl.col("outstanding")
    in_dollars = pl.when(pl.col("currency") == "EUR").then((kept * 108 + 50) // 100).otherwise(kept)
    brought = truth.filter(~pl.col("fate").str.starts_with("cancelled")).select(in_dollars.sum()).item()
    spent = shop.customers["Total Spent"].cast(MONEY).sum()
    assert spent * 100 == brought
    assert shop.customers["Total Orders"].cast(pl.Int64).sum() == truth.height
