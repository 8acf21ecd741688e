"""Webhook bodies of orders, refunds, carts and checkouts."""

from typing import Any

from sandbox.shopify.payload_lines import discount_applications, discount_codes, line_body
from sandbox.shopify.payload_people import person_in_order
from sandbox.shopify.payload_values import address, amount, gid, local, lower, money_set
from sandbox.shopify.state import Document
from sandbox.shopify.world import World

_APP_OF_SALE = 580111  # the online store's own number
_TOTALS = {
    "total_price": "totalPrice",
    "subtotal_price": "subtotal",
    "total_tax": "totalTax",
    "total_discounts": "totalDiscounts",
    "current_total_price": "currentTotalPrice",
    "total_outstanding": "outstanding",
}


def order_body(world: World, shop: Document, order: Document) -> Document:
    """Return an order as ``orders/create`` and its like carry it (fields of 2026-04 and later)."""
    zone, currency = _zone(shop), order.get("currencyCode") or shop["currencyCode"]
    return {
        **_identity(order),
        **_state(order, zone),
        **_money(order, currency),
        **_marketing(order),
        **_people(world, shop, order),
        "discount_applications": discount_applications(order, currency),
        "currency": currency,
        "presentment_currency": order.get("presentmentCurrencyCode") or currency,
        "line_items": [line_body(line, currency, order) for line in order.get("lines") or []],
        "shipping_lines": _shipping_lines(order, currency),
        "tax_lines": [],
        "refunds": [refund_body(world, shop, order, refund) for refund in order.get("refunds") or []],
        "returns": [],
        "fulfillments": [],
        "payment_gateway_names": order.get("paymentGatewayNames") or [],
        "payment_terms": None,
    }


def _identity(order: Document) -> Document:
    number = order.get("number") or 0
    shown = number if number > 1000 else number + 1000
    return {
        "id": order["id"],
        "admin_graphql_api_id": gid("Order", order["id"]),
        "name": order.get("name") or f"#{shown}",
        "number": shown - 1000,
        "order_number": shown,
        "confirmation_number": f"C{order['id'] % 10**9:09d}",
        "token": f"{order['id']:032x}",
        "cart_token": order.get("cartToken"),
        "checkout_token": order.get("checkoutToken"),
        "app_id": _APP_OF_SALE,
        "location_id": None,
        "user_id": None,
        "merchant_business_entity_id": "MTU0ODM4MDAwOQ",
        "order_status_url": f"https://example.com/orders/{order['id']:032x}",
    }


def _state(order: Document, zone: str) -> Document:
    times = ("cancelledAt", "closedAt", "createdAt", "processedAt", "updatedAt")
    names = ("cancelled_at", "closed_at", "created_at", "processed_at", "updated_at")
    return {
        **{name: local(order.get(field), zone) for name, field in zip(names, times, strict=True)},
        "financial_status": lower(order.get("financialStatus")),
        "fulfillment_status": lower(order.get("fulfillmentStatus")),
        "cancel_reason": lower(order.get("cancelReason")),
        "confirmed": True,
        "test": bool(order.get("test")),
        "source_name": order.get("sourceName") or "web",
        "source_identifier": None,
        "source_url": None,
        "tags": ", ".join(order.get("tags") or []),
        "note": order.get("note"),
        "note_attributes": [],
        "customer_locale": order.get("customerLocale"),
    }


def _money(order: Document, currency: str) -> Document:
    presentment = order.get("presentmentCurrencyCode")
    body: Document = {}
    for name, field in _TOTALS.items():
        body[name] = amount(order.get(field), currency)
        if name != "total_outstanding":
            body[f"{name}_set"] = money_set(order.get(field), currency, presentment)
    lines = order.get("lines") or []
    listed = sum(line["price"] * line["quantity"] for line in lines)
    kept = sum(line["price"] * line.get("currentQuantity", line["quantity"]) for line in lines)
    more = {"total_line_items_price": listed, "current_subtotal_price": kept}
    more |= {"current_total_tax": order.get("totalTax"), "current_total_discounts": order.get("totalDiscounts")}
    for name, minor in more.items():
        body[name] = amount(minor, currency)
        body[f"{name}_set"] = money_set(minor, currency, presentment)
    return body | {
        "total_shipping_price_set": money_set(order.get("totalShipping"), currency, presentment),
        "taxes_included": bool(order.get("taxesIncluded")),
        "estimated_taxes": False,
        "total_tip_received": amount(0, currency),
        "total_weight": 0,
    }


def _marketing(order: Document) -> Document:
    return {
        "landing_site": order.get("landingSite"),
        "landing_site_ref": None,
        "referring_site": order.get("referringSite"),
        "buyer_accepts_marketing": bool(order.get("buyerAcceptsMarketing")),
        "client_details": None,
        "browser_ip": None,
        "discount_codes": discount_codes(order),
    }


def _people(world: World, shop: Document, order: Document) -> Document:
    number = order.get("customerId")
    customer = world.state.find(shop["myshopifyDomain"], "customer", number) if number else None
    return {
        "email": order.get("email") or "",
        "contact_email": order.get("email"),
        "phone": order.get("phone"),
        "billing_address": address(order.get("billingAddress")),
        "shipping_address": address(order.get("shippingAddress")),
        "customer": person_in_order(shop, customer) if customer else None,
    }


def refund_body(world: World, shop: Document, order: Document, refund: Document) -> Document:
    """Return one refund, as in ``refunds/create`` and inside its order."""
    del world
    currency, zone = order.get("currencyCode") or shop["currencyCode"], _zone(shop)
    lines = {line["id"]: line for line in order.get("lines") or []}
    returned = [
        _refund_line(line, lines.get(line["lineItemId"]), order, currency) for line in refund.get("lines") or []
    ]
    return {
        "id": refund["id"],
        "admin_graphql_api_id": gid("Refund", refund["id"]),
        "order_id": order["id"],
        "created_at": local(refund.get("createdAt"), zone),
        "processed_at": local(refund.get("processedAt") or refund.get("createdAt"), zone),
        "note": refund.get("note"),
        "user_id": None,
        "restock": any(
            line.get("restockType") not in (None, "NO_RESTOCK") for line in refund.get("lines") or []
        ),
        "duties": [],
        "total_duties_set": money_set(0, currency),
        "return": None,
        "refund_line_items": returned,
        "refund_shipping_lines": [],
        "transactions": [_refund_payment(order, refund, currency, zone)],
        "order_adjustments": [],
    }


def _refund_line(returned: Document, line: Document | None, order: Document, currency: str) -> Document:
    subtotal, tax = returned.get("subtotal") or 0, returned.get("tax") or 0
    return {
        "id": returned["id"],
        "line_item_id": returned["lineItemId"],
        "quantity": returned["quantity"],
        "location_id": None,
        "restock_type": lower(returned.get("restockType")) or "no_restock",
        "subtotal": float(amount(subtotal, currency)),
        "total_tax": float(amount(tax, currency)),
        "subtotal_set": money_set(subtotal, currency),
        "total_tax_set": money_set(tax, currency),
        "line_item": line_body(line, currency, order) if line else None,
    }


def _refund_payment(order: Document, refund: Document, currency: str, zone: str) -> Document:
    gateways = order.get("paymentGatewayNames") or ["shopify_payments"]
    return {
        "id": refund["id"] + 1,
        "admin_graphql_api_id": gid("OrderTransaction", refund["id"] + 1),
        "order_id": order["id"],
        "amount": amount(refund.get("amount"), currency),
        "currency": currency,
        "kind": "refund",
        "gateway": gateways[0],
        "status": "success",
        "created_at": local(refund.get("createdAt"), zone),
        "processed_at": local(refund.get("processedAt") or refund.get("createdAt"), zone),
        "test": bool(order.get("test")),
        "parent_id": None,
    }


def basket_body(world: World, shop: Document, basket: Document) -> Document:
    """Return a cart or a checkout; it is kept in camelCase or as the body itself."""
    del world
    if "updated_at" in basket:
        return basket
    zone, currency = _zone(shop), basket.get("currencyCode") or shop["currencyCode"]
    return {
        **{
            _snake(name): _plain(name, value, zone, currency)
            for name, value in basket.items()
            if name != "lines"
        },
        "line_items": [line_body({"id": place, **line}, currency) for place, line in _numbered(basket)],
    }


def cart_body(world: World, shop: Document, cart: Document) -> Document:
    """Return a cart, which knows no customer and whose id is its token."""
    body = basket_body(world, shop, cart)
    kept = ("token", "line_items", "note", "updated_at", "created_at")
    return {"id": body["token"], **{name: body.get(name) for name in kept}}


def _numbered(basket: Document) -> list[tuple[int, Document]]:
    return list(enumerate(basket.get("lines") or [], start=1))


def _plain(name: str, value: Any, zone: str, currency: str) -> Any:  # noqa: ANN401 (any JSON)
    if name.endswith("At"):
        return local(value, zone)
    return amount(value, currency) if name.endswith("Price") or name.startswith("total") else value


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _shipping_lines(order: Document, currency: str) -> list[Document]:
    cost = order.get("totalShipping")
    if cost is None:
        return []
    return [{"id": order["id"] + 1, "title": "Standard", "code": "Standard", "price": amount(cost, currency)}]


def _zone(shop: Document) -> str:
    return shop.get("ianaTimezone") or "UTC"
