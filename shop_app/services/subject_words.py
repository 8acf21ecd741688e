"""Whom a request names, between the three forms it has: Shopify's body, what is kept sealed, and a subject."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shop_app.contacts.cleaning import clean_phones
from shop_app.errors import InvalidInputError
from shop_app.storage import customer_search
from shop_app.storage.customer_hashes import email_hash, phone_hash
from shop_app.storage.engine import Connection
from shop_app.storage.subjects import Subject, list_rows_named

_LIKELY_COUNTRIES = 5

Json = dict[str, Any]


def named_in(body: Mapping[str, Any]) -> Json:
    """Return what a compliance body says of a person: ``id``, ``email``, ``phone`` (null where unsaid), orders.

    Raises
    ------
    InvalidInputError
        One of them is of another kind than it may be.
    """
    customer = body.get("customer") or {}
    if not isinstance(customer, Mapping):
        raise InvalidInputError("customer: the request holds no customer that can be read.", field="customer")
    orders = body.get("orders_to_redact") or body.get("orders_requested") or []
    if not isinstance(orders, Sequence) or isinstance(orders, str):
        raise InvalidInputError("orders: the request holds no list of orders.", field="orders")
    return {
        "id": _number(customer.get("id"), "customer"),
        "email": _text(customer.get("email"), "email"),
        "phone": _text(customer.get("phone"), "phone"),
        "orders": sorted({number for each in orders if (number := _number(each, "orders")) is not None}),
    }


def subject_of(connection: Connection, shop_id: int, named: Mapping[str, Any]) -> Subject:
    """Return the subject that a request's kept words stand for, phones in the spellings they may be kept in."""
    number, email = named.get("id"), named.get("email")
    known = named.get("known") or {}
    emails = frozenset([email_hash(email, shop_id)] if email else [])
    phones = _phones(connection, shop_id, named.get("phone"))
    looked_up = number is None and not known
    return Subject(
        numbers=frozenset([number] if number is not None else []) | frozenset(known.get("numbers", ())),
        orders=frozenset(named.get("orders") or ()) | frozenset(known.get("orders", ())),
        emails=emails | _hashes(known.get("emails", ())),
        phones=phones | _hashes(known.get("phones", ())),
        keys=frozenset((source, key) for source, key in known.get("keys", ())),
        rows=list_rows_named(connection, emails, phones) if looked_up else frozenset(known.get("rows", ())),
    )


def with_known(named: Mapping[str, Any] | None, subject: Subject) -> Json:
    """Return the words with all that they led to: the rows are gone by the time they are searched again."""
    known = {
        "numbers": sorted(subject.numbers),
        "orders": sorted(subject.orders),
        "emails": sorted(found.hex() for found in subject.emails),
        "phones": sorted(found.hex() for found in subject.phones),
        "keys": sorted(subject.keys),
        "rows": sorted(subject.rows),
    }
    return {**(named or {}), "known": known}


def _hashes(texts: Sequence[str]) -> frozenset[bytes]:
    return frozenset(bytes.fromhex(each) for each in texts)


def _phones(connection: Connection, shop_id: int, phone: str | None) -> frozenset[bytes]:
    if not phone:
        return frozenset()
    countries = customer_search.list_countries(connection, limit=_LIKELY_COUNTRIES)
    spelled = clean_phones(
        pl.Series([phone] * (len(countries) + 1), dtype=pl.String),
        pl.Series([None, *countries], dtype=pl.String),
    )
    hashes = (phone_hash(each, shop_id) for each in (phone, *spelled.drop_nulls().to_list()))
    return frozenset(found for found in hashes if found is not None)


def _number(value: object, name: str) -> int | None:
    """Return Shopify's number, which comes as a number or as its digits."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and int(value) < 2**63:
        return int(value)
    raise InvalidInputError(f"{name}: the request holds something else than Shopify's number.", field=name)


def _text(value: object, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return (value or "").strip() or None
    raise InvalidInputError(f"{name}: the request holds something else than a text.", field=name)
