"""When a shop's regular work falls due."""

from datetime import datetime, timedelta

from shop_app.services.shop_clock import next_midnight
from shop_app.storage import due_work, shop_settings
from shop_app.storage.engine import transaction

DAYS_BETWEEN_FITS = 7


def schedule_shop(shop_id: int, *, now: datetime) -> None:
    """See to it that a shop is refreshed each night and fitted each week; a date that stands is kept."""
    with transaction(shop_id) as connection:
        midnight = next_midnight(now, shop_settings.read(connection).timezone)
        due_work.ensure_due(connection, shop_id, "refresh", due_at=midnight)
        due_work.ensure_due(connection, shop_id, "fit", due_at=next_fit(now))


def next_fit(now: datetime) -> datetime:
    """Return when edges that were fitted now are to be fitted again."""
    return now + timedelta(days=DAYS_BETWEEN_FITS)
