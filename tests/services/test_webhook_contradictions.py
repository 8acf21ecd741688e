"""Headers are not signed and bodies are: where they contradict each other, nothing is believed."""

import pytest
from deliveries import an_id, connect
from webhook_bodies import a_customer_body, a_product_body, an_order_body, minute


def total(shop, number):
    (row,) = shop.rows("SELECT total FROM orders WHERE shopify_id = :id", id=number)
    return row["total"]


def test_a_webhook_under_another_shop_s_name_is_locked_away(shop, rival):
    number = an_id()
    shop.tell("orders/create", an_order_body(number))
    rival.tell("orders/updated", an_order_body(number, updated_at=minute(9), total="99.00"))
    assert rival.orders() == []
    assert rival.outcomes() == [("quarantined", "What it is about belongs to another shop.")]
    assert total(shop, number) == 1250


def test_a_deletion_under_another_shop_s_name_is_locked_away(shop, rival):
    number = an_id()
    shop.tell("orders/create", an_order_body(number))
    rival.tell("orders/delete", {"id": number})
    assert rival.states() == ["quarantined"]
    assert rival.rows("SELECT * FROM tombstones") == []


def test_a_new_order_of_another_shop_s_customer_is_locked_away(shop, rival):
    buyer = an_id()
    shop.tell("customers/create", a_customer_body(buyer))
    rival.tell("orders/create", an_order_body(an_id(), customer=buyer))
    assert (rival.orders(), rival.states()) == ([], ["quarantined"])


def test_a_body_that_names_another_shop_of_ours_is_locked_away(shop, rival):
    theirs = an_id()
    connect(rival.shop_id, number=theirs)
    page = f"https://rival.example/{theirs}/orders/0a1b/authenticate?key=x"
    shop.send("orders/create", an_order_body(an_id(), order_status_url=page))
    shop.send("app/uninstalled", {"id": theirs, "myshopify_domain": rival.domain})
    shop.drain()
    words = "The body is about another shop than its header says."
    assert shop.outcomes() == [("quarantined", words)] * 2
    assert shop.orders() == []


def test_the_number_of_a_shop_that_nobody_knows_is_no_contradiction(shop):
    page = "https://apple.myshopify.com/690933842/orders/123456abcd/authenticate?key=abcdefg"
    shop.tell("orders/create", an_order_body(an_id(), order_status_url=page))
    assert shop.states() == ["done"]


@pytest.mark.parametrize(
    ("topic", "make"),
    [
        ("customers/update", an_order_body),
        ("orders/updated", a_customer_body),
        ("orders/delete", an_order_body),
        ("products/delete", a_product_body),
        ("customers/delete", a_customer_body),
        ("products/update", an_order_body),
        ("checkouts/update", lambda number: an_order_body(number, token="t")),
        ("orders/updated", lambda number: a_customer_body(number, admin_graphql_api_id=None)),
        ("customers/update", lambda number: an_order_body(number, admin_graphql_api_id=None)),
        ("orders/updated", lambda number: an_order_body(number) | {"id": 5}),
    ],
)
def test_a_topic_that_does_not_fit_the_body_is_locked_away(shop, topic, make):
    shop.tell(topic, make(an_id()))
    assert shop.states() == ["quarantined"]
    assert (
        shop.rows("SELECT 1 FROM orders UNION ALL SELECT 1 FROM customers UNION ALL SELECT 1 FROM tombstones")
        == []
    )
    assert shop.refetches() == []


@pytest.mark.parametrize("domain", ["rival.myshopify.com", None, 5])
def test_a_compliance_request_must_name_the_shop_it_came_for(shop, domain):
    shop.tell("customers/redact", {"shop_id": 1, "shop_domain": domain, "customer": {"id": an_id()}})
    assert shop.states() == ["quarantined"]
    assert shop.rows("SELECT * FROM privacy_requests") == []
