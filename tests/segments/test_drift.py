import json

import numpy as np
import polars as pl
import pytest
from drifting_shops import shop
from segment_frames import AS_OF

from shop_app.segments.drift import DRIFT_INDEX, drift, reference_of


def index(reference, scored):
    return {row["feature"]: row for row in drift(reference, scored)}


def test_the_same_customers_have_not_drifted_at_all():
    found = drift(reference_of(shop(), as_of=AS_OF), shop())
    assert {row["index"] for row in found} == {0.0}
    assert not any(row["has_drifted"] for row in found)


def test_customers_who_have_been_away_longer_have_drifted_in_that_alone():
    found = drift(reference_of(shop(), as_of=AS_OF), shop(seed=1, away=120.0))
    assert [row["feature"] for row in found if row["has_drifted"]] == ["recency_days"]
    assert found[0]["index"] > DRIFT_INDEX
    assert found[0]["median_then"] < found[0]["median_now"]


def test_what_becomes_unknown_has_drifted():
    found = index(reference_of(shop(), as_of=AS_OF), shop(seed=1, unknown=0.7))
    assert found["usual_gap_days"]["has_drifted"]
    assert not found["recency_days"]["has_drifted"]


@pytest.mark.parametrize("count", [60, 100, 400, 2_000])
def test_chance_alone_is_no_drift_in_a_shop_of_any_size(count):
    alarms = 0
    for seed in range(30):
        reference = reference_of(shop(count, seed=seed), as_of=AS_OF)
        alarms += any(row["has_drifted"] for row in drift(reference, shop(count, seed=1_000 + seed)))
    assert alarms <= 1


def test_the_index_is_the_published_one():
    then = pl.DataFrame({"order_count": [1] * 600 + [2] * 300 + [3] * 100})
    now = pl.DataFrame({"order_count": [1] * 400 + [2] * 400 + [3] * 200})
    expected = (0.4 - 0.6) * np.log(0.4 / 0.6) + 0.1 * np.log(4 / 3) + 0.1 * np.log(2)
    assert index(reference_of(then, as_of=AS_OF), now)["order_count"]["index"] == pytest.approx(
        expected, rel=0.01
    )


def test_a_reference_is_plain_and_the_same_in_any_order_of_rows():
    reference = reference_of(shop(), as_of=AS_OF)
    assert reference == json.loads(json.dumps(reference))
    assert reference == reference_of(shop().reverse(), as_of=AS_OF)
    assert reference["buyer_count"] == 2_000
    assert reference["expected_orders_90d"] == pytest.approx(800, rel=0.1)


def test_few_buyers_all_alike_and_nobody_leave_nothing_to_compare():
    alike = shop().with_columns(recency_days=pl.lit(7.0), order_count=pl.lit(1))
    assert set(reference_of(alike, as_of=AS_OF)["features"]) == {"usual_gap_days", "expected_orders_90d"}
    few = reference_of(shop(30), as_of=AS_OF)
    assert few["features"] == {}
    nobody = reference_of(shop().clear(), as_of=AS_OF)
    assert (nobody["buyer_count"], nobody["expected_orders_90d"], nobody["features"]) == (0, None, {})
    assert drift(reference_of(shop(), as_of=AS_OF), shop().clear()) == []
    assert drift(few, shop()) == []


def test_prospects_are_not_looked_at_and_a_lost_column_is_left_out():
    prospects = pl.DataFrame({"customer_id": [9_001], "order_count": [0], "recency_days": [None]})
    both = pl.concat([shop(), prospects], how="diagonal_relaxed")
    assert reference_of(both, as_of=AS_OF) == reference_of(shop(), as_of=AS_OF)
    assert "recency_days" not in index(reference_of(shop(), as_of=AS_OF), shop().drop("recency_days"))
