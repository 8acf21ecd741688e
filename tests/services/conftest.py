"""Shops for tests that need more than one of them."""

import pytest
from stored_rows import a_shop


@pytest.fixture
def make_shop(database):
    """Return what opens one more empty shop, like the fixture ``shop_id``."""
    return a_shop
