"""By what orders can be searched and sorted."""

from sandbox.shopify.graph.filters import Filter

_STATUSES = (
    "authorized",
    "expired",
    "paid",
    "partially_paid",
    "partially_refunded",
    "pending",
    "refunded",
    "voided",
)
_SENT = (
    "unshipped",
    "shipped",
    "fulfilled",
    "partial",
    "scheduled",
    "on_hold",
    "unfulfilled",
    "request_declined",
)
CREATED_AT = "json_extract(body, '$.createdAt')"
PROCESSED_AT = "json_extract(body, '$.processedAt')"


def _state(order: dict) -> str:
    if order["cancelledAt"]:
        return "cancelled"
    return "closed" if order["closedAt"] else "open"


ORDER_FILTERS: dict[str, Filter] = {
    "default": Filter("words", lambda order, _: f"{order['name']} {order['email'] or ''}"),
    "id": Filter("number", lambda order, _: order["id"], "id"),
    "name": Filter("text", lambda order, _: order["name"]),
    "created_at": Filter("time", lambda order, _: order["createdAt"], CREATED_AT),
    "processed_at": Filter("time", lambda order, _: order["processedAt"], PROCESSED_AT),
    "updated_at": Filter("time", lambda order, _: order["updatedAt"], "updated_at"),
    "customer_id": Filter("number", lambda order, _: order["customerId"], "parent"),
    "email": Filter("text", lambda order, _: order["email"]),
    "tag": Filter("list", lambda order, _: order["tags"]),
    "tag_not": Filter("list", lambda order, _: order["tags"]),
    "test": Filter("flag", lambda order, _: order["test"]),
    "status": Filter(
        "text",
        lambda order, _: _state(order),
        accepted=frozenset(("open", "closed", "cancelled", "not_closed")),
    ),
    "financial_status": Filter(
        "text", lambda order, _: order["financialStatus"], accepted=frozenset(_STATUSES)
    ),
    "fulfillment_status": Filter(
        "text", lambda order, _: order["fulfillmentStatus"] or "unfulfilled", accepted=frozenset(_SENT)
    ),
    "source_name": Filter("text", lambda order, _: order["sourceName"]),
    "discount_code": Filter("list", lambda order, _: order["discountCodes"]),
    "sku": Filter("list", lambda order, _: [line["sku"] for line in order["lines"]]),
    "cart_token": Filter("text", lambda order, _: order["cartToken"]),
    "checkout_token": Filter("text", lambda order, _: order["checkoutToken"]),
    "gateway": Filter("list", lambda order, _: order["paymentGatewayNames"]),
    "current_total_price": Filter("number", lambda order, _: order["currentTotalPrice"] / 100),
}

ORDER_KEYS = {
    "ID": "id",
    "UPDATED_AT": "updated_at",
    "CREATED_AT": CREATED_AT,
    "PROCESSED_AT": PROCESSED_AT,
    "ORDER_NUMBER": "json_extract(body, '$.number')",
    "TOTAL_PRICE": "json_extract(body, '$.totalPrice')",
    "CURRENT_TOTAL_PRICE": "json_extract(body, '$.currentTotalPrice')",
    "FINANCIAL_STATUS": "json_extract(body, '$.financialStatus')",
    "FULFILLMENT_STATUS": "coalesce(json_extract(body, '$.fulfillmentStatus'), '')",
}
