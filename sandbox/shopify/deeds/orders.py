"""Orders: placed, paid back, cancelled, edited, deleted."""

import random
from typing import Any

from sandbox.shopify import documents
from sandbox.shopify.deeds.finding import DeedRefusedError, get, get_or_any, newest, only_known
from sandbox.shopify.deeds.lines import codes_of, order_lines, spread
from sandbox.shopify.installs import shop_of
from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

Ids = dict[str, Any]
_SHIPPING = 495
_GUEST = 0


def place_order(
    world: World,
    shop: str,
    *,
    customer_id: int | None = None,
    lines: list[Document] | None = None,
    at: str | None = None,
    discount: int = 0,
    **fields: Any,  # noqa: ANN401 (any field of an order)
) -> Ids:
    """Let somebody buy: any customer and a few products unless they are given; ``customer_id`` 0 is a guest.

    ``lines`` are ``{variantId, quantity, price, totalDiscount, discounts, group}``; ``discount`` (minor units)
    is spread over them; ``at`` backdates the order (an import); all other arguments are fields of the order.
    """
    with world.state.together():
        buyer = None if customer_id == _GUEST else get_or_any(world, shop, "customer", customer_id)
        bought = order_lines(world, shop, lines)
        spread(discount, bought)
        order = _order(world, shop, buyer, bought, at)
        only_known(fields, order)
        order |= fields
        order["discountCodes"] = codes_of(order)
        _tell(
            world,
            shop,
            order,
            "orders/create",
            *(("orders/paid",) if order["financialStatus"] == "paid" else ()),
        )
        for product in {line["productId"] for line in bought if line["productId"]}:
            _sell(world, shop, product, bought)
        if buyer is not None:
            _touch_customer(world, shop, buyer)
    return {"order_id": order["id"], "customer_id": order["customerId"], "name": order["name"]}


def refund_order(
    world: World,
    shop: str,
    *,
    order_id: int | None = None,
    lines: list[Document] | None = None,
    amount: int | None = None,
    note: str | None = None,
) -> Ids:
    """Pay back: all that is left of an order, or the given ``{lineItemId, quantity}``, or an amount alone."""
    with world.state.together():
        order = get(world, shop, "order", order_id) if order_id is not None else _refundable(world, shop)
        wanted = [] if amount is not None and lines is None else _wanted(order, lines)
        returned = [_take_back(world, order, *pair) for pair in wanted]
        worth = sum(one["subtotal"] + one["tax"] for one in returned)
        left = order["currentTotalPrice"]
        all_gone = not any(line["currentQuantity"] for line in order["lines"])
        paid_back = min(left, left if all_gone and amount is None else worth if amount is None else amount)
        if not returned and not paid_back:
            raise DeedRefusedError(f"Nothing is left of {order['name']} to pay back.")
        number = documents.new_number(world.state, "refund")
        refund = documents.make_refund(number, at=stamp(now()), amount=paid_back, lines=returned, note=note)
        order["refunds"].append(refund)
        order["currentTotalPrice"] = left - paid_back
        order["financialStatus"] = "partially_refunded" if order["currentTotalPrice"] else "refunded"
        order["updatedAt"] = stamp(now())
        world.emit(shop, "refunds/create", {"order": order, "refund": refund})
        _tell(world, shop, order, "orders/updated")
    return {
        "order_id": order["id"],
        "refund_id": number,
        "customer_id": order["customerId"],
        "amount": paid_back,
    }


def cancel_order(world: World, shop: str, *, order_id: int | None = None, reason: str = "CUSTOMER") -> Ids:
    """Cancel an order and give its money back."""
    with world.state.together():
        order = get(world, shop, "order", order_id) if order_id is not None else _refundable(world, shop)
        if order["cancelledAt"]:
            raise DeedRefusedError(f"{order['name']} is cancelled already.")
        if order["currentTotalPrice"]:
            refund_order(world, shop, order_id=order["id"], note="Cancelled")
            order = get(world, shop, "order", order["id"])
        order |= {"cancelledAt": stamp(now()), "cancelReason": reason, "closedAt": stamp(now())}
        _tell(world, shop, order, "orders/cancelled", "orders/updated")
    return {"order_id": order["id"], "customer_id": order["customerId"]}


def edit_order(
    world: World,
    shop: str,
    *,
    order_id: int | None = None,
    add: list[Document] | None = None,
    **fields: Any,  # noqa: ANN401 (any field of an order)
) -> Ids:
    """Change an order: more lines (one of something by default, unless fields are given), or other fields."""
    with world.state.together():
        order = get_or_any(world, shop, "order", order_id)
        only_known(fields, order)
        order |= fields
        topics = ["orders/updated"]
        if add or not fields:
            more = order_lines(world, shop, add, most=1)
            order["lines"] += more
            extra = sum(line["price"] * line["quantity"] - line["totalDiscount"] for line in more)
            order["currentTotalPrice"] += extra
            order |= {"edits": order.get("edits", 0) + 1, "outstanding": order.get("outstanding", 0) + extra}
            topics.insert(0, "orders/edited")
        _tell(world, shop, order, *topics)
    return {"order_id": order["id"], "customer_id": order["customerId"]}


def delete_order(world: World, shop: str, *, order_id: int | None = None) -> Ids:
    """Delete an order for good."""
    with world.state.together():
        order = get_or_any(world, shop, "order", order_id)
        world.state.delete(shop, "order", order["id"])
        world.emit(shop, "orders/delete", order)
    return {"order_id": order["id"], "customer_id": order["customerId"]}


def _order(world: World, shop: str, buyer: Document | None, lines: list[Document], at: str | None) -> Document:
    owner, moment = shop_of(world, shop), stamp(now())
    last = newest(world, shop, "order")
    shown = world.state.next_number(f"order name {shop}", start=(last or {"number": 1000})["number"] + 1)
    home = (buyer or {}).get("defaultAddress")
    token = f"{random.getrandbits(128):032x}"
    number = documents.new_number(world.state, "order")
    order = documents.make_order(
        number,
        shown,
        lines,
        createdAt=at or moment,
        processedAt=at or moment,
        currencyCode=owner["currencyCode"],
        totalShipping=_SHIPPING if any(line["requiresShipping"] for line in lines) else 0,
        customerId=buyer["id"] if buyer else None,
        email=buyer["email"] if buyer else f"guest{shown}@example.com",
        phone=buyer["phone"] if buyer else None,
        shippingAddress=home,
        billingAddress=home,
        checkoutToken=token,
        cartToken=f"Z2NwLXVz{token[:20]}",
        landingSite="/?utm_source=stand-in",
    )
    order["updatedAt"] = moment
    return order


def _sell(world: World, shop: str, product_id: int, lines: list[Document]) -> None:
    """Take what was bought off the stock; Shopify tells of the product then."""
    for line in lines:
        if line["productId"] == product_id and (
            variant := world.state.find(shop, "variant", line["variantId"])
        ):
            variant["inventoryQuantity"] -= line["quantity"] if variant["tracked"] else 0
            world.state.put(shop, "variant", variant | {"updatedAt": stamp(now())}, parent=product_id)
    if product := world.state.find(shop, "product", product_id):
        changed = product | {"updatedAt": stamp(now())}
        world.state.put(shop, "product", changed)
        world.emit(shop, "products/update", changed)


def _touch_customer(world: World, shop: str, buyer: Document) -> None:
    changed = buyer | {"updatedAt": stamp(now())}
    world.state.put(shop, "customer", changed)
    world.emit(shop, "customers/update", changed)


def _tell(world: World, shop: str, order: Document, *topics: str) -> None:
    order["updatedAt"] = stamp(now())
    world.state.put(shop, "order", order, parent=order["customerId"])
    for topic in topics:
        world.emit(shop, topic, order)


def _refundable(world: World, shop: str) -> Document:
    """Return the newest order that still has money in it."""
    where = "AND json_extract(body, '$.currentTotalPrice') > 0 AND json_extract(body, '$.cancelledAt') IS NULL"
    found = newest(world, shop, "order", where)
    if found is None:
        raise DeedRefusedError(f"{shop} has no order to give money back for.")
    return found


def _wanted(order: Document, lines: list[Document] | None) -> list[tuple[Document, int]]:
    """Return pairs of a line and how many of it come back."""
    if lines is None:
        return [(line, line["currentQuantity"]) for line in order["lines"] if line["currentQuantity"]]
    known = {line["id"]: line for line in order["lines"]}
    pairs = [(known.get(one.get("lineItemId")), one.get("quantity", 1)) for one in lines]
    found = [(line, quantity) for line, quantity in pairs if line and 0 < quantity <= line["currentQuantity"]]
    if len(found) != len(lines):
        raise DeedRefusedError(f"{order['name']} does not have these lines, or not so many of them.")
    return found


def _take_back(world: World, order: Document, line: Document, quantity: int) -> Document:
    """Return a refund's line; its tax is the line's share of the order's."""
    paid = line["price"] * line["quantity"] - line["totalDiscount"]
    before = line["quantity"] - line["currentQuantity"]
    subtotal = paid * (before + quantity) // line["quantity"] - paid * before // line["quantity"]
    tax = 0 if order["taxesIncluded"] else order["totalTax"] * subtotal // max(order["subtotal"], 1)
    line["currentQuantity"] -= quantity
    return {
        "id": documents.new_number(world.state, "refund_line"),
        "lineItemId": line["id"],
        "quantity": quantity,
        "restockType": "RETURN",
        "subtotal": subtotal,
        "tax": tax,
    }
