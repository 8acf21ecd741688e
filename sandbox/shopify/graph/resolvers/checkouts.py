"""Checkouts that were begun and left: read from the REST-shaped bodies that are stored."""

from datetime import datetime
from typing import Any

from sandbox.shopify.graph.access import need
from sandbox.shopify.graph.answers import address, bag
from sandbox.shopify.graph.connections import Listed, Stored, connection
from sandbox.shopify.graph.filters import Compiled, Filter, compile_search
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, resolver
from sandbox.shopify.graph.resolvers.orders import counted
from sandbox.shopify.state import Document

_CREATED = "coalesce(json_extract(body, '$.createdAt'), '')"
_FILTERS: dict[str, Filter] = {
    "id": Filter("number", lambda one, _: one["id"], "id"),
    "created_at": Filter("time", lambda one, _: _utc(one.get("createdAt"))),
    "updated_at": Filter("time", lambda one, _: _utc(one.get("updatedAt"))),
}


def _utc(written: str | None) -> str | None:
    """Return a time as the interface writes it, whatever offset it is stored with."""
    if not written:
        return None
    from sandbox.shopify.world import stamp

    return stamp(datetime.fromisoformat(written))


def _abandoned(info: Info, args: dict[str, Any]) -> Stored:
    call = need(info, "read_orders")
    search: Compiled = compile_search(args.get("query"), _FILTERS, call, info.path.as_list())
    search.tests.append(lambda one: not one.get("completedAt"))
    key = _CREATED if args.get("sortKey") == "CREATED_AT" else "id"
    return Stored(call, "checkout", search, key=key, reverse=bool(args.get("reverse")))


@resolver("QueryRoot", "abandonedCheckouts")
def abandoned_checkouts(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of checkouts that did not become orders."""
    return connection(info, _abandoned(info, args), args)


@resolver("QueryRoot", "abandonedCheckoutsCount")
def abandoned_count(_parent: None, info: Info, **args: Any) -> Answer:  # noqa: ANN401
    """Return how many there are."""
    return counted(_abandoned(info, {"query": args.get("query")}), args.get("limit"))


@resolver("AbandonedCheckout", "id")
def checkout_id(parent: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("AbandonedCheckout", parent["id"])


@resolver("AbandonedCheckout", "createdAt")
@resolver("AbandonedCheckout", "updatedAt")
@resolver("AbandonedCheckout", "completedAt")
def moment(parent: Document, info: Info) -> str | None:
    """Return a time of the checkout."""
    return _utc(parent.get(info.field_name))


@resolver("AbandonedCheckout", "customer")
def customer(parent: Document, info: Info) -> Document | None:
    """Return the customer, if known."""
    call = need(info, "read_customers")
    number = parent.get("customerId")
    return None if number is None else call.state.find(call.shop, "customer", number)


def _currencies(parent: Document, call: Call) -> Document:
    own = call.shop_document.get("currencyCode", "USD")
    return {"currencyCode": own, "presentmentCurrencyCode": parent.get("currencyCode") or own}


@resolver("AbandonedCheckout", "totalPriceSet")
@resolver("AbandonedCheckout", "subtotalPriceSet")
def total(parent: Document, info: Info) -> Answer:
    """Return what is in it worth."""
    return bag(_currencies(parent, info.context), parent.get("totalPrice") or 0)


@resolver("AbandonedCheckout", "lineItems")
def lines(parent: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of what is in it."""
    rows = [
        line | {"id": line.get("id") or place, "parent": parent}
        for place, line in enumerate(parent.get("lines") or [], 1)
    ]
    return connection(info, Listed(rows, reverse=bool(args.get("reverse"))), args)


@resolver("AbandonedCheckoutLineItem", "id")
def line_id(parent: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("AbandonedCheckoutLineItem", parent["id"])


@resolver("AbandonedCheckoutLineItem", "originalUnitPriceSet")
@resolver("AbandonedCheckoutLineItem", "originalTotalPriceSet")
def line_price(parent: Document, info: Info) -> Answer:
    """Return what one piece or all pieces cost."""
    pieces = parent.get("quantity", 1) if info.field_name == "originalTotalPriceSet" else 1
    return bag(_currencies(parent["parent"], info.context), (parent.get("price") or 0) * pieces)


@resolver("AbandonedCheckoutLineItem", "product")
@resolver("AbandonedCheckoutLineItem", "variant")
def goods(parent: Document, info: Info) -> Document | None:
    """Return the product or variant."""
    call = need(info, "read_products")
    number = parent.get(f"{info.field_name}Id")
    return None if number is None else call.state.find(call.shop, info.field_name, number)


@resolver("AbandonedCheckout", "shippingAddress")
@resolver("AbandonedCheckout", "billingAddress")
def checkout_address(parent: Document, info: Info) -> Answer | None:
    """Return an address, if one was typed in."""
    return address(parent.get(info.field_name), parent["id"])


_ANSWERS = {
    "name": lambda one: f"#{one['id']}",
    "note": lambda one: one.get("note") or "",
    "discountCodes": lambda one: one.get("discountCodes") or [],
    "abandonedCheckoutUrl": lambda one: (
        one.get("recoveryUrl") or f"https://example.com/recover/{one.get('token')}"
    ),
}


def _answer(read: Any) -> Any:  # noqa: ANN401 (a resolver)
    return lambda parent, _info: read(parent)


for _name, _read in _ANSWERS.items():
    resolver("AbandonedCheckout", _name)(_answer(_read))
