"""The shops to look at, for every test of a page."""

import pytest
from admin import Admin
from web_stores import (  # noqa: F401 (pytest finds fixtures by their names here)
    busy_store,
    client,
    empty_store,
    grouped_store,
    hosted_client,
    local_app,
    same_origin,
    small_store,
)


@pytest.fixture(scope="session")
def admin(settings, database, tmp_path_factory):
    """A stand-in Shopify, and the hosted app as its admin sees it."""
    made = Admin(tmp_path_factory.mktemp("shopify"), settings)
    yield made
    made.stop()
