"""Offers in plain words, for pages, the command line and the record of an approval.

Amounts and moments are written by functions that are handed in: a page writes them for its shop, a terminal for
its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shop_app.bundles.terms import Form, Terms

FORMS = {
    Form.FIXED: "Fixed set",
    Form.BUY_GET: "Buy one, get another",
    Form.MIXED: "One must, others may",
    Form.THIRD: "Third of a line",
}
"""What each form is called on the screens."""
STATES = {
    "draft": "Draft",
    "approved": "Approved",
    "live": "Live",
    "paused": "Paused",
    "retired": "Retired",
}
VERDICTS = {
    "scale": "Offer it to more",
    "keep": "Keep it",
    "retire": "Retire it",
}
METHODS = {
    "holdout": "measured against customers who were left out by lot",
    "before": "compared with the same customers' own past, which proves no cause",
}
_ALL = 100
_MANY_NAMES = 6
_NAMED_ITEM = "Item {}"

Money = Callable[[float], str]
Moment = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Wording:
    """How a reader's amounts, moments, items and segments are written.

    ``names`` are items by their number, ``prices`` their list prices in minor units where they are known,
    ``segments`` segments by slug.
    """

    money: Money
    moment: Moment
    names: Mapping[int, str]
    prices: Mapping[int, int]
    segments: Mapping[str, str]

    def item(self, item_id: int) -> str:
        """Return what an item is called."""
        return self.names.get(item_id) or _NAMED_ITEM.format(item_id)

    def segment(self, slug: str) -> str:
        """Return what a segment is called."""
        return self.segments.get(slug) or slug.replace("-", " ").capitalize()


def terms_words(terms: Terms, wording: Wording) -> tuple[str, ...]:
    """Say all of an offer's terms in sentences: what, for whom, how, from when to when, how often."""
    return (
        what_words(terms, wording),
        whom_words(terms, wording),
        _how_words(terms),
        _when_words(terms, wording.moment),
        *_limit_words(terms),
    )


def what_words(terms: Terms, wording: Wording) -> str:
    """Say what is to be bought and what is cheaper then."""
    if terms.form is Form.FIXED:
        parts = joined([f"{part.quantity} \u00d7 {wording.item(part.item_id)}" for part in terms.parts])
        price = "" if terms.price is None else f" for {wording.money(terms.price)}"
        return f"{parts} as one product{price}{_less_words(terms, wording)}."
    buys = _some(terms.buys, terms.buy_quantity, wording)
    gets = _some(terms.gets, terms.get_quantity, wording)
    if terms.form is Form.THIRD and set(terms.gets) == set(terms.buys):
        gets = "one more of them" if terms.get_quantity == 1 else f"{terms.get_quantity} more of them"
    return f"With {buys} in the cart, {gets} {_cheaper(terms)}."


def whom_words(terms: Terms, wording: Wording) -> str:
    """Say whom it is for."""
    if not terms.segment:
        return "For everybody."
    return f"For customers in {wording.segment(terms.segment)} alone, as soon as the shop knows who is buying."


def joined(names: Sequence[str], word: str = "and") -> str:
    """Return names with a word before the last; of many only the first few."""
    if len(names) > _MANY_NAMES:
        rest = len(names) - _MANY_NAMES
        return f"{', '.join(names[:_MANY_NAMES])} {word} {rest} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def _less_words(terms: Terms, wording: Wording) -> str:
    known = [wording.prices.get(part.item_id) for part in terms.parts]
    if terms.price is None or any(price is None for price in known):
        return f", {terms.discount_percent} % less than singly" if terms.discount_percent else ""
    singly = sum((price or 0) * part.quantity for price, part in zip(known, terms.parts, strict=True))
    if singly <= terms.price:
        return ""
    return f"; singly {wording.money(singly)}, so {wording.money(singly - terms.price)} less"


def _some(ids: Sequence[int], quantity: int, wording: Wording) -> str:
    names = [wording.item(item_id) for item_id in ids]
    return f"{quantity} \u00d7 {names[0]}" if len(names) == 1 else f"any {quantity} of {joined(names, 'or')}"


def _cheaper(terms: Terms) -> str:
    is_one = terms.get_quantity == 1
    if terms.discount_percent == _ALL:
        return "is free" if is_one else "are free"
    return f"{'costs' if is_one else 'cost'} {terms.discount_percent} % less"


def _how_words(terms: Terms) -> str:
    if terms.form is Form.FIXED:
        return "It is bought like any product, and takes its parts out of stock."
    if terms.code:
        return f"With the code {terms.code}, typed in at the checkout."
    return "It comes by itself in the cart; nothing need be typed in."


def _when_words(terms: Terms, moment: Moment) -> str:
    start = "At once" if terms.starts_at is None else f"From {moment(terms.starts_at)}"
    return f"{start}, until {'you end it' if terms.ends_at is None else moment(terms.ends_at)}."


def _limit_words(terms: Terms) -> tuple[str, ...]:
    lines = []
    if terms.form is not Form.FIXED:
        often = "once" if terms.uses_per_order == 1 else f"{terms.uses_per_order} times"
        lines.append(f"It counts {often} in an order at most.")
    if terms.uses_most is not None:
        lines.append(f"It is paused after {terms.uses_most:,} orders.")
    if terms.once_per_customer:
        lines.append("Each customer can use it once.")
    return tuple(lines)
