"""When a shop's regular work falls due."""

from datetime import datetime, timedelta

from shop_app.segments.refit_reasons import CADENCES
from shop_app.services.segment_choices import SegmentChoices
from shop_app.services.shop_clock import next_midnight
from shop_app.storage import due_work, shop_settings
from shop_app.storage.engine import Connection, transaction


def schedule_shop(shop_id: int, *, now: datetime) -> None:
    """See to it that a shop is refreshed nightly and fitted as often as chosen; a date that stands is kept."""
    with transaction(shop_id) as connection:
        midnight = next_midnight(now, shop_settings.read(connection).timezone)
        due_work.ensure_due(connection, shop_id, "refresh", due_at=midnight)
        due_work.ensure_due(connection, shop_id, "fit", due_at=_next_fit(connection, now))


def next_fit(shop_id: int, now: datetime) -> datetime:
    """Return when what was fitted now is to be fitted again."""
    with transaction(shop_id) as connection:
        return _next_fit(connection, now)


def _next_fit(connection: Connection, now: datetime) -> datetime:
    cadence = SegmentChoices.of(shop_settings.read(connection)).cadence
    return now + timedelta(days=CADENCES[cadence])
