"""A discount's input made into its document; an update changes what it names and no more."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.shopify.documents import minor_digits
from sandbox.shopify.graph.registry import Call, number_of
from sandbox.shopify.graph.writing import new_number
from sandbox.shopify.state import Document
from sandbox.shopify.world import now, stamp

_LISTS = (
    ("products", "products", "productsToAdd", "productsToRemove"),
    ("variants", "products", "productVariantsToAdd", "productVariantsToRemove"),
    ("collections", "collections", "add", "remove"),
)
_PLAIN = ("title", "appliesOncePerCustomer", "usageLimit", "recurringCycleLimit", "tags")


def blank(call: Call, method: str, sort: str) -> Document:
    """Return a discount of a method (code, automatic) and sort (Basic, Bxgy) before its input is applied."""
    moment = stamp(now())
    return {
        "id": new_number(call, "discount"),
        "method": method,
        "sort": sort,
        "title": "",
        "code": None,
        "codeId": new_number(call, "discount") if method == "code" else None,
        "startsAt": None,
        "endsAt": None,
        "usageLimit": None,
        "appliesOncePerCustomer": False,
        "recurringCycleLimit": None,
        "usesPerOrderLimit": None,
        "combinesWith": {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False},
        "context": {"kind": "all", "ids": []},
        "customerGets": {"value": {}, "items": _no_items(), "appliesOnOneTimePurchase": True},
        "customerBuys": {"value": {}, "items": _no_items(), "isOneTimePurchase": True, "isSubscription": False},
        "minimumRequirement": None,
        "tags": [],
        "asyncUsageCount": 0,
        "createdAt": moment,
        "updatedAt": moment,
    }


def apply(call: Call, discount: Document, given: dict[str, Any]) -> Document:
    """Return a discount changed as its checked input says."""
    changed = discount | {name: given[name] for name in _PLAIN if given.get(name) is not None}
    if given.get("code"):
        changed["code"] = given["code"].strip()
    changed |= {name: _moment(given[name]) for name in ("startsAt", "endsAt") if name in given}
    if given.get("usesPerOrderLimit") is not None:
        changed["usesPerOrderLimit"] = int(given["usesPerOrderLimit"])
    if given.get("combinesWith"):
        changed["combinesWith"] = discount["combinesWith"] | given["combinesWith"]
    changed["context"] = _context(discount["context"], given)
    changed["customerGets"] = _gets(call, discount["customerGets"], given.get("customerGets") or {})
    changed["customerBuys"] = _buys(call, discount["customerBuys"], given.get("customerBuys") or {})
    if "minimumRequirement" in given:
        changed["minimumRequirement"] = _minimum(call, given["minimumRequirement"] or {})
    return changed


def _moment(given: object) -> str | None:
    return None if given is None else stamp(datetime.fromisoformat(str(given)))


def minor(call: Call, amount: object) -> int:
    """Return an amount of whole units as minor units of the shop's currency."""
    digits = minor_digits(call.shop_document.get("currencyCode", "USD"))
    return int((Decimal(str(amount)) * 10**digits).to_integral_value())


def _no_items() -> Document:
    return {"all": False, "products": [], "variants": [], "collections": []}


def _context(before: Document, given: dict[str, Any]) -> Document:
    """Return who may use it; the older ``customerSelection`` says the same in other words."""
    asked = given.get("context") or given.get("customerSelection") or {}
    for kind, type_name in (("customers", "Customer"), ("customerSegments", "Segment")):
        if asked.get(kind):
            ids = before["ids"] if before["kind"] == kind else []
            return {"kind": kind, "ids": _joined(ids, asked[kind], "add", "remove", type_name)}
    return {"kind": "all", "ids": []} if asked.get("all") else before


def _gets(call: Call, before: Document, given: dict[str, Any]) -> Document:
    changed = before | {"items": _items(before["items"], given.get("items"))}
    for name in ("appliesOnOneTimePurchase", "appliesOnSubscription"):
        if given.get(name) is not None:
            changed[name] = given[name]
    value = given.get("value") or {}
    if value.get("percentage") is not None:
        changed["value"] = {"percentage": value["percentage"]}
    elif value.get("discountAmount"):
        each = bool(value["discountAmount"].get("appliesOnEachItem", False))
        changed["value"] = {"amount": minor(call, value["discountAmount"]["amount"]), "each": each}
    elif value.get("discountOnQuantity"):
        inner = value["discountOnQuantity"]
        effect = inner.get("effect") or {}
        changed["value"] = {"quantity": int(inner["quantity"])}
        if effect.get("amount") is not None:
            changed["value"] |= {"amount": minor(call, effect["amount"]), "each": True}
        else:
            changed["value"] |= {"percentage": effect.get("percentage", 1.0)}
    return changed


def _buys(call: Call, before: Document, given: dict[str, Any]) -> Document:
    changed = before | {"items": _items(before["items"], given.get("items"))}
    value = given.get("value") or {}
    if value.get("amount") is not None:
        changed["value"] = {"amount": minor(call, value["amount"])}
    elif value.get("quantity") is not None:
        changed["value"] = {"quantity": int(value["quantity"])}
    return changed


def _items(before: Document, given: dict[str, Any] | None) -> Document:
    if not given:
        return before
    if given.get("all"):
        return _no_items() | {"all": True}
    types = {"products": "Product", "variants": "ProductVariant", "collections": "Collection"}
    kept = _no_items() if before["all"] else before
    return {"all": False} | {
        name: _joined(kept[name], given.get(part) or {}, add, remove, types[name])
        for name, part, add, remove in _LISTS
    }


def _joined(before: list[int], given: dict[str, Any], add: str, remove: str, type_name: str) -> list[int]:
    fresh = [number for text in given.get(add) or () if (number := number_of(text, type_name)) is not None]
    gone = {number_of(text, type_name) for text in given.get(remove) or ()}
    return [number for number in dict.fromkeys([*before, *fresh]) if number not in gone]


def _minimum(call: Call, given: dict[str, Any]) -> Document | None:
    subtotal = (given.get("subtotal") or {}).get("greaterThanOrEqualToSubtotal")
    if subtotal is not None:
        return {"subtotal": minor(call, subtotal)}
    quantity = (given.get("quantity") or {}).get("greaterThanOrEqualToQuantity")
    return None if quantity is None else {"quantity": int(quantity)}
