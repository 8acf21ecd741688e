from datetime import UTC, date, datetime

from sqlalchemy import text
from stored_rows import a_shop, an_order

from shop_app.services.shop_clock import default_as_of, end_of_date, next_midnight
from shop_app.storage.engine import transaction

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_shop_of_files_is_looked_at_at_the_end_of_its_last_day(database):
    shop_id = a_shop(timezone="America/New_York")
    an_order(shop_id, None, at=datetime(2011, 12, 9, 3, tzinfo=UTC))  # still 8 December in New York
    assert default_as_of(shop_id, NOW) == datetime(2011, 12, 9, 4, 59, 59, 999999, tzinfo=UTC)


def test_a_live_shop_and_an_empty_one_are_looked_at_now(shop_id):
    assert default_as_of(shop_id, NOW) == NOW
    an_order(shop_id, None, at=datetime(2011, 12, 9, tzinfo=UTC))
    with transaction(shop_id) as connection:
        connection.execute(text("UPDATE shop_settings SET source = 'shopify'"))
    assert default_as_of(shop_id, NOW) == NOW


def test_an_order_from_far_ahead_moves_nothing(shop_id):
    an_order(shop_id, None, at=datetime(2011, 12, 9, tzinfo=UTC))
    an_order(shop_id, None, at=datetime(2099, 1, 1, tzinfo=UTC))
    assert default_as_of(shop_id, NOW).year == 2011


def test_days_are_as_long_as_the_shops_clocks_say():
    assert end_of_date(date(2026, 10, 25), "Europe/Berlin") == datetime(
        2026, 10, 25, 22, 59, 59, 999999, tzinfo=UTC
    )
    assert next_midnight(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "Europe/Berlin") == datetime(
        2026, 3, 29, 22, tzinfo=UTC
    )
