"""The lines of an order as somebody buys them."""

import random
from typing import Any

from sandbox.shopify import documents
from sandbox.shopify.deeds.finding import DeedRefusedError, get, get_or_any, only_known
from sandbox.shopify.order_discounts import KINDS
from sandbox.shopify.state import Document
from sandbox.shopify.world import World

_DISCOUNT: Document = {"kind": "automatic", "title": None, "code": None, "amount": 0}
_GROUP: Document = {
    "id": None,
    "title": "Bundle",
    "productId": None,
    "variantId": None,
    "variantSku": None,
    "quantity": 1,
}


def order_lines(world: World, shop: str, wanted: list[Document] | None, *, most: int = 3) -> list[Document]:
    """Return new lines: those that are wanted, or a few of anything."""
    if wanted is None:
        count = random.randint(1, most)
        wanted = [{"quantity": random.choice((1, 1, 1, 2, 3))} for _ in range(count)]
    made = [_line(world, shop, one) for one in wanted]
    if not made:
        raise DeedRefusedError("An order needs a line.")
    return made


def spread(discount: int, lines: list[Document]) -> None:
    """Take a discount off the lines by what they are worth, to the last minor unit."""
    whole = sum(line["price"] * line["quantity"] for line in lines)
    left = min(discount, whole)
    for place, line in enumerate(lines):
        worth = line["price"] * line["quantity"]
        share = left if place == len(lines) - 1 else min(left, discount * worth // max(whole, 1))
        line["totalDiscount"] += min(share, worth)
        left -= min(share, worth)


def codes_of(order: Document) -> list[Any]:
    """Return the codes of an order, with those that only its lines name."""
    codes = list(order["discountCodes"])
    for line in order["lines"]:
        for discount in line.get("discounts") or []:
            code = discount.get("code")
            if code and code not in codes:
                codes.append(code)
    return codes


def _line(world: World, shop: str, wanted: Document) -> Document:
    wanted = wanted | _discounted(wanted) | _grouped(world, wanted)
    number = documents.new_number(world.state, "line")
    if wanted.get("variantId") is None and "title" in wanted:
        return documents.make_line(number, **{"price": 1000, **wanted})
    variant = get_or_any(world, shop, "variant", wanted.pop("variantId", None))
    product = get(world, shop, "product", variant["productId"])
    named = {
        "productId": product["id"],
        "variantId": variant["id"],
        "title": product["title"],
        "variantTitle": None if variant["title"] == "Default Title" else variant["title"],
        "sku": variant["sku"],
        "vendor": product["vendor"],
        "isGiftCard": product["isGiftCard"],
        "requiresShipping": not product["isGiftCard"],
        "price": variant["price"],
    }
    return documents.make_line(number, **(named | wanted))


def _discounted(wanted: Document) -> Document:
    """Return the discounts of a line in full; they take off what they say unless it is said to be more."""
    told = [_discount(each) for each in wanted.get("discounts") or []]
    taken = sum(each["amount"] for each in told)
    if taken > wanted.get("totalDiscount", taken):
        raise DeedRefusedError("The discounts of a line take off more than there is off it.")
    return {"discounts": told, "totalDiscount": wanted.get("totalDiscount", taken)}


def _discount(given: Document) -> Document:
    only_known(given, _DISCOUNT)
    discount = _DISCOUNT | given
    name = {"automatic": "title", "code": "code"}.get(discount["kind"], "kind")
    if discount["kind"] not in KINDS or not discount[name] or discount["amount"] < 1:
        raise DeedRefusedError(f"A discount needs a kind ({', '.join(KINDS)}), its name, and an amount.")
    return discount


def _grouped(world: World, wanted: Document) -> Document:
    group = wanted.get("group")
    if group is None:
        return {}
    only_known(group, _GROUP)
    return {
        "group": _GROUP | {"id": group.get("id") or documents.new_number(world.state, "line_group")} | group
    }
