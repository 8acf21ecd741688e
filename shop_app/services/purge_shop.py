"""What is kept for a time only goes when that time is over; and whoever was erased is looked for again."""

from datetime import datetime, timedelta

from shop_app.services.at_work import at_work
from shop_app.services.erase_bodies import sweep_bodies
from shop_app.services.personal_data import (
    ACCESS_KEPT,
    BODIES_KEPT,
    DELIVERIES_KEPT,
    ENGAGEMENT_KEPT,
    PUSH_ROWS_KEPT,
    STUCK_BODIES_KEPT,
    SUBJECTS_KEPT,
)
from shop_app.storage import (
    access_log,
    email_engagement,
    fact_lock,
    gone,
    held_bodies,
    personal_tables,
    privacy_requests,
    pushes,
    shop_tables,
    webhook_inbox,
)
from shop_app.storage.engine import transaction
from shop_app.storage.refresh_lock import lock_refreshes
from shop_app.storage.subjects import find_hashed, find_subject

_EVERY = timedelta(days=1)


def purge_due(shop_id: int, *, now: datetime) -> None:
    """Drop what has grown old, once a day."""
    with at_work(shop_id, "purge", now, next_at=now + _EVERY):
        with transaction(shop_id) as connection:
            webhook_inbox.forget(
                connection, applied_before=now - BODIES_KEPT, received_before=now - DELIVERIES_KEPT
            )
            held_bodies.blank_stuck(connection, before=now - STUCK_BODIES_KEPT)
            access_log.forget_before(connection, now - ACCESS_KEPT)
            pushes.forget_rows(connection, before=now - PUSH_ROWS_KEPT)
            email_engagement.forget(connection, before=(now - ENGAGEMENT_KEPT).date())
            privacy_requests.forget_subjects(connection, done_before=now - SUBJECTS_KEPT)
            shop_tables.drop_stale_leases(connection)
        forget_again(shop_id, now=now)


def forget_again(shop_id: int, *, now: datetime) -> dict[str, int]:
    """Look for everybody who was ever erased, and erase what is found; return counts by table.

    Nothing should come back: intake drops it. A number that a late webhook left behind goes here.
    """
    with transaction(shop_id) as connection:
        erased = gone.list_erased_hashes(connection)
    if not erased:
        return {}
    with transaction(shop_id) as connection:
        lock_refreshes(connection)
        fact_lock.hold(connection)
        subject = find_subject(connection, find_hashed(connection, shop_id, erased))
        counts = personal_tables.erase(connection, shop_id, subject, at=now)
    bodies = len(sweep_bodies(shop_id).blanked)
    return counts | ({"webhook_inbox": bodies} if bodies else {})
