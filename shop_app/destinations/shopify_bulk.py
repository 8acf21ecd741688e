"""Many changes at once: one file of them goes up for each step, and every line of the answer is one customer's.

A chunk has its mark, made of the step and of everything that is to be done: a running operation is found by it,
and its lines are counted in the same order again, whichever worker asks.
"""

import hashlib
from collections.abc import Iterable, Sequence

import orjson

from shop_app.destinations.base import Job, Outcome
from shop_app.destinations.errors import BrokenConnectionError, SlowDownError
from shop_app.destinations.shopify_changes import (
    ADD_TAGS,
    DELETE_METAFIELDS,
    OK,
    REMOVE_TAGS,
    SET_METAFIELDS,
    Change,
)
from shop_app.destinations.shopify_writes import outcome_of
from shop_app.shopify import bulk_mutations, bulk_operations
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.bulk_mutations import ResultLine, ResultLostError
from shop_app.shopify.bulk_operations import BulkOperation, StartOutcome

FROM_ROWS = 1000
"""From so many changes on a file is cheaper: a customer takes 10 points, of which 100 come back a second."""

_BUSY_SECONDS = 30.0
_POLL_SECONDS = 5.0
_MARK_LENGTH = 16
_DOCUMENTS = {
    REMOVE_TAGS: "RemoveTags",
    ADD_TAGS: "AddTags",
    SET_METAFIELDS: "SetMetafields",
    DELETE_METAFIELDS: "DeleteMetafields",
}


def start(api: AdminApi, step: str, changes: Sequence[Change]) -> Job | None:
    """Have Shopify make these changes; ``None`` where this app may run nothing of the kind here.

    Raises
    ------
    SlowDownError
        As many operations run as may.
    Exception
        As :func:`bulk_mutations.upload` and :func:`bulk_mutations.start` raise it.
    """
    lines = _lines(changes)
    mark = _mark(step, lines)
    path = bulk_mutations.upload(api, lines)
    text = bulk_mutations.mutation_text(_DOCUMENTS[step], mark)
    begun = bulk_mutations.start(api, text, path, client=f"kindred-{mark}")
    if begun.outcome is StartOutcome.BUSY:
        raise SlowDownError(
            "Shopify is at work on other lists of this app's.", retry_after_seconds=_BUSY_SECONDS
        )
    if begun.outcome is StartOutcome.REFUSED or begun.bulk_id is None:
        return None
    return Job(f"{begun.bulk_id}#{mark}", _POLL_SECONDS)


def find_running(api: AdminApi, step: str, changes: Sequence[Change]) -> Job | None:
    """Find the operation that makes these very changes now; one that is over has nothing left to wait for."""
    mark = _mark(step, _lines(changes))
    bulk_id = bulk_mutations.find_running(api, mark)
    return None if bulk_id is None else Job(f"{bulk_id}#{mark}", _POLL_SECONDS)


def look(api: AdminApi, key: str) -> BulkOperation | Job | None:
    """Return the job again while it runs, else the operation as it ended; ``None``: nobody knows it any more.

    Raises
    ------
    BrokenConnectionError
        The leave to write customers is gone.
    """
    found = bulk_operations.poll(api, key.partition("#")[0])
    if found is not None and found.is_running:
        return Job(key, _POLL_SECONDS)
    if found is not None and found.error_code == "ACCESS_DENIED":
        raise BrokenConnectionError(
            "Shopify denies access to customers. Open Kindred in Shopify's admin and agree to what it asks for."
        )
    return found


def outcomes_of(
    found: BulkOperation | None, step: str, key: str, changes: Sequence[Change]
) -> dict[int, Outcome]:
    """Return what became of each change; of an operation that failed nothing is known, and all is tried again.

    Nothing is known either where these are not the changes that were sent: the lines would be counted wrongly.
    """
    if found is None or not found.is_complete or key.partition("#")[2] != _mark(step, _lines(changes)):
        return {}
    try:
        return _outcomes(bulk_mutations.results(found), changes)
    except ResultLostError:
        return {}


def _outcomes(lines: Iterable[ResultLine], changes: Sequence[Change]) -> dict[int, Outcome]:
    """Return what became of each line; one that broke on Shopify's side is left out, and tried again."""
    outcomes: dict[int, Outcome] = {}
    for line in lines:
        if not 0 <= line.number < len(changes):
            continue
        if line.user_errors:
            outcomes[changes[line.number].customer_id] = outcome_of(line.user_errors[0])
        elif line.payload is not None and not line.problems:
            outcomes[changes[line.number].customer_id] = OK
    return outcomes


def _lines(changes: Sequence[Change]) -> bytes:
    return b"".join(orjson.dumps(_variables(change)) + b"\n" for change in changes)


def _variables(change: Change) -> dict[str, object]:
    if change.values:
        return {"metafields": change.metafields()}
    return {"id": change.gid, "tags": list(change.tags)}


def _mark(step: str, lines: bytes) -> str:
    return hashlib.sha256(step.encode() + b"\n" + lines).hexdigest()[:_MARK_LENGTH]
