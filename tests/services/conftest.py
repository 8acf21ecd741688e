"""Shops for tests that need more than one of them, and a Shopify to read one from."""

import pytest
from live_bundles import cup, tea  # noqa: F401 (pytest finds fixtures by their names here)
from offer_shop import offers  # noqa: F401 (the same)
from push_shop import a_push_shop
from reading_history import (  # noqa: F401 (the same)
    in_haste,
    knocks,
    labels,
    shopify,
    spooled,
)
from shops_with_app import hosted, rival, shop  # noqa: F401 (the same)
from stand_in_store import StandInStore
from stored_rows import a_shop


@pytest.fixture
def make_shop(database):
    """Return what opens one more empty shop, like the fixture ``shop_id``."""
    return a_shop


@pytest.fixture
def store(tmp_path, database):
    """An empty store in a stand-in of its own."""
    made = StandInStore(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def push_shop(store):
    """The id of a shop that is ready to be sent from."""
    return a_push_shop(store)
