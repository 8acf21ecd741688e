"""A request to hand out or to forget, as Shopify passes it on: kept at once, worked off by ``erase``."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shop_app.errors import InvalidInputError
from shop_app.services.subject_words import named_in, subject_of
from shop_app.storage import connections, due_work, personal_tables, privacy_requests, shops
from shop_app.storage.encryption import match_hash
from shop_app.storage.engine import Connection
from shop_app.storage.privacy_requests import CUSTOMER_REDACT, DATA_REQUEST, SHOP_REDACT, NewRequest
from shop_app.storage.subjects import find_subject

ANSWER_WITHIN = timedelta(days=30)
"""Shopify's limit for all three kinds; the law's is a month."""

NOTHING_HELD = "Nothing held: this shop's data never had anybody or any order of that description."

_KINDS = {
    "customers/data_request": DATA_REQUEST,
    "customers/redact": CUSTOMER_REDACT,
    "shop/redact": SHOP_REDACT,
}
TOPICS = frozenset(_KINDS)


def receive_privacy_request(
    connection: Connection, shop_id: int, topic: str, body: dict[str, Any], received_at: datetime
) -> None:
    """Keep one request in the caller's transaction; the same one again changes nothing.

    What is to be erased falls due at once (``due_work``, kind ``erase``). A request for the data of somebody
    whom the shop's data never had is void from the start, and kept all the same.

    Raises
    ------
    InvalidInputError
        The body names another shop than the one it came for, or cannot be read.
    """
    _check_shop(connection, shop_id, body)
    kind = _KINDS[topic]
    named = None if kind == SHOP_REDACT else named_in(body)
    key = _key(connection, kind, named, body)
    request_id = keep_request(connection, shop_id, kind, key=key, named=named, at=received_at)
    if request_id is not None and kind == DATA_REQUEST:
        _look(connection, shop_id, request_id, named or {}, at=received_at)
    if kind != DATA_REQUEST:
        due_work.ensure_due(connection, shop_id, "erase", due_at=received_at)


def keep_request(
    connection: Connection,
    shop_id: int,
    kind: str,
    *,
    key: object,
    named: Mapping[str, Any] | None,
    at: datetime,
    origin: str = "shopify",
) -> int | None:
    """Keep a request under a key that tells it from others; return its id, ``None`` where it is known."""
    new = NewRequest(
        kind=kind,
        origin=origin,
        request_key=match_hash(json.dumps(key, sort_keys=True), kind=f"privacy {kind}", shop_id=shop_id),
        subject=named,
        received_at=at,
        due_at=at + ANSWER_WITHIN,
    )
    return privacy_requests.record(connection, shop_id, new)


def _check_shop(connection: Connection, shop_id: int, body: Mapping[str, Any]) -> None:
    """Refuse a body of another shop: the headers that brought it here are not signed, it is."""
    domain = body.get("shop_domain")
    if not isinstance(domain, str) or shops.find_id(connection, domain) != shop_id:
        raise InvalidInputError("shop_domain: the request is about another shop.", field="shop_domain")


def _key(connection: Connection, kind: str, named: Mapping[str, Any] | None, body: Mapping[str, Any]) -> object:
    if kind == SHOP_REDACT:
        # The body is the same each time a shop leaves; which time it is tells the installation it ends.
        installed_at = connections.read_state(connection).installed_at
        return installed_at.isoformat() if installed_at else ""
    asked = body.get("data_request")
    return {"named": named, "asked": asked.get("id") if isinstance(asked, Mapping) else None}


def _look(
    connection: Connection, shop_id: int, request_id: int, named: Mapping[str, Any], *, at: datetime
) -> None:
    """Say at once of a person of whom nothing is held that it is so."""
    found = find_subject(connection, subject_of(connection, shop_id, named))
    if not found.rows and not personal_tables.count_traces(connection, found):
        privacy_requests.close(connection, request_id, "void", at=at, outcome=NOTHING_HELD, forget=False)
