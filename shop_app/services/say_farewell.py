"""Whoever is erased here: what we wrote of them at destinations is taken back, then forgotten too."""

from datetime import datetime, timedelta

from shop_app.destinations.base import Contact, Outcome, Row
from shop_app.errors import TemporaryError
from shop_app.services.deliver_pushes import LEASE_SECONDS, Delivery
from shop_app.services.push_groups import list_groups
from shop_app.storage import farewells, leases, push_work
from shop_app.storage.engine import transaction
from shop_app.storage.farewells import Farewell

ALARM_AFTER = timedelta(days=7)
"""An erasure that has not reached a destination by then is told on screen."""
_AT_ONCE = 20
_AGAIN = timedelta(minutes=10)
_MOST_WAIT = timedelta(hours=6)


def say_farewells(delivery: Delivery, *, now: datetime) -> int:
    """Take back what is due at this destination, and return how many customers that were.

    Whom the destination does not know any more is done with. What fails is tried again, later each time. A
    chunk that was begun before the erasure is let through first, for it would write again what is taken back.
    """
    with transaction(delivery.shop_id) as connection:
        if push_work.when_to_poll(connection, delivery.kind)[0]:
            return 0
        due = farewells.list_due(connection, delivery.kind, at=now, limit=_AT_ONCE)
    if not due:
        return 0
    outcomes = _taken_back(delivery, due)
    done = [each.id for each in due if outcomes.get(each.id, "") in ("ok", "absent")]
    with transaction(delivery.shop_id) as connection:
        leases.extend(connection, delivery.lease, seconds=LEASE_SECONDS)
        farewells.done(connection, done)
        for each in due:
            if each.id not in done:
                until = now + min(_AGAIN * 2**each.attempts, _MOST_WAIT)
                reason = outcomes.get(each.id) or "The destination did not confirm it."
                farewells.postpone(connection, [each.id], until=until, reason=reason)
    return len(done)


def _taken_back(delivery: Delivery, due: list[Farewell]) -> dict[int, str]:
    """Return for each what came of it: ``ok``, ``absent``, or why not."""
    groups = list_groups(delivery.shop_id, delivery.kind)
    rows = [
        Row(
            customer_id=each.id,
            before=each.document,
            after=None,
            contact=Contact(each.shopify_id),
            remote_id=each.remote_id,
            owned=frozenset(each.owned),
        )
        for each in due
    ]
    told = {row.customer_id: Outcome("ok") for row in rows}
    for step in delivery.destination.steps(rows):
        left = [row for row in rows if told[row.customer_id].kind == "ok"]
        receipt = delivery.destination.submit(step, left, groups)
        outcomes = getattr(receipt, "outcomes", None)
        if outcomes is None:  # so few are never a job of their own; should they be, it is asked for again
            raise TemporaryError("The destination has not finished taking things back.")
        for row in left:
            told[row.customer_id] = outcomes.get(row.customer_id, Outcome("rejected"))
    return {each: what.kind if what.kind != "rejected" else what.words for each, what in told.items()}
