from datetime import timedelta

import pytest
from stored_rows import a_customer, an_order, together

from shop_app.errors import InvalidInputError
from shop_app.services.choose_vocabulary import choose_vocabulary
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.set_ledger_rules import read_ledger_rules, set_ledger_rules
from shop_app.storage import customer_scores, due_work, segment_runs
from shop_app.storage.engine import shopless, transaction


@pytest.fixture
def shop(shop_id, as_of):
    with together(shop_id):
        ann = a_customer(shop_id, email="ann@example.com")
        common = {"tax": 190, "shipping": 300, "lines": ()}
        an_order(shop_id, ann, at=as_of - timedelta(days=1), total=1490, **common)
        an_order(shop_id, ann, at=as_of - timedelta(days=2), total=1490, tags=["Wholesale ", "x"], **common)
        an_order(shop_id, ann, at=as_of - timedelta(days=3), total=1490, channel="pos", **common)
        an_order(shop_id, ann, at=as_of - timedelta(days=4), total=1490, currency="USD", **common)
        an_order(shop_id, ann, at=as_of - timedelta(days=400), total=1490, **common)
        an_order(shop_id, ann, at=as_of - timedelta(days=5), total=100, financial_status="pending")
        an_order(shop_id, ann, at=as_of - timedelta(days=6), total=0)
    refresh_customers(shop_id, None, as_of=as_of)
    return shop_id


def figures(shop_id):
    row = customer_scores.read_all(shop_id).row(0, named=True)
    return row["order_count"], row["total_spent"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (4, 4 * 1490)),
        ({"include_tax": "no"}, (4, 4 * 1300)),
        ({"include_shipping": "off", "include_tax": "no"}, (4, 4 * 1000)),
        ({"excluded_tags": "staff, wholesale"}, (3, 3 * 1490)),
        ({"excluded_channels": "pos"}, (3, 3 * 1490)),
        ({"cut_off": "2026-01-01"}, (3, 3 * 1490)),
        ({"rates": "USD:0.5"}, (5, 4 * 1490 + 745)),
        ({"count_unpaid": "yes"}, (5, 4 * 1490 + 100)),
        ({"count_free_orders": "true"}, (5, 4 * 1490)),
    ],
)
def test_each_switch_does_what_it_says_and_is_taken_back(shop, as_of, changes, expected):
    set_ledger_rules(shop, changes, as_of=as_of)
    assert figures(shop) == expected
    back = {"include_tax": "yes", "include_shipping": "yes", "count_unpaid": "no", "count_free_orders": "no"}
    lists = dict.fromkeys(("excluded_tags", "excluded_channels", "cut_off", "rates"), "")
    set_ledger_rules(shop, back | lists, as_of=as_of)
    assert figures(shop) == (4, 4 * 1490)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("include_tax", "perhaps"),
        ("cut_off", "01.02.2024"),
        ("rates", "USD"),
        ("rates", "USD:zero"),
        ("rates", "USD:-1"),
        ("rates", "DOLLARS:1"),
        ("excluded_tags", "a\0b"),
        ("tax", "yes"),
        ("currency", "USD"),
    ],
)
def test_a_wrong_value_names_its_field_and_changes_nothing(shop, as_of, name, value):
    before = read_ledger_rules(shop)
    with pytest.raises(InvalidInputError, match=name) as refusal:
        set_ledger_rules(shop, {"include_tax": "no", name: value}, as_of=as_of)
    assert refusal.value.field == name
    assert read_ledger_rules(shop) == before


def test_a_tag_with_quotes_is_only_a_tag(shop, as_of):
    set_ledger_rules(shop, {"excluded_tags": "it's'); DROP TABLE orders; --,\\"}, as_of=as_of)
    assert figures(shop) == (4, 4 * 1490)


def test_another_vocabulary_renames_the_groups_and_keeps_the_marks(shop, as_of):
    before = customer_scores.read_all(shop).drop("segment")
    choose_vocabulary(shop, "klaviyo", as_of=as_of)
    assert customer_scores.read_all(shop).drop("segment").equals(before)
    with transaction(shop) as connection:
        assert segment_runs.read_newest(connection)["vocabulary"] == "klaviyo"
    with shopless() as connection:
        assert "resolve" not in due_work.list_of_shop(connection, shop)


def test_an_unknown_vocabulary_is_refused(shop, as_of):
    with pytest.raises(InvalidInputError, match="shopify, putler, klaviyo"):
        choose_vocabulary(shop, "zodiac", as_of=as_of)
