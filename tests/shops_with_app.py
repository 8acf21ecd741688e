"""Shops that have the app, and what Shopify sends them."""

import pytest
from deliveries import Sender, connect, hosted_app
from stored_rows import a_shop


@pytest.fixture(scope="session")
def hosted(settings, database):
    """The app as it stands on the net."""
    return hosted_app(settings)


@pytest.fixture
def shop(hosted, shop_id):
    """A shop that has the app."""
    connect(shop_id)
    return Sender(hosted, shop_id)


@pytest.fixture
def rival(hosted, database):
    """Another shop that has the app."""
    other = a_shop()
    connect(other)
    return Sender(hosted, other)
