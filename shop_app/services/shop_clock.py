"""The moment a shop is looked at from, and the shop's own days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shop_app.storage import orders, shop_settings
from shop_app.storage.engine import transaction

_LAST_MOMENT = time(23, 59, 59, 999999)


def default_as_of(shop_id: int, now: datetime) -> datetime:
    """Return the moment to look from: now for a live shop, else the end of the last day with an order.

    A file tells of its own time only. Looked at from years later, everybody in it would have lapsed. An order
    with a date that is still to come is passed over.
    """
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
        if shop.source == "shopify":
            return now
        newest = orders.newest_processed_at(connection, until=end_of_day(now, shop.timezone))
    return now if newest is None else end_of_day(newest, shop.timezone)


def end_of_shop_day(shop_id: int, day: date) -> datetime:
    """Return the last microsecond of a date in this shop's time zone."""
    with transaction(shop_id) as connection:
        return end_of_date(day, shop_settings.read(connection).timezone)


def end_of_day(moment: datetime, timezone: str) -> datetime:
    """Return the last microsecond of this moment's day, as that shop's clocks show it."""
    return end_of_date(moment.astimezone(ZoneInfo(timezone)).date(), timezone)


def end_of_date(day: date, timezone: str) -> datetime:
    """Return the last microsecond of a date, as that shop's clocks show it."""
    return datetime.combine(day, _LAST_MOMENT, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def start_of_day(moment: datetime, timezone: str) -> datetime:
    """Return the first moment of this moment's day, as that shop's clocks show it."""
    day = moment.astimezone(ZoneInfo(timezone)).date()
    return datetime.combine(day, time(), tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def next_midnight(moment: datetime, timezone: str) -> datetime:
    """Return the first moment of the shop's next day."""
    tomorrow = moment.astimezone(ZoneInfo(timezone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=ZoneInfo(timezone)).astimezone(UTC)
