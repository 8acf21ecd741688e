"""What was delivered ends up in the tables once, in whatever order it came."""

from datetime import timedelta

import pytest
from deliveries import an_id
from webhook_bodies import NOON, a_customer_body, a_line_body, a_product_body, an_order_body, minute, stamp

from shop_app.services.process_webhooks import drain_webhooks_due
from shop_app.storage import gone, shops
from shop_app.storage.engine import transaction

DAY = timedelta(days=1)


def total(shop, number):
    (row,) = shop.rows("SELECT total FROM orders WHERE shopify_id = :id", id=number)
    return row["total"]


def customer(shop, number):
    (row,) = shop.rows("SELECT * FROM customers WHERE shopify_id = :id", id=number)
    return row


def dirty(shop):
    return [row["customer_id"] for row in shop.rows("SELECT customer_id FROM dirty_customers ORDER BY 1")]


def test_an_order_is_stored_with_lines_refunds_and_buyer_and_the_webhook_is_done(shop):
    number, buyer = an_id(), an_id()
    refund = {"id": an_id(), "created_at": stamp(NOON), "transactions": [{"kind": "refund", "amount": "2.00"}]}
    shop.tell("orders/create", an_order_body(number, customer=buyer, refunds=[refund]))
    (row,) = shop.orders()
    assert (row["total"], row["fact_rank"], row["fact_at"], row["source"]) == (1250, 1, NOON, "shopify")
    assert row["customer_id"] == customer(shop, buyer)["id"]
    assert shop.rows("SELECT total FROM line_items") == [{"total": 1000}]
    assert shop.rows("SELECT amount FROM refunds") == [{"amount": 200}]
    assert dirty(shop) == [customer(shop, buyer)["id"]]
    (delivery,) = shop.inbox()
    assert (delivery["state"], delivery["concerns"], delivery["attempts"]) == ("done", f"order {number}", 1)
    assert delivery["applied_at"] == minute(600)


def test_versions_that_come_newest_first_leave_the_newest(shop):
    number = an_id()
    for at, amount in ((3, "30.00"), (1, "10.00"), (2, "20.00")):
        shop.tell("orders/updated", an_order_body(number, updated_at=minute(at), total=amount), at=minute(at))
    assert total(shop, number) == 3000


def test_versions_that_come_together_leave_the_newest(shop):
    number = an_id()
    for at, amount in ((3, "30.00"), (1, "10.00"), (2, "20.00")):
        shop.send("orders/updated", an_order_body(number, updated_at=minute(at), total=amount), at=minute(at))
    shop.drain()
    assert total(shop, number) == 3000
    assert shop.states() == ["done"] * 3


def test_the_creation_that_comes_after_an_update_changes_nothing(shop):
    number = an_id()
    shop.tell("orders/updated", an_order_body(number, updated_at=minute(5), total="30.00"), at=minute(5))
    shop.tell("orders/create", an_order_body(number, updated_at=minute(1), total="10.00"), at=minute(6))
    assert total(shop, number) == 3000


@pytest.mark.parametrize("late", [timedelta(hours=4), DAY, 30 * DAY])
def test_a_delivery_that_comes_late_counts_only_where_it_is_newer(shop, late):
    number = an_id()
    shop.tell("orders/updated", an_order_body(number, updated_at=minute(5), total="30.00"), at=minute(5))
    shop.tell(
        "orders/updated", an_order_body(number, updated_at=minute(4), total="20.00"), now=minute(4) + late
    )
    assert total(shop, number) == 3000
    shop.tell(
        "orders/updated", an_order_body(number, updated_at=minute(6), total="40.00"), now=minute(4) + late
    )
    assert total(shop, number) == 4000


@pytest.mark.parametrize("together", [True, False])
def test_of_two_contents_of_one_second_the_one_triggered_later_stays_and_shopify_is_asked(shop, together):
    number = an_id()
    shop.send("orders/updated", an_order_body(number, total="20.00"), at=minute(2))
    if not together:
        shop.drain()
    shop.send("orders/updated", an_order_body(number, total="10.00"), at=minute(1))
    shop.drain()
    assert total(shop, number) == 2000
    assert shop.refetches() == [("order", number)]
    assert "read-again" in shop.due()


def test_the_same_content_told_by_two_topics_is_no_tie(shop):
    number = an_id()
    shop.send("orders/create", an_order_body(number), at=minute(1))
    shop.tell("orders/paid", an_order_body(number), at=minute(2))
    assert shop.refetches() == []


def test_a_deletion_stays_whatever_comes_after_or_came_before(shop):
    before, after = an_id(), an_id()
    shop.tell("orders/create", an_order_body(before, customer=an_id()))
    shop.tell("orders/delete", {"id": before})
    shop.tell("orders/delete", {"id": after})
    shop.tell("orders/create", an_order_body(after, updated_at=minute(9)))
    shop.tell("orders/updated", an_order_body(before, updated_at=minute(9)))
    assert shop.orders() == []
    assert shop.rows("SELECT 1 FROM line_items UNION ALL SELECT 1 FROM refunds") == []
    assert len(dirty(shop)) == 1


def test_what_a_body_does_not_tell_is_asked_for(shop):
    order, edited, buyer = an_id(), an_id(), an_id()
    shop.send("refunds/create", {"id": an_id(), "order_id": order, "refund_line_items": [], "transactions": []})
    shop.send("orders/edited", {"order_edit": {"id": an_id(), "order_id": edited, "line_items": {}}})
    shop.send("customer.tags_added", {"customerId": f"gid://shopify/Customer/{buyer}", "tags": ["vip"]})
    shop.drain()
    assert shop.refetches() == [("customer", buyer), ("order", order), ("order", edited)]
    assert shop.states() == ["done"] * 3
    assert "read-again" in shop.due()


def test_an_order_with_parts_of_a_bundle_is_taken_and_asked_for_since_only_shopify_says_of_which(shop):
    number, plain = an_id(), an_id()
    part = a_line_body(an_id(), sales_line_item_group_id=an_id(), discount_allocations=[])
    shop.send("orders/create", an_order_body(number, total="30.00", lines=[part]))
    shop.send("orders/create", an_order_body(plain))
    shop.drain()
    assert total(shop, number) == 3000
    assert shop.refetches() == [("order", number)]


def test_a_customer_of_today_is_stored_and_read_again_for_tags_and_consent(shop):
    buyer = an_id()
    shop.tell("customers/create", a_customer_body(buyer))
    row = customer(shop, buyer)
    assert (row["country"], row["created_at"], row["fact_rank"]) == ("GB", NOON - timedelta(days=100), 1)
    assert row["email"] is not None
    assert shop.refetches() == [("customer", buyer)]


def test_an_older_customer_record_changes_nothing(shop):
    buyer = an_id()
    shop.tell("customers/update", a_customer_body(buyer, updated_at=minute(5)), at=minute(5))
    before = customer(shop, buyer)["details_hash"]
    shop.tell("customers/update", a_customer_body(buyer, updated_at=minute(1), first_name="Old"), at=minute(6))
    assert customer(shop, buyer)["details_hash"] == before


def test_consent_follows_when_it_was_given(shop):
    buyer = an_id()

    def consent(state, at):
        return {
            "customer_id": buyer,
            "email_address": "a@example.com",
            "email_marketing_consent": {"state": state, "consent_updated_at": stamp(minute(at))},
        }

    shop.tell("customers_email_marketing_consent/update", consent("unsubscribed", 3))
    shop.tell("customers_email_marketing_consent/update", consent("subscribed", 1))
    shop.tell(
        "customers_marketing_consent/update",
        {
            "id": buyer,
            "phone": None,
            "sms_marketing_consent": {"state": "subscribed", "consent_updated_at": None},
        },
    )
    row = customer(shop, buyer)
    assert (row["email_consent"], row["sms_consent"]) == ("unsubscribed", "subscribed")


@pytest.mark.parametrize("first", ["delete", "update"])
def test_a_deleted_customer_is_a_bare_row_from_then_on(shop, first):
    buyer, number = an_id(), an_id()
    deletion = {"id": buyer, "phone": None, "addresses": [], "tax_exemptions": [], "default_address": None}
    told = [("customers/update", a_customer_body(buyer, updated_at=minute(9)))]
    told.insert(0 if first == "delete" else 1, ("customers/delete", deletion))
    for topic, body in told:
        shop.tell(topic, body)
    shop.tell("orders/create", an_order_body(number, customer=buyer))
    row = customer(shop, buyer)
    assert row["deleted_at"] == NOON
    for column in (
        "email",
        "email_hash",
        "phone",
        "first_name",
        "details_hash",
        "country",
        "tags",
        "created_at",
    ):
        assert row[column] is None, column
    assert shop.orders()[0]["customer_id"] == row["id"]


def test_merged_customers_are_one_whether_or_not_they_are_known(shop):
    kept, lost = an_id(), an_id()
    shop.tell("customers/create", a_customer_body(kept))
    merge = {
        "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{kept}",
        "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{lost}",
        "admin_graphql_api_job_id": None,
        "status": "completed",
        "errors": [],
    }
    shop.tell("customers/merge", merge)
    shop.tell("customers/merge", merge)
    assert customer(shop, lost)["merged_into_id"] == customer(shop, kept)["id"]
    assert set(dirty(shop)) == {customer(shop, lost)["id"], customer(shop, kept)["id"]}


def test_erased_people_do_not_come_back_as_bare_rows(shop):
    erased, other = an_id(), an_id()
    with transaction(shop.shop_id) as connection:
        known_by = gone.subject_hash("id", erased, shop.shop_id)
        gone.remember_erased(connection, [("id", known_by)], at=NOON)
    shop.send("customers/delete", {"id": erased})
    merge = {
        "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{other}",
        "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{erased}",
    }
    shop.tell("customers/merge", merge)
    assert shop.rows("SELECT id FROM customers WHERE shopify_id = :id", id=erased) == []


def test_a_product_is_in_the_catalogue_until_it_is_deleted(shop):
    number = an_id()
    shop.tell("products/update", a_product_body(number, updated_at=minute(2)))
    shop.tell("products/update", a_product_body(number, updated_at=minute(1), title="Older"))
    (row,) = shop.rows("SELECT title, deleted_at FROM catalogue_products")
    assert (row["title"], row["deleted_at"]) == ("Assam", None)
    shop.tell("products/delete", {"id": number})
    shop.tell("products/update", a_product_body(number, updated_at=minute(9)))
    (row,) = shop.rows("SELECT deleted_at FROM catalogue_products")
    assert row["deleted_at"] == NOON


def a_checkout(token, *, updated_at=NOON, **more):
    return {
        "id": more.pop("id", an_id()),
        "token": token,
        "cart_token": f"cart-{token}",
        "currency": "EUR",
        "total_price": "39.80",
        "line_items": [{"product_id": 77, "quantity": 2, "price": "19.90"}],
        "created_at": stamp(NOON - timedelta(hours=1)),
        "updated_at": stamp(updated_at),
        "completed_at": None,
        "abandoned_checkout_url": "https://tea.example/recover",
    } | more


@pytest.mark.parametrize("order_first", [True, False])
def test_a_checkout_is_recovered_by_an_order_with_its_token_whichever_comes_first(shop, order_first):
    token, buyer = f"secret-{an_id()}", an_id()
    checkout = ("checkouts/create", a_checkout(token, customer={"id": buyer}))
    order = (
        "orders/create",
        an_order_body(an_id(), customer=buyer, checkout_token=token, cart_token=f"cart-{token}"),
    )
    for topic, body in (order, checkout) if order_first else (checkout, order):
        shop.tell(topic, body)
    (row,) = shop.rows("SELECT * FROM checkouts WHERE kind = 'checkout'")
    assert (row["value"], row["currency"], row["product_shopify_ids"], row["item_count"]) == (
        3980,
        "EUR",
        [77],
        2,
    )
    assert (row["completed_at"], row["recovered_at"]) == (None, NOON - DAY)
    assert (row["customer_shopify_id"], row["customer_id"]) == (buyer, customer(shop, buyer)["id"])
    (cart,) = shop.rows("SELECT token_hash, recovered_at FROM checkouts WHERE kind = 'cart'")
    assert (bytes(cart["token_hash"]), cart["recovered_at"]) == (bytes(row["cart_token_hash"]), NOON - DAY)
    assert token.encode() not in b"".join(bytes(value) for value in row.values() if isinstance(value, bytes))


def test_the_newest_version_of_a_checkout_stays_and_a_deleted_one_is_marked(shop):
    token, number = f"t-{an_id()}", an_id()
    shop.tell("checkouts/delete", {"id": number, "presentment_currency": "EUR"})
    shop.tell("checkouts/update", a_checkout(token, id=number, updated_at=minute(2), total_price="5.00"))
    shop.tell("checkouts/update", a_checkout(token, id=number, updated_at=minute(1), total_price="4.00"))
    (row,) = shop.rows("SELECT * FROM checkouts WHERE kind = 'checkout' AND shopify_id IS NOT NULL")
    assert (row["value"], row["deleted_at"]) == (500, NOON)


def test_a_cart_knows_no_customer_and_no_currency(shop):
    cart = {
        "id": "abc",
        "token": "abc",
        "line_items": [{"product_id": 5, "quantity": 3, "line_price": "59.97"}],
        "note": None,
        "created_at": stamp(NOON),
        "updated_at": stamp(NOON),
    }
    shop.tell("carts/create", cart)
    (row,) = shop.rows("SELECT * FROM checkouts")
    assert (row["kind"], row["value"], row["currency"], row["customer_id"]) == ("cart", 5997, "EUR", None)


def test_an_unknown_topic_is_counted_and_leaves_nothing(shop):
    shop.tell("planets/aligned", {"id": 1})
    ((state, words),) = shop.outcomes()
    assert (state, words) == ("done", "Nothing is done with this topic.")


def test_of_a_shop_that_has_left_nothing_is_taken_but_what_concerns_the_app(shop):
    with transaction(shop.shop_id) as connection:
        shops.set_state(connection, shop.shop_id, "uninstalled")
    shop.send("orders/create", an_order_body(an_id()))
    shop.send("shop/redact", {"shop_id": 1, "shop_domain": shop.domain})
    shop.drain()
    assert shop.orders() == []
    assert [row["outcome"] for row in shop.inbox()] == [
        "The app is not installed in this shop: nothing was taken.",
        "It is among the requests.",
    ]
    assert [row["kind"] for row in shop.rows("SELECT kind FROM privacy_requests")] == ["shop_redact"]


def test_a_compliance_request_is_kept_and_falls_due(shop):
    body = {
        "shop_id": 954889,
        "shop_domain": shop.domain,
        "customer": {"id": an_id(), "email": "ann@example.com", "phone": None},
        "orders_to_redact": [1],
    }
    for _ in range(2):
        shop.tell("customers/redact", body)
    assert len(shop.rows("SELECT * FROM privacy_requests")) == 1
    assert "erase" in shop.due()
    assert shop.states() == ["done", "done"]


def test_scopes_that_changed_are_kept(shop):
    body = {"id": 1, "previous": ["read_orders"], "current": ["read_orders", "read_customers"]}
    shop.tell("app/scopes_update", body, at=minute(0))
    (row,) = shop.rows("SELECT scopes FROM shop_connections")
    assert row["scopes"] == ["read_customers", "read_orders"]


def test_an_uninstallation_ends_the_connection_and_one_of_an_earlier_time_does_not(shop):
    shop.tell("app/uninstalled", {"id": 5, "myshopify_domain": shop.domain}, at=NOON - 60 * DAY)
    assert shop.outcomes()[0] == ("done", "It is about an earlier installation.")
    shop.tell("app/uninstalled", {"id": 5, "myshopify_domain": shop.domain}, at=NOON)
    (row,) = shop.rows("SELECT state, access_token FROM shop_connections")
    assert (row["state"], row["access_token"]) == ("uninstalled", None)


def test_the_end_of_an_operation_that_nobody_waits_for_changes_nothing(shop):
    gid = f"gid://shopify/BulkOperation/{an_id()}"
    shop.tell("bulk_operations/finish", {"admin_graphql_api_id": gid, "status": "completed", "type": "query"})
    assert shop.outcomes() == [("done", "Nobody here waits for it.")]


def test_more_than_a_batch_goes_through_in_one_go(shop):
    numbers = sorted(an_id() for _ in range(230))
    for number in numbers:
        shop.send("orders/create", an_order_body(number, lines=[a_line_body(1)]))
    shop.drain()
    assert [row["shopify_id"] for row in shop.orders()] == numbers


def test_a_shop_without_webhooks_is_done_at_once(shop):
    drain_webhooks_due(shop.shop_id, now=NOON)
    assert shop.inbox() == []
