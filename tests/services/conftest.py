"""Shops for tests that need more than one of them, and a Shopify to read one from."""

import pytest
from reading_history import (  # noqa: F401 (pytest finds fixtures by their names here)
    in_haste,
    knocks,
    labels,
    shopify,
    spooled,
)
from shops_with_app import hosted, rival, shop  # noqa: F401 (the same)
from stored_rows import a_shop


@pytest.fixture
def make_shop(database):
    """Return what opens one more empty shop, like the fixture ``shop_id``."""
    return a_shop
