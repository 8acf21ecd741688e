"""One answer: whoever is refreshed, alone or among all, by whatever way, the stored rows are the same."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from sqlalchemy import text
from stored_rows import a_customer, a_product, a_refund, a_shop, an_order, together

from shop_app.services.fit_models import fit_models
from shop_app.services.live_models import find_edges
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.services.summarise_shop import summarise_shop
from shop_app.storage import customer_scores, due_work, membership_changes, segment_runs
from shop_app.storage.engine import shopless, transaction

START = datetime(2024, 1, 1, tzinfo=UTC)


def summary(shop_id):
    with transaction(shop_id) as connection:
        found = segment_runs.read_newest(connection)
    return {name: value for name, value in found.items() if name != "computed_at"}


def an_order_history(shop_id, customers, orders):
    """Write people by their address, and orders by (person, seconds since the start, cents, extras)."""
    with together(shop_id):
        products = [a_product(shop_id, category="Tea"), a_product(shop_id, vendor="Pot"), a_product(shop_id)]
        ids = [a_customer(shop_id, email=email, signup_source=source) for email, source in customers]
        for who, *facts in orders:
            an_odd_order(shop_id, None if who is None else ids[who % len(ids)], products, *facts)
        if orders:
            a_refund(shop_id, customer_id=ids[0], amount=7, at=START + timedelta(days=20))


def an_odd_order(shop_id, customer_id, products, seconds, cents, extra):
    order = an_order(
        shop_id,
        customer_id,
        at=START + timedelta(seconds=seconds, microseconds=cents),
        total=cents,
        lines=[(products[cents % 3], cents // 2), (products[seconds % 3], cents - cents // 2)],
        discount=extra % 3 or None,
        cancelled_at=START + timedelta(days=900) if extra == 4 else None,
        test=extra == 5,
        channel=("web", "pos", None)[extra % 3],
        item_count=extra + 0.1,
    )
    if extra > 6:
        a_refund(shop_id, order_id=order, amount=cents // extra)


people = st.lists(
    st.tuples(st.sampled_from(["ann@example.com", "bob@example.com", None]), st.sampled_from(["popup", None])),
    min_size=1,
    max_size=6,
)
histories = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 5)),
        st.integers(0, 500 * 86_400),
        st.integers(0, 99_999),
        st.integers(0, 9),
    ),
    max_size=25,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=people, orders=histories, later=histories, data=st.data())
def test_any_sequence_of_refreshes_of_some_gives_the_rows_of_a_full_one(database, people, orders, later, data):
    as_of = START + timedelta(days=501, microseconds=123_457)
    piecemeal, at_once = a_shop(), a_shop()
    for shop_id in (piecemeal, at_once):
        an_order_history(shop_id, people, orders)
        resolve_people(shop_id)
        fit_models(shop_id, as_of=as_of)
        refresh_customers(shop_id, None, as_of=as_of)
        an_order_history(shop_id, people, later)
        resolve_people(shop_id)

    rows = data.draw(st.permutations(row_ids(piecemeal, "customers")))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    for begin, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        refresh_customers(piecemeal, rows[begin:end], as_of=as_of)
    summarise_shop(piecemeal)
    refresh_customers(at_once, None, as_of=as_of)

    assert_frame_equal(scores_by_place(piecemeal), scores_by_place(at_once), check_exact=True)
    assert summary(piecemeal) == summary(at_once)


def row_ids(shop_id, table):
    with transaction(shop_id) as connection:
        return list(connection.execute(text(f"SELECT id FROM {table} ORDER BY id")).scalars())


def scores_by_place(shop_id):
    """Return the stored scores of a shop with places for ids: shops that were filled alike look the same."""
    return customer_scores.read_all(shop_id).with_columns(
        pl.col(column).replace_strict(ids, range(len(ids)), return_dtype=pl.Int64)
        for column, ids in (
            ("customer_id", row_ids(shop_id, "customers")),
            ("first_product_id", row_ids(shop_id, "products")),
        )
    )


@pytest.fixture
def tea_shop(shop_id, as_of):
    """Ann bought thrice, Bob once and long ago, Cleo only what was cancelled; fitted and refreshed."""
    with together(shop_id):
        ann, bob, cleo = (a_customer(shop_id, email=f"{name}@example.com") for name in ("ann", "bob", "cleo"))
        for days, total in ((10, 6000), (40, 5000), (90, 4000)):
            an_order(shop_id, ann, at=as_of - timedelta(days=days), total=total)
        an_order(shop_id, bob, at=as_of - timedelta(days=400), total=1500)
        an_order(shop_id, cleo, at=as_of - timedelta(days=3), total=900, cancelled_at=as_of - timedelta(days=2))
        an_order(shop_id, None, at=as_of - timedelta(days=5), total=700)
    fit_models(shop_id, as_of=as_of)
    refresh_customers(shop_id, None, as_of=as_of)
    return SimpleNamespace(shop_id=shop_id, ann=ann, bob=bob, cleo=cleo)


def labels(shop_id):
    return dict(customer_scores.read_all(shop_id).select("customer_id", "segment").iter_rows())


def test_everybody_gets_a_label_from_the_first_customer_on(tea_shop):
    assert labels(tea_shop.shop_id) == {
        tea_shop.ann: "best-customers",
        tea_shop.bob: "drifting-away",
        tea_shop.cleo: "prospects",
    }


def test_the_summary_is_the_sum_of_its_parts(tea_shop, as_of):
    told = summary(tea_shop.shop_id)
    assert told["as_of"] == as_of.isoformat()
    assert (told["customer_count"], told["buyer_count"], told["order_count"]) == (3, 2, 4)
    assert told["revenue"] == 16_500
    assert sum(segment["revenue"] for segment in told["segments"]) == 16_500
    assert sum(month["revenue"] for month in told["months"]) == 16_500
    assert {item["verdict"]: item["order_count"] for item in told["ledger"]} == {
        "counts": 4,
        "cancelled": 1,
        "no_customer": 1,
    }
    assert told["ladder"] == "three"
    assert told["edges"]["source"] == "fixed"


def test_a_refund_without_an_order_is_taken_off_its_month(tea_shop, as_of):
    a_refund(tea_shop.shop_id, customer_id=tea_shop.ann, amount=500, at=as_of - timedelta(days=35))
    refresh_customers(tea_shop.shop_id, None, as_of=as_of)
    told = summary(tea_shop.shop_id)
    assert told["revenue"] == 16_000
    assert {month["month"]: month["revenue"] for month in told["months"] if month["revenue"]} == {
        "2025-05": 1500,
        "2026-04": 4000,
        "2026-05": 5000 - 500,
        "2026-06": 6000,
    }


def test_a_second_refresh_writes_nothing(tea_shop, as_of):
    again = refresh_customers(tea_shop.shop_id, None, as_of=as_of)
    assert (again.customer_count, again.written_count, again.moved_count) == (3, 0, 0)


def test_a_move_is_kept_with_where_from_and_when(tea_shop, as_of):
    an_order(tea_shop.shop_id, tea_shop.bob, at=as_of - timedelta(days=1), total=1200)
    refresh_customers(tea_shop.shop_id, [tea_shop.bob], as_of=as_of)
    with transaction(tea_shop.shop_id) as connection:
        moves = membership_changes.list_of_customer(connection, tea_shop.bob)
    assert [(move.from_segment, move.to_segment, move.changed_at) for move in moves] == [
        ("drifting-away", "recent-customers", as_of),
        (None, "drifting-away", as_of),
    ]


def test_a_refresh_of_one_makes_the_summary_due(tea_shop, as_of):
    refresh_customers(tea_shop.shop_id, [tea_shop.bob], as_of=as_of)
    with shopless() as connection:
        assert "summary" in due_work.list_of_shop(connection, tea_shop.shop_id)


def test_who_is_no_person_any_more_has_no_scores_any_more(tea_shop, as_of):
    double = a_customer(tea_shop.shop_id, email="ann@example.com")
    refresh_customers(tea_shop.shop_id, [double], as_of=as_of)
    assert double in labels(tea_shop.shop_id)
    touched = resolve_people(tea_shop.shop_id, [double])
    assert touched == [tea_shop.ann, double]
    gone = refresh_customers(tea_shop.shop_id, touched, as_of=as_of)
    assert (gone.customer_count, gone.moved_count) == (1, 1)
    assert double not in labels(tea_shop.shop_id)


def test_segment_since_is_the_day_of_the_last_move(tea_shop, as_of):
    later = as_of + timedelta(days=1)
    refresh_customers(tea_shop.shop_id, None, as_of=later)
    with transaction(tea_shop.shop_id) as connection:
        stored = customer_scores.find(connection, tea_shop.ann)
    assert (stored["as_of"], stored["segment_since"]) == (later, as_of)


def test_an_older_moment_never_overwrites_a_newer_one_of_a_live_shop(tea_shop, as_of):
    with transaction(tea_shop.shop_id) as connection:
        connection.execute(text("UPDATE shop_settings SET source = 'shopify'"))
    later = as_of + timedelta(days=5)
    an_order(tea_shop.shop_id, tea_shop.bob, at=as_of + timedelta(days=4), total=1200)
    refresh_customers(tea_shop.shop_id, [tea_shop.bob], as_of=later)
    assert refresh_customers(tea_shop.shop_id, [tea_shop.bob], as_of=as_of).as_of == later
    assert labels(tea_shop.shop_id)[tea_shop.bob] == "recent-customers"


def test_a_file_that_took_its_latest_orders_back_takes_the_shop_back_in_time(tea_shop, as_of):
    refresh_customers(tea_shop.shop_id, None, as_of=as_of + timedelta(days=300))
    back = refresh_customers(tea_shop.shop_id, None, as_of=as_of)
    assert back.as_of == as_of
    assert labels(tea_shop.shop_id)[tea_shop.ann] == "best-customers"
    with transaction(tea_shop.shop_id) as connection:
        moves = membership_changes.list_of_customer(connection, tea_shop.ann)
    assert all(move.changed_at <= as_of for move in moves)


def test_two_refreshes_at_once_take_turns(tea_shop, as_of):
    with ThreadPoolExecutor(4) as pool:
        runs = [
            pool.submit(refresh_customers, tea_shop.shop_id, whom, as_of=as_of)
            for whom in (None, [tea_shop.ann], None, [tea_shop.bob, tea_shop.cleo])
        ]
        assert [run.result().written_count for run in runs] == [0, 0, 0, 0]


def test_a_deleted_customer_is_no_person_and_their_orders_belong_to_nobody(tea_shop, as_of):
    with transaction(tea_shop.shop_id) as connection:
        connection.execute(text("UPDATE customers SET deleted_at = now() WHERE id = :id"), {"id": tea_shop.bob})
    refresh_customers(tea_shop.shop_id, None, as_of=as_of)
    assert tea_shop.bob not in labels(tea_shop.shop_id)
    told = {item["verdict"]: item["order_count"] for item in summary(tea_shop.shop_id)["ledger"]}
    assert told["no_customer"] == 2


def test_the_first_refresh_of_one_fits_the_whole_shop_first(shop_id, as_of):
    ids = [a_customer(shop_id, email=f"c{number}@example.com") for number in range(3)]
    for customer in ids:
        an_order(shop_id, customer, at=as_of - timedelta(days=1))
    refresh_customers(shop_id, ids[:1], as_of=as_of)
    assert labels(shop_id) == {ids[0]: "recent-customers"}


def test_a_fit_on_the_way_is_the_fit_before(tea_shop, as_of):
    later = as_of + timedelta(days=40)
    an_order(tea_shop.shop_id, tea_shop.bob, at=as_of + timedelta(days=39), total=99_000)
    edges = fit_models(tea_shop.shop_id, as_of=later)
    refresh_customers(tea_shop.shop_id, None, as_of=later)
    before, told = customer_scores.read_all(tea_shop.shop_id), summary(tea_shop.shop_id)
    again = refresh_customers(tea_shop.shop_id, None, as_of=later, refit=True)
    assert again.written_count == 0
    assert_frame_equal(customer_scores.read_all(tea_shop.shop_id), before, check_exact=True)
    assert summary(tea_shop.shop_id) == told
    with transaction(tea_shop.shop_id) as connection:
        assert find_edges(connection) == edges


def test_an_empty_shop_is_refreshed_to_nobody(shop_id, as_of):
    assert refresh_customers(shop_id, None, as_of=as_of).customer_count == 0
    told = summary(shop_id)
    assert (told["customer_count"], told["buyer_count"], told["months"]) == (0, 0, [])


def test_one_shop_never_sees_another(tea_shop, as_of):
    rival = a_shop()
    assert refresh_customers(rival, [tea_shop.ann], as_of=as_of).customer_count == 0
    assert customer_scores.read_all(rival).is_empty()
