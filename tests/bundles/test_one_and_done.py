import numpy as np
import polars as pl
import pytest
from planted_shop import LAST_DAY, NAMES, shop, visits

from sandbox.sample_store.catalogue import PRODUCTS
from shop_app.bundles.one_and_done import LEAST_FIRST_BUYERS, first_product_fates
from shop_app.errors import InvalidInputError

SCHEMA = {"customer_id": pl.Int64, "day": pl.Int32, "key": pl.String}
NO_NAMES = pl.DataFrame(schema={"key": pl.String, "key_name": pl.String})


def fates(rows, as_of_day=1_000, patience_days=100):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    told = first_product_fates(frame, NO_NAMES, as_of_day=as_of_day, patience_days=patience_days)
    return {row["key"]: row for row in told.iter_rows(named=True)}


def test_the_planted_dead_end_comes_first():
    store, lines = shop()
    told = first_product_fates(visits(lines), NAMES, as_of_day=LAST_DAY, patience_days=180)
    dead_end = told.row(0, named=True)
    assert dead_end["name"] == "Mystery Parcel: a Book by Post"
    assert PRODUCTS[int(dead_end["key"])].sku == store.truth.dead_end_sku
    assert dead_end["is_found"]
    assert dead_end["low"] > dead_end["store_share_ratio"] + 0.2
    assert not told.filter(pl.col("name") == "Harbour Breakfast - 100 g")["is_found"].item()


@pytest.mark.parametrize("seed", range(4))
def test_where_what_was_bought_first_was_dealt_anew_nothing_is_found(seed):
    """Deal the first products among first buyers of the same thirty days."""
    _, lines = shop()
    days = visits(lines).drop_nulls().unique().sort("customer_id", "day", "key")
    firsts = days.filter(pl.col("day") == pl.col("day").min().over("customer_id"))
    generator = np.random.default_rng(seed)
    month = ((LAST_DAY - firsts["day"]) // 30).to_numpy()
    order = np.lexsort((generator.random(firsts.height), month))
    keys = np.empty(firsts.height, dtype=object)
    keys[np.argsort(month, kind="stable")] = firsts["key"].to_numpy()[order]
    dealt = firsts.with_columns(key=pl.Series(keys.astype(str)))
    others = days.join(firsts, on=["customer_id", "day"], how="anti")
    told = first_product_fates(pl.concat([dealt, others]), NAMES, as_of_day=LAST_DAY, patience_days=180)
    assert told["is_found"].sum() <= 1


def test_everybody_is_given_the_same_time():
    rows = [(customer, 100, "tea") for customer in range(40)]
    rows += [(customer, 200, "jam") for customer in range(10)]  # in time, on the last day
    rows += [(customer, 201, "jam") for customer in range(10, 20)]  # too late
    rows += [(customer, 950, "tea") for customer in range(40, 80)]  # not waited for long enough yet
    tea = fates(rows)["tea"]
    assert (tea["first_buyers"], tea["never_back"], tea["share_ratio"]) == (40, 30, 0.75)
    assert tea["low"] < 0.75 < tea["high"]


def test_a_season_in_which_nobody_comes_back_is_no_fault_of_what_is_sold_in_it():
    rows = []
    for customer in range(400):
        festive = customer % 2 == 0
        rows.append((customer, 500 if festive else 400, "wreath" if customer % 4 == 0 else "tea"))
        if not festive:
            rows.append((customer, 450, "tea"))
    told = fates(rows)
    assert told["wreath"]["share_ratio"] == 1.0
    assert told["tea"]["share_ratio"] < 0.4
    assert not told["wreath"]["is_found"]


def test_of_few_first_buyers_nothing_is_told():
    rows = [(customer, 100, "tea") for customer in range(LEAST_FIRST_BUYERS - 1)]
    assert fates(rows) == {}
    assert fates([]) == {}


def test_the_order_of_rows_does_not_matter():
    rows = [
        (customer, 10 * (customer % 7) + 3 * place, "abc"[(customer + place) % 3])
        for customer in range(300)
        for place in range(1 + customer % 3)
    ]
    assert fates(rows) == fates(rows[::-1] + rows[:5])
    assert len(fates(rows)) == 3


def test_no_patience_is_refused():
    with pytest.raises(InvalidInputError, match="patience_days"):
        fates([], patience_days=0)


def test_a_very_large_shop_is_counted_without_running_over():
    """A month's buyers to the power of four is more than a whole number of 64 bits holds."""
    first = pl.DataFrame({"customer_id": range(120_000), "day": 100}).with_columns(
        key=pl.when(pl.col("customer_id") % 2 == 0).then(pl.lit("tea")).otherwise(pl.lit("jam"))
    )
    # Of those of tea two in five come again, of those of jam three in five.
    again = pl.col("customer_id") % 10 < pl.when(pl.col("key") == "tea").then(4).otherwise(6)
    visits_of_all = pl.concat([first, first.filter(again).with_columns(day=110)])
    told = first_product_fates(visits_of_all, NO_NAMES, as_of_day=1_000, patience_days=100)
    assert told.filter("is_found")["key"].to_list() == ["tea"]
    assert told.row(0, named=True)["p_value"] < 1e-9
