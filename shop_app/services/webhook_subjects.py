"""Whom a webhook's body tells of: every number, address and phone in it, wherever it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from shop_app.storage.customer_hashes import email_hash, phone_hash
from shop_app.storage.gone import subject_hash

_GID = re.compile(r"gid://shopify/(Customer|Order)/(\d{1,19})")
_ADDRESS = re.compile(r"[^\s@\"'<>,;:(){}\[\]]{1,64}@[^\s@\"'<>,;:(){}\[\]]{1,255}")  # RFC 5321's lengths
_DIGITS = re.compile(r"\d{4,19}")
_CUSTOMER_KEYS = frozenset({"customer_id", "customer_ids"})
_ORDER_KEYS = frozenset({"order_id", "orders_to_redact", "orders_requested"})


@dataclass(frozen=True, slots=True)
class Told:
    """What a body names: Shopify's numbers of customers and of orders, addresses and phones as written."""

    customers: set[int] = field(default_factory=set)
    orders: set[int] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)

    def hashes(self, shop_id: int) -> frozenset[tuple[str, bytes]]:
        """Return by what each of them would be remembered if they were erased."""
        phones = (phone_hash(phone, shop_id) for phone in self.phones)
        return frozenset(
            [
                *(("id", subject_hash("id", number, shop_id)) for number in self.customers),
                *(("order", subject_hash("order", number, shop_id)) for number in self.orders),
                *(("email", email_hash(address, shop_id)) for address in self.emails),
                *(("phone", found) for found in phones if found is not None),
            ]
        )


def subjects_in(topic: str, body: bytes) -> Told:
    """Return whom a body tells of; of one that is no JSON, everything that might be somebody."""
    told = Told()
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _guess(body.decode(errors="replace"), told)
    kind = topic.partition("/")[0]
    if isinstance(read, dict) and kind in ("customers", "orders"):
        _take_number(read.get("id"), told.customers if kind == "customers" else told.orders)
    for parent, key, value in _walk(read):
        _take(parent, key, value, told)
    return told


def _walk(read: Any) -> Iterator[tuple[str, str, Any]]:  # noqa: ANN401 (whatever JSON holds)
    """Yield every plain value with the key it stands under, and the key of the object around it."""
    waiting = [("", "", read)]
    while waiting:
        parent, key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(key, name, inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(parent, key, inner) for inner in value]
        else:
            yield parent, key, value


def _take(parent: str, key: str, value: Any, told: Told) -> None:  # noqa: ANN401 (whatever JSON holds)
    if key in _CUSTOMER_KEYS or (parent == "customer" and key == "id"):
        _take_number(value, told.customers)
    elif key in _ORDER_KEYS:
        _take_number(value, told.orders)
    if not isinstance(value, str):
        return
    for kind, number in _GID.findall(value):
        _take_number(number, told.customers if kind == "Customer" else told.orders)
    if "@" in value:
        told.emails.update(_ADDRESS.findall(value))
    if "phone" in key:
        told.phones.add(value)


def _take_number(value: Any, numbers: set[int]) -> None:  # noqa: ANN401 (whatever JSON holds)
    """Keep a number, or digits, or a gid's number; anything else is none."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if text.isascii() and text.isdigit():
        numbers.add(int(text))


def _guess(text: str, told: Told) -> Told:
    numbers = {int(digits) for digits in _DIGITS.findall(text)}
    told.customers.update(numbers)
    told.orders.update(numbers)
    told.emails.update(_ADDRESS.findall(text))
    told.phones.update(_DIGITS.findall(text))
    return told
