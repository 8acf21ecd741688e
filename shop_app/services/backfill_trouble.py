"""What becomes of a part that did not come as it should: it is asked for again, in halves, or given up."""

from datetime import timedelta

from shop_app.services import spool
from shop_app.services.backfill_plan import halves
from shop_app.services.backfill_step import Step
from shop_app.storage import backfills
from shop_app.storage.backfills import Part
from shop_app.storage.engine import transaction

MOST_ATTEMPTS = 5
_SPLITS_FROM = 2
_MOST_STUMBLES = 10
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=15)
_FIRST_PAUSE = timedelta(seconds=2)


def ask_again(step: Step, part: Part, why: str, *, too_large: bool = False) -> None:
    """Throw away what has come of a part and ask for it anew; ``why`` is what the page says meanwhile.

    ``too_large``: from the second time on it is asked for in two halves.
    """
    spool.empty(step.shop_id, part.backfill_id, part.name)
    attempts = part.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        give_up(step, part, f"{why} It was tried {attempts} times.")
        return
    fresh = halves(part, step.clock.now()) if too_large and attempts >= _SPLITS_FROM else []
    if fresh:
        _split(step, part, fresh)
        return
    step.change(
        part,
        **_NOTHING_YET,
        state="waiting",
        attempts=attempts,
        refused_ids=_refused(part),
        next_at=step.clock.now() + _growing(_FIRST_WAIT, attempts),
        error=why,
    )


def try_later(step: Step, part: Part, why: str, *, wait_seconds: float = 0.0) -> None:
    """Go on with a part where it is, after a pause that grows; too many pauses in a row count as an attempt."""
    stumbles = part.stumbles + 1
    if stumbles > _MOST_STUMBLES:
        ask_again(step, part, why)
        return
    pause = max(_growing(_FIRST_PAUSE, stumbles), timedelta(seconds=wait_seconds))
    step.change(part, stumbles=stumbles, next_at=step.clock.now() + pause, error=why)


def give_up(step: Step, part: Part, why: str) -> None:
    """Leave a part as failed, with a sentence; somebody has to press Retry."""
    spool.empty(step.shop_id, part.backfill_id, part.name)
    step.change(
        part,
        **_NOTHING_YET,
        state="failed",
        refused_ids=_refused(part),
        ended_at=step.clock.now(),
        error=why,
    )


def read_in_pages(step: Step, part: Part) -> None:
    """Read a part page by page from now on: Shopify does not let us have it in bulk."""
    step.change(part, **_NOTHING_YET, method="pages", state="reading", next_at=None, error=None)


_NOTHING_YET: dict[str, object] = {
    "bulk_id": None,
    "asked_at": None,
    "cursor": None,
    "object_count": None,
    "root_count": None,
    "file_bytes": None,
    "bytes_read": 0,
    "pieces": None,
    "pieces_taken": 0,
    "taken_count": 0,
    "stumbles": 0,
}


def _refused(part: Part) -> list[str]:
    return [*part.refused_ids, part.bulk_id] if part.bulk_id else list(part.refused_ids)


def _split(step: Step, part: Part, fresh: list[Part]) -> None:
    with transaction(step.shop_id) as connection:
        backfills.change_part(connection, part, state="split", ended_at=step.clock.now())
        for half in fresh:
            backfills.add_part(connection, half)
        step.hold(connection)


def _growing(first: timedelta, times: int) -> timedelta:
    return min(first * (1 << (times - 1)), _LONGEST_WAIT)
