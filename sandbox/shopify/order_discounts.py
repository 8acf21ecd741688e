"""Which discounts took what off the lines of an order: the same for the Admin API and for webhooks.

A line may tell it itself (``discounts``). What was taken off it beyond that fell to the whole order: it is what
the order's code took off or, without a code, the merchant.
"""

from typing import Any

from sandbox.shopify.state import Document

KINDS = ("automatic", "code", "manual")
_BY_HAND = "Custom discount"
Key = tuple[str, Any]


def applications(order: Document) -> list[Document]:
    """Return the discounts of an order in the order of their index, each with all that it took off."""
    found: dict[Key, Document] = {}
    for line in order.get("lines") or []:
        for share in _shares(order, line):
            _add(found, share)
    for code in _codes(order):  # a code that took nothing off a line was typed in all the same
        discount = _discount("code", code=code)
        found.setdefault(_key(discount), discount)
    return [each | {"index": place} for place, each in enumerate(found.values())]


def allocations(order: Document, line: Document) -> list[tuple[int, Document]]:
    """Return what each discount took off a line, and the discount as :func:`applications` gives it.

    The amounts add up to what was taken off the line.
    """
    shares = _shares(order, line)
    known = {_key(each): each for each in applications(order)} if shares else {}
    return [(share["amount"], known[_key(share)]) for share in shares]


def _shares(order: Document, line: Document) -> list[Document]:
    found: dict[Key, Document] = {}
    left = line.get("totalDiscount") or 0
    for told in line.get("discounts") or []:
        selection = "EXPLICIT" if told["kind"] == "manual" else "ENTITLED"
        _add(found, _discount(**told) | {"targetSelection": selection})
        left -= told["amount"]
    if left > 0:
        code = next(iter(_codes(order)), None)
        _add(found, _discount("code" if code else "manual", code=code, amount=left))
    return list(found.values())


def _add(found: dict[Key, Document], share: Document) -> None:
    known = found.setdefault(_key(share), share | {"amount": 0})
    known["amount"] += share["amount"]


def _discount(kind: str, *, title: str | None = None, code: str | None = None, amount: int = 0) -> Document:
    title = title or (_BY_HAND if kind == "manual" else None)
    return {"kind": kind, "title": title, "code": code, "amount": amount, "targetSelection": "ALL"}


def _key(discount: Document) -> Key:
    return discount["kind"], discount["code" if discount["kind"] == "code" else "title"]


def _codes(order: Document) -> list[str]:
    return [each["code"] if isinstance(each, dict) else each for each in order.get("discountCodes") or []]
