"""Orders, their lines and their refunds."""

from typing import Any

from sandbox.shopify.graph.access import need, oldest_order, order_window, protected
from sandbox.shopify.graph.answers import address, bag, discounted, share_of
from sandbox.shopify.graph.connections import Stored, connection
from sandbox.shopify.graph.filters import compile_search
from sandbox.shopify.graph.order_filters import ORDER_FILTERS, ORDER_KEYS
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, number_of, resolver
from sandbox.shopify.state import Document

_FULFILLMENT = {None: "UNFULFILLED", "fulfilled": "FULFILLED", "partial": "PARTIALLY_FULFILLED"}
_CHANNELS = {
    "web": "Online Store",
    "pos": "Point of Sale",
    "shopify_draft_order": "Draft Orders",
}


def list_orders(info: Info, args: dict[str, Any], *, customer: int | None = None) -> Stored:
    """Return orders as the arguments of a connection ask for them, without those hidden by the window."""
    call: Call = info.context
    search = compile_search(args.get("query"), ORDER_FILTERS, call, info.path.as_list())
    search.clauses += order_window(call)
    if customer is not None:
        search.clauses.append(("parent = ?", (customer,)))
    key = ORDER_KEYS.get(args.get("sortKey") or "PROCESSED_AT", "id")
    return Stored(call, "order", search, key=key, reverse=bool(args.get("reverse")))


def find_order(call: Call, number: int | None) -> Document | None:
    """Return an order that is neither gone nor hidden."""
    found = None if number is None else call.state.find(call.shop, "order", number)
    return found if found is not None and found["createdAt"] >= oldest_order(call) else None


@resolver("QueryRoot", "orders")
def orders(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of orders."""
    need(info, "read_orders")
    return connection(info, list_orders(info, args), args)


@resolver("QueryRoot", "order")
def order(_parent: None, info: Info, *, id: str) -> Document | None:  # noqa: A002 (the argument's name)
    """Return one order."""
    return find_order(need(info, "read_orders"), number_of(id, "Order"))


@resolver("QueryRoot", "ordersCount")
def orders_count(_parent: None, info: Info, **args: Any) -> Answer:  # noqa: ANN401
    """Return how many orders there are, up to a limit."""
    need(info, "read_orders")
    return counted(list_orders(info, {"query": args.get("query")}), args.get("limit"))


def counted(listing: Stored, limit: int | None) -> Answer:
    """Return a ``Count``, which stops at a limit."""
    count = listing.count()
    over = limit is not None and count > limit
    return {"count": limit if over else count, "precision": "AT_LEAST" if over else "EXACT"}


@resolver("Order", "id")
def order_id(parent: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("Order", parent["id"])


@resolver("Order", "legacyResourceId")
@resolver("Refund", "legacyResourceId")
def legacy_id(parent: Document, _info: Info) -> str:
    """Return the plain number."""
    return str(parent["id"])


_PLAIN_SUMS = {
    "totalPriceSet": "totalPrice",
    "originalTotalPriceSet": "totalPrice",
    "currentTotalPriceSet": "currentTotalPrice",
    "subtotalPriceSet": "subtotal",
    "totalTaxSet": "totalTax",
    "totalShippingPriceSet": "totalShipping",
    "totalDiscountsSet": "totalDiscounts",
    "cartDiscountAmountSet": "totalDiscounts",
    "totalOutstandingSet": "outstanding",
}


def _sum_of(stored: str) -> Any:  # noqa: ANN401 (a resolver)
    return lambda parent, _info: bag(parent, parent[stored])


for _name, _stored in _PLAIN_SUMS.items():
    resolver("Order", _name)(_sum_of(_stored))


@resolver("Order", "totalRefundedSet")
def total_refunded(parent: Document, _info: Info) -> Answer:
    """Return what was given back."""
    return bag(parent, sum(refund["amount"] for refund in parent["refunds"]))


@resolver("Order", "totalReceivedSet")
@resolver("Order", "netPaymentSet")
def received(parent: Document, info: Info) -> Answer:
    """Return what was paid, before or after refunds."""
    refunded = sum(refund["amount"] for refund in parent["refunds"])
    paid = 0 if parent["financialStatus"] == "voided" else max(parent["totalPrice"] - parent["outstanding"], 0)
    return bag(parent, paid - (refunded if info.field_name == "netPaymentSet" else 0))


@resolver("Order", "currentSubtotalPriceSet")
def current_subtotal(parent: Document, _info: Info) -> Answer:
    """Return what the lines that are left cost."""
    return bag(parent, sum(discounted(line, line["currentQuantity"]) for line in parent["lines"]))


@resolver("Order", "currentTotalDiscountsSet")
def current_discounts(parent: Document, _info: Info) -> Answer:
    """Return the discount of the lines that are left."""
    shares = [share_of(line["totalDiscount"], line, line["currentQuantity"]) for line in parent["lines"]]
    return bag(parent, sum(shares))


@resolver("Order", "currentTotalTaxSet")
def current_tax(parent: Document, _info: Info) -> Answer:
    """Return the tax that is left when refunded tax is taken off."""
    back = sum(line.get("tax") or 0 for refund in parent["refunds"] for line in refund["lines"])
    return bag(parent, 0 if parent["cancelledAt"] else max(parent["totalTax"] - back, 0))


@resolver("Order", "customer")
def customer_of(parent: Document, info: Info) -> Document | None:
    """Return the customer; none for the nameless and for those who are gone."""
    call = need(info, "read_customers")
    if parent["customerId"] is None:
        return None
    if call.bulk and _only_id(info):
        return {"id": parent["customerId"]}
    return call.state.find(call.shop, "customer", parent["customerId"])


def _only_id(info: Info) -> bool:
    """Return whether nothing but the id is asked for, which spares a look-up for each of a million orders."""
    selections = info.field_nodes[0].selection_set.selections
    return all(getattr(getattr(one, "name", None), "value", "") == "id" for one in selections)


@resolver("Order", "displayFinancialStatus")
def financial_status(parent: Document, _info: Info) -> str:
    """Return the status in capitals."""
    return str(parent["financialStatus"]).upper()


@resolver("Order", "displayFulfillmentStatus")
def fulfillment_status(parent: Document, _info: Info) -> str:
    """Return the status; an order that was never sent is unfulfilled."""
    return _FULFILLMENT.get(parent["fulfillmentStatus"], "UNFULFILLED")


@resolver("Order", "cancelReason")
def cancel_reason(parent: Document, _info: Info) -> str | None:
    """Return the reason in capitals."""
    return parent["cancelReason"].upper() if parent["cancelReason"] else None


@resolver("Order", "attribution")
def attribution(parent: Document, _info: Info) -> Answer:
    """Return the channel the order came through."""
    source = parent["sourceName"] or "web"
    return {"handle": source.replace("_", "-"), "displayName": _CHANNELS.get(source, "Marketplace")}


@resolver("Order", "email")
@resolver("Order", "phone")
def contact(parent: Document, info: Info) -> str | None:
    """Return how the buyer is reached: protected."""
    protected(info)
    return parent.get(info.field_name)


@resolver("Order", "shippingAddress")
@resolver("Order", "billingAddress")
def order_address(parent: Document, info: Info) -> Answer | None:
    """Return an address: protected."""
    protected(info)
    return address(parent[info.field_name], parent["id"])


@resolver("Order", "billingAddressMatchesShippingAddress")
def same_address(parent: Document, _info: Info) -> bool:
    """Return whether the goods go where the bill goes."""
    return parent["billingAddress"] == parent["shippingAddress"]


_ANSWERS = {
    "closed": lambda order: order["closedAt"] is not None,
    "confirmed": lambda _order: True,
    "estimatedTaxes": lambda _order: False,
    "edited": lambda order: bool(order["edits"]),
    "discountCode": lambda order: next(iter(order["discountCodes"]), None),
    "fullyPaid": lambda order: order["financialStatus"] in ("paid", "partially_refunded", "refunded"),
    "unpaid": lambda order: order["financialStatus"] in ("pending", "authorized", "expired"),
    "refundable": lambda order: sum(one["amount"] for one in order["refunds"]) < order["totalPrice"],
    "requiresShipping": lambda order: any(line["requiresShipping"] for line in order["lines"]),
    "customerAcceptsMarketing": lambda _order: False,
    "subtotalLineItemsQuantity": lambda order: sum(line["quantity"] for line in order["lines"]),
    "currentSubtotalLineItemsQuantity": lambda order: sum(line["currentQuantity"] for line in order["lines"]),
}


def _answer(read: Any) -> Any:  # noqa: ANN401 (a resolver)
    return lambda parent, _info: read(parent)


for _name, _read in _ANSWERS.items():
    resolver("Order", _name)(_answer(_read))
