"""What Shopify refuses about a customer's input, and the input made into fields of a document."""

import re
from datetime import datetime
from typing import Any

from sandbox.shopify import tags as tagging
from sandbox.shopify.documents import make_address, make_consent
from sandbox.shopify.graph.registry import Answer, Call, GraphQLRefusal, user_error
from sandbox.shopify.graph.writing import TEXT_AT_MOST
from sandbox.shopify.state import Document
from sandbox.shopify.world import now, stamp

NOTE_AT_MOST = 5000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[\d\s().-]{7,20}")
_LOCALE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_NEVER_GIVEN = frozenset({"NOT_SUBSCRIBED", "REDACTED", "INVALID"})


def fields_of(given: dict[str, Any]) -> Document:
    """Return the fields that an input sets; blank names and addresses count as none."""
    found: Document = {}
    for name in ("firstName", "lastName", "email", "phone"):
        if name in given:
            found[name] = (given[name] or "").strip() or None
    for name in ("note", "locale", "taxExempt"):
        if name in given:
            found[name] = given[name]
    if given.get("tags") is not None:
        found["tags"] = tagging.in_order(tagging.split(given["tags"]))
    if given.get("addresses"):
        names = (
            "address1",
            "address2",
            "city",
            "company",
            "countryCode",
            "firstName",
            "lastName",
            "phone",
            "zip",
        )
        home = given["addresses"][0]
        province = home.get("provinceCode") or home.get("province")
        found["defaultAddress"] = make_address(
            provinceCode=province, **{name: home.get(name) for name in names}
        )
    return found


def problems(call: Call, customer: Document, found: Document) -> list[Answer]:
    """Return all user errors of a customer as the input would leave them."""
    whole = customer | found
    if not any(whole.get(name) for name in ("firstName", "lastName", "email", "phone")):
        return [user_error(None, "A name, phone number, or email address must be present")]
    wrong = [
        _shape("email", found.get("email"), _EMAIL),
        _shape("phone", found.get("phone"), _PHONE),
        _shape("locale", found.get("locale"), _LOCALE),
        _taken(call, whole, "email", found.get("email")),
        _taken(call, whole, "phone", found.get("phone")),
        _length("firstName", "First name", found.get("firstName"), TEXT_AT_MOST),
        _length("lastName", "Last name", found.get("lastName"), TEXT_AT_MOST),
        _length("note", "Note", found.get("note"), NOTE_AT_MOST),
    ]
    said = tagging.problem(found.get("tags") or [])
    return [*(one for one in wrong if one), *([user_error(["tags"], said)] if said else [])]


def _shape(name: str, value: str | None, pattern: re.Pattern[str]) -> Answer | None:
    if not value or pattern.fullmatch(value):
        return None
    return user_error([name], f"{name.capitalize()} is invalid")


def _taken(call: Call, customer: Document, name: str, value: str | None) -> Answer | None:
    if not value:
        return None
    where = f"AND lower(json_extract(body, '$.{name}')) = ? AND id <> ?"
    given = (value.lower(), customer.get("id", -1))
    if not call.state.select(call.shop, "customer", where, given, order="id LIMIT 1"):
        return None
    return user_error([name], f"{name.capitalize()} has already been taken")


def _length(name: str, label: str, value: str | None, most: int) -> Answer | None:
    if len(value or "") <= most:
        return None
    return user_error([name], f"{label} is too long (maximum is {most} characters)")


def consent_of(given: dict[str, Any], field: list[str]) -> Document | Answer:
    """Return a consent to be stored, or the user error (which has a ``message``) that forbids it."""
    state, level = given["marketingState"], given.get("marketingOptInLevel")
    if state in _NEVER_GIVEN:
        raise GraphQLRefusal("INVALID", f"Cannot specify {state} as a marketing state input")
    if level is None and state == "SUBSCRIBED":
        return user_error(
            [*field, "marketingOptInLevel"], "Marketing opt in level must exist", "MISSING_ARGUMENT"
        )
    if state == "PENDING" and level != "CONFIRMED_OPT_IN":
        message = "Marketing opt in level must be confirmed opt-in for pending consent state"
        return user_error([*field, "marketingOptInLevel"], message, "INVALID")
    at = given.get("consentUpdatedAt")
    moment = stamp(now()) if at is None else stamp(datetime.fromisoformat(str(at)))
    if moment > stamp(now()):
        message = "Consent updated at must not be in the future"
        return user_error([*field, "consentUpdatedAt"], message, "INVALID")
    consent = make_consent(state, moment)
    return consent | ({"optInLevel": level} if level else {})
