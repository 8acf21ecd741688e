from datetime import timedelta
from types import SimpleNamespace

import pytest
from stored_rows import a_customer, an_order, together

from shop_app.errors import NotFoundError, RefusedError
from shop_app.services.fit_models import fit_models
from shop_app.services.keep_apart import keep_apart, rejoin
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.storage import customer_scores, due_work, segment_runs
from shop_app.storage.engine import shopless, transaction


@pytest.fixture
def doubles(shop_id, as_of):
    """Ann under one address twice, and once more by phone; Bob beside her."""
    with together(shop_id):
        first = a_customer(shop_id, email="ann@example.com")
        second = a_customer(shop_id, email="ann@example.com", phone="+493012345678")
        third = a_customer(shop_id, phone="+493012345678")
        bob = a_customer(shop_id, email="bob@example.com")
        for customer in (first, second, third, bob):
            an_order(shop_id, customer, at=as_of - timedelta(days=2), total=1000)
    resolve_people(shop_id)
    fit_models(shop_id, as_of=as_of)
    refresh_customers(shop_id, None, as_of=as_of)
    return SimpleNamespace(shop_id=shop_id, first=first, second=second, third=third, bob=bob)


def spent(shop_id):
    return dict(customer_scores.read_all(shop_id).select("customer_id", "total_spent").iter_rows())


def customer_count(shop_id):
    with transaction(shop_id) as connection:
        return segment_runs.read_newest(connection)["customer_count"]


def test_rows_of_one_person_are_one_in_all_figures(doubles):
    assert spent(doubles.shop_id) == {doubles.first: 3000, doubles.bob: 1000}
    assert customer_count(doubles.shop_id) == 2


def test_a_merge_is_undone_and_done_again(doubles, as_of):
    keep_apart(doubles.shop_id, doubles.third, as_of=as_of)
    assert spent(doubles.shop_id) == {doubles.first: 2000, doubles.third: 1000, doubles.bob: 1000}
    assert customer_count(doubles.shop_id) == 3
    rejoin(doubles.shop_id, doubles.third, as_of=as_of)
    assert spent(doubles.shop_id) == {doubles.first: 3000, doubles.bob: 1000}
    assert customer_count(doubles.shop_id) == 2


def test_keeping_the_link_apart_leaves_three_people(doubles, as_of):
    keep_apart(doubles.shop_id, doubles.second, as_of=as_of)
    assert spent(doubles.shop_id) == dict.fromkeys(
        (doubles.first, doubles.second, doubles.third, doubles.bob), 1000
    )


def test_the_row_that_stands_for_the_person_can_be_taken_out_too(doubles, as_of):
    keep_apart(doubles.shop_id, doubles.first, as_of=as_of)
    assert spent(doubles.shop_id) == {doubles.first: 1000, doubles.second: 2000, doubles.bob: 1000}


def test_a_full_resolution_keeps_what_was_said(doubles, as_of):
    keep_apart(doubles.shop_id, doubles.third, as_of=as_of)
    assert resolve_people(doubles.shop_id) == []


def test_what_cannot_be_done_is_refused_with_a_reason(doubles, as_of):
    with pytest.raises(RefusedError, match="not merged with anybody"):
        keep_apart(doubles.shop_id, doubles.bob, as_of=as_of)
    with pytest.raises(RefusedError, match="nothing to undo"):
        rejoin(doubles.shop_id, doubles.first, as_of=as_of)
    keep_apart(doubles.shop_id, doubles.third, as_of=as_of)
    with pytest.raises(RefusedError, match="already"):
        keep_apart(doubles.shop_id, doubles.third, as_of=as_of)
    with pytest.raises(NotFoundError):
        keep_apart(doubles.shop_id, 10**12, as_of=as_of)


def test_nothing_is_left_due_when_it_is_done(doubles, as_of):
    keep_apart(doubles.shop_id, doubles.third, as_of=as_of)
    with shopless() as connection:
        assert "resolve" not in due_work.list_of_shop(connection, doubles.shop_id)


def test_resolving_around_one_row_gives_the_people_of_the_whole(doubles):
    late = a_customer(doubles.shop_id, email="ann@example.com", shopify_id=77)
    touched = resolve_people(doubles.shop_id, [late])
    assert touched == sorted([doubles.first, late])
    assert resolve_people(doubles.shop_id) == []
