"""The lines in webhook bodies, and the discounts that took something off them."""

from sandbox.shopify.order_discounts import allocations, applications
from sandbox.shopify.payload_values import amount, gid, lower, money_set
from sandbox.shopify.state import Document

_TYPES = {"automatic": "automatic", "code": "discount_code", "manual": "manual"}


def line_body(line: Document, currency: str, order: Document | None = None) -> Document:
    """Return one line of an order, or of a cart or checkout, in which nothing is taken off yet."""
    title, variant = line.get("title") or "", line.get("variantTitle")
    return {
        "id": line["id"],
        "admin_graphql_api_id": gid("LineItem", line["id"]),
        "product_id": line.get("productId"),
        "variant_id": line.get("variantId"),
        "sku": line.get("sku"),
        "title": title,
        "variant_title": variant,
        "vendor": line.get("vendor"),
        "name": f"{title} - {variant}" if variant else title,
        "quantity": line["quantity"],
        "current_quantity": line.get("currentQuantity", line["quantity"]),
        "fulfillable_quantity": line.get("currentQuantity", line["quantity"]),
        "fulfillment_status": None,
        "price": amount(line["price"], currency),
        "price_set": money_set(line["price"], currency),
        "total_discount": amount(line.get("totalDiscount"), currency),
        "total_discount_set": money_set(line.get("totalDiscount"), currency),
        "discount_allocations": _allocations(order, line, currency) if order is not None else [],
        "gift_card": bool(line.get("isGiftCard")),
        "requires_shipping": line.get("requiresShipping", True),
        "taxable": line.get("taxable", True),
        "grams": 0,
        "product_exists": line.get("productId") is not None,
        "properties": [],
        "tax_lines": [],
        "duties": [],
        "sales_line_item_group_id": (line.get("group") or {}).get("id"),
    }


def _allocations(order: Document, line: Document, currency: str) -> list[Document]:
    return [
        {
            "amount": amount(share, currency),
            "amount_set": money_set(share, currency),
            "discount_application_index": discount["index"],
        }
        for share, discount in allocations(order, line)
    ]


def discount_codes(order: Document) -> list[Document]:
    """Return the codes that were typed in; all that was taken off counts as the first one's."""
    codes = order.get("discountCodes") or []
    currency = order.get("currencyCode") or "USD"
    shares = [amount(order.get("totalDiscounts") if place == 0 else 0, currency) for place in range(len(codes))]
    return [
        code if isinstance(code, dict) else {"code": code, "amount": share, "type": "fixed_amount"}
        for code, share in zip(codes, shares, strict=True)
    ]


def discount_applications(order: Document, currency: str) -> list[Document]:
    """Return the discounts that count in an order; lines name them by their place."""
    return [_application(discount, currency) for discount in applications(order)]


def _application(discount: Document, currency: str) -> Document:
    """Return a discount: a code has no title, and only what was taken off by hand has a description."""
    named = {"code": discount["code"]} if discount["kind"] == "code" else {"title": discount["title"]}
    if discount["kind"] == "manual":
        named["description"] = discount["title"]
    whole, _, part = amount(discount["amount"], currency).partition(".")
    return {
        "target_type": "line_item",
        "type": _TYPES[discount["kind"]],
        "value": f"{whole}.{part.rstrip('0') or '0'}",  # unlike other amounts it ends with its last digit
        "value_type": "fixed_amount",
        "allocation_method": "across",
        "target_selection": lower(discount["targetSelection"]),
        **named,
    }
