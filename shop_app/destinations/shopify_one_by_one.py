"""A step done by single calls, in as many goes as it takes: a job of our own, whose key says how far it is.

Customers come in the order of their numbers, so the key holds the last one, and of those before whatever was
not well. A go that broke off is done again: the same tags and values again change nothing.
"""

from collections.abc import Mapping, Sequence

import orjson

from shop_app.destinations.base import Done, Job, Outcome, Receipt
from shop_app.destinations.shopify_changes import OK, Change
from shop_app.destinations.shopify_writes import write
from shop_app.shopify.admin_api import AdminApi

_KIND = "calls"


def is_ours(key: str) -> bool:
    """Tell whether a job's key is of this kind."""
    return key.startswith(f"{_KIND}#")


def go_on(api: AdminApi, step: str, changes: Sequence[Change], key: str | None = None) -> Receipt:
    """Make the next of these changes, from the first on where there is no key yet.

    Raises
    ------
    Exception
        As :func:`shop_app.destinations.shopify_writes.write` raises it.
    """
    last, outcomes = (None, {}) if key is None else _read(key)
    left = [change for change in changes if last is None or change.customer_id > last]
    written = write(api, step, left, is_first=last is None)
    outcomes |= {customer_id: outcome for customer_id, outcome in written.outcomes.items() if outcome != OK}
    waiting = [change for change in left if change.customer_id not in written.outcomes]
    if waiting:
        return Job(_key(max(written.outcomes), outcomes), written.pause_seconds)
    return Done({change.customer_id: OK for change in changes} | outcomes)


def _key(last: int, outcomes: Mapping[int, Outcome]) -> str:
    told: dict[str, dict[str, list[int]]] = {}
    for customer_id, outcome in outcomes.items():
        told.setdefault(outcome.kind, {}).setdefault(outcome.words, []).append(customer_id)
    return f"{_KIND}#{last}#{orjson.dumps(told).decode()}"


def _read(key: str) -> tuple[int, dict[int, Outcome]]:
    _, last, told = key.split("#", 2)
    outcomes = {
        customer_id: Outcome(kind, words)
        for kind, by_words in orjson.loads(told).items()
        for words, customer_ids in by_words.items()
        for customer_id in customer_ids
    }
    return int(last), outcomes
