"""Offers used at the checkout, and products put into sales channels."""

import pytest
from shop_with_offers import CODE, bought, made, made_bundle
from small_shop import TEA, SmallShop, gid

from sandbox.shopify import documents
from sandbox.shopify.merchant import DeedRefusedError

SCOPES = ["write_products", "write_discounts", "write_publications", "read_customers", "read_orders"]
PUBLISH = """mutation($id: ID!, $input: [PublicationInput!]!) {
  publishablePublish(id: $id, input: $input) { userErrors { field message } } }"""
UNPUBLISH = PUBLISH.replace("publishablePublish", "publishableUnpublish")
WHERE = """query($id: ID!) { product(id: $id) {
  resourcePublicationsV2(first: 5) { nodes { publication { id name } } }
  publishedOnPublication(publicationId: "gid://shopify/Publication/2") } }"""


@pytest.fixture
def shop(tmp_path):
    with SmallShop(tmp_path, scopes=SCOPES) as shop:
        shop.product(100, "Tea", price=1000)
        shop.product(200, "Cup", price=805)
        shop.customer(1, tags=["gold"])
        shop.customer(2)
        shop.state.put(TEA, "segment", {"id": 5, "name": "Gold", "query": "customer_tags CONTAINS 'gold'"})
        yield shop


def test_what_an_automatic_discount_makes_cheaper_is_cheaper_by_that_and_no_more(shop):
    number = made(shop)
    order = bought(shop, discount_id=number)
    lines = [
        (each["variantId"], each["quantity"], each["price"], each["totalDiscount"]) for each in order["lines"]
    ]
    assert lines == [(600, 1, 1000, 0), (700, 1, 805, 121)]
    assert (order["totalDiscounts"], order["discountCodes"]) == (121, [])
    assert shop.find("discount", number)["asyncUsageCount"] == 1


def test_it_counts_in_one_order_no_more_often_than_it_may(shop):
    order = bought(shop, discount_id=made(shop), times=9)
    assert [each["quantity"] for each in order["lines"]] == [2, 2]


def test_a_code_stands_on_the_order_and_ends_with_its_limits(shop):
    number = made(shop, CODE, code="TEA", usesPerOrderLimit=1, usageLimit=2, appliesOncePerCustomer=True)
    assert bought(shop, discount_id=number, customer_id=1)["discountCodes"] == ["TEA"]
    with pytest.raises(DeedRefusedError, match="not for customer 1"):
        bought(shop, discount_id=number, customer_id=1)
    assert bought(shop, discount_id=number)["customerId"] == 2
    with pytest.raises(DeedRefusedError, match="does not count"):
        bought(shop, discount_id=number)


def test_only_who_is_in_its_segment_can_use_a_discount(shop):
    number = made(shop, context={"customerSegments": {"add": [gid("Segment", 5)]}})
    assert {bought(shop, discount_id=number)["customerId"] for _ in range(5)} == {1}
    with pytest.raises(DeedRefusedError, match="not for customer 2"):
        bought(shop, discount_id=number, customer_id=2)


def test_a_bundle_comes_as_its_parts_which_share_its_price_to_the_last_coin(shop):
    made_bundle(shop)
    order = bought(shop, product_id=300, times=3, customer_id=1)
    assert [(each["variantId"], each["quantity"]) for each in order["lines"]] == [(600, 3), (700, 6)]
    assert order["subtotal"] == 3 * 2345
    assert shop.find("variant", 700)["inventoryQuantity"] == -6
    assert bought(shop)["subtotal"] == 2345
    made_bundle(shop, status="DRAFT")
    with pytest.raises(DeedRefusedError, match="no offer"):
        bought(shop)


def test_a_product_is_on_sale_in_the_channels_it_was_put_into(shop):
    new = documents.make_product(400, "New", publishedAt=None)
    shop.state.put(TEA, "product", new)
    product = gid("Product", 400)
    assert shop.run(WHERE, id=product)["resourcePublicationsV2"]["nodes"] == []
    channel = [{"publicationId": gid("Publication", 1)}]
    assert shop.run(PUBLISH, id=product, input=channel)["userErrors"] == []
    there = shop.run(WHERE, id=product)
    assert [each["publication"]["name"] for each in there["resourcePublicationsV2"]["nodes"]] == [
        "Online Store"
    ]
    assert there["publishedOnPublication"] is False
    assert shop.find("product", 400)["publishedAt"] is not None
    wrong = shop.run(PUBLISH, id=product, input=[{"publicationId": gid("Publication", 9)}])["userErrors"]
    assert wrong[0]["field"] == ["input", "0", "publicationId"]
    shop.run(UNPUBLISH, id=product, input=channel)
    assert shop.find("product", 400)["publishedAt"] is None
    names = shop.run("{ publications(first: 5) { nodes { name } } }")["nodes"]
    assert [each["name"] for each in names] == ["Online Store", "Point of Sale"]


def test_channels_need_their_own_leave(tmp_path):
    with SmallShop(tmp_path, scopes=["write_products"]) as shop:
        product = shop.product(100)
        body = shop.ask(PUBLISH, id=product, input=[])
        assert "write_publications" in body["errors"][0]["message"]
