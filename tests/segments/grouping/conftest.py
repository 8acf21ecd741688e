"""One sample store, and one fit on it, for all tests that need a whole shop."""

from datetime import date

import pytest
from sample_shop import SampleShop

from sandbox.sample_store import make_store
from shop_app.segments.grouping.goals import GOALS
from shop_app.segments.grouping.past import buyers_of, gather_pasts
from shop_app.segments.grouping.ways import Brief


@pytest.fixture(scope="session")
def shop():
    return SampleShop(make_store(customers=2_200, seed=7, until=date(2026, 10, 31)))


@pytest.fixture(scope="session")
def buyers(shop):
    return buyers_of(shop.scored_at(shop.as_of))


@pytest.fixture(scope="session")
def pasts(shop):
    return gather_pasts(shop.scored_at, shop.history, as_of=shop.as_of, outcome="revenue_90d")


@pytest.fixture(scope="session")
def brief():
    return Brief(GOALS["keep-the-best"], 7, bootstraps=2)
