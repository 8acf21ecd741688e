"""What an outgoing webhook says and how it is signed, as ``docs/outgoing-webhooks.md`` tells receivers."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson

from shop_app.destinations.base import Document, Row

CHANGED, PING = "segment.changed", "ping"
_SIDE = ("segment", "segment_name", "may_mail", "as_of")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to tell: an id that is the same however often it is told, and the bytes that are signed."""

    id: str
    kind: str
    body: bytes = field(repr=False)


def new_secret() -> str:
    """Return a signing secret that nobody can guess, for a merchant who gives none."""
    return f"kindred_{secrets.token_urlsafe(32)}"


def name_of(row: Row) -> str:
    """Return what a customer is called in events, once and for all: Shopify's number, else one of ours."""
    number = row.contact.shopify_id
    return row.remote_id or (f"kindred-{row.customer_id}" if number is None else str(number))


def change_of(row: Row, *, shop: str, with_email: bool) -> Event:
    """Return what to tell of a customer who has moved; equal rows give equal bytes."""
    before, after = _side(row.before), _side(row.after)
    held, wanted = _labels(row.before), _labels(row.after)
    number = row.contact.shopify_id
    customer: dict[str, Any] = {
        "key": name_of(row),
        "id": None if number is None else str(number),
        "gid": None if number is None else f"gid://shopify/Customer/{number}",
    }
    if with_email and row.contact.email:
        customer["email"] = row.contact.email
    event_id = _event_id([shop, customer["key"], row.before, row.after])
    told = {
        "id": event_id,
        "type": CHANGED,
        "shop": shop,
        "customer": customer,
        "from": before,
        "to": after,
        "labels_added": sorted(wanted - held),
        "labels_removed": sorted(held - wanted),
    }
    reason = _membership(row.after).get("reason")
    return Event(event_id, CHANGED, orjson.dumps({**told, "reason": reason} if reason else told))


def ping(*, shop: str) -> Event:
    """Return what tells of nothing, and asks whether anybody listens."""
    event_id = f"evt_{secrets.token_hex(16)}"
    return Event(event_id, PING, orjson.dumps({"id": event_id, "type": PING, "shop": shop}))


def headers_of(event: Event, *, shop: str, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers of an event that is sent now; a header takes plain letters only."""
    seconds = int(now.timestamp())
    signature = hmac.new(secret.encode(), b"%d." % seconds + event.body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Kindred-Webhooks/1",
        "Kindred-Signature": f"t={seconds},v1={signature}",
        "Kindred-Event-Id": event.id,
        "Kindred-Event-Type": event.kind,
        "Kindred-Shop": quote(shop, safe=" !#$&'()*+,/:;=?@[]"),
    }


def _side(document: Document | None) -> dict[str, Any] | None:
    """Return one side of a move; ``None`` where nothing is said of the customer there."""
    said = _membership(document)
    if not said.get("segment"):
        return None
    told = {key: said[key] for key in _SIDE if said.get(key) not in (None, "")}
    return {**told, "labels": sorted(_labels(document))}


def _membership(document: Document | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (document or {}).get("membership") or {}
    return found


def _labels(document: Document | None) -> set[str]:
    return set((document or {}).get("labels") or ())


def _event_id(told: object) -> str:
    canonical = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    return f"evt_{hashlib.sha256(canonical).hexdigest()[:32]}"
