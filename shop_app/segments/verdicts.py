"""The reasons for which an order counts or does not, in words, and how many orders have each."""

from typing import Any

import polars as pl

VERDICTS = {
    "counts": "Counts as a purchase.",
    "test": "A test order, not a sale.",
    "cancelled": "Cancelled.",
    "unpaid": "Not paid.",
    "fully_refunded": "Refunded in full.",
    "zero": "Nothing was paid for it: a free order.",
    "gift_card_only": "Only gift cards: they count when they are spent.",
    "foreign_currency": "In a currency for which no exchange rate is set.",
    "no_customer": "Nobody known placed it: a guest who left no details.",
    "before_cut_off": "Before the day from which this shop's orders count.",
    "excluded_channel": "From a sales channel that is set not to count.",
    "excluded_tag": "Carries a tag that is set not to count.",
    "after_as_of": "Placed after the day that is being looked at.",
}


def count_ledger(judged: pl.DataFrame) -> list[dict[str, Any]]:
    """Count the orders of every verdict that occurs, in the order of the verdicts.

    ``amount`` is the net revenue they bring or would bring, without the orders whose currency has no rate.
    """
    sums = judged.group_by("verdict").agg(order_count=pl.len(), amount=pl.col("net_revenue").sum())
    found = {row["verdict"]: row for row in sums.to_dicts()}
    return [
        {
            "verdict": verdict,
            "words": words,
            "order_count": found[verdict]["order_count"],
            "amount": found[verdict]["amount"],
        }
        for verdict, words in VERDICTS.items()
        if verdict in found
    ]
