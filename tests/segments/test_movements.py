import json

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import law

from shop_app.segments.movements import movements

NAMES = {"vip": "VIP", "loyal": "Loyal", "at-risk": "At risk", "new": "New"}


def at(*rows):
    schema = {"customer_id": pl.Int64, "segment": pl.String, "total_spent": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def compared(before, after):
    return movements(before, after, names=NAMES, money=lambda minor: f"${minor / 100:,.2f}")


BEFORE = at(
    (1, "vip", 900_00), (2, "loyal", 300_00), (3, "loyal", 250_00), (4, "new", 20_00), (5, "new", 10_00)
)  # fmt: skip
AFTER = at(
    (1, "vip", 950_00), (2, "at-risk", 300_00), (3, "at-risk", 250_00), (4, "loyal", 90_00), (6, "new", 15_00)
)  # fmt: skip


def test_everybody_is_in_one_flow_with_their_money():
    found = compared(BEFORE, AFTER)
    assert [tuple(flow.values()) for flow in found["flows"]] == [
        ("loyal", "at-risk", 2, 550_00, 0),
        ("vip", "vip", 1, 950_00, 50_00),
        ("new", "loyal", 1, 90_00, 70_00),
        (None, "new", 1, 15_00, 15_00),
        ("new", None, 1, 10_00, 0),
    ]
    counts = [found[f"{kind}_count"] for kind in ("before", "after", "stayed", "moved", "entered", "left")]
    assert counts == [5, 5, 1, 3, 1, 1]


def test_the_greatest_movements_and_shares_are_told():
    assert compared(BEFORE, AFTER)["words"] == [
        "2 customers moved from Loyal to At risk; they have spent $550.00 so far.",
        "1 customer moved from New to Loyal; they have spent $90.00 so far.",
        "The share of VIP stayed at 20.0 % of all customers.",
        "The share of At risk grew from 0.0 % to 40.0 % of all customers.",
        "The share of Loyal fell from 40.0 % to 20.0 % of all customers.",
    ]


def test_the_share_of_the_best_is_always_told():
    before = at(*[(number, "vip" if number < 118 else "new", 0) for number in range(1_000)])
    after = at(*[(number, "vip" if number < 109 else "new", 0) for number in range(1_000)])
    assert "The share of VIP fell from 11.8 % to 10.9 % of all customers." in compared(before, after)["words"]


def test_where_nobody_moved_that_is_said():
    assert compared(BEFORE, BEFORE)["words"][0] == "Nobody has changed their segment."
    assert compared(at(), at())["words"] == ["Nobody has changed their segment."]


places = st.tuples(st.sampled_from(list(NAMES)), st.integers(-5, 500))
shops = st.dictionaries(st.integers(1, 20), places, max_size=15)


def rows_of(shop):
    return at(*((number, *row) for number, row in shop.items()))


@law
@given(shops, shops)
def test_nobody_and_no_money_is_lost_on_the_way(before, after):
    found = compared(rows_of(before), rows_of(after))
    assert found == json.loads(json.dumps(found))
    assert sum(flow["customer_count"] for flow in found["flows"]) == len(before.keys() | after.keys())
    assert found["stayed_count"] + found["moved_count"] + found["left_count"] == len(before)
    assert found["stayed_count"] + found["moved_count"] + found["entered_count"] == len(after)
    for segment in found["segments"]:
        slug = segment["slug"]
        assert segment["after_count"] == sum(row[0] == slug for row in after.values())
        inflow = sum(flow["customer_count"] for flow in found["flows"] if flow["to"] == slug)
        assert inflow == segment["after_count"]
    spent = sum(row[1] for row in after.values()) + sum(
        row[1] for key, row in before.items() if key not in after
    )
    assert sum(flow["amount"] for flow in found["flows"]) == spent
