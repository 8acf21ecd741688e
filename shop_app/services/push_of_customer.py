"""Where one customer's labels are: what each destination holds, what it is to hold, and what is held back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop_app.destinations import registry
from shop_app.storage import destinations, push_states, push_subjects
from shop_app.storage.destinations import StoredDestination
from shop_app.storage.engine import transaction
from shop_app.storage.push_states import PushState

_BY_URGENCY = ("rejected", "absent", "ready", "waiting", "settled")


@dataclass(frozen=True, slots=True)
class CustomerAt:
    """One customer at one destination; ``guards`` are why something is held back, and until when.

    ``state`` is ``settled`` (what is wanted is there), ``waiting``, ``ready`` (on the way), ``rejected``,
    ``absent`` (not known there) or ``nothing`` (there is nothing to say).
    """

    kind: str
    name: str
    state: str
    words: str
    holds: list[str]
    wanted: list[str]
    acknowledged_at: datetime | None
    guards: list[tuple[str, datetime | None]]


def customer_at_destinations(shop_id: int, customer_id: int) -> list[CustomerAt]:
    """Return how a customer stands at every connected destination: all rows of the person together."""
    with transaction(shop_id) as connection:
        stored = destinations.read_all(connection, shop_id)
        rows = push_subjects.list_some(connection, [customer_id]) if stored else []
        states = push_states.list_of_customer(connection, [row.customer_id for row in rows])
    return [_at(each, states.get(each.kind, ())) for each in stored]


def _at(stored: StoredDestination, states: Sequence[PushState]) -> CustomerAt:
    state = min((each.state for each in states), key=_BY_URGENCY.index, default="nothing")
    holds = _all_of(each.acknowledged for each in states)
    wanted = _all_of(each.desired for each in states)
    if state == "settled" and not holds:
        state = "nothing"
    confirmed = [each.acknowledged_at for each in states if each.acknowledged_at is not None]
    return CustomerAt(
        kind=stored.kind,
        name=registry.KINDS[stored.kind].name if stored.kind in registry.KINDS else stored.kind,
        state=state,
        words=_words(stored, state, states),
        holds=holds,
        wanted=wanted,
        acknowledged_at=max(confirmed, default=None),
        guards=_guards(states),
    )


def _words(stored: StoredDestination, state: str, states: Sequence[PushState]) -> str:
    said = {
        "settled": "What is wanted is there, and confirmed.",
        "waiting": "A change waits to be sent.",
        "ready": "A change is on the way.",
        "rejected": "The destination has refused the change.",
        "absent": "This customer is not known there.",
        "nothing": "Nothing of this customer is there.",
    }[state]
    reasons = dict.fromkeys(each.reason for each in states if each.state == state and each.reason)
    paused = f"The destination is paused. {stored.reason}".strip()
    tail = [paused] if state in ("waiting", "ready") and not stored.is_on else []
    if state == "absent":  # the reason says the same
        return " ".join([*(reasons or [said]), *tail])
    return " ".join([said, *reasons, *tail])


def _all_of(documents: Iterator[Mapping[str, Any] | None]) -> list[str]:
    """Return all that these documents hold, each thing once: names as they are, values as ``key: value``."""
    told = (words for document in documents for part in (document or {}).values() for words in _told(part))
    return list(dict.fromkeys(told))


def _told(part: Any) -> Iterator[str]:  # noqa: ANN401 (a list or an object of JSON)
    if isinstance(part, Mapping):
        yield from (f"{key}: {_value(value)}" for key, value in part.items() if value is not None)
    else:
        yield from map(str, part)


def _value(value: Any) -> str:  # noqa: ANN401 (a value of JSON)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _guards(states: Sequence[PushState]) -> list[tuple[str, datetime | None]]:
    found: dict[str, datetime | None] = {}
    for each in states:
        for guard in each.guards:
            until = guard.get("until")
            found.setdefault(guard["words"], datetime.fromisoformat(until) if until else None)
    return list(found.items())
