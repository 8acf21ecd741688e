import json

import pytest
from stand_in_and_app import RIVAL, TEA, make_world

from sandbox.shopify import documents, merchant
from sandbox.shopify.deeds.busy_day import busy_day
from sandbox.shopify.payloads import body_of


@pytest.fixture
def world(tmp_path):
    world = make_world(tmp_path / "stores.sqlite")
    told = world.settings["told"] = []
    world.listeners.append(lambda shop, topic, document: told.append((shop, topic, json.dumps(document))))
    yield world
    world.state.close()


def deed(world, name, **arguments):
    return merchant.DEEDS[name](world, TEA, **arguments)


def topics(world):
    return [topic for _, topic, _ in world.settings["told"]]


def order(world, number):
    return world.state.find(TEA, "order", number)


def body(world, topic, document):
    return body_of(world, next(world.state.each(TEA, "shop")), topic, document)


def test_an_order_needs_nothing_said_and_adds_up(world):
    for _ in range(20):
        placed = order(world, deed(world, "place_order")["order_id"])
        lines = sum(line["price"] * line["quantity"] - line["totalDiscount"] for line in placed["lines"])
        assert placed["subtotal"] == lines
        assert placed["totalPrice"] == placed["currentTotalPrice"] == lines + placed["totalShipping"]
        assert placed["customerId"] in (1, 2, 3)


def test_an_order_is_told_with_what_it_changes(world):
    deed(world, "place_order", customer_id=2, lines=[{"variantId": 1001, "quantity": 2}])
    assert topics(world) == ["orders/create", "orders/paid", "products/update", "customers/update"]
    assert world.state.find(TEA, "variant", 1001)["inventoryQuantity"] == 8


def test_names_go_up_and_a_guest_has_no_customer(world):
    first, second = deed(world, "place_order"), deed(world, "place_order", customer_id=0)
    assert [first["name"], second["name"]] == ["#1001", "#1002"]
    assert second["customer_id"] is None
    assert order(world, second["order_id"])["email"].startswith("guest")


def test_a_discount_is_spread_to_the_last_cent(world):
    lines = [{"variantId": 1001, "quantity": 3}, {"variantId": 1002}, {"variantId": 1003}]
    placed = order(world, deed(world, "place_order", lines=lines, discount=1000)["order_id"])
    assert placed["totalDiscounts"] == 1000
    assert all(0 <= line["totalDiscount"] <= line["price"] * line["quantity"] for line in placed["lines"])
    told = body(world, "orders/create", placed)
    assert told["total_discounts"] == "10.00"
    assert sum(float(line["total_discount"]) for line in told["line_items"]) == pytest.approx(10)


def test_a_partial_refund_and_the_rest_give_back_everything(world):
    number = deed(world, "place_order", lines=[{"variantId": 1001, "quantity": 3}], discount=100)["order_id"]
    line = order(world, number)["lines"][0]["id"]
    part = deed(world, "refund_order", order_id=number, lines=[{"lineItemId": line, "quantity": 1}])
    assert order(world, number)["financialStatus"] == "partially_refunded"
    rest = deed(world, "refund_order", order_id=number)
    after = order(world, number)
    assert part["amount"] + rest["amount"] == after["totalPrice"]
    assert (after["currentTotalPrice"], after["financialStatus"]) == (0, "refunded")
    assert after["lines"][0]["currentQuantity"] == 0
    told = body(world, "refunds/create", after)
    assert told["order_id"] == number
    assert told["refund_line_items"][0]["line_item"]["id"] == line
    with pytest.raises(merchant.DeedRefusedError):
        deed(world, "refund_order", order_id=number)
    with pytest.raises(merchant.DeedRefusedError):
        deed(world, "refund_order", order_id=number, lines=[{"lineItemId": line, "quantity": 1}])


def test_an_amount_alone_takes_no_goods_back(world):
    number = deed(world, "place_order", lines=[{"variantId": 1003, "quantity": 2}])["order_id"]
    deed(world, "refund_order", order_id=number, amount=100)
    after = order(world, number)
    assert after["totalPrice"] - after["currentTotalPrice"] == 100
    assert after["lines"][0]["currentQuantity"] == 2


def test_a_cancelled_order_is_paid_back_and_told(world):
    number = deed(world, "place_order")["order_id"]
    world.settings["told"].clear()
    deed(world, "cancel_order", order_id=number)
    assert topics(world) == ["refunds/create", "orders/updated", "orders/cancelled", "orders/updated"]
    told = body(world, "orders/cancelled", order(world, number))
    assert told["cancelled_at"]
    assert told["cancel_reason"] == "customer"
    assert told["current_total_price"] == "0.00"
    with pytest.raises(merchant.DeedRefusedError):
        deed(world, "cancel_order", order_id=number)


def test_an_edited_order_owes_what_was_added(world):
    number = deed(world, "place_order")["order_id"]
    before = order(world, number)
    world.settings["told"].clear()
    deed(world, "edit_order", order_id=number, add=[{"variantId": 1002, "quantity": 1}])
    after = order(world, number)
    assert after["outstanding"] == after["currentTotalPrice"] - before["currentTotalPrice"] == 250
    assert after["totalPrice"] == before["totalPrice"]
    assert topics(world) == ["orders/edited", "orders/updated"]


def test_a_deleted_order_leaves_its_number(world):
    number = deed(world, "place_order")["order_id"]
    deed(world, "delete_order", order_id=number)
    assert order(world, number) is None
    assert world.settings["told"][-1][1] == "orders/delete"
    assert body(world, "orders/delete", json.loads(world.settings["told"][-1][2])) == {"id": number}


def test_an_order_body_has_the_fields_of_this_version_and_not_those_of_older_ones(world):
    told = body(world, "orders/create", order(world, deed(world, "place_order", customer_id=1)["order_id"]))
    gone = {"tags", "orders_count", "total_spent", "last_order_id", "email_marketing_consent"}
    assert gone.isdisjoint(told["customer"])
    assert {"first_name", "default_address", "verified_email", "currency"} <= set(told["customer"])
    assert "checkout_id" not in told
    assert isinstance(told["id"], int)
    assert told["total_price"].count(".") == 1
    assert told["total_price_set"]["shop_money"] == {"amount": told["total_price"], "currency_code": "USD"}
    assert told["admin_graphql_api_id"] == f"gid://shopify/Order/{told['id']}"
    assert told["order_number"] - told["number"] == 1000


def test_money_without_cents_is_written_without_them(world):
    deed(world, "change_shop", currencyCode="JPY")
    told = body(world, "orders/create", order(world, deed(world, "place_order")["order_id"]))
    assert "." not in told["total_price"]


def test_a_customer_is_edited_tagged_and_asked_for_consent(world):
    deed(world, "edit_customer", customer_id=1, firstName="Bea", add_tags=["VIP", "vip", "a, b"])
    changed = world.state.find(TEA, "customer", 1)
    assert changed["firstName"] == "Bea"
    assert changed["tags"] == ["a", "b", "VIP"]
    assert topics(world) == ["customers/update", "customer.tags_added"]
    told = body(world, "customer.tags_added", json.loads(world.settings["told"][-1][2]))
    assert (told["customerId"], set(told["tags"])) == ("gid://shopify/Customer/1", {"VIP", "a", "b"})
    deed(world, "change_consent", customer_id=1)
    assert topics(world)[-1] == "customers_email_marketing_consent/update"
    told = body(world, topics(world)[-1], world.state.find(TEA, "customer", 1))
    assert told["email_marketing_consent"]["state"] == "subscribed"
    with pytest.raises(merchant.DeedRefusedError):
        deed(world, "edit_customer", customer_id=1, shoeSize=44)


def test_a_merge_moves_orders_and_tags(world):
    number = deed(world, "place_order", customer_id=2)["order_id"]
    deed(world, "edit_customer", customer_id=2, add_tags=["seg:loyal"])
    world.settings["told"].clear()
    deed(world, "merge_customers", kept_id=1, deleted_id=2)
    assert world.state.find(TEA, "customer", 2) is None
    assert [one["id"] for one in world.state.children(TEA, "order", 1)] == [number]
    assert "seg:loyal" in world.state.find(TEA, "customer", 1)["tags"]
    assert topics(world) == ["orders/updated", "customers/update", "customers/merge"]
    assert (
        json.loads(world.settings["told"][-1][2])["admin_graphql_api_customer_deleted_id"]
        == "gid://shopify/Customer/2"
    )


def test_a_customer_with_orders_cannot_be_deleted_by_a_click(world):
    deed(world, "place_order", customer_id=2)
    with pytest.raises(merchant.DeedRefusedError):
        deed(world, "delete_customer", customer_id=2)
    deed(world, "delete_customer", customer_id=3)
    assert topics(world)[-1] == "customers/delete"


def test_carts_know_nobody_and_checkouts_do(world):
    deed(world, "start_cart", variant_id=1001)
    deed(world, "change_cart")
    told = body(world, "carts/update", json.loads(world.settings["told"][-1][2]))
    assert set(told) == {"id", "token", "line_items", "note", "updated_at", "created_at"}
    assert len(told["line_items"]) == 2
    started = deed(world, "start_checkout", customer_id=1)
    told = body(world, "checkouts/create", json.loads(world.settings["told"][-1][2]))
    assert told["customer"]["id"] == 1
    assert told["completed_at"] is None
    deed(world, "complete_checkout", checkout_id=started["checkout_id"])
    assert body(world, "checkouts/update", json.loads(world.settings["told"][-1][2]))["completed_at"]


def test_products_come_change_and_go(world):
    made = deed(world, "create_product", title="Jar", price=777, vendor="Kiln")
    deed(world, "edit_product", product_id=made["product_id"], price=999)
    told = body(world, "products/update", world.state.find(TEA, "product", made["product_id"]))
    assert told["variants"][0]["price"] == "9.99"
    assert told["status"] == "active"
    deed(world, "delete_product", product_id=made["product_id"])
    assert world.state.find(TEA, "variant", made["variant_id"]) is None
    assert topics(world) == ["products/create", "products/update", "products/delete"]


def test_a_busy_day_is_many_deeds_of_one_store(world):
    done = busy_day(world, TEA, deeds=150, seed=3)
    assert done["deeds"] >= 140
    assert done["done"]["place_order"] > 60
    assert {shop for shop, _, _ in world.settings["told"]} == {TEA}
    assert not world.state.count(RIVAL, "order")


def test_a_deed_in_a_store_without_goods_says_so(world):
    with pytest.raises(merchant.DeedRefusedError):
        merchant.DEEDS["place_order"](world, RIVAL)
    assert not world.state.count(RIVAL, "order")


def test_documents_of_all_deeds_are_those_of_the_makers(world):
    placed = order(world, deed(world, "place_order")["order_id"])
    assert set(placed) == set(documents.make_order(1, 1, []))
    number = deed(world, "create_customer", lastName="Nye")["customer_id"]
    assert set(world.state.find(TEA, "customer", number)) == set(documents.make_customer(1))
