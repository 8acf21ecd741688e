from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from stored_rows import a_customer, a_shop, an_order, together

from shop_app.errors import InvalidInputError, RefusedError
from shop_app.services import export_rows
from shop_app.services.export_rows import iter_export
from shop_app.services.fit_models import fit_models
from shop_app.services.left_out import without_small_groups
from shop_app.services.list_customers import list_customers
from shop_app.services.push_choices import change_push_choices
from shop_app.services.refresh_customers import refresh_customers
from shop_app.storage.engine import transaction


@pytest.fixture
def shop(shop_id, as_of):
    """Seven buyers of rising spending and recency, one without an order, one guest order."""
    with together(shop_id):
        buyers = [
            a_customer(shop_id, email=f"c{number}@example.com", first_name=f"C{number}") for number in range(7)
        ]
        for number, customer in enumerate(buyers):
            for _ in range(number + 1):
                an_order(shop_id, customer, at=as_of - timedelta(days=50 * (7 - number)), total=1000)
        idle = a_customer(shop_id, email="idle@example.com")
        an_order(shop_id, None, at=as_of - timedelta(days=1), total=50)
    fit_models(shop_id, as_of=as_of)
    refresh_customers(shop_id, None, as_of=as_of)
    return SimpleNamespace(id=shop_id, buyers=buyers, idle=idle)


def test_customers_come_whole_whatever_the_page_size(shop, as_of, monkeypatch):
    whole = list(iter_export(shop.id, "customers", as_of=as_of))
    monkeypatch.setattr(export_rows, "PAGE_SIZE", 3)
    assert list(iter_export(shop.id, "customers", as_of=as_of)) == whole
    assert [row["customer_id"] for row in whole] == [*shop.buyers, shop.idle]
    assert (whole[6]["name"], whole[6]["email"], whole[6]["total_spent"]) == ("C6", "c6@example.com", 7000)


def test_customers_of_one_segment_are_only_those(shop, as_of):
    (row,) = iter_export(shop.id, "customers", segment="prospects", as_of=as_of)
    assert row["customer_id"] == shop.idle


def test_the_ledger_has_every_order_once_whatever_the_page_size(shop, as_of, monkeypatch):
    whole = list(iter_export(shop.id, "ledger", as_of=as_of))
    monkeypatch.setattr(export_rows, "LEDGER_PAGE_SIZE", 5)
    assert list(iter_export(shop.id, "ledger", as_of=as_of)) == whole
    assert len(whole) == len({row["order_id"] for row in whole}) == 29
    assert {row["verdict"] for row in whole} == {"counts", "no_customer"}
    assert sum(row["net_revenue"] for row in whole if row["verdict"] == "counts") == 28_000


def test_segments_are_those_of_the_overview(shop, as_of):
    rows = list(iter_export(shop.id, "segments", as_of=as_of))
    assert sum(row["customer_count"] for row in rows) == 8
    assert sum(row["revenue"] for row in rows) == 28_000
    assert {row["currency"] for row in rows} == {"EUR"}


def test_what_cannot_be_exported_is_refused(shop, as_of):
    with pytest.raises(InvalidInputError, match=r"customers, predictions, .*, ledger"):
        iter_export(shop.id, "orders", as_of=as_of)
    with pytest.raises(InvalidInputError, match="segment"):
        iter_export(shop.id, "ledger", segment="loyal", as_of=as_of)
    with pytest.raises(RefusedError, match="kindred refresh"):
        iter_export(a_shop(), "segments", as_of=as_of)


@pytest.mark.parametrize("sort", ["spent", "recent", "orders"])
def test_a_list_read_in_pages_is_the_list(shop, sort):
    whole = list_customers(shop.id, sort=sort)
    assert [row.customer_id for row in whole] == [*reversed(shop.buyers), shop.idle]
    found, after = [], None
    while page := list_customers(shop.id, sort=sort, after=after, limit=2):
        found += page
        after = (key(page[-1], sort), page[-1].customer_id)
    assert found == whole


def key(row, sort):
    if sort == "recent":
        return None if row.last_order_at is None else round(row.last_order_at.timestamp() * 1_000_000)
    return row.total_spent if sort == "spent" else row.order_count


def test_a_cell_of_the_grid_lists_its_customers(shop):
    best = list_customers(shop.id)[0]
    value = (best.frequency_mark + best.monetary_mark + 1) // 2
    assert best in list_customers(shop.id, cell=(best.recency_mark, value))
    assert list_customers(shop.id, segment="prospects", cell=(5, 5)) == []


def test_whom_to_leave_out_stands_beside_everybody_with_every_reason(shop, as_of):
    with transaction(shop.id) as connection:
        connection.execute(
            text("UPDATE customers SET email_consent = 'subscribed' WHERE id = ANY(:ids)"),
            {"ids": shop.buyers[2:]},
        )
        connection.execute(
            text("UPDATE customers SET tags = '{=angry}', data_sale_opt_out = true WHERE id = :id"),
            {"id": shop.buyers[6]},
        )
    change_push_choices(shop.id, {"complaint_tags": ["=angry"]}, who="Ann", at=as_of)
    for what in ("customers", "predictions"):
        told = {row["customer_id"]: row for row in iter_export(shop.id, what, as_of=as_of)}
        assert [told[each]["may_be_mailed"] for each in shop.buyers] == [False] * 2 + [True] * 4 + [False]
        assert told[shop.buyers[3]]["left_out"] == ""
        assert told[shop.buyers[0]]["left_out"] == "It is not known whether they agreed to e-mail"
        assert told[shop.buyers[6]]["left_out"] == (
            "They carry the tag “=angry”; They objected to the sale of their data: nothing of them goes to "
            "other services"
        )
    segments = list(iter_export(shop.id, "segments", as_of=as_of))
    assert sum(row["may_be_mailed"] for row in segments) == 4
    assert "carry a tag of customers to leave alone" in "; ".join(row["left_out"] for row in segments)
    assert all(not row["left_out"].startswith(tuple("=+-@")) for row in segments)


def test_a_shared_table_of_segments_tells_no_figure_of_a_few_people(shop, as_of):
    whole = {row["slug"]: row for row in iter_export(shop.id, "segments", as_of=as_of)}
    shared = {row["slug"]: row for row in iter_export(shop.id, "segments", as_of=as_of, shared=True)}
    assert [list(row) for row in shared.values()] == [list(row) for row in whole.values()]
    few = [slug for slug, row in whole.items() if 0 < row["customer_count"] < 5]
    assert few
    for slug in few:
        assert shared[slug]["name"] == whole[slug]["name"]
        figures = ("customer_count", "revenue", "revenue_share_ratio", "median_recency_days", "may_be_mailed")
        assert [shared[slug][name] for name in figures] == [None] * 5
    hidden = [slug for slug, row in shared.items() if row["customer_count"] is None]
    assert len(hidden) > 1
    assert sum(whole[slug]["customer_count"] for slug in hidden) >= 5


def test_how_many_may_be_mailed_is_not_told_where_it_singles_out_a_few():
    row = {"slug": "loyal", "customer_count": 20, "revenue": 5, "may_be_mailed": 17, "left_out": ""}
    many = row | {"may_be_mailed": 10, "left_out": "10 are not known to have agreed to e-mail"}
    few = many | {"left_out": "10 are not known to have agreed to e-mail; 2 had a refund a short while ago"}
    (one,), (other,), (third,) = ([*without_small_groups([each])] for each in (row, many, few))
    assert (one["revenue"], one["may_be_mailed"], one["left_out"]) == (5, None, None)
    assert other == many
    assert (third["may_be_mailed"], third["left_out"]) == (10, None)
