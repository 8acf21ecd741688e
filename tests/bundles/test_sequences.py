import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_shop import NAMES, shop, swapped_within_the_week, visits

from shop_app.bundles import follow_ups, sequences
from shop_app.bundles.sequence_evidence import judge_order
from shop_app.bundles.sequences import find_sequences
from shop_app.errors import InvalidInputError

NO_NAMES = pl.DataFrame(schema={"key": pl.String, "key_name": pl.String})
TEAPOT, WARMER = "Cast-Iron Teapot 0.8 l", "Teapot Warmer with Tealight"
BOOK_ONE, BOOK_TWO = "The Lantern Keeper, Book One", "The Lantern Keeper, Book Two"


def frame(rows):
    schema = {"customer_id": pl.Int64, "day": pl.Int32, "key": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def found(rows, **rules):
    told = find_sequences(frame(rows), NO_NAMES, seed=0, **({"least_customers": 1} | rules))
    return {(row["first"], row["then"]): row for row in told.iter_rows(named=True)}


def counted_by_hand(rows, window_days, last_day):
    """Count as the words say it, customer by customer."""
    first_day = {}
    for _, day, key in sorted(rows, key=lambda row: row[1]):
        first_day.setdefault(key, day)
    did, began = {}, {}
    for customer, day, key in rows:
        if day + window_days > last_day:
            continue
        for other, later, then in rows:
            if other == customer and key != then and 1 <= later - day <= window_days:
                gaps = did.setdefault((key, then), {})
                gaps[customer] = min(gaps.get(customer, later - day), later - day)
        for then, launched in first_day.items():
            if day + window_days >= launched:
                began.setdefault((key, then), set()).add(customer)
    return did, began


ROWS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(100, 140), st.sampled_from("abcd")), min_size=1, max_size=40
)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(1, 20))
def test_every_figure_that_is_counted_is_as_counted_by_hand(rows, window_days):
    did, began = counted_by_hand(rows, window_days, last_day=145)
    told = found(rows, window_days=window_days, last_day=145, swaps=1)
    assert told.keys() == did.keys()
    for pair, row in told.items():
        gaps = sorted(did[pair].values())
        assert row["customers"] == len(gaps)
        assert row["median_gap_days"] == gaps[(len(gaps) - 1) // 2]
        assert row["reverse_customers"] == len(did.get(pair[::-1], {}))
        assert row["first_customers"] == len(began[pair])
        assert 0 < row["share_ratio"] <= 1


@settings(max_examples=15, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_repeated_rows_matter(rows, random):
    mixed = rows + rows[:3]
    random.shuffle(mixed)
    assert found(mixed, last_day=145) == found(rows, last_day=145)


@settings(max_examples=15, deadline=None)
@given(ROWS)
def test_other_customers_of_other_things_change_no_count(rows):
    others = [(100 + customer, day, f"other {key}") for customer, day, key in rows]
    alone, beside = found(rows, last_day=145), found(rows + others, last_day=145)
    counts = ("customers", "first_customers", "reverse_customers", "median_gap_days", "share_ratio")
    for pair, row in alone.items():
        assert {name: row[name] for name in counts} == {name: beside[pair][name] for name in counts}


def test_the_planted_sequences_come_first_and_in_order():
    _, lines = shop()
    told = find_sequences(visits(lines), NAMES, seed=1)
    first = told.head(2)
    assert set(first.select("first_name", "then_name").iter_rows()) == {(TEAPOT, WARMER), (BOOK_ONE, BOOK_TWO)}
    assert first["is_found"].all()
    assert first["is_ordered"].all()
    assert first["share_ratio"].is_between(0.35, 0.6).all()
    assert first["median_gap_days"].is_between(5, 10).all()
    assert told["is_ordered"].sum() == 2


def test_what_only_rides_along_with_a_planted_sequence_is_not_found():
    _, lines = shop()
    told = find_sequences(visits(lines), NAMES, seed=1)
    riders = told.filter(pl.col("then_name").is_in([WARMER, BOOK_TWO]) & ~pl.col("is_ordered"))
    assert riders.filter(pl.col("q_value") < 0.05).height
    assert not riders["is_found"].any()
    assert (told.filter("is_found")["own_customers"] <= told.filter("is_found")["customers"]).all()


@pytest.mark.parametrize("seed", range(5))
def test_where_baskets_were_dealt_anew_nothing_is_found(seed):
    _, lines = shop()
    told = find_sequences(swapped_within_the_week(visits(lines), seed), NAMES, seed=1, least_customers=3)
    assert told.height > 300
    assert not told["is_found"].any()
    assert not told["is_ordered"].any()


def test_no_order_is_claimed_of_things_that_follow_each_other_both_ways():
    rows = []
    for customer in range(400):
        day = 7 * (customer % 50)
        pair = ("tea", "milk") if customer % 2 else ("milk", "tea")
        rows += [(customer, day, pair[0]), (customer, day + 5, pair[1])]
        rows += [(1_000 + customer, day, f"other {customer % 9}"), (1_000 + customer, day + 5, "salt")]
    told = found(rows, last_day=400, least_customers=10)
    assert told["tea", "milk"]["is_found"]
    assert told["tea", "milk"]["reverse_customers"] == 200
    assert not told["tea", "milk"]["is_ordered"]


def test_the_season_makes_no_order():
    """Pumpkins are sold before fir trees to whoever comes; nobody who buys the one wants the other."""
    generator, rows = np.random.default_rng(0), []
    for customer in range(3_000):
        first = int(generator.integers(0, 60))
        for day in (first, first + int(generator.integers(1, 14))):
            rows.append((customer, day, "pumpkin" if day < 30 else "fir"))
            rows.append((customer, day, f"thing {generator.integers(20)}"))
    told = found(rows, last_day=100, least_customers=10)
    assert told["pumpkin", "fir"]["customers"] > 100
    assert told["pumpkin", "fir"]["reverse_customers"] == 0
    assert not told["pumpkin", "fir"]["is_found"]
    assert not told["pumpkin", "fir"]["is_ordered"]


def test_a_purchase_whose_window_is_not_over_says_nothing_yet():
    told = found([(1, 10, "a"), (1, 12, "b"), (2, 20, "a"), (2, 21, "b")], window_days=14, last_day=30)
    assert told["a", "b"]["customers"] == 1
    assert told["a", "b"]["first_customers"] == 1


def test_the_same_day_is_no_sequence_and_the_same_thing_again_is_none():
    assert found([(1, 10, "a"), (1, 10, "b"), (1, 12, "a")], last_day=60).keys() == {("b", "a")}


def test_a_customer_who_buys_for_a_shop_is_left_out(monkeypatch):
    monkeypatch.setattr(sequences, "MOST_COMBINATIONS", 500)
    shopkeeper = [(1, day, f"key {key}") for day in range(0, 10, 2) for key in range(30)]
    usual = [(customer, day, f"key {day}") for customer in range(2, 6) for day in (3, 7)]
    told = found(shopkeeper + usual, last_day=60)
    assert told.keys() == {("key 3", "key 7")}
    assert told["key 3", "key 7"]["customers"] == 4


def test_counting_some_customers_at_a_time_changes_nothing(monkeypatch):
    _, lines = shop()
    whole = find_sequences(visits(lines), NAMES, seed=1, least_customers=2)
    monkeypatch.setattr(follow_ups, "AT_ONCE", 1_000)
    assert find_sequences(visits(lines), NAMES, seed=1, least_customers=2).equals(whole)


def test_without_visits_there_is_an_empty_table():
    told = find_sequences(frame([]), NO_NAMES, seed=0)
    assert told.height == 0
    assert told.columns == find_sequences(visits(shop()[1]), NAMES, seed=0).columns


def test_the_direction_that_never_happened_is_one_of_the_tests_of_order():
    columns = {"customers": [10], "reverse_customers": [0], "swapped": [0], "swapped_reverse": [0]}
    judged = judge_order(pl.DataFrame(columns))
    assert judged["order_q_value"].item() == pytest.approx(2 * 0.5**10)
    both = judge_order(pl.DataFrame(columns | {"reverse_customers": [1]}))
    assert both["order_q_value"].item() == pytest.approx(12 * 0.5**11)


@pytest.mark.parametrize("field", ["window_days", "least_customers", "swaps"])
def test_a_rule_of_less_than_one_is_refused_by_name(field):
    with pytest.raises(InvalidInputError, match=field):
        find_sequences(frame([]), NO_NAMES, seed=0, **{field: 0})
