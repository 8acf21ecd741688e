"""The lines of orders."""

from typing import Any

from sandbox.shopify.graph.access import need
from sandbox.shopify.graph.answers import bag, discounted, share_of
from sandbox.shopify.graph.connections import Listed, connection
from sandbox.shopify.graph.registry import Answer, Info, gid, resolver
from sandbox.shopify.state import Document


@resolver("Order", "lineItems")
def line_items(parent: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of the order's lines, each knowing its order for the sake of the currency."""
    rows = [line | {"order": parent} for line in parent["lines"]]
    return connection(info, Listed(rows, reverse=bool(args.get("reverse"))), args)


@resolver("LineItem", "id")
def line_id(parent: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("LineItem", parent["id"])


@resolver("LineItem", "name")
def line_name(parent: Document, _info: Info) -> str:
    """Return the title with that of the variant."""
    return " - ".join(filter(None, (parent["title"], parent["variantTitle"])))


@resolver("LineItem", "product")
@resolver("LineItem", "variant")
def goods(parent: Document, info: Info) -> Document | None:
    """Return the product or variant; none for custom lines and for what was deleted."""
    call = need(info, "read_products")
    number = parent[f"{info.field_name}Id"]
    if number is None:
        return None
    known = call.notes.setdefault("goods", {})
    if number not in known:
        known[number] = call.state.find(call.shop, info.field_name, number)
    found: Document | None = known[number]
    return found


_LINE_SUMS = {
    "originalUnitPriceSet": lambda line: line["price"],
    "originalTotalSet": lambda line: line["price"] * line["quantity"],
    "totalDiscountSet": lambda line: line["totalDiscount"],
    "discountedUnitPriceSet": lambda line: line["price"] - share_of(line["totalDiscount"], line, 1),
    "discountedUnitPriceAfterAllDiscountsSet": lambda line: (
        line["price"] - share_of(line["totalDiscount"], line, 1)
    ),
}


def _line_sum(read: Any) -> Any:  # noqa: ANN401 (a resolver)
    return lambda parent, _info: bag(parent["order"], read(parent))


for _name, _read in _LINE_SUMS.items():
    resolver("LineItem", _name)(_line_sum(_read))


@resolver("LineItem", "discountedTotalSet")
def discounted_total(parent: Document, _info: Info, **_args: Any) -> Answer:  # noqa: ANN401
    """Return what the line costs after its discounts."""
    return bag(parent["order"], discounted(parent, parent["quantity"]))


@resolver("LineItem", "refundableQuantity")
def refundable_quantity(parent: Document, _info: Info) -> int:
    """Return how many pieces are left to give back."""
    return int(parent["currentQuantity"])


@resolver("LineItem", "unfulfilledQuantity")
@resolver("LineItem", "nonFulfillableQuantity")
def waiting_quantity(parent: Document, info: Info) -> int:
    """Return how many pieces were not sent yet, and how many cannot be sent."""
    sent = parent["order"]["fulfillmentStatus"] == "fulfilled"
    waits = info.field_name == "unfulfilledQuantity" and not sent
    return int(parent["currentQuantity"]) if waits else 0
