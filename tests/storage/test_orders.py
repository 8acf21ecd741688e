"""Orders, their lines and products: told once, twice, later, earlier, with an id and without."""

import itertools

import pytest
from tellings import (
    TABLE,
    a_customer,
    a_line,
    a_refund,
    an_order,
    another_shop,
    day,
    frames,
    one,
    rows,
    tell,
    versions_of_rows,
)

ANN = "ann@example.com"


def a_sale(name="#1", **known):
    return frames([a_customer(ANN)], [an_order(name, customer_ref=ANN, **known)], [a_line(name)])


def test_an_order_keeps_every_cent_of_its_lines(shop_id):
    lines = [
        a_line("#1", "TEA", 2.0, 1998, unit_price=1099, discount=200),
        a_line("#1", "CUP", 1.0, 850),
        a_line("#1", "GIFT", 1.0, 5000, is_gift_card=True),
        a_line("#1", "SPOON", 0.5, 125, unit_price=250),
    ]
    head = an_order(
        "#1",
        shopify_id=11,
        customer_ref=ANN,
        total=8671,
        tax=1274,
        shipping=698,
        discount=200,
        outstanding=0,
        tax_included=True,
        financial_status="paid",
        discount_codes="SPRING\nTEN",
        tags="",
        channel="web",
        country="DE",
        currency="EUR",
    )
    tell(shop_id, frames([a_customer(ANN)], [head], lines), at=day(9))
    order = one(shop_id, "SELECT * FROM orders")
    assert (order["total"], order["goods_total"], order["gift_card_total"]) == (8671, 7973, 5000)
    assert (order["tax"], order["shipping"], order["discount"], order["item_count"]) == (1274, 698, 200, 4.5)
    assert (order["discount_codes"], order["tags"], order["test"]) == (["SPRING", "TEN"], [], False)
    assert (order["processed_at"], order["fact_at"], order["fact_rank"]) == (day(1), day(9), 0)
    kept = rows(
        shop_id,
        "SELECT l.line_no, p.source_key, l.quantity, l.unit_price, l.discount, l.total, l.is_gift_card "
        "FROM line_items l JOIN products p ON p.id = l.product_id ORDER BY l.line_no",
    )
    assert [tuple(row.values()) for row in kept] == [
        (1, "TEA", 2.0, 1099, 200, 1998, False),
        (2, "CUP", 1.0, 850, 0, 850, False),
        (3, "GIFT", 1.0, 5000, 0, 5000, True),
        (4, "SPOON", 0.5, 250, 0, 125, False),
    ]


def test_what_nobody_says_stays_unknown(shop_id):
    tell(
        shop_id,
        frames(orders=[an_order("1", test=None)], lines=[a_line("1", product=None)]),
        at=day(1),
        **TABLE,
    )
    order = one(shop_id, "SELECT * FROM orders")
    unknown = (
        "customer_id",
        "cancelled_at",
        "financial_status",
        "test",
        "outstanding",
        "tax",
        "tags",
        "channel",
    )
    assert {name: order[name] for name in unknown} == dict.fromkeys(unknown)
    assert (order["total"], order["currency"]) == (1000, "EUR")
    assert one(shop_id, "SELECT product_id FROM line_items")["product_id"] is None


def test_the_same_facts_again_write_no_row(shop_id):
    part = frames(
        [a_customer(ANN)],
        [an_order("#1", customer_ref=ANN)],
        [a_line("#1")],
        [a_refund("#1", 300, order_ref="#1", customer_ref=ANN)],
    )
    tell(shop_id, part, at=day(9))
    before = versions_of_rows(shop_id)
    taken = tell(shop_id, part, at=day(9))
    assert versions_of_rows(shop_id) == before
    assert (taken.orders.new, taken.orders.updated, taken.orders.unchanged) == (0, 0, 1)


def test_a_newer_export_updates_and_an_older_one_does_not(shop_id):
    tell(shop_id, a_sale(financial_status="pending"), at=day(5))
    taken = tell(shop_id, a_sale(financial_status="paid"), at=day(9))
    assert (taken.orders.updated, taken.orders.older) == (1, 0)
    taken = tell(shop_id, a_sale(financial_status="voided"), at=day(7))
    assert (taken.orders.updated, taken.orders.older) == (0, 1)
    assert one(shop_id, "SELECT financial_status, fact_at FROM orders") == {
        "financial_status": "paid",
        "fact_at": day(9),
    }


def test_a_later_export_that_agrees_guards_against_one_in_between(shop_id):
    tell(shop_id, a_sale(financial_status="paid"), at=day(3))
    taken = tell(shop_id, a_sale(financial_status="paid"), at=day(9))
    assert taken.orders.unchanged == 1
    tell(shop_id, a_sale(financial_status="pending"), at=day(6))
    assert one(shop_id, "SELECT financial_status FROM orders")["financial_status"] == "paid"


def test_what_the_interface_says_supersedes_a_file_and_stays(shop_id):
    tell(shop_id, a_sale(financial_status="pending"), at=day(5))
    tell(shop_id, a_sale(shopify_id=11, financial_status="paid"), at=day(2), rank=1)
    tell(shop_id, a_sale(financial_status="voided"), at=day(9))
    assert one(shop_id, "SELECT shopify_id, financial_status, fact_rank FROM orders") == {
        "shopify_id": 11,
        "financial_status": "paid",
        "fact_rank": 1,
    }


def test_an_order_without_an_id_gets_it_later_and_keeps_its_row(shop_id):
    tell(shop_id, a_sale(), at=day(5))
    before = one(shop_id, "SELECT id FROM orders")["id"]
    tell(shop_id, a_sale(shopify_id=11), at=day(6))
    assert one(shop_id, "SELECT id, shopify_id FROM orders") == {"id": before, "shopify_id": 11}
    tell(shop_id, a_sale(), at=day(7))
    assert one(shop_id, "SELECT id, shopify_id FROM orders") == {"id": before, "shopify_id": 11}


def test_two_ids_of_one_name_are_two_orders(shop_id):
    part = frames(
        orders=[an_order("#1", order_ref="11", shopify_id=11), an_order("#1", order_ref="12", shopify_id=12)],
        lines=[a_line("11", total=1000), a_line("12", total=2000)],
    )
    tell(shop_id, part, at=day(5))
    tell(shop_id, part, at=day(6))
    assert [row["total"] for row in rows(shop_id, "SELECT total FROM orders ORDER BY id")] == [1000, 2000]


def test_one_name_in_two_sources_is_two_orders(shop_id):
    tell(shop_id, a_sale("1"), at=day(5), source="till", whole_orders=False)
    tell(shop_id, a_sale("1"), at=day(5), source="web", whole_orders=False)
    assert one(shop_id, "SELECT count(*) AS n FROM orders")["n"] == 2


@pytest.mark.parametrize(
    "later",
    [
        [a_line("#1", "TEA", 1.0, 1000)],
        [a_line("#1", "TEA", 1.0, 1000), a_line("#1", "CUP", 1.0, 900)],
        [a_line("#1", "CUP", 1.0, 800), a_line("#1", "TEA", 1.0, 1000)],
        [a_line("#1", "TEA", 1.0, 1000), a_line("#1", "CUP", 1.0, 800), a_line("#1", "CUP", 1.0, 800)],
        [],
    ],
)
def test_lines_are_replaced_as_a_set(shop_id, later):
    tell(
        shop_id,
        frames(orders=[an_order("#1")], lines=[a_line("#1"), a_line("#1", "CUP", 1.0, 800)]),
        at=day(5),
    )
    taken = tell(shop_id, frames(orders=[an_order("#1")], lines=later), at=day(6))
    kept = rows(shop_id, "SELECT l.line_no, l.total FROM line_items l ORDER BY l.line_no")
    assert [tuple(row.values()) for row in kept] == [(n, row["total"]) for n, row in enumerate(later, start=1)]
    assert one(shop_id, "SELECT goods_total FROM orders")["goods_total"] == sum(row["total"] for row in later)
    assert taken.orders.updated == 1


def test_lines_of_an_order_may_lie_anywhere_in_a_table(shop_id):
    first = frames(
        [a_customer("K", source_key="K")], [an_order("1", customer_ref="K")], [a_line("1", total=100)]
    )
    orders = [an_order("2", processed_at=day(3)), an_order("1", processed_at=day(2))]
    second = list(frames(orders=orders, lines=[a_line("2", total=7), a_line("1", total=50)]))
    for place, frame in enumerate(second):
        if "row_no" in frame.columns:
            second[place] = frame.with_columns(frame["row_no"] + 10)
    tell(shop_id, first, tuple(second), at=day(9), **TABLE)
    kept = rows(shop_id, "SELECT name, total, processed_at FROM orders ORDER BY name")
    assert [tuple(row.values()) for row in kept] == [("1", 150, day(1)), ("2", 7, day(3))]
    lines = rows(shop_id, "SELECT line_no, total FROM line_items ORDER BY order_id, line_no")
    assert [tuple(row.values()) for row in lines] == [(1, 100), (2, 50), (1, 7)]


def test_the_first_row_that_names_a_customer_says_whose_order_it_is(shop_id):
    people = [a_customer(ref, source_key=ref) for ref in ("K1", "K2")]
    parts = [
        frames(people, [an_order("1", customer_ref=ref)], [a_line("1", total=total)])
        for ref, total in ((None, 100), ("K1", 200), ("K2", 400))
    ]
    for place, part in enumerate(parts):
        parts[place] = tuple(
            frame.with_columns(frame["row_no"] + 10 * place) if "row_no" in frame.columns else frame
            for frame in part
        )
    tell(shop_id, *parts, at=day(9), **TABLE)
    found = one(shop_id, "SELECT o.total, c.source_key FROM orders o JOIN customers c ON c.id = o.customer_id")
    assert found == {"total": 700, "source_key": "K1"}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_newest_order_names_the_product_whatever_comes_first(shop_id, order):
    named = [
        (day(2), {"title": "Green tea", "vendor": "Ash & Co"}),
        (day(5), {"title": "Green tea, loose", "category": "Tea"}),
        (day(4), {"title": "Grean tea", "category": "Teas", "sku": "T-1"}),
    ]
    for place in order:
        placed, names = named[place]
        part = frames(orders=[an_order(f"#{place}", processed_at=placed)], lines=[a_line(f"#{place}", **names)])
        tell(shop_id, part, at=day(20 + place))
    product = one(shop_id, "SELECT title, vendor, category, sku FROM products")
    assert tuple(product.values()) == ("Green tea, loose", "Ash & Co", "Tea", "T-1")


def test_awkward_text_comes_back_as_it_was(shop_id):
    titles = ['say "tea"', "a,b", "line\nbreak", "carriage\rreturn", "\\N", "\\.", "", " blank ", "ünï→茶"]
    lines = [a_line("#1", f"P{place}", title=title) for place, title in enumerate(titles)]
    tell(shop_id, frames(orders=[an_order("#1", tags=titles[0])], lines=lines), at=day(5))
    kept = [row["title"] for row in rows(shop_id, "SELECT title FROM products ORDER BY source_key")]
    assert kept == titles
    assert one(shop_id, "SELECT tags FROM orders")["tags"] == [titles[0]]


def test_another_shop_has_its_own_orders(shop_id):
    rival = another_shop()
    tell(shop_id, a_sale(shopify_id=11), at=day(5))
    tell(rival, a_sale(shopify_id=11, financial_status="paid"), at=day(4))
    assert one(shop_id, "SELECT financial_status FROM orders")["financial_status"] is None
    assert one(rival, "SELECT financial_status FROM orders")["financial_status"] == "paid"
