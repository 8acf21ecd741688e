"""Which discounts took what off an order's lines, and which lines are parts of a bundle."""

from typing import Any

from sandbox.shopify.graph.answers import bag, money
from sandbox.shopify.graph.connections import Listed, connection
from sandbox.shopify.graph.registry import Answer, Info, gid, resolver
from sandbox.shopify.order_discounts import allocations, applications
from sandbox.shopify.state import Document

_TYPES = {
    "automatic": "AutomaticDiscountApplication",
    "code": "DiscountCodeApplication",
    "manual": "ManualDiscountApplication",
}


@resolver("Order", "discountApplications")
def discount_applications(parent: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of the discounts that count in an order."""
    rows = [_application(parent, each) | {"id": each["index"]} for each in applications(parent)]
    return connection(info, Listed(rows, reverse=bool(args.get("reverse"))), args)


@resolver("LineItem", "discountAllocations")
def discount_allocations(parent: Document, _info: Info) -> list[Answer]:
    """Return what each discount took off a line."""
    order = parent["order"]
    return [
        {"allocatedAmountSet": bag(order, amount), "discountApplication": _application(order, discount)}
        for amount, discount in allocations(order, parent)
    ]


def _application(order: Document, discount: Document) -> Answer:
    """Return a discount as an amount that is shared out among lines: what it was meant to be is not kept."""
    return {
        "__typename": _TYPES[discount["kind"]],
        "allocationMethod": "ACROSS",
        "targetSelection": discount["targetSelection"],
        "targetType": "LINE_ITEM",
        "value": money(discount["amount"], order["currencyCode"]) | {"__typename": "MoneyV2"},
        "index": discount["index"],
        "title": discount["title"],
        "code": discount["code"],
        "description": discount["title"],
    }


@resolver("LineItem", "lineItemGroup")
def line_item_group(parent: Document, _info: Info) -> Answer | None:
    """Return the bundle whose part a line is."""
    group: Answer | None = parent.get("group")
    return group


@resolver("LineItemGroup", "id")
def group_id(parent: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("LineItemGroup", parent["id"])


@resolver("LineItemGroup", "productId")
def group_product(parent: Document, _info: Info) -> str | None:
    """Return the global id of the bundle's product."""
    return None if parent["productId"] is None else gid("Product", parent["productId"])


@resolver("LineItemGroup", "variantId")
def group_variant(parent: Document, _info: Info) -> str | None:
    """Return the global id of the bundle's variant."""
    return None if parent["variantId"] is None else gid("ProductVariant", parent["variantId"])
