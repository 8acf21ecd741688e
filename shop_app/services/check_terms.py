"""Whether an offer may be made as it is written down: every doubt in words, with the field that it is about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shop_app.bundles.terms import MOST_ITEMS, MOST_PARTS, Form, Terms
from shop_app.services.bundle_limits import Limits, OfferItem
from shop_app.services.money_words import money_words
from shop_app.storage import bundles, connections, remote_groups
from shop_app.storage.engine import Connection, transaction

_LONGEST_TITLE = 120
_MOST_QUANTITY = 100
_MOST_USES = 1_000_000
_LONGEST = timedelta(days=2 * 365)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,29}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One doubt: the field of the terms (or ``title``) that it is about, and what is wrong in words."""

    field: str
    words: str


def check_terms(
    shop_id: int, title: str, terms: Terms, *, at: datetime, bundle_id: int | None = None
) -> list[Problem]:
    """Return everything that keeps an offer from being approved; empty where nothing does.

    ``bundle_id`` is the bundle that they are of, whose own code is not taken.
    """
    limits = Limits.of(shop_id, terms.item_ids)
    found = [*_title_problems(title), *_shape_problems(terms), *_time_problems(terms, at)]
    if found:
        return found  # figures of what has no proper shape say nothing
    with transaction(shop_id) as connection:
        found = [*_item_problems(terms, limits), *_buyer_problems(connection, shop_id, terms, bundle_id)]
    return found or list(_figure_problems(terms, limits, at))


def native_segment(connection: Connection, slug: str) -> str | None:
    """Return the global id of Shopify's segment that stands for one of ours, ``None`` where there is none."""
    groups = remote_groups.list_of(connection, "shopify")
    return next((each.remote_id for each in groups if each.role == "segment" and each.slug == slug), None)


def _title_problems(title: str) -> Iterator[Problem]:
    if not title.strip():
        yield Problem("title", "Give it a title: buyers read it at the checkout.")
    elif len(title) > _LONGEST_TITLE or not title.isprintable():
        yield Problem("title", f"The title may have {_LONGEST_TITLE} characters and no line breaks.")


def _shape_problems(terms: Terms) -> Iterator[Problem]:
    if terms.form is Form.FIXED:
        yield from _part_problems(terms)
    else:
        yield from _side_problems(terms)
    if not 1 <= terms.uses_per_order <= _MOST_QUANTITY:
        yield Problem("uses_per_order", f"In one order it may count from 1 to {_MOST_QUANTITY} times.")
    if terms.uses_most is not None and not 1 <= terms.uses_most <= _MOST_USES:
        yield Problem("uses_most", f"The limit of uses is a number from 1 to {_MOST_USES}, or empty.")
    if terms.code and not _CODE.fullmatch(terms.code):
        yield Problem("code", "A code has 3 to 30 letters, digits, - or _, and begins with a letter or digit.")
    if terms.once_per_customer and not terms.code:
        yield Problem("once_per_customer", "Only a discount with a code can be limited to once per customer.")


def _part_problems(terms: Terms) -> Iterator[Problem]:
    pieces = sum(part.quantity for part in terms.parts)
    if pieces < 2:  # noqa: PLR2004 (one thing alone is no bundle)
        yield Problem("parts", "A bundle needs two pieces or more.")
    if len(terms.parts) > MOST_PARTS:
        yield Problem("parts", f"Shopify puts at most {MOST_PARTS} parts into a bundle.")
    if len({part.item_id for part in terms.parts}) < len(terms.parts):
        yield Problem("parts", "A part is named twice: name it once, with how many of it.")
    if not all(1 <= part.quantity <= _MOST_QUANTITY for part in terms.parts):
        yield Problem("parts", f"Of each part there may be 1 to {_MOST_QUANTITY}.")
    if terms.price is None or terms.price < 1:
        yield Problem("price", "Say what the bundle costs.")
    yield from _foreign_problems(terms)


def _foreign_problems(terms: Terms) -> Iterator[Problem]:
    """Yield what a fixed bundle has of the terms of a discount."""
    if terms.buys or terms.gets:
        field = "buys" if terms.buys else "gets"
        yield Problem(field, "A fixed bundle has parts, and nothing that is bought or cheaper beside them.")
    if terms.segment:
        yield Problem(
            "segment",
            "A fixed bundle is a product, so all can buy it. For one segment, offer the same as a discount.",
        )
    if terms.code:
        yield Problem("code", "A fixed bundle has a price of its own and no code.")


def _side_problems(terms: Terms) -> Iterator[Problem]:
    for field, items, quantity in (
        ("buys", terms.buys, terms.buy_quantity),
        ("gets", terms.gets, terms.get_quantity),
    ):
        if not items:
            yield Problem(field, "Name at least one thing that is bought, and one that is cheaper then.")
        if len(items) > MOST_ITEMS:
            yield Problem(field, f"At most {MOST_ITEMS} things can be named here.")
        if not 1 <= quantity <= _MOST_QUANTITY:
            yield Problem(field, f"How many of them: from 1 to {_MOST_QUANTITY}.")
    if terms.parts:
        yield Problem("parts", "A discount has no parts: it names what is bought and what is cheaper then.")
    if terms.price is not None:
        yield Problem("price", "A discount has no price of its own: it takes so many percent off.")
    if not 1 <= terms.discount_percent <= 100:  # noqa: PLR2004 (percent)
        yield Problem("discount_percent", "The discount is a whole number from 1 to 100 percent.")


def _time_problems(terms: Terms, at: datetime) -> Iterator[Problem]:
    if any(each is not None and each.tzinfo is None for each in (terms.starts_at, terms.ends_at)):
        yield Problem("starts_at", "Beginning and end need a time zone.")
        return
    start = max(at, terms.starts_at) if terms.starts_at else at
    if terms.ends_at is not None and terms.ends_at <= start:
        yield Problem("ends_at", "It would end before it begins: choose a later end.")
    if terms.starts_at is not None and terms.starts_at > at + _LONGEST:
        yield Problem("starts_at", "It would begin in more than two years: choose an earlier day.")


def _item_problems(terms: Terms, limits: Limits) -> Iterator[Problem]:
    fields = dict.fromkeys(terms.buys, "buys") | dict.fromkeys(terms.gets, "gets")
    fields |= {part.item_id: "parts" for part in terms.parts}
    products: dict[int, int] = {}
    for item_id, field in sorted(fields.items()):
        found = limits.items.get(item_id)
        words = _item_words(found)
        if words or found is None:
            yield Problem(field, f"“{limits.name(item_id)}” {words}")
        elif field == "parts" and found.product is not None:
            if found.product in products:
                twin = limits.name(products[found.product])
                yield Problem(
                    "parts",
                    f"“{limits.name(item_id)}” and “{twin}” are variants of one product, which can be one part "
                    "only. Offer them as a discount.",
                )
            products[found.product] = item_id


def _item_words(found: OfferItem | None) -> str:
    if found is None:
        return "is not among what this shop sells."
    if found.variant is None or found.product is None:
        return "is not known by a variant in Shopify, so nothing can be made of it there."
    if not found.is_sold:
        return "is not on sale in Shopify."
    if found.is_gift_card:
        return "is a gift card, which is money and nothing to discount."
    return "" if found.price else "has no price in Shopify."


def _buyer_problems(
    connection: Connection, shop_id: int, terms: Terms, bundle_id: int | None
) -> Iterator[Problem]:
    if connections.find(connection, shop_id) is None:
        yield Problem("form", "This shop is not connected to Shopify, where offers are made: connect it first.")
    if terms.segment and native_segment(connection, terms.segment) is None:
        yield Problem(
            "segment",
            f"Shopify has no segment of ours for “{terms.segment}”. Under Destinations, connect Shopify with "
            "“Make Shopify segments” switched on and let the first labels be sent; then it is there.",
        )
    if terms.code and bundles.has_code(connection, terms.code, but=bundle_id):
        yield Problem("code", f"Another of your offers has the code “{terms.code}”: choose another one.")


def _figure_problems(terms: Terms, limits: Limits, at: datetime) -> Iterator[Problem]:
    if terms.form is Form.FIXED:
        yield from _price_problems(terms, limits)
    elif terms.discount_percent > limits.rules.most_discount_percent:
        most = limits.rules.most_discount_percent
        yield Problem("discount_percent", f"Your rules allow {most} percent at the most.")
    depth = "price" if terms.form is Form.FIXED else "discount_percent"
    if words := limits.margin_words(terms):
        yield Problem(depth, words)
    if words := limits.stock_words(terms):
        yield Problem("parts" if terms.parts else "gets", words)
    if words := limits.season_words(terms, (terms.starts_at or at).astimezone(UTC)):
        yield Problem("starts_at", words)
    if broken := limits.brand_words(terms):
        yield Problem(*broken)


def _price_problems(terms: Terms, limits: Limits) -> Iterator[Problem]:
    whole = limits.list_price(terms)
    if whole is None or terms.price is None:
        return
    most = limits.rules.most_discount_percent
    told = money_words(whole, limits.currency)
    if terms.price > whole:
        yield Problem("price", f"One by one the parts cost {told}: a bundle that costs more is no offer.")
    elif (whole - terms.price) * 100 > most * whole:
        least = money_words(-(-whole * (100 - most) // 100), limits.currency)
        yield Problem(
            "price",
            f"One by one the parts cost {told}, and your rules allow {most} percent off: {least} or more.",
        )
