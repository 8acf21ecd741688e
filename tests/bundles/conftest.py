import polars as pl
import pytest

from shop_app.bundles.baskets import baskets_of


@pytest.fixture(scope="session")
def groceries(reference):
    """9,835 baskets of a grocer's month (M. Hahsler et al., arules: Groceries), without days."""
    lines = pl.read_csv(reference / "data" / "groceries" / "groceries_baskets.csv.gz")
    return baskets_of(lines.rename({"basket_id": "basket"}))
