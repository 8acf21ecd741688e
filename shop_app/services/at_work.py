"""Doing what is due, and saying when it is due again. Killed in the middle, it falls due by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop_app.storage import due_work
from shop_app.storage.engine import shopless

AGAIN_AFTER = timedelta(minutes=10)
"""Longer than any task may run, so that what falls due again was really left behind."""

LATE_AGAIN = timedelta(minutes=30)
"""The same for what is tried on the whole past of a shop."""

SOON_AGAIN = timedelta(minutes=1)
"""For what takes seconds, and does no harm done twice at once."""


@dataclass(slots=True)
class Work:
    """Work under way; ``next_at`` is when it is due again once done, ``None`` for when somebody asks for it."""

    next_at: datetime | None


@contextmanager
def at_work(
    shop_id: int, kind: str, now: datetime, *, next_at: datetime | None, again_after: timedelta = AGAIN_AFTER
) -> Iterator[Work]:
    """Do one kind of a shop's work inside, which may change its mind about when it is next due.

    An error, or a sudden end, leaves it due ``again_after`` now.
    """
    begun = now + again_after
    with shopless() as connection:
        due_work.begin(connection, shop_id, kind, again_at=begun)
    work = Work(next_at)
    yield work
    with shopless() as connection:
        due_work.finish(connection, shop_id, kind, begun=begun, next_at=work.next_at)
