"""Whom somebody means by an address, a phone, an order's number or an id."""

import re
from collections.abc import Sequence

import phonenumbers

from shop_app.errors import InvalidInputError, NotFoundError
from shop_app.storage import customer_search as search
from shop_app.storage.customer_hashes import email_hash, phone_hash
from shop_app.storage.engine import Connection, transaction

HOW_TO_ASK = (
    "Give an e-mail address, a phone number, an order number like #1001, an id, "
    "or gid://shopify/Customer/1234567890."
)

_GID = re.compile(r"gid://shopify/(?P<kind>\w+)/(?P<id>\d{1,18})")
_PREFIXED = re.compile(r"(?P<role>id|key):(?P<value>.+)", re.DOTALL)
_ID = re.compile(r"\d{1,18}")
_PHONE = re.compile(r"\+?[\d\s()./-]{7,}")
_LONGEST_QUERY = 320  # the longest e-mail address there can be (RFC 5321)
_LIKELY_COUNTRIES = 5


def find_customer(shop_id: int, query: str) -> int:
    """Return the id of the person who is meant by exactly this.

    A bare number may be an id of ours, Shopify's or the imported table's, an order's number or a phone
    number. ``id:12`` and ``key:12`` ask for our id and the table's own, ``#12`` for the order.

    Raises
    ------
    InvalidInputError
        Nothing was asked for, or what was asked for fits several people.
    NotFoundError
        It fits nobody.
    """
    wanted = query.strip()
    if not wanted or len(wanted) > _LONGEST_QUERY or "\0" in wanted:
        raise InvalidInputError(f"customer: {HOW_TO_ASK}", field="customer")
    with transaction(shop_id) as connection:
        found = _ask(connection, shop_id, wanted)
        people = sorted({person for persons in found.values() for person in persons})
        if not people:
            raise NotFoundError(_nobody(connection, wanted))
    if len(people) > 1:
        raise InvalidInputError(_several(found, wanted), field="customer")
    return people[0]


def find_customer_row(shop_id: int, query: str) -> int:
    """Return the id of the one customer row that is meant: what is kept apart from its person, or joins it.

    An id (``12``, ``id:12``) or a Shopify gid names a row; anything else only a person, who must then be made
    of one row alone.

    Raises
    ------
    InvalidInputError
        The person is made of several rows; the message names them.
    NotFoundError
        There is nobody of that name.
    """
    with transaction(shop_id) as connection:
        row = _row_of_id(connection, query.strip())
    if row is not None:
        return row
    person = find_customer(shop_id, query)
    with transaction(shop_id) as connection:
        rows = search.row_ids_of_person(connection, person)
    if len(rows) > 1:
        named = ", ".join(f"id:{found}" for found in rows)
        raise InvalidInputError(
            f"customer: this person is made of {len(rows)} customers; name the one you mean: {named}.",
            field="customer",
        )
    return rows[0]


def _row_of_id(connection: Connection, wanted: str) -> int | None:
    gid = _GID.fullmatch(wanted)
    if gid and gid["kind"] == "Customer":
        return search.row_by_shopify_id(connection, int(gid["id"]))
    digits = wanted.removeprefix("id:")
    return search.row_by_id(connection, int(digits)) if _ID.fullmatch(digits) else None


def _ask(connection: Connection, shop_id: int, wanted: str) -> dict[str, list[int]]:
    """Return the people found, by what the words were taken for."""
    if gid := _GID.fullmatch(wanted):
        return {"Shopify id": _by_gid(connection, gid["kind"], int(gid["id"]))}
    if "@" in wanted:
        return {"e-mail address": search.people_by_email_hash(connection, email_hash(wanted, shop_id))}
    if wanted.startswith("#"):
        return {"order number": search.people_by_order_names(connection, _order_names(wanted))}
    if prefixed := _PREFIXED.fullmatch(wanted):
        return _by_prefix(connection, prefixed["role"], prefixed["value"].strip())
    found = {
        "order number": search.people_by_order_names(connection, _order_names(wanted)),
        "key in the imported table": search.people_by_source_key(connection, wanted),
    }
    if _ID.fullmatch(wanted):
        found["id"] = search.people_by_row_id(connection, int(wanted))
        found["Shopify id"] = search.people_by_shopify_id(connection, int(wanted))
    if _PHONE.fullmatch(wanted):
        found["phone number"] = _by_phone(connection, shop_id, wanted)
    return found


def _by_gid(connection: Connection, kind: str, shopify_id: int) -> list[int]:
    if kind == "Customer":
        return search.people_by_shopify_id(connection, shopify_id)
    if kind == "Order":
        return search.people_by_order_shopify_id(connection, shopify_id)
    raise InvalidInputError(f"customer: a {kind} is no customer and no order. {HOW_TO_ASK}", field="customer")


def _by_prefix(connection: Connection, role: str, value: str) -> dict[str, list[int]]:
    if role == "key":
        return {"key in the imported table": search.people_by_source_key(connection, value)}
    if not _ID.fullmatch(value):
        raise InvalidInputError("customer: after id: comes a number, as in id:12.", field="customer")
    return {"id": search.people_by_row_id(connection, int(value))}


def _by_phone(connection: Connection, shop_id: int, wanted: str) -> list[int]:
    spellings = _phone_spellings(wanted, search.list_countries(connection, limit=_LIKELY_COUNTRIES))
    hashes = (phone_hash(spelling, shop_id) for spelling in spellings)
    return search.people_by_phone_hashes(connection, [found for found in hashes if found is not None])


def _phone_spellings(wanted: str, countries: Sequence[str]) -> list[str]:
    """Return the number as it was typed, and as it would be dialled from abroad.

    Numbers are stored with their country where it was known; 030 1234567 and +49 30 1234567 meet if most
    customers live in Germany.
    """
    spellings = {wanted, re.sub(r"^\s*00", "", wanted)}
    for country in countries:
        try:
            number = phonenumbers.parse(wanted, country)
        except phonenumbers.NumberParseException:
            continue
        spellings.add(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return sorted(spellings)


def _order_names(wanted: str) -> list[str]:
    plain = wanted.removeprefix("#").strip()
    return sorted({wanted, plain, f"#{plain}"})


def _nobody(connection: Connection, wanted: str) -> str:
    if "@" in wanted:
        return "Nobody in this shop has that e-mail address."
    if search.has_order(connection, _order_names(wanted)):
        return f"Order {wanted} is there, but it was placed by a guest of whom nothing is known."
    return f"Nobody in this shop is known by that. {HOW_TO_ASK}"


def _several(found: dict[str, list[int]], wanted: str) -> str:
    """Say for whom the words stand, and how to ask for each."""
    by_role = {role: people for role, people in found.items() if people}
    if len(by_role) == 1:
        ((role, people),) = by_role.items()
        ids = " or ".join(f"id:{person}" for person in people)
        return f"customer: that {role} belongs to {len(people)} customers. Ask for one of them: {ids}."
    ways = "; ".join(
        f"the {role} of {' and '.join(f'id:{person}' for person in people)}" for role, people in by_role.items()
    )
    return f"customer: {wanted} is {ways}. Ask for one of them by its id: prefix."
