"""What Shopify refuses about a discount, with the messages that were recorded."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.shopify.graph.registry import Answer, Call, number_of, user_error
from sandbox.shopify.graph.writing import TEXT_AT_MOST, text_problem
from sandbox.shopify.state import Document

_REFERENCES = {
    "productsToAdd": ("product", "Product", "Product"),
    "productVariantsToAdd": ("variant", "ProductVariant", "Product variant"),
    "add": ("collection", "Collection", "Collection"),
}
_BUYERS = {"customers": ("customer", "Customer"), "customerSegments": ("segment", "Segment")}


def problems(call: Call, given: dict[str, Any], root: str, before: Document | None) -> list[Answer]:
    """Return all user errors of a discount's input; ``before`` is the discount that it changes, if any."""
    if given.get("context") is not None and given.get("customerSelection") is not None:
        message = "Only one of context or customerSelection can be provided."
        return [user_error([root, "context"], message, "INVALID")]
    found: list[Answer | None] = []
    bxgy = root.startswith(("bxgy", "automaticBxgy"))
    if bxgy and ((given.get("customerGets") or {}).get("items") or {}).get("all"):
        message = "Items in 'customer get' cannot be set to all"
        found.append(user_error([root, "customerGets"], message, "INVALID"))
    if before is None or "title" in given:
        found.append(text_problem([root, "title"], "Title", given.get("title")))
    if bxgy:
        found.append(_buys_problem(given, root, before))
    found += [_code_problem(call, given, root, before), *_time_problems(given, root, before)]
    found += [*_value_problems(given, root, bxgy=bxgy), *_minimum_problems(given, root)]
    found += _buyer_problems(call, given, root)
    for part in ("customerGets", "customerBuys"):
        found += _item_problems(call, (given.get(part) or {}).get("items") or {}, [root, part, "items"])
    if before is None:
        found += _missing(given, root, bxgy=bxgy)
    return [problem for problem in found if problem]


def _missing(given: dict[str, Any], root: str, *, bxgy: bool) -> list[Answer | None]:
    gets = given.get("customerGets") or {}
    wrong: list[Answer | None] = []
    if not gets.get("value"):
        wrong.append(user_error([root, "customerGets", "value"], "Value can't be blank", "BLANK"))
    if not bxgy and not gets.get("items"):
        message = "Items in 'customer get' must be defined"
        wrong.append(user_error([root, "customerGets", "items"], message, "BLANK"))
    return wrong


def _buys_problem(given: dict[str, Any], root: str, before: Document | None) -> Answer | None:
    items = (given.get("customerBuys") or {}).get("items") or {}
    if (
        (before is not None and "customerBuys" not in given)
        or items.get("products")
        or items.get("collections")
    ):
        return None
    return user_error([root, "customerBuys", "items"], "Items in 'customer buys' must be defined", "BLANK")


def _code_problem(call: Call, given: dict[str, Any], root: str, before: Document | None) -> Answer | None:
    if root.startswith("automatic") or (before is not None and "code" not in given):
        return None
    code, field = (given.get("code") or "").strip(), [root, "code"]
    if not code:
        return user_error(field, "Code can't be blank", "BLANK")
    if len(code) > TEXT_AT_MOST:
        return user_error(field, f"Code is too long (maximum is {TEXT_AT_MOST} characters)", "TOO_LONG")
    own = before["id"] if before else None
    for other in call.state.each(call.shop, "discount"):
        if other["id"] != own and (other["code"] or "").casefold() == code.casefold():
            return user_error(field, "Code must be unique. Please try a different code.", "TAKEN")
    return None


def _time_problems(given: dict[str, Any], root: str, before: Document | None) -> list[Answer | None]:
    starts = given.get("startsAt") if "startsAt" in given or before is None else before["startsAt"]
    if starts is None:
        return [user_error([root, "startsAt"], "Starts at can't be blank", "BLANK")]
    ends = given.get("endsAt")
    if ends is not None and datetime.fromisoformat(str(ends)) <= datetime.fromisoformat(str(starts)):
        return [user_error([root, "endsAt"], "Ends at needs to be after starts_at", "INVALID")]
    return []


def _value_problems(given: dict[str, Any], root: str, *, bxgy: bool) -> list[Answer | None]:
    value, place = (given.get("customerGets") or {}).get("value") or {}, [root, "customerGets", "value"]
    if len([one for one in value.values() if one is not None]) > 1:
        message = (
            "Only one of value types 'percentage', 'discount amount' or 'discount on quantity' is allowed."
        )
        return [user_error(place, message, "INVALID")]
    if bxgy:
        return _bxgy_value_problems(value, place)
    if value.get("discountOnQuantity"):
        message = "discountOnQuantity field is only permitted with bxgy discounts."
        return [user_error([*place, "discountOnQuantity"], message, "INVALID")]
    amount = (value.get("discountAmount") or {}).get("amount")
    return [
        _share_problem(value.get("percentage"), [*place, "percentage"]),
        _amount_problem(amount, [*place, "discountAmount", "amount"]),
    ]


def _bxgy_value_problems(value: dict[str, Any], place: list[str]) -> list[Answer | None]:
    if value and not value.get("discountOnQuantity"):
        message = "Only discountOnQuantity permitted with bxgy discounts."
        return [user_error(place, message, "INVALID")]
    inner = value.get("discountOnQuantity") or {}
    effect, place = inner.get("effect") or {}, [*place, "discountOnQuantity"]
    wrong = [
        _share_problem(effect.get("percentage"), [*place, "effect", "percentage"]),
        _amount_problem(effect.get("amount"), [*place, "effect", "amount"]),
    ]
    if value and int(inner.get("quantity") or 0) < 1:
        wrong.append(user_error([*place, "quantity"], "Quantity must be greater than 0", "GREATER_THAN"))
    return wrong


def _share_problem(share: float | None, field: list[str]) -> Answer | None:
    if share is None or 0 <= share <= 1:
        return None
    return user_error(field, "Value must be between 0.0 and 1.0", "VALUE_OUTSIDE_RANGE")


def _amount_problem(amount: object, field: list[str]) -> Answer | None:
    """Return what is said of a negative amount (it is said the wrong way round, and so recorded)."""
    if amount is None or Decimal(str(amount)) >= 0:
        return None
    return user_error(field, "Value must be less than or equal to 0", "LESS_THAN_OR_EQUAL_TO")


def _minimum_problems(given: dict[str, Any], root: str) -> list[Answer | None]:
    asked = given.get("minimumRequirement") or {}
    if not (asked.get("subtotal") and asked.get("quantity")):
        return []
    return [
        user_error(
            [root, "minimumRequirement", name, f"greaterThanOrEqualTo{name.capitalize()}"],
            f"Minimum {name} cannot be defined when minimum {other} is.",
            "CONFLICT",
        )
        for name, other in (("subtotal", "quantity"), ("quantity", "subtotal"))
    ]


def _buyer_problems(call: Call, given: dict[str, Any], root: str) -> list[Answer | None]:
    wrong: list[Answer | None] = []
    for part in ("context", "customerSelection"):
        for name, (kind, type_name) in _BUYERS.items():
            ids = ((given.get(part) or {}).get(name) or {}).get("add") or []
            wrong += _unknown(call, ids, (kind, type_name, type_name), [root, part, name, "add"])
    return wrong


def _item_problems(call: Call, items: dict[str, Any], place: list[str]) -> list[Answer | None]:
    products, collections = items.get("products") or {}, items.get("collections") or {}
    wrong: list[Answer | None] = []
    if any(products.values()) and any(collections.values()):
        message = "Cannot entitle collections in combination with product variants or products"
        wrong.append(user_error([*place, "collections", "add"], message, "CONFLICT"))
    elif collections.get("add"):
        wrong += _unknown(call, collections["add"], _REFERENCES["add"], [*place, "collections", "add"])
    for name in ("productsToAdd", "productVariantsToAdd"):
        wrong += _unknown(call, products.get(name) or [], _REFERENCES[name], [*place, "products", name])
    return wrong


def _unknown(call: Call, ids: list[str], what: tuple[str, str, str], field: list[str]) -> list[Answer | None]:
    kind, type_name, label = what
    wrong: list[Answer | None] = []
    for text in ids:
        number = number_of(text, type_name)
        if number is None or call.state.find(call.shop, kind, number) is None:
            shown = text.rpartition("/")[2]
            wrong.append(user_error(field, f"{label} with id: {shown} is invalid", "INVALID"))
    return wrong
