from datetime import UTC, datetime

import pytest
from stand_in_store import StandInStore
from tellings import one

from shop_app.services.read_shop import read_shop
from shop_app.shopify.admin_errors import PermanentError
from shop_app.storage import connections, shop_settings
from shop_app.storage.engine import transaction

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path, database):
    made = StandInStore(tmp_path, currency="SEK", ianaTimezone="Europe/Stockholm")
    yield made
    made.stop()


def test_the_shop_is_called_paid_and_timed_as_in_shopify(store):
    shop_id = store.connect(NOW)
    facts = read_shop(shop_id, NOW)
    with transaction(shop_id) as connection:
        kept = shop_settings.read(connection)
        connected = connections.find(connection, shop_id)
    assert (kept.title, kept.currency, kept.timezone) == ("Tea & more", "SEK", "Europe/Stockholm")
    assert connected.shop_number == facts.shop_number > 0
    assert connected.plan == "Basic"
    assert set(connected.scopes) == set(store.scopes)


def test_an_answer_about_another_shop_is_refused(store):
    shop = next(iter(store.world.state.each(store.domain, "shop")))
    store.put("shop", shop | {"myshopifyDomain": "rival.myshopify.com"})
    shop_id = store.connect(NOW)
    with pytest.raises(PermanentError):
        read_shop(shop_id, NOW)
    assert one(shop_id, "SELECT shop_number FROM shop_connections")["shop_number"] is None
