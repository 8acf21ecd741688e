from datetime import timedelta
from types import SimpleNamespace

import pytest
from stored_rows import a_customer, a_shop, an_order, together

from shop_app.errors import InvalidInputError, RefusedError
from shop_app.services import export_rows
from shop_app.services.export_rows import iter_export
from shop_app.services.fit_models import fit_models
from shop_app.services.list_customers import list_customers
from shop_app.services.refresh_customers import refresh_customers


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
