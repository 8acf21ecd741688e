"""Shops for tests that need more than one of them, and a Shopify to read one from."""

import psycopg
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

from shop_app.shopify import admin_api


@pytest.fixture(scope="session")
def beside(database):
    """A connection of its own, which stays whatever a test connects its process to."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture(autouse=True)
def _gone_at_the_end(request):
    """Take the app out of every shop of this test: what a webhook tells is looked for in all that have it."""
    if "database" not in request.fixturenames:
        yield
        return
    beside = request.getfixturevalue("beside")
    (before,) = beside.execute("SELECT coalesce(max(id), 0) FROM shops").fetchone()
    yield
    beside.execute("UPDATE shops SET state = 'uninstalled' WHERE id > %s AND state <> 'uninstalled'", (before,))


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch):
    """Where Shopify asks for patience, a fiftieth of it is had, as between other tries."""
    monkeypatch.setattr(admin_api, "_THROTTLED_PAUSE_SECONDS", admin_api._THROTTLED_PAUSE_SECONDS / 50)


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
