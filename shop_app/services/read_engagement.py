"""What customers do with e-mails is read from Klaviyo every hour, and becomes part of what is known of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from shop_app.destinations.errors import BrokenConnectionError
from shop_app.destinations.klaviyo import Klaviyo
from shop_app.destinations.klaviyo_events import EmailEvent
from shop_app.services.at_work import at_work
from shop_app.services.push_access import built
from shop_app.storage import destinations, dirty_customers, due_work, email_engagement, sync_marks
from shop_app.storage.email_engagement import EngagementDay
from shop_app.storage.engine import transaction

DUE = "engagement"
_EVERY = timedelta(hours=1)
_FIRST_TIME = timedelta(days=120)
"""As far back as any feature looks, and a month more."""
_MARK = "email"


def read_engagement_due(shop_id: int, *, now: datetime) -> None:
    """Read what is new, and have those whom it concerns labelled anew; next in an hour."""
    with at_work(shop_id, DUE, now, next_at=now + _EVERY) as work:
        with transaction(shop_id) as connection:
            stored = destinations.find(connection, shop_id, Klaviyo.kind)
        if stored is None:
            work.next_at = None
        elif stored.is_on and stored.settings.get("engagement", True):
            destination = built(shop_id, stored, now=now)
            assert isinstance(destination, Klaviyo)  # noqa: S101 (of that kind)
            try:
                read_engagement(shop_id, destination, now=now)
            except BrokenConnectionError as error:
                with transaction(shop_id) as connection:
                    destinations.set_state(connection, Klaviyo.kind, "paused", reason=str(error))


def read_engagement(shop_id: int, destination: Klaviyo, *, now: datetime) -> int:
    """Read e-mails received, opened and clicked since the last time; return how many customers that concerns.

    Whole days are read again and take the place of what was there, so that reading twice counts once. Opens
    and clicks that a machine made are none.
    """
    with transaction(shop_id) as connection:
        mark = sync_marks.list_marks(connection).get(_MARK, now - _FIRST_TIME)
    first = (mark - timedelta(days=1)).astimezone(UTC).date()
    since = datetime.combine(first, time(), tzinfo=UTC)
    days = _by_day(destination.read_engagement(since + timedelta(days=1), now))
    with transaction(shop_id) as connection:
        concerned = email_engagement.replace_days(
            connection, destination.kind, (day for day in days if day.day >= first), since=first
        )
        sync_marks.advance(connection, _MARK, now, at=now)
        dirty_customers.mark_ids(connection, concerned)
        if concerned:
            due_work.ensure_due(connection, shop_id, "webhooks", due_at=now)
    return len(concerned)


def _by_day(events: Iterable[EmailEvent]) -> list[EngagementDay]:
    found: dict[tuple[str, object], EngagementDay] = {}
    for event in events:
        if event.is_machine or event.kind not in ("sent", "opened", "clicked"):
            continue
        day = event.at.astimezone(UTC).date()
        kept = found.get((event.profile_id, day)) or EngagementDay(event.profile_id, day, 0, 0, 0, None)
        clicked_at = event.at if event.kind == "clicked" else None
        found[event.profile_id, day] = replace(
            kept,
            received=kept.received + (event.kind == "sent"),
            opened=kept.opened + (event.kind == "opened"),
            clicked=kept.clicked + (event.kind == "clicked"),
            last_click_at=max(filter(None, (kept.last_click_at, clicked_at)), default=None),
        )
    return list(found.values())
