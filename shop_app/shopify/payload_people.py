"""Customers as webhooks carry them: the own record, consent, and merges."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shop_app.shopify.customer_nodes import CONSENTS
from shop_app.shopify.payload_values import (
    Body,
    UnreadableError,
    flag,
    identity,
    listed,
    moment,
    own_identity,
    part,
    stated_moment,
    words,
)

Row = dict[str, Any]

_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ToldCustomer:
    """One version of a customer's record; ``is_whole`` says that tags and consent are in it."""

    shopify_id: int
    known_at: datetime
    told_at: datetime
    row: Row = field(repr=False)
    is_whole: bool


@dataclass(frozen=True, slots=True)
class ToldMerge:
    """Two records that are one from now on."""

    kept_id: int
    lost_id: int


def read_customer(body: Body, *, told_at: datetime) -> ToldCustomer:
    """Read a customer's own record; one without a date is as old as its telling, which is a moment too young.

    Since 2025 it lacks tags and consent, which are then to be read from the interface.

    Raises
    ------
    UnreadableError
        It does not say who, or its date is none.
    """
    shopify_id, updated_at = own_identity(body), stated_moment(body, "updated_at")
    if shopify_id is None:
        raise UnreadableError("The body has no number of a customer.")
    known_at = updated_at or told_at - _A_MOMENT
    home = part(body, "default_address")
    row = _row(shopify_id, known_at, told_at) | {
        "email": words(body.get("email")),
        "phone": words(body.get("phone")),
        "first_name": words(body.get("first_name")),
        "last_name": words(body.get("last_name")),
        "country": words(home.get("country_code")) or words(home.get("country")),
        "email_consent": _email_consent(body),
        "sms_consent": _consent(body.get("sms_marketing_consent")),
        "tags": listed(body.get("tags")),
        "created_at": moment(body.get("created_at")),
    }
    is_whole = updated_at is not None and row["tags"] is not None and row["email_consent"] is not None
    return ToldCustomer(shopify_id, known_at, told_at, row, is_whole)


def read_consent(body: Body, *, told_at: datetime, kind: str) -> ToldCustomer:
    """Read what somebody agreed to (``kind`` is ``email`` or ``sms``), as of when they did.

    Raises
    ------
    UnreadableError
        It does not say who, or what.
    """
    shopify_id = identity(body.get("customer_id")) or own_identity(body)
    consent = part(body, f"{kind}_marketing_consent")
    state = _consent(consent)
    if shopify_id is None or state is None:
        raise UnreadableError("The body does not say whose consent it is, or which.")
    known_at = moment(consent.get("consent_updated_at")) or told_at
    row = _row(shopify_id, known_at, told_at) | {f"{kind}_consent": state}
    return ToldCustomer(shopify_id, known_at, told_at, row, is_whole=True)


def read_merge(body: Body) -> ToldMerge | None:
    """Read a merge, or return ``None`` where it did not come about."""
    if (words(body.get("status")) or "completed").lower() not in ("completed", "success"):
        return None
    kept = identity(body.get("admin_graphql_api_customer_kept_id"))
    lost = identity(body.get("admin_graphql_api_customer_deleted_id"))
    if kept is None or lost is None or kept == lost:
        raise UnreadableError("The body does not say which two customers were merged.")
    return ToldMerge(kept, lost)


def _row(shopify_id: int, known_at: datetime, told_at: datetime) -> Row:
    return {
        "customer_ref": f"customer:{shopify_id}",
        "shopify_id": shopify_id,
        "known_at": known_at,
        "told_at": told_at,
    }


def _email_consent(body: Body) -> str | None:
    """Return the consent by today's name for it, else by the one it had until 2022."""
    stated = _consent(body.get("email_marketing_consent"))
    if stated is not None:
        return stated
    accepts = flag(body.get("accepts_marketing"))
    return None if accepts is None else "subscribed" if accepts else "not_subscribed"


def _consent(consent: object) -> str | None:
    state = words(consent.get("state")) if isinstance(consent, dict) else None
    return CONSENTS.get((state or "").lower())
