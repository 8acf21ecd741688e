"""Discounts read back: nodes, lists, and what each kind of discount shows."""

from collections.abc import Callable
from typing import Any

from sandbox.shopify.graph.access import need
from sandbox.shopify.graph.answers import decimal, money
from sandbox.shopify.graph.connections import Listed, Stored, connection
from sandbox.shopify.graph.filters import Filter, compile_search
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, kind_of, number_of, resolver
from sandbox.shopify.graph.resolvers.discounts import NODES, node_gid, status
from sandbox.shopify.state import Document

_METHOD = "json_extract(body, '$.method') = ?"
_KEYS = {
    "CREATED_AT": "json_extract(body, '$.createdAt')",
    "STARTS_AT": "json_extract(body, '$.startsAt')",
    "ENDS_AT": "coalesce(json_extract(body, '$.endsAt'), '')",
    "TITLE": "json_extract(body, '$.title')",
    "UPDATED_AT": "updated_at",
}
_SEARCH: dict[str, Filter] = {
    "default": Filter("words", lambda one, _: f"{one['title']} {one['code'] or ''}"),
    "id": Filter("number", lambda one, _: one["id"], "id"),
    "title": Filter("words", lambda one, _: one["title"]),
    "code": Filter("text", lambda one, _: one["code"]),
    "method": Filter("text", lambda one, _: one["method"]),
    "status": Filter("text", lambda one, _: status(one).lower()),
    "created_at": Filter("time", lambda one, _: one["createdAt"]),
    "starts_at": Filter("time", lambda one, _: one["startsAt"]),
    "ends_at": Filter("time", lambda one, _: one["endsAt"]),
    "updated_at": Filter("time", lambda one, _: one["updatedAt"], "updated_at"),
}


def _listing(info: Info, args: dict[str, Any], method: str | None) -> Stored:
    call = need(info, "read_discounts")
    search = compile_search(args.get("query"), _SEARCH, call, info.path.as_list())
    if method is not None:
        search.clauses.append((_METHOD, (method,)))
    key = _KEYS.get(args.get("sortKey") or "", "id")
    return Stored(call, "discount", search, key=key, reverse=bool(args.get("reverse")))


def _list(field: str, method: str | None) -> None:
    @resolver("QueryRoot", field)
    def nodes(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
        return connection(info, _listing(info, args, method), args)


def _one(field: str, kinds: frozenset[str]) -> None:
    @resolver("QueryRoot", field)
    def node(_parent: None, info: Info, *, id: str) -> Document | None:  # noqa: A002
        call = need(info, "read_discounts")
        number = number_of(id) if kind_of(id) in kinds else None
        found = None if number is None else call.state.find(call.shop, "discount", number)
        asked = kind_of(id)
        return found if found and asked in ("DiscountNode", NODES[found["method"]]) else None


_list("discountNodes", None)
_list("codeDiscountNodes", "code")
_list("automaticDiscountNodes", "automatic")
_one("discountNode", frozenset({"DiscountNode", *NODES.values()}))
_one("codeDiscountNode", frozenset({"DiscountCodeNode"}))
_one("automaticDiscountNode", frozenset({"DiscountAutomaticNode"}))


@resolver("QueryRoot", "discountNodesCount")
def nodes_count(_parent: None, info: Info, **args: Any) -> Answer:  # noqa: ANN401
    """Return how many discounts there are."""
    count = _listing(info, args, None).count()
    limit = args.get("limit")
    return {"count": count if limit is None else min(count, limit), "precision": "EXACT"}


@resolver("QueryRoot", "codeDiscountNodeByCode")
def node_by_code(_parent: None, info: Info, *, code: str) -> Document | None:
    """Return the discount of a code, however it is written."""
    call = need(info, "read_discounts")
    for discount in call.state.each(call.shop, "discount"):
        if (discount["code"] or "").casefold() == code.casefold():
            return discount
    return None


@resolver("DiscountNode", "id")
@resolver("DiscountCodeNode", "id")
@resolver("DiscountAutomaticNode", "id")
@resolver("DiscountAutomaticBxgy", "id")
def any_node_id(discount: Document, _info: Info) -> str:
    """Return the global id, whose kind says the method."""
    return node_gid(discount)


@resolver("DiscountNode", "discount")
@resolver("DiscountCodeNode", "codeDiscount")
@resolver("DiscountAutomaticNode", "automaticDiscount")
def inner(discount: Document, _info: Info) -> Document:
    """Return the discount itself as one of four types."""
    return discount | {"__typename": f"Discount{discount['method'].capitalize()}{discount['sort']}"}


def _status(discount: Document, _info: Info) -> str:
    return status(discount)


def _classes(discount: Document, _info: Info) -> list[str]:
    return ["ORDER"] if discount["customerGets"]["items"]["all"] else ["PRODUCT"]


def _context(discount: Document, info: Info) -> Answer:
    call: Call = info.context
    kind, ids = discount["context"]["kind"], discount["context"]["ids"]
    if kind == "all":
        return {"__typename": "DiscountBuyerSelectionAll", "all": "ALL"}
    stored = "customer" if kind == "customers" else "segment"
    found = [one for number in ids if (one := call.state.find(call.shop, stored, number))]
    if kind == "customers":
        return {"__typename": "DiscountCustomers", "customers": found}
    return {"__typename": "DiscountCustomerSegments", "segments": found}


def _gets(discount: Document, info: Info) -> Answer:
    gets = discount["customerGets"]
    return {
        "appliesOnOneTimePurchase": gets.get("appliesOnOneTimePurchase", True),
        "appliesOnSubscription": gets.get("appliesOnSubscription", False),
        "items": _items(gets["items"]),
        "value": _value(gets["value"], info),
    }


def _buys(discount: Document, info: Info) -> Answer:
    buys = discount["customerBuys"]
    shown = {**buys, "items": _items(buys["items"])}
    value: Answer = {"__typename": "DiscountQuantity", "quantity": str(buys["value"].get("quantity", 1))}
    if "amount" in buys["value"]:
        amount = decimal(buys["value"]["amount"], _currency(info))
        value = {"__typename": "DiscountPurchaseAmount", "amount": amount}
    return shown | {"value": value}


def _items(items: Document) -> Answer:
    if items["all"]:
        return {"__typename": "AllDiscountItems", "allItems": True}
    kind = "DiscountCollections" if items["collections"] else "DiscountProducts"
    return {"__typename": kind, "listed": items}


def _value(value: Document, info: Info) -> Answer:
    if "amount" in value:
        shown = {"amount": money(value["amount"], _currency(info)), "appliesOnEachItem": value["each"]}
        shown["__typename"] = "DiscountAmount"
    else:
        shown = {"__typename": "DiscountPercentage", "percentage": value.get("percentage", 0.0)}
    if "quantity" not in value:
        return shown
    quantity = {"quantity": str(value["quantity"])}
    return {"__typename": "DiscountOnQuantity", "effect": shown, "quantity": quantity}


def _minimum(discount: Document, info: Info) -> Answer | None:
    minimum = discount["minimumRequirement"]
    if minimum is None:
        return None
    if "subtotal" in minimum:
        shown = money(minimum["subtotal"], _currency(info))
        return {"__typename": "DiscountMinimumSubtotal", "greaterThanOrEqualToSubtotal": shown}
    return {
        "__typename": "DiscountMinimumQuantity",
        "greaterThanOrEqualToQuantity": str(minimum["quantity"]),
    }


def _codes(discount: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    row = {"id": discount["codeId"], "code": discount["code"], "asyncUsageCount": discount["asyncUsageCount"]}
    return connection(info, Listed([row]), args)


def _summary(discount: Document, info: Info) -> str:
    """Return one line about a discount, as the admin shows it."""
    value = discount["customerGets"]["value"]
    if "amount" in value:
        worth = f"{decimal(value['amount'], _currency(info))} {_currency(info)}"
    else:
        worth = f"{round(value.get('percentage', 0) * 100)}%"
    what = "one-time purchase products" if discount["customerGets"]["items"]["all"] else "selected products"
    minimum = discount["minimumRequirement"] or {}
    more = ""
    if "subtotal" in minimum:
        more = f" • Minimum purchase of {decimal(minimum['subtotal'], _currency(info))}"
    elif "quantity" in minimum:
        more = f" • Minimum quantity of {minimum['quantity']}"
    return f"{worth} off {what}{more}"


def _currency(info: Info) -> str:
    return str(info.context.shop_document.get("currencyCode", "USD"))


_FIELDS: dict[str, Callable[..., Any]] = {
    "status": _status,
    "discountClasses": _classes,
    "context": _context,
    "customerGets": _gets,
    "customerBuys": _buys,
    "minimumRequirement": _minimum,
    "summary": _summary,
    "shortSummary": _summary,
    "codes": _codes,
    "codesCount": lambda _discount, _info: {"count": 1, "precision": "EXACT"},
    "usageCount": lambda discount, _info: discount["asyncUsageCount"],
}
_OF_TYPE = {
    "DiscountCodeBasic": _FIELDS.keys() - {"customerBuys", "usageCount"},
    "DiscountCodeBxgy": _FIELDS.keys() - {"minimumRequirement", "shortSummary", "usageCount"},
    "DiscountAutomaticBasic": _FIELDS.keys() - {"customerBuys", "codes", "codesCount"},
    "DiscountAutomaticBxgy": _FIELDS.keys() - {"minimumRequirement", "shortSummary", "codes", "codesCount"},
}
for _type_name, _names in _OF_TYPE.items():
    for _name in sorted(_names):
        resolver(_type_name, _name)(_FIELDS[_name])


@resolver("DiscountAutomaticBasic", "recurringCycleLimit")
def recurring(discount: Document, _info: Info) -> int:
    """Return how many times a subscription gets it; once by default."""
    return discount["recurringCycleLimit"] or 1


@resolver("DiscountRedeemCode", "id")
def code_id(code: Document, _info: Info) -> str:
    """Return the global id of a code."""
    return gid("DiscountRedeemCode", code["id"])


def _entitled(type_name: str, field: str, name: str, kind: str) -> None:
    @resolver(type_name, field)
    def rows(parent: Answer, info: Info, **args: Any) -> Any:  # noqa: ANN401
        call: Call = info.context
        found = [one for number in parent["listed"][name] if (one := call.state.find(call.shop, kind, number))]
        return connection(info, Listed(found, bool(args.get("reverse"))), args)


_entitled("DiscountProducts", "products", "products", "product")
_entitled("DiscountProducts", "productVariants", "variants", "variant")
_entitled("DiscountCollections", "collections", "collections", "collection")
