"""The words by which orders are called paid, cancelled or returned."""

import polars as pl

from shop_app.facts import FINANCIAL_STATUSES

_CANCELLED = ("cancelled", "canceled", "cancelled by customer", "void", "storniert", "annulé")
_MEANING = {
    "unpaid": "pending",
    "awaiting payment": "pending",
    "pending payment": "pending",
    "payment pending": "pending",
    "on hold": "pending",
    "failed": "voided",
    "payment failed": "voided",
    "declined": "voided",
    "returned": "refunded",
    "return": "refunded",
    "refund": "refunded",
    "completed": "paid",
    "complete": "paid",
}


def status_of(words: pl.Expr) -> pl.Expr:
    """Return Shopify's word for a payment status, null where the cell says nothing about payment."""
    plain = words.str.to_lowercase().str.replace_all(r"[\s_-]+", " ")
    meaning = {word.replace("_", " "): word for word in FINANCIAL_STATUSES} | _MEANING
    return plain.replace_strict(meaning, default=None, return_dtype=pl.String)


def cancelled_words(words: pl.Expr) -> pl.Expr:
    """Tell the cells that say an order was cancelled."""
    return words.str.to_lowercase().is_in(_CANCELLED).fill_null(value=False)
