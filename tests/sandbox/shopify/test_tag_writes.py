"""``tagsAdd`` and ``tagsRemove``: limits, commas, letters, and who is told."""

import pytest
from small_shop import SmallShop, gid

ADD = """mutation($id: ID!, $tags: [String!]!) {
  tagsAdd(id: $id, tags: $tags) {
    node { id ... on Customer { tags updatedAt } } userErrors { field message } } }"""
REMOVE = """mutation($id: ID!, $tags: [String!]!) {
  tagsRemove(id: $id, tags: $tags) { node { id } userErrors { field message } } }"""


@pytest.fixture
def shop(tmp_path):
    with SmallShop(tmp_path) as shop:
        yield shop


def test_tags_are_split_at_commas_and_listed_in_order(shop):
    id_ = shop.customer(7)
    assert shop.run(ADD, id=id_, tags=["b, a ,", " c"])["node"]["tags"] == ["a", "b", "c"]


def test_a_tag_stays_as_it_was_first_written(shop):
    id_ = shop.customer(7, tags=["VIP"])
    assert shop.run(ADD, id=id_, tags=["vip", "New", "new"])["node"]["tags"] == ["New", "VIP"]
    shop.run(REMOVE, id=id_, tags=["vIp"])
    assert shop.find("customer", 7)["tags"] == ["New"]


def test_changes_are_told_twice_and_no_change_not_at_all(shop):
    id_ = shop.customer(7, createdAt="2026-01-01T00:00:00Z")
    shop.run(ADD, id=id_, tags=["vip"])
    after = shop.find("customer", 7)["updatedAt"]
    assert after > "2026-01-01T00:00:00Z"
    shop.run(ADD, id=id_, tags=["VIP"])
    shop.run(REMOVE, id=id_, tags=["unknown"])
    assert shop.find("customer", 7)["updatedAt"] == after
    assert shop.topics == ["customers/update", "customer.tags_added"]
    shop.run(REMOVE, id=id_, tags=["vip"])
    assert shop.topics[2:] == ["customers/update", "customer.tags_removed"]
    assert shop.told[-1][1]["tags"] == ["vip"]


def test_the_second_of_two_changes_is_later_even_within_one_second(shop):
    id_ = shop.customer(7)
    first = shop.run(ADD, id=id_, tags=["a"])["node"]["updatedAt"]
    assert shop.run(ADD, id=id_, tags=["b"])["node"]["updatedAt"] > first


def test_a_customer_has_250_tags_and_no_more(shop):
    id_ = shop.customer(7, tags=[f"t{number}" for number in range(250)])
    assert shop.errors(ADD, id=id_, tags=["one more"]) == [
        {"field": ["tags"], "message": "Tags cannot be more than 250"}
    ]
    assert shop.errors(ADD, id=id_, tags=["T7"]) == []
    assert len(shop.find("customer", 7)["tags"]) == 250


def test_a_tag_has_255_characters_and_no_more(shop):
    id_ = shop.customer(7)
    assert shop.errors(ADD, id=id_, tags=["x" * 256, "y"]) == [
        {"field": ["tags"], "message": "Tags is too long (maximum is 255 characters)"}
    ]
    assert shop.find("customer", 7)["tags"] == []
    assert shop.errors(ADD, id=id_, tags=["x" * 255]) == []


@pytest.mark.parametrize("kind", ["Customer", "Product", "Order"])
def test_what_does_not_exist_is_named_in_a_user_error(shop, kind):
    for document in (ADD, REMOVE):
        answer = shop.run(document, id=gid(kind, 999), tags=["x"])
        assert answer == {"node": None, "userErrors": [{"field": ["id"], "message": f"{kind} does not exist"}]}


def test_orders_and_products_take_tags_and_tell_their_own_topics(shop):
    shop.customer(7)
    for id_ in (shop.order(101, 7), shop.product(70)):
        shop.run(ADD, id=id_, tags=["x"])
    assert shop.topics == ["orders/updated", "products/update"]
    assert [order["tags"] for order in shop.state.children("tea.myshopify.com", "order", 7)] == [["x"]]


def test_a_kind_without_tags_is_refused_at_the_top(shop):
    error = shop.ask(ADD, id=gid("Segment", 1), tags=["x"])["errors"][0]
    assert (error["message"], error["extensions"]["code"]) == ("invalid id", "RESOURCE_NOT_FOUND")


def test_another_shops_customer_does_not_exist_here(shop):
    id_ = shop.customer(7, shop="rival.myshopify.com")
    assert shop.errors(ADD, id=id_, tags=["x"])[0]["message"] == "Customer does not exist"


def test_many_records_are_tagged_in_one_document(shop):
    ids = [shop.customer(number) for number in range(1, 26)]
    fields = "".join(
        f'm{at}: tagsAdd(id: "{id_}", tags: ["x"]) {{ userErrors {{ message }} }}' for at, id_ in enumerate(ids)
    )
    body = shop.ask(f"mutation {{ {fields} }}")
    assert body["extensions"]["cost"]["requestedQueryCost"] == 250
    assert all(shop.find("customer", number)["tags"] == ["x"] for number in range(1, 26))
