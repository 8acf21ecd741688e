"""One lively shop, fitted once for all tests that look at a fit."""

import pytest
from past_shops import TODAY, lively_shop

from shop_app.segments.predictions.model import fit_predictions


@pytest.fixture(scope="session")
def lively():
    return lively_shop()


@pytest.fixture(scope="session")
def fitted(lively):
    return fit_predictions(lively, as_of=TODAY)
