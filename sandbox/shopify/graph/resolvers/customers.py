"""Customers: what they are, what they bought, and their consent."""

from typing import Any

from sandbox.shopify.documents import minor_digits
from sandbox.shopify.graph.access import need, oldest_order, protected
from sandbox.shopify.graph.answers import address, money
from sandbox.shopify.graph.connections import Stored, connection
from sandbox.shopify.graph.filters import Filter, compile_search
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, number_of, resolver
from sandbox.shopify.graph.resolvers.orders import counted, list_orders
from sandbox.shopify.state import Document

_STATES = frozenset(("enabled", "disabled", "invited", "declined"))
_OLD_SMS = {"NEVER_SUBSCRIBED": "NOT_SUBSCRIBED"}


def purchases_of(call: Call, customer_id: int) -> Document:
    """Return ``orders``, ``spent``, ``last`` of a customer: cancelled orders bring nothing, tests are none."""
    known = call.notes.setdefault("purchases", {})
    if customer_id not in known:
        bought = [one for one in call.state.children(call.shop, "order", customer_id) if not one["test"]]
        kept = (one["currentTotalPrice"] - one["outstanding"] for one in bought if not one["cancelledAt"])
        last = max(bought, key=lambda one: (one["processedAt"], one["id"]), default=None)
        known[customer_id] = {"orders": len(bought), "spent": sum(max(one, 0) for one in kept), "last": last}
    found: Document = known[customer_id]
    return found


def _spent(customer: Document, call: Call) -> float:
    digits = minor_digits(call.shop_document.get("currencyCode", "USD"))
    return float(purchases_of(call, customer["id"])["spent"] / 10**digits)


def _last_order_at(customer: Document, call: Call) -> str | None:
    last = purchases_of(call, customer["id"])["last"]
    return last["processedAt"] if last else None


def _name(customer: Document) -> str:
    return " ".join(filter(None, (customer["firstName"], customer["lastName"])))


def _place(customer: Document, _call: Call) -> str | None:
    shown = address(customer["defaultAddress"], customer["id"]) or {}
    return shown.get("country")


CUSTOMER_FILTERS: dict[str, Filter] = {
    "default": Filter("words", lambda one, _: f"{_name(one)} {one['email'] or ''} {one['phone'] or ''}"),
    "id": Filter("number", lambda one, _: one["id"], "id"),
    "customer_date": Filter("time", lambda one, _: one["createdAt"], "json_extract(body, '$.createdAt')"),
    "updated_at": Filter("time", lambda one, _: one["updatedAt"], "updated_at"),
    "email": Filter("text", lambda one, _: one["email"]),
    "phone": Filter("text", lambda one, _: one["phone"]),
    "first_name": Filter("text", lambda one, _: one["firstName"]),
    "last_name": Filter("text", lambda one, _: one["lastName"]),
    "country": Filter("text", _place),
    "state": Filter("text", lambda one, _: one["state"], accepted=_STATES),
    "tag": Filter("list", lambda one, _: one["tags"]),
    "tag_not": Filter("list", lambda one, _: one["tags"]),
    "accepts_marketing": Filter("flag", lambda one, _: one["emailMarketing"]["state"] == "SUBSCRIBED"),
    "orders_count": Filter("number", lambda one, call: purchases_of(call, one["id"])["orders"]),
    "total_spent": Filter("number", _spent),
    "order_date": Filter("time", _last_order_at),
}
_COUNT_FILTERS = {
    "id": CUSTOMER_FILTERS["id"],
    "updated_at": CUSTOMER_FILTERS["updated_at"],
    "created_at": CUSTOMER_FILTERS["customer_date"],
}
_KEYS = {
    "UPDATED_AT": "updated_at",
    "CREATED_AT": "json_extract(body, '$.createdAt')",
    "NAME": (
        "coalesce(json_extract(body, '$.lastName'), '') || ' ' || "
        "coalesce(json_extract(body, '$.firstName'), '')"
    ),
}


@resolver("QueryRoot", "customers")
def customers(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of customers."""
    call = need(info, "read_customers")
    search = compile_search(args.get("query"), CUSTOMER_FILTERS, call, info.path.as_list())
    key = _KEYS.get(args.get("sortKey") or "ID", "id")
    listing = Stored(call, "customer", search, key=key, reverse=bool(args.get("reverse")))
    return connection(info, listing, args)


@resolver("QueryRoot", "customersCount")
def customers_count(_parent: None, info: Info, **args: Any) -> Answer:  # noqa: ANN401
    """Return how many customers there are; it knows fewer filters than the list does."""
    call = need(info, "read_customers")
    search = compile_search(args.get("query"), _COUNT_FILTERS, call, info.path.as_list())
    return counted(Stored(call, "customer", search), args.get("limit"))


@resolver("QueryRoot", "customer")
def customer(_parent: None, info: Info, *, id: str) -> Document | None:  # noqa: A002 (the argument's name)
    """Return one customer."""
    call = need(info, "read_customers")
    number = number_of(id, "Customer")
    return None if number is None else call.state.find(call.shop, "customer", number)


@resolver("QueryRoot", "customerByIdentifier")
def customer_by_identifier(_parent: None, info: Info, *, identifier: Document) -> Document | None:
    """Return one customer by number, e-mail address or phone."""
    call = need(info, "read_customers")
    if "id" in identifier:
        number = number_of(identifier["id"], "Customer")
        return None if number is None else call.state.find(call.shop, "customer", number)
    name, stored = ("emailAddress", "email") if "emailAddress" in identifier else ("phoneNumber", "phone")
    asked = (identifier.get(name) or "").lower()
    where = f"AND lower(json_extract(body, '$.{stored}')) = ?"
    found = call.state.select(call.shop, "customer", where, (asked,), order="id LIMIT 1")
    return found[0][1] if found else None


@resolver("Customer", "id")
def customer_id(parent: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("Customer", parent["id"])


@resolver("Customer", "legacyResourceId")
def legacy_id(parent: Document, _info: Info) -> str:
    """Return the plain number."""
    return str(parent["id"])


@resolver("Customer", "firstName")
@resolver("Customer", "lastName")
@resolver("Customer", "email")
@resolver("Customer", "phone")
def personal(parent: Document, info: Info) -> str | None:
    """Return what names a person: protected."""
    protected(info)
    return parent[info.field_name]


@resolver("Customer", "displayName")
def display_name(parent: Document, info: Info) -> str:
    """Return the name, or the address where there is none: protected."""
    protected(info)
    return _name(parent) or parent["email"] or parent["phone"] or ""


@resolver("Customer", "defaultAddress")
def default_address(parent: Document, info: Info) -> Answer | None:
    """Return the address: protected."""
    protected(info)
    return address(parent["defaultAddress"], parent["id"])


@resolver("Customer", "defaultEmailAddress")
def default_email(parent: Document, info: Info) -> Answer | None:
    """Return the address with its consent: protected."""
    protected(info)
    if not parent["email"]:
        return None
    consent = parent["emailMarketing"]
    return {
        "emailAddress": parent["email"],
        "marketingState": consent["state"],
        "marketingOptInLevel": consent.get("optInLevel"),
        "marketingUpdatedAt": consent.get("updatedAt"),
        "openTrackingLevel": "UNKNOWN",
        "validFormat": "@" in parent["email"],
    }


@resolver("Customer", "defaultPhoneNumber")
def default_phone(parent: Document, info: Info) -> Answer | None:
    """Return the phone with its consent: protected."""
    protected(info)
    if not parent["phone"]:
        return None
    consent = parent["smsMarketing"]
    state = "NEVER_SUBSCRIBED" if consent["state"] == "NOT_SUBSCRIBED" else consent["state"]
    new = {"state": state, "optInLevel": consent.get("optInLevel"), "updatedAt": consent.get("updatedAt")}
    return {
        "phoneNumber": parent["phone"],
        "marketingState": _OLD_SMS.get(state, state),
        "marketingOptInLevel": consent.get("optInLevel"),
        "marketingUpdatedAt": consent.get("updatedAt"),
        "marketingCollectedFrom": None,
        "smsMarketingConsent": new | {"collectedFrom": None if state == "NEVER_SUBSCRIBED" else "SHOPIFY"},
    }


@resolver("Customer", "numberOfOrders")
def number_of_orders(parent: Document, info: Info) -> str:
    """Return how many orders there are, as text: the real one's type is 64 bits wide."""
    return str(purchases_of(info.context, parent["id"])["orders"])


@resolver("Customer", "amountSpent")
def amount_spent(parent: Document, info: Info) -> Answer:
    """Return what was paid and not given back."""
    call: Call = info.context
    return money(purchases_of(call, parent["id"])["spent"], call.shop_document.get("currencyCode", "USD"))


@resolver("Customer", "lastOrder")
def last_order(parent: Document, info: Info) -> Document | None:
    """Return the latest order, unless it is hidden."""
    call = need(info, "read_orders")
    last = purchases_of(call, parent["id"])["last"]
    return last if last and last["createdAt"] >= oldest_order(call) else None


@resolver("Customer", "orders")
def orders(parent: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of the customer's orders."""
    need(info, "read_orders")
    listing = list_orders(info, {"sortKey": "ID"} | args, customer=parent["id"])
    return connection(info, listing, args)


@resolver("Customer", "statistics")
def statistics(_parent: Document, _info: Info) -> Answer:
    """Return the native marks: null, as in a store where they were not reckoned yet."""
    return {"rfmGroup": None, "predictedSpendTier": None}


@resolver("Customer", "mergeable")
def mergeable(_parent: Document, _info: Info) -> Answer:
    """Return that nothing stands in the way of a merge."""
    return {"isMergeable": True, "reason": None, "errorFields": []}


@resolver("Customer", "canDelete")
def can_delete(parent: Document, info: Info) -> bool:
    """Return whether there are no orders."""
    return purchases_of(info.context, parent["id"])["last"] is None


@resolver("Customer", "validEmailAddress")
def valid_email(parent: Document, _info: Info) -> bool:
    """Return whether there is an address at all."""
    return bool(parent["email"])
