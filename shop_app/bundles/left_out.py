"""What is no merchandise, though it stands on order lines: gift cards, samples, protection of parcels, tips.

Such lines come with everything, so that they would pair with everything; nobody chooses them, and no offer can
be made of them. Each is left out for a reason that is shown, and the merchant may name more, or keep some.
"""

import re
from dataclasses import dataclass

import polars as pl

WORDS = (
    "gift card",
    "gift certificate",
    "gift voucher",
    "gift wrap",
    "gift wrapping",
    "gift message",
    "sample",
    "samples",
    "tester",
    "shipping protection",
    "package protection",
    "parcel protection",
    "order protection",
    "delivery protection",
    "route protection",
    "shipping insurance",
    "package insurance",
    "parcel insurance",
    "return insurance",
    "carbon neutral",
    "carbon offset",
    "postage",
    "shipping fee",
    "handling fee",
    "bank charges",
)
WHOLE_NAMES = (
    "tip",
    "tips",
    "gratuity",
    "donation",
    "shipping",
    "delivery",
    "insurance",
    "manual",
    "adjustment",
)
# A felt tip pen is merchandise: these words speak of the line only where the name says nothing else.

REASONS = {
    "named": "you left it out",
    "gift card": "a gift card is money, not merchandise",
    "words": "its name says that it is an extra",
    "free": "nobody ever paid for it",
    "no price": "its price is 0",
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Which items are no merchandise.

    Attributes
    ----------
    words
        An item is left out if its name or its category has one of these, as whole words, capitals or not.
    whole_names
        It is left out if its name is one of these.
    item_ids
        Those that the merchant leaves out.
    kept_item_ids
        Those that the merchant keeps, whatever their names say.
    """

    words: tuple[str, ...] = WORDS
    whole_names: tuple[str, ...] = WHOLE_NAMES
    item_ids: frozenset[int] = frozenset()
    kept_item_ids: frozenset[int] = frozenset()


def items_left_out(lines: pl.DataFrame, items: pl.DataFrame, left_out: LeftOut | None = None) -> pl.DataFrame:
    """Say which items are left out, and why.

    Parameters
    ----------
    lines
        ``item_id``, ``bought`` (pieces, before returns), ``total`` (what was paid for them, minor units; null
        is not known), ``is_gift_card``.
    items
        ``item_id``, ``name``, ``category``, ``price`` (minor units; null is not known), ``is_gift_card``.

    Returns
    -------
    polars.DataFrame
        ``item_id``, ``name``, ``reason`` (a key of ``REASONS``), ``reason_words``; ascending by ``item_id``.
    """
    left_out = left_out or LeftOut()
    words = "|".join(rf"\b{re.escape(word.lower())}\b" for word in left_out.words) or r"[^\s\S]"
    text = pl.concat_str("name", "category", separator=" \n", ignore_nulls=True).str.to_lowercase()
    whole = pl.col("name").str.to_lowercase().str.strip_chars()
    paid = pl.col("total").filter(pl.col("bought") > 0).max()
    sold = (
        lines.drop_nulls("item_id")
        .group_by("item_id")
        .agg(sold_as_card=_yes("is_gift_card").any(), most_paid=paid)
    )
    reasons = {
        "named": pl.col("item_id").is_in(list(left_out.item_ids)),
        "gift card": _yes("is_gift_card") | _yes("sold_as_card"),
        "words": text.str.contains(words) | whole.is_in(list(left_out.whole_names)),
        "free": pl.col("most_paid") == 0,
        "no price": pl.col("price") == 0,
    }
    first = pl.coalesce(
        pl.when(condition.fill_null(value=False)).then(pl.lit(name)) for name, condition in reasons.items()
    )
    return (
        items.join(sold, on="item_id", how="left")
        .select("item_id", "name", reason=first)
        .filter(pl.col("reason").is_not_null() & ~pl.col("item_id").is_in(list(left_out.kept_item_ids)))
        .with_columns(reason_words=pl.col("reason").replace_strict(REASONS, return_dtype=pl.String))
        .sort("item_id")
    )


def goods(lines: pl.DataFrame, items: pl.DataFrame, left_out: LeftOut | None = None) -> pl.DataFrame:
    """Return the lines of merchandise; lines that name no item are none.

    A single line for which nothing was paid is a present of the shop, and no choice of whoever got it: it is
    left out too, unless the merchant keeps the item. Parameters as for :func:`items_left_out`.
    """
    left_out = left_out or LeftOut()
    gone = items_left_out(lines, items, left_out)["item_id"].to_list()
    presents = (pl.col("total") == 0).fill_null(value=False) & (pl.col("bought") > 0)
    kept = pl.col("item_id").is_in(list(left_out.kept_item_ids))
    merchandise = ~pl.col("item_id").is_in(gone) & ~_yes("is_gift_card") & ~presents
    return lines.drop_nulls("item_id").filter(kept | merchandise)


def _yes(column: str) -> pl.Expr:
    return pl.col(column).fill_null(value=False)
