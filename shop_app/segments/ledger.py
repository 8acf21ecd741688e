"""The ledger: which orders count, why the others do not, and what each one brought."""

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from shop_app.segments.ledger_rules import LedgerRules
from shop_app.segments.money import exchanged, share
from shop_app.segments.verdicts import VERDICTS, count_ledger

__all__ = ["VERDICTS", "LedgerRules", "count_ledger", "judge_orders", "loose_refunds"]

AWAITING_PAYMENT = ("pending", "authorized", "unpaid")
NEVER_PAID = ("voided", "expired")


def judge_orders(
    orders: pl.DataFrame, refunds: pl.DataFrame, rules: LedgerRules, *, as_of: datetime
) -> pl.DataFrame:
    """Give every order exactly one verdict, and its money in the shop's currency.

    Parameters
    ----------
    orders
        One row an order: ``order_id``, ``customer_id`` (the person, null for an unknown guest),
        ``processed_at``, ``cancelled_at`` (UTC), ``financial_status``, ``test``, ``currency`` (null: the
        shop's), ``total``, ``outstanding``, ``tax``, ``shipping``, ``gift_card_total``, ``goods_total``
        (minor units of ``currency``), ``channel``, ``excluded_tag``. Null means unknown.
    refunds
        ``order_id``, ``refunded_at`` (null: always known), ``amount`` (minor units, positive), ``currency``.
    rules
        The merchant's switches.
    as_of
        The moment looked from: cancellations and refunds after it have not happened yet.

    Returns
    -------
    polars.DataFrame
        One row an order, in the order of ``orders``: ``order_id``, ``customer_id``, ``processed_at``,
        ``verdict`` (a key of :data:`VERDICTS`), ``paid``, ``refunded`` (at most ``paid``) and ``net_revenue``
        (0 or more), all Int64 minor units of the shop's currency. The money is given whatever the verdict,
        and null only where the order's currency has no rate.

    Raises
    ------
    ValueError
        ``as_of`` has no time zone.

    Notes
    -----
    Where several reasons hold, the first of this list is told: ``after_as_of``, ``test``, ``cancelled``,
    ``unpaid``, ``zero``, ``gift_card_only``, ``fully_refunded``, ``no_customer``, ``foreign_currency``,
    ``before_cut_off``, ``excluded_channel``, ``excluded_tag``. What happened to the order comes before what
    the merchant has set, so the last four are exactly the orders that a change of settings would bring back.

    ``financial_status`` carries no time of its own, and is taken as always known. A status the ledger does
    not know, or none, counts. A status of ``refunded`` without a single refund is a refund of everything
    whose day is unknown. Voided and expired payments stay unpaid whatever ``count_unpaid`` says.

    Without tax, the order loses the tax on the part that was kept (a refund gives its own tax back); without
    shipping, all of its shipping. Neither takes the net below 0.
    """
    until = _utc(as_of)
    refunded = _refunded_per_order(orders, refunds, rules, until)
    return (
        _with_money(orders.lazy(), refunds, rules)
        .join(refunded, on="order_id", how="left", maintain_order="left")
        .with_columns(refunded=_refunded())
        .with_columns(kept=pl.col("paid") - pl.col("refunded"))
        .with_columns(net_revenue=_net_revenue(rules), verdict=_verdict(rules, until))
        .select(
            "order_id",
            "customer_id",
            "processed_at",
            "verdict",
            *(
                pl.when(pl.col("settled_in") == rules.currency).then(pl.col(name)).alias(name)
                for name in ("paid", "refunded", "net_revenue")
            ),
        )
        .collect()
    )


def loose_refunds(refunds: pl.DataFrame, rules: LedgerRules, *, as_of: datetime) -> pl.DataFrame:
    """Sum up, per person, the refunds that belong to no known order.

    Parameters
    ----------
    refunds
        As for :func:`judge_orders`, with ``customer_id`` (the person).
    rules, as_of
        As for :func:`judge_orders`. Refunds before the cut-off are left out: their orders are too.

    Returns
    -------
    polars.DataFrame
        ``customer_id``, ``amount`` (Int64, minor units of the shop's currency, positive), one row a person
        with such a refund, by ``customer_id``. A currency without a rate is left out.
    """
    counted = _known(refunds, _utc(as_of)).filter(
        pl.col("order_id").is_null(), pl.col("customer_id").is_not_null()
    )
    if rules.cut_off is not None:
        counted = counted.filter((pl.col("refunded_at") >= _utc(rules.cut_off)).fill_null(value=True))
    currency = pl.col("currency").fill_null(rules.currency)
    return (
        counted.select("customer_id", amount=exchanged(pl.col("amount"), currency, rules.minor_rates()))
        .drop_nulls("amount")
        .group_by("customer_id")
        .agg(pl.col("amount").sum())
        .sort("customer_id")
    )


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("as_of needs a time zone")
    return moment.astimezone(UTC)


def _known(refunds: pl.DataFrame, until: datetime) -> pl.DataFrame:
    return refunds.filter((pl.col("refunded_at") <= until).fill_null(value=True))


def _settled_in(rules: LedgerRules) -> pl.Expr:
    """Name the currency an amount is counted in: the shop's, or its own where no rate leads there."""
    own = pl.col("currency").fill_null(rules.currency)
    return pl.when(own.is_in(list(rules.minor_rates()))).then(pl.lit(rules.currency)).otherwise(own)


def _settled(amount: pl.Expr, rules: LedgerRules) -> pl.Expr:
    own = pl.col("currency").fill_null(rules.currency)
    return pl.coalesce(exchanged(amount, own, rules.minor_rates()), amount)


def _refunded_per_order(
    orders: pl.DataFrame, refunds: pl.DataFrame, rules: LedgerRules, until: datetime
) -> pl.LazyFrame:
    """Sum before converting, so that a full refund in parts converts to all that was paid.

    A refund that is settled in another currency than its order cannot be taken off it.
    """
    own_sums = (
        _known(refunds, until)
        .lazy()
        .drop_nulls("order_id")
        .group_by("order_id", pl.col("currency").fill_null(rules.currency))
        .agg(pl.col("amount").sum())
    )
    return (
        own_sums.select("order_id", settled_in=_settled_in(rules), refunded=_settled(pl.col("amount"), rules))
        .join(orders.lazy().select("order_id", order_settled_in=_settled_in(rules)), on="order_id")
        .filter(pl.col("settled_in") == pl.col("order_settled_in"))
        .group_by("order_id")
        .agg(pl.col("refunded").sum())
    )


def _with_money(orders: pl.LazyFrame, refunds: pl.DataFrame, rules: LedgerRules) -> pl.LazyFrame:
    """Add what the customer paid (or would pay), and whether only the status tells of a refund."""
    placed_for = [*AWAITING_PAYMENT, *NEVER_PAID] + ["partially_paid"] * rules.count_unpaid
    # Below nothing is what the shop still has to give back: it has been paid, and counts until it is refunded.
    owed = pl.when(~_has_status(placed_for)).then(pl.col("outstanding")).fill_null(0).clip(lower_bound=0)
    told = refunds["order_id"].drop_nulls().unique().implode()
    return orders.with_columns(
        settled_in=_settled_in(rules),
        paid=_settled((pl.col("total") - owed).clip(lower_bound=0), rules),
        only_status_tells=(pl.col("financial_status") == "refunded") & ~pl.col("order_id").is_in(told),
    )


def _has_status(statuses: Sequence[str]) -> pl.Expr:
    return pl.col("financial_status").is_in(list(statuses)).fill_null(value=False)


def _plain(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.to_lowercase()


def _refunded() -> pl.Expr:
    told = pl.min_horizontal(pl.col("refunded").fill_null(0), pl.col("paid"))
    return pl.when(pl.col("only_status_tells")).then(pl.col("paid")).otherwise(told)


def _net_revenue(rules: LedgerRules) -> pl.Expr:
    net = pl.col("kept")
    if not rules.include_tax:
        net = net - share(pl.col("tax"), pl.col("kept"), pl.col("total")).fill_null(0)
    if not rules.include_shipping:
        net = net - _settled(pl.col("shipping"), rules).fill_null(0)
    return net.clip(lower_bound=0)


def _verdict(rules: LedgerRules, until: datetime) -> pl.Expr:
    """Ask for the reasons in the order that :func:`judge_orders` states; the first that holds is told."""
    unpaid = NEVER_PAID if rules.count_unpaid else (*NEVER_PAID, *AWAITING_PAYMENT)
    nothing_paid = (pl.col("paid") == 0) & (pl.col("total") > 0)
    cut_off = pl.lit(None) if rules.cut_off is None else pl.lit(_utc(rules.cut_off))
    reasons = {
        "after_as_of": pl.col("processed_at") > until,
        "test": pl.col("test"),
        "cancelled": pl.col("cancelled_at") <= until,
        "unpaid": _has_status(unpaid) | nothing_paid,
        "zero": (pl.col("paid") == 0) & (not rules.count_free_orders),
        "gift_card_only": (pl.col("goods_total") > 0) & (pl.col("gift_card_total") >= pl.col("goods_total")),
        "fully_refunded": (pl.col("paid") > 0) & (pl.col("refunded") >= pl.col("paid")),
        "no_customer": pl.col("customer_id").is_null(),
        "foreign_currency": pl.col("settled_in") != rules.currency,
        "before_cut_off": pl.col("processed_at") < cut_off,
        "excluded_channel": _plain(pl.col("channel")).is_in(
            [name.strip().lower() for name in rules.excluded_channels]
        ),
        "excluded_tag": pl.col("excluded_tag"),
    }
    slugs = [*reasons, "counts"]
    numbers = [
        pl.when(holds.fill_null(value=False)).then(pl.lit(number, pl.UInt8))
        for number, holds in enumerate(reasons.values())
    ]
    # Numbers first and words last: a column of words for every reason would be a gigabyte in a large shop.
    told = pl.coalesce(*numbers, pl.lit(len(reasons), pl.UInt8))
    return told.replace_strict(list(range(len(slugs))), slugs, return_dtype=pl.String)
