"""The first half of a part: Shopify is asked to read it into a file, and asked how far it is."""

from datetime import datetime, timedelta

from shop_app.services import spool
from shop_app.services.backfill_step import Step
from shop_app.services.backfill_trouble import ask_again, give_up, read_in_pages
from shop_app.shopify import bulk_operations
from shop_app.shopify.bulk_operations import BulkOperation, StartOutcome
from shop_app.storage.backfills import Part

_BUSY_WAIT = timedelta(seconds=15)
_CLOCKS_DIFFER = timedelta(minutes=2)
_POLLS = (
    (timedelta(minutes=1), timedelta(seconds=2)),
    (timedelta(minutes=10), timedelta(seconds=10)),
    (timedelta.max, timedelta(seconds=60)),
)
"""Up to which age of an operation it is looked at how often; its webhook knocks besides."""

_WHY_FAILED = {
    "TIMEOUT": "Shopify took too long to put this together.",
    "INTERNAL_SERVER_ERROR": "Shopify failed to put this together.",
}
_WHY_OVER = {
    "CANCELED": "Somebody stopped Shopify from putting this together.",
    "EXPIRED": "Shopify has thrown the file away.",
}
NO_ACCESS = (
    "Shopify refuses access to these. Check in the Dev Dashboard that the app may read them (scopes and "
    "protected customer data), then press Retry."
)


def ask(step: Step, part: Part) -> None:
    """Start the operation of a part; one that was started before a crash is taken up again."""
    query = bulk_operations.query_for(part.resource, since=part.since, until=part.until)
    if part.asked_at is not None:
        running = bulk_operations.find_ours(
            step.api, query, since=part.asked_at - _CLOCKS_DIFFER, but=part.refused_ids
        )
        if running is not None:
            _wait_for(step, part, running)
            return
    now = step.clock.now()
    asked = step.change(part, asked_at=part.asked_at or now, began_at=part.began_at or now)
    start = bulk_operations.start(step.api, query)
    if start.bulk_id is not None:
        _wait_for(step, asked, start.bulk_id)
    elif start.outcome is StartOutcome.BUSY:
        step.change(asked, next_at=step.clock.now() + _BUSY_WAIT)
    else:
        read_in_pages(step, asked)


def look(step: Step, part: Part) -> None:
    """Ask how far an operation is, and go on with its file once that is whole."""
    assert part.bulk_id is not None  # noqa: S101 (what is asked has an id)
    found = bulk_operations.poll(step.api, part.bulk_id)
    if found is None:
        ask_again(step, part, "Shopify knows nothing of this operation any more.")
    elif found.is_running:
        step.change(
            part, object_count=found.object_count, next_at=_next_look(step, part), error=None, stumbles=0
        )
    elif not found.is_complete:
        _not_complete(step, part, found)
    elif found.object_count == 0:
        step.change(
            part, state="done", object_count=0, root_count=0, error=None, ended_at=step.clock.now(), stumbles=0
        )
    else:
        _begin_reading(step, part, found)


def _wait_for(step: Step, part: Part, bulk_id: str) -> None:
    step.change(part, state="asked", bulk_id=bulk_id, next_at=step.clock.now() + _POLLS[0][1], error=None)


def _next_look(step: Step, part: Part) -> datetime:
    now = step.clock.now()
    age = now - (part.asked_at or now)
    return now + next(pause for until, pause in _POLLS if age <= until)


def _not_complete(step: Step, part: Part, found: BulkOperation) -> None:
    """Ask again: a file that came of a failed operation is a part of the answer, and is never read."""
    if found.error_code == "ACCESS_DENIED":
        give_up(step, part, NO_ACCESS)
        return
    why = _WHY_OVER.get(found.status) or _WHY_FAILED.get(found.error_code or "", _WHY_FAILED["TIMEOUT"])
    ask_again(step, part, why, too_large=found.status == "FAILED")


def _begin_reading(step: Step, part: Part, found: BulkOperation) -> None:
    if found.url is None:
        ask_again(step, part, "Shopify counts objects, but has no file with them.")
    elif not spool.has_room(found.file_bytes or 0):
        give_up(step, part, "There is too little space on the disk for the file. Make room, then press Retry.")
    else:
        step.change(
            part,
            state="reading",
            object_count=found.object_count,
            root_count=found.root_count,
            file_bytes=found.file_bytes,
            next_at=None,
            error=None,
            stumbles=0,
        )
