"""The event "Segment changed": what flows at Klaviyo can start from when a customer moves."""

import hashlib
from collections.abc import Sequence
from typing import Any

from shop_app.destinations import klaviyo_profiles
from shop_app.destinations.base import Outcome, Row
from shop_app.destinations.klaviyo_answers import CallRefusedError
from shop_app.destinations.klaviyo_api import KlaviyoApi
from shop_app.destinations.klaviyo_limits import EVENTS
from shop_app.destinations.klaviyo_outcomes import ABSENT, OK, in_turn, refusal, words_of
from shop_app.destinations.klaviyo_properties import AS_OF, SEGMENT, SEGMENT_NAME, SENTINELS

METRIC = "Segment changed"


def has_moved(row: Row) -> bool:
    """Tell whether a customer has come into another segment than the one that was told before."""
    new = _held(row.after, SEGMENT)
    return new is not None and new != _held(row.before, SEGMENT)


def tell(api: KlaviyoApi, rows: Sequence[Row]) -> dict[int, Outcome]:
    """Record one event for each customer who has moved.

    ``POST /api/events`` (revision 2026-07-15), one a call: the same ``unique_id`` again is dropped there,
    where in a batch it would fail the whole. Customers are named by profile id, so that none is made; for
    whom nothing was told before, the event is marked ``backfill`` and starts no flow.
    """
    outcomes = {row.customer_id: OK for row in rows if not has_moved(row)}
    return outcomes | in_turn([row for row in rows if has_moved(row)], lambda row: _tell_one(api, row))


def _tell_one(api: KlaviyoApi, row: Row) -> Outcome:
    if row.remote_id is None:
        return OK if row.before is None else ABSENT  # made a moment ago: nothing has changed for them
    try:
        api.send("POST", EVENTS, _body(row, row.remote_id))
    except CallRefusedError as error:
        return _tell_moved(api, row, error)
    return OK


def _tell_moved(api: KlaviyoApi, row: Row, error: CallRefusedError) -> Outcome:
    """Tell it of the profile that has the customer's address now, where the id is gone; else give up."""
    profile = klaviyo_profiles.look_up_rows(api, [row]).get(row.customer_id)
    if profile is None:
        return ABSENT
    if profile.id == row.remote_id:
        return refusal(words_of(error))
    try:
        api.send("POST", EVENTS, _body(row, profile.id))
    except CallRefusedError as again:
        return refusal(words_of(again))
    return OK


def _body(row: Row, profile_id: str) -> dict[str, Any]:
    old, new, as_of = _held(row.before, SEGMENT), _held(row.after, SEGMENT), _held(row.after, AS_OF)
    told = "|".join(str(part) for part in (row.customer_id, old, new, as_of))
    attributes = {
        "properties": {
            "old_segment": old or SENTINELS[SEGMENT],
            "new_segment": new,
            "old_segment_name": _held(row.before, SEGMENT_NAME) or SENTINELS[SEGMENT_NAME],
            "new_segment_name": _held(row.after, SEGMENT_NAME) or new,
        },
        "unique_id": hashlib.sha256(told.encode()).hexdigest(),
        "backfill": row.before is None,
        "metric": {"data": {"type": "metric", "attributes": {"name": METRIC}}},
        "profile": {"data": {"type": "profile", "id": profile_id, "attributes": {}}},
    }
    return {"data": {"type": "event", "attributes": attributes}}


def _held(document: dict[str, Any] | None, name: str) -> str | None:
    """Return a property of a document; a sentinel says nothing."""
    value = ((document or {}).get("properties") or {}).get(name)
    return None if value == SENTINELS[name] else value
