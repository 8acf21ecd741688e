"""Money that went back: whose it was, which order's, and what a later or an earlier export makes of it."""

import itertools

import pytest
from tellings import (
    TABLE,
    a_customer,
    a_line,
    a_refund,
    an_order,
    day,
    frames,
    one,
    rows,
    tell,
    versions_of_rows,
)

ANN = "ann@example.com"
K = a_customer("K", source_key="K")


def shopify(refunded=None, **known):
    refunds = [] if refunded is None else [a_refund("#1", refunded, order_ref="#1", customer_ref=ANN)]
    return frames([a_customer(ANN)], [an_order("#1", customer_ref=ANN, **known)], [a_line("#1")], refunds)


def found(shop_id):
    return [
        tuple(row.values())
        for row in rows(
            shop_id,
            "SELECT r.source_key, r.ordinal, o.name, r.order_found_by, r.amount FROM refunds r "
            "LEFT JOIN orders o ON o.id = r.order_id ORDER BY r.source_key, r.ordinal",
        )
    ]


def test_an_exports_refund_belongs_to_its_order_and_customer(shop_id):
    tell(shop_id, shopify(300), at=day(5))
    refund = one(
        shop_id,
        "SELECT r.*, o.name, o.customer_id AS buyer FROM refunds r JOIN orders o ON o.id = r.order_id",
    )
    assert (refund["name"], refund["order_found_by"], refund["amount"]) == ("#1", "stated", 300)
    assert refund["customer_id"] == refund["buyer"]
    assert (refund["refunded_at"], refund["currency"]) == (None, "EUR")


@pytest.mark.parametrize(("later", "left"), [(450, [450]), (None, []), (300, [300])])
def test_a_newer_export_says_what_was_refunded(shop_id, later, left):
    tell(shop_id, shopify(300), at=day(5))
    tell(shop_id, shopify(later), at=day(6))
    assert [row["amount"] for row in rows(shop_id, "SELECT amount FROM refunds")] == left


@pytest.mark.parametrize("older", [450, None])
def test_an_older_export_leaves_refunds_alone(shop_id, older):
    tell(shop_id, shopify(300), at=day(5))
    tell(shop_id, shopify(older), at=day(4))
    assert [row["amount"] for row in rows(shop_id, "SELECT amount FROM refunds")] == [300]


def test_an_order_that_gets_its_id_keeps_its_one_refund(shop_id):
    tell(shop_id, shopify(300), at=day(5))
    tell(shop_id, shopify(300, shopify_id=11), at=day(6))
    assert [row["amount"] for row in rows(shop_id, "SELECT amount FROM refunds")] == [300]


def test_what_the_interface_says_of_an_order_takes_the_files_refund_away(shop_id):
    tell(shop_id, shopify(300), at=day(5))
    tell(shop_id, shopify(None, shopify_id=11), at=day(6), rank=1)
    tell(shop_id, shopify(300), at=day(9))
    assert rows(shop_id, "SELECT * FROM refunds") == []


def credit(name="C9", product="TEA", quantity=1.0, amount=500, at=None, **known):
    return a_refund(
        name,
        amount,
        customer_ref="K",
        product_ref=product,
        quantity=quantity,
        refunded_at=at or day(20),
        **known,
    )


def sold(*sales):
    """Orders of customer K: (name, day, product, quantity)."""
    return frames(
        [K],
        [an_order(name, customer_ref="K", processed_at=placed) for name, placed, _, _ in sales],
        [a_line(name, product, quantity, 1000) for name, _, product, quantity in sales],
    )


def test_a_credit_goes_to_the_latest_order_before_it_with_enough_of_the_product(shop_id):
    sales = [
        ("1", day(1), "TEA", 5.0),
        ("2", day(2), "TEA", 2.0),
        ("3", day(3), "CUP", 9.0),
        ("4", day(25), "TEA", 9.0),
    ]
    tell(
        shop_id,
        sold(*sales),
        frames(refunds=[credit("C1", quantity=2.0), credit("C2", quantity=3.0)]),
        at=day(28),
        **TABLE,
    )
    assert found(shop_id) == [("C1", 1, "2", "matched", 500), ("C2", 1, "1", "matched", 500)]


@pytest.mark.parametrize(
    "unfit",
    [
        {"product": "SPOON"},
        {"product": None},
        {"quantity": 6.0},
        {"at": day(1).replace(hour=11)},
    ],
)
def test_a_credit_that_fits_no_order_stands_for_itself(shop_id, unfit):
    tell(shop_id, sold(("1", day(1), "TEA", 5.0)), frames(refunds=[credit("C1", **unfit)]), at=day(28), **TABLE)
    assert found(shop_id) == [("C1", 1, None, "none", 500)]
    assert one(shop_id, "SELECT customer_id = (SELECT id FROM customers) AS hers FROM refunds")["hers"]


def test_a_credit_of_somebody_else_takes_nothing_from_this_customer(shop_id):
    other = credit("C1") | {"customer_ref": "L"}
    tell(
        shop_id,
        sold(("1", day(1), "TEA", 5.0)),
        frames([a_customer("L", source_key="L")], refunds=[other]),
        at=day(28),
        **TABLE,
    )
    assert found(shop_id) == [("C1", 1, None, "none", 500)]


def test_two_lines_of_a_product_in_one_order_count_together(shop_id):
    part = frames([K], [an_order("1", customer_ref="K")], [a_line("1", "TEA", 2.0), a_line("1", "TEA", 2.0)])
    tell(shop_id, part, frames(refunds=[credit("C1", quantity=4.0)]), at=day(28), **TABLE)
    assert found(shop_id) == [("C1", 1, "1", "matched", 500)]


def test_a_stated_order_goes_before_a_likelier_one(shop_id):
    tell(
        shop_id,
        sold(("1", day(1), "CUP", 1.0), ("2", day(2), "TEA", 5.0)),
        frames(refunds=[credit("C1", order_ref="1"), credit("2", product="SPOON")]),
        at=day(28),
        **TABLE,
    )
    assert found(shop_id) == [("2", 1, "2", "stated", 500), ("C1", 1, "1", "stated", 500)]


def test_a_credit_keeps_its_rows_and_their_keys_from_export_to_export(shop_id):
    part = frames([K], refunds=[credit("C1", amount=500), credit("C1", amount=700), credit("C2", amount=900)])
    tell(shop_id, part, at=day(5), **TABLE)
    before = versions_of_rows(shop_id)
    tell(shop_id, part, at=day(5), **TABLE)
    assert versions_of_rows(shop_id) == before
    tell(shop_id, frames([K], refunds=[credit("C1", amount=650)]), at=day(6), **TABLE)
    assert found(shop_id) == [("C1", 1, None, "none", 650), ("C2", 1, None, "none", 900)]
    tell(shop_id, part, at=day(4), **TABLE)
    assert found(shop_id) == [("C1", 1, None, "none", 650), ("C2", 1, None, "none", 900)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_order_of_files_does_not_decide_where_credits_go(shop_id, order):
    files = [
        sold(("1", day(1), "TEA", 5.0)),
        sold(("2", day(2), "TEA", 2.0), ("3", day(3), "TEA", 1.0)),
        frames([K], refunds=[credit("C1", quantity=2.0), credit("C2", quantity=1.0)]),
        frames([K], refunds=[credit("C3", order_ref="3", quantity=9.0)]),
    ]
    for place in order:
        tell(shop_id, files[place], at=day(10 + place), **TABLE)
    assert found(shop_id) == [
        ("C1", 1, "2", "matched", 500),
        ("C2", 1, "3", "matched", 500),
        ("C3", 1, "3", "stated", 500),
    ]


def test_a_refund_inside_an_invoice_goes_with_the_invoice(shop_id):
    def invoice(*amounts, at):
        refunds = [credit("1", amount=amount, order_ref="1") for amount in amounts]
        tell(shop_id, frames([K], [an_order("1", customer_ref="K")], [a_line("1")], refunds), at=at, **TABLE)

    invoice(100, 200, at=day(5))
    assert found(shop_id) == [("1", 1, "1", "stated", 100), ("1", 2, "1", "stated", 200)]
    invoice(at=day(4))
    assert len(found(shop_id)) == 2
    invoice(150, at=day(6))
    assert found(shop_id) == [("1", 1, "1", "stated", 150)]
    invoice(at=day(7))
    assert found(shop_id) == []
