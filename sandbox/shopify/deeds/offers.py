"""Buying what a discount or a bundle offers: reckoned as at the checkout, then an order like any other."""

import random
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.shopify.deeds.finding import DeedRefusedError, get, get_or_any
from sandbox.shopify.deeds.orders import place_order
from sandbox.shopify.documents import new_number
from sandbox.shopify.installs import shop_of
from sandbox.shopify.segment_members import ground_of, is_member
from sandbox.shopify.segment_query import parse
from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

Ids = dict[str, Any]
_SORT = "Bxgy"


def buy_offer(
    world: World,
    shop: str,
    *,
    discount_id: int | None = None,
    product_id: int | None = None,
    customer_id: int | None = None,
    times: int = 1,
    at: str | None = None,
) -> Ids:
    """Let somebody make use of an offer: of this discount (buy X get Y) or bundle, or of any that there is.

    Whoever may use it buys it ``times`` over (a discount no more often than it allows in one order). A code is
    typed in; a bundle comes as its parts, which share its price by what they are worth.
    """
    with world.state.together():
        if product_id is None and discount_id is None:
            discount_id, product_id = _any_offer(world, shop)
        if product_id is not None:
            bundle = get(world, shop, "product", product_id)
            lines, fields = _parts(world, shop, bundle, times), {}
        else:
            discount = get(world, shop, "discount", int(discount_id or 0))
            customer_id = _buyer(world, shop, discount, customer_id)
            times = min(times, discount["usesPerOrderLimit"] or times)
            lines = _discounted(world, shop, discount, times)
            fields = {"discountCodes": [discount["code"]]} if discount["code"] else {}
            used = discount | {"asyncUsageCount": discount["asyncUsageCount"] + 1}
            world.state.put(shop, "discount", used)
        placed = place_order(world, shop, customer_id=customer_id, lines=lines, at=at, **fields)
    return placed | {"discount_id": discount_id, "product_id": product_id, "times": times}


def _any_offer(world: World, shop: str) -> tuple[int | None, int | None]:
    offers: list[tuple[int | None, int | None]] = [
        (each["id"], None)
        for each in world.state.each(shop, "discount")
        if each["sort"] == _SORT and _counts_now(each)
    ]
    offers += [
        (None, each["id"])
        for each in world.state.each(shop, "product")
        if each.get("bundleComponents") and _is_on_sale(each)
    ]
    if not offers:
        raise DeedRefusedError(f"{shop} has no offer that could be used now.")
    return random.choice(offers)


def _counts_now(discount: Document) -> bool:
    moment = stamp(now())
    is_used_up = discount["usageLimit"] is not None and discount["asyncUsageCount"] >= discount["usageLimit"]
    has_begun = discount["startsAt"] <= moment
    return has_begun and (discount["endsAt"] is None or discount["endsAt"] > moment) and not is_used_up


def _is_on_sale(product: Document) -> bool:
    return product["status"] == "ACTIVE" and product["publishedAt"] is not None


def _buyer(world: World, shop: str, discount: Document, customer_id: int | None) -> int:
    """Return who buys: this customer, where the discount is for them, or any for whom it is."""
    if discount["sort"] != _SORT or not _counts_now(discount):
        raise DeedRefusedError(f"The discount {discount['title']} does not count now.")
    if customer_id is not None:
        if not _may_use(world, shop, discount, get(world, shop, "customer", customer_id)):
            raise DeedRefusedError(f"The discount {discount['title']} is not for customer {customer_id}.")
        return customer_id
    if discount["context"]["kind"] == "all" and not discount["appliesOncePerCustomer"]:
        return int(get_or_any(world, shop, "customer", None)["id"])
    found = [one["id"] for one in world.state.each(shop, "customer") if _may_use(world, shop, discount, one)]
    if not found:
        raise DeedRefusedError(f"There is nobody for whom the discount {discount['title']} is.")
    return int(random.choice(found))


def _may_use(world: World, shop: str, discount: Document, customer: Document) -> bool:
    kind, ids = discount["context"]["kind"], discount["context"]["ids"]
    if discount["appliesOncePerCustomer"] and any(
        discount["code"] in order["discountCodes"]
        for order in world.state.children(shop, "order", customer["id"])
    ):
        return False
    if kind == "customers":
        return customer["id"] in ids
    if kind == "all":
        return True
    zone = shop_of(world, shop).get("ianaTimezone") or "UTC"
    ground = ground_of(world.state, shop, as_of=now(), timezone=zone)
    return any(is_member(ground, parse(get(world, shop, "segment", each)["query"]), customer) for each in ids)


def _discounted(world: World, shop: str, discount: Document, times: int) -> list[Document]:
    """Return the lines: what is bought at its price, and what is cheaper then."""
    buys, gets = discount["customerBuys"], discount["customerGets"]
    full: Counter[int] = Counter()
    _take(full, _variants(world, shop, buys["items"]), int(buys["value"].get("quantity", 1)) * times)
    cheaper: Counter[int] = Counter()
    _take(cheaper, _variants(world, shop, gets["items"]), int(gets["value"].get("quantity", 1)) * times)
    kind = "code" if discount["code"] else "automatic"
    told = {"kind": kind, "title": discount["title"], "code": discount["code"]}
    lines = []
    for number in sorted(full.keys() | cheaper.keys()):
        price = get(world, shop, "variant", number)["price"]
        off = _off(price, gets["value"]) * cheaper[number]
        quantity = full[number] + cheaper[number]
        shares = [told | {"amount": off}] if off else []
        lines.append({"variantId": number, "quantity": quantity, "totalDiscount": off, "discounts": shares})
    return lines


def _take(chosen: Counter[int], variants: list[int], quantity: int) -> None:
    """Choose so many pieces of what there is to choose from, one variant after the other."""
    if not variants:
        raise DeedRefusedError("The discount names nothing that could be bought.")
    first = random.randrange(len(variants))
    for place in range(quantity):
        chosen[variants[(first + place) % len(variants)]] += 1


def _variants(world: World, shop: str, items: Document) -> list[int]:
    found = [each for each in items["variants"] if world.state.find(shop, "variant", each)]
    for product in items["products"]:
        found += [each["id"] for each in world.state.children(shop, "variant", product)]
    return found


def _off(price: int, value: Document) -> int:
    """Return what comes off one piece; halves of the smallest coin are rounded up."""
    if "amount" in value:
        return min(price, int(value["amount"]))
    share = Decimal(str(value.get("percentage", 1.0)))
    return int((share * price).to_integral_value(rounding=ROUND_HALF_UP))


def _parts(world: World, shop: str, bundle: Document, times: int) -> list[Document]:
    """Return a bundle as its parts, which share its price by what they are worth, to the last coin."""
    if not bundle.get("bundleComponents") or not _is_on_sale(bundle):
        raise DeedRefusedError(f"The bundle {bundle['title']} is not on sale.")
    (whole, *_) = world.state.children(shop, "variant", bundle["id"])
    chosen = [
        (_part(world, shop, each), (each["quantity"] or 1) * times) for each in bundle["bundleComponents"]
    ]
    worth = sum(variant["price"] * quantity for variant, quantity in chosen)
    group = {
        "id": new_number(world.state, "line_group"),
        "title": bundle["title"],
        "productId": bundle["id"],
        "variantId": whole["id"],
        "variantSku": whole["sku"],
        "quantity": times,
    }
    left, lines = whole["price"] * times, []
    for place, (variant, quantity) in enumerate(chosen):
        is_last = place == len(chosen) - 1
        paid = left if is_last else whole["price"] * times * variant["price"] * quantity // max(worth, 1)
        left -= paid
        price = -(-paid // quantity)
        line = {"variantId": variant["id"], "quantity": quantity, "price": price, "group": group}
        lines.append(line | {"totalDiscount": price * quantity - paid})
    return lines


def _part(world: World, shop: str, component: Document) -> Document:
    """Return the variant that a component stands for: the first that has the values chosen of each option."""
    wanted = [set(each["values"]) for each in component["optionSelections"]]
    for variant in world.state.children(shop, "variant", component["productId"]):
        values = [each["value"] for each in variant["selectedOptions"]]
        if all(value in allowed for value, allowed in zip(values, wanted, strict=False)):
            return variant
    raise DeedRefusedError("A part of the bundle is gone.")
