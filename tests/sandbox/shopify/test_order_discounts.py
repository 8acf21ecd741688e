"""What discounts took off an order's lines, and parts of bundles: asked for, in bulk, and in webhooks."""

import json
from decimal import Decimal

import pytest
from shop_with_offers import CODE, bought, made, made_bundle, placed
from small_shop import TEA, SmallShop, gid

from sandbox.shopify import documents
from sandbox.shopify.graph import bulk
from sandbox.shopify.merchant import DEEDS, DeedRefusedError
from sandbox.shopify.payloads import body_of

SCOPES = ["write_products", "write_discounts", "read_customers", "read_orders", "read_all_orders"]
FRAGMENTS = """
fragment Discount on DiscountApplication { __typename index allocationMethod targetSelection targetType
  value { ... on MoneyV2 { amount } }
  ... on AutomaticDiscountApplication { title }
  ... on DiscountCodeApplication { code }
  ... on ManualDiscountApplication { title description } }
fragment Line on LineItem { id totalDiscountSet { shopMoney { amount } }
  discountAllocations { allocatedAmountSet { shopMoney { amount } presentmentMoney { amount } }
    discountApplication { ...Discount } }
  lineItemGroup { id title productId variantId variantSku quantity } }"""
ORDER = """query($id: ID!) { order(id: $id) { discountCodes
  discountApplications(first: 9) { nodes { ...Discount } } lineItems(first: 9) { nodes { ...Line } }
  refunds { refundLineItems(first: 9) { nodes { lineItem { ...Line } } } } } }"""
ALL = "{ orders { edges { node { id lineItems { edges { node { ...Line } } } } } } }"
START = """mutation($query: String!) { bulkOperationRunQuery(query: $query) {
  bulkOperation { id } userErrors { message } } }"""
AUTOMATIC = {"kind": "automatic", "title": "Spring", "amount": 300}


@pytest.fixture
def shop(tmp_path):
    with SmallShop(tmp_path, scopes=SCOPES) as shop:
        shop.product(100, "Tea", price=1000)
        shop.product(200, "Cup", price=805)
        shop.customer(1)
        shop.world.settings["bulk_pause"] = 0.0
        yield shop
        bulk.wait_for_all(shop.world)


def asked(shop, order):
    return shop.run(ORDER + FRAGMENTS, id=gid("Order", order["id"]))


def lines_of(shop, order):
    return asked(shop, order)["lineItems"]["nodes"]


def in_bulk(shop):
    """The lines of the file, by their ids."""
    assert shop.run(START, query=ALL + FRAGMENTS)["userErrors"] == []
    bulk.wait_for_all(shop.world)
    (operation,) = shop.state.each(TEA, "bulk_operation")
    assert operation["status"] == "COMPLETED"
    path, _ = bulk.find_file(shop.world, f"{operation['secret']}.jsonl")
    found = [json.loads(line) for line in path.read_bytes().splitlines()]
    return {line["id"]: line for line in found if line.pop("__parentId", None)}


def body(shop, order, topic="orders/create"):
    return body_of(shop.world, next(shop.state.each(TEA, "shop")), topic, order)


def in_webhook(shop, order):
    """For each line what took something off it: type, name, amount."""
    told = body(shop, order)
    discounts = told["discount_applications"]
    return [
        [
            (of["type"], of.get("code", of.get("title")), share["amount"])
            for share in line["discount_allocations"]
            for of in [discounts[share["discount_application_index"]]]
        ]
        for line in told["line_items"]
    ]


def test_an_automatic_discount_is_told_by_its_title_on_the_line_that_it_made_cheaper(shop):
    order = bought(shop, discount_id=made(shop), customer_id=1)
    tea, cup = [line["discountAllocations"] for line in lines_of(shop, order)]
    assert tea == []
    (share,) = cup
    money = {"amount": "1.21"}
    assert share["allocatedAmountSet"] == {"shopMoney": money, "presentmentMoney": money}
    assert share["discountApplication"] == {
        "__typename": "AutomaticDiscountApplication",
        "index": 0,
        "allocationMethod": "ACROSS",
        "targetSelection": "ENTITLED",
        "targetType": "LINE_ITEM",
        "value": money,
        "title": "Cup with tea",
    }
    assert asked(shop, order)["discountApplications"]["nodes"] == [share["discountApplication"]]
    assert in_webhook(shop, order) == [[], [("automatic", "Cup with tea", "1.21")]]


def test_a_code_is_told_as_a_code_and_not_by_a_title(shop):
    order = bought(shop, discount_id=made(shop, CODE, code="TEA", title="For friends"), customer_id=1)
    answer = asked(shop, order)
    (application,) = answer["discountApplications"]["nodes"]
    assert (application["__typename"], application["code"]) == ("DiscountCodeApplication", "TEA")
    assert "title" not in application
    assert answer["discountCodes"] == ["TEA"]
    assert in_webhook(shop, order) == [[], [("discount_code", "TEA", "1.21")]]
    assert "For friends" not in json.dumps(body(shop, order)["discount_applications"])


def test_the_parts_of_a_bundle_name_the_bundle_and_other_lines_none(shop):
    order = bought(shop, product_id=made_bundle(shop), times=3, customer_id=1)
    first, second = lines_of(shop, order)
    group = first["lineItemGroup"]
    number = order["lines"][0]["group"]["id"]
    assert (
        group
        == second["lineItemGroup"]
        == {
            "id": gid("LineItemGroup", number),
            "title": "Set",
            "productId": gid("Product", 300),
            "variantId": gid("ProductVariant", 900),
            "variantSku": "SET",
            "quantity": 3,
        }
    )
    assert {line["sales_line_item_group_id"] for line in body(shop, order)["line_items"]} == {number}
    another = bought(shop, product_id=300, customer_id=1)
    assert another["lines"][0]["group"]["id"] != number
    alone = placed(shop, customer_id=1, lines=[{"variantId": 600}])
    assert lines_of(shop, alone)[0]["lineItemGroup"] is None
    assert body(shop, alone)["line_items"][0]["sales_line_item_group_id"] is None


def test_the_file_of_a_bulk_query_holds_what_a_page_gives(shop):
    orders = [
        bought(shop, discount_id=made(shop), customer_id=1),
        bought(shop, discount_id=made(shop, CODE, code="TEA"), customer_id=1),
        bought(shop, product_id=made_bundle(shop), customer_id=1),
        placed(shop, customer_id=1, lines=[{"variantId": 600}], discount=99),
    ]
    pages = {line["id"]: line for order in orders for line in lines_of(shop, order)}
    assert in_bulk(shop) == pages
    assert len(pages) == 7


def test_what_no_line_tells_is_the_code_s_or_was_taken_off_by_hand(shop):
    lines = [{"variantId": 600, "discounts": [AUTOMATIC]}, {"variantId": 700}]
    by_hand = placed(shop, customer_id=1, lines=lines, discount=500)
    off = [line["totalDiscount"] for line in by_hand["lines"]]
    assert off[0] > 300
    assert in_webhook(shop, by_hand) == [
        [("automatic", "Spring", "3.00"), ("manual", "Custom discount", f"{(off[0] - 300) / 100:.2f}")],
        [("manual", "Custom discount", f"{off[1] / 100:.2f}")],
    ]
    (_, manual) = asked(shop, by_hand)["discountApplications"]["nodes"]
    assert manual["__typename"] == "ManualDiscountApplication"
    assert (manual["index"], manual["targetSelection"], manual["value"]) == (1, "ALL", {"amount": "5.0"})
    coded = placed(shop, customer_id=1, lines=lines, discount=500, discountCodes=["TEN", "SHIP"])
    assert [name for line in in_webhook(shop, coded) for _, name, _ in line] == ["Spring", "TEN", "TEN"]
    names = [each.get("code") for each in body(shop, coded)["discount_applications"]]
    assert names == [None, "TEN", "SHIP"]


def test_the_shares_of_a_line_add_up_to_what_was_taken_off_it(shop):
    made(shop)
    made(shop, CODE, code="TEA")
    made_bundle(shop, price=2344)
    orders = [bought(shop, customer_id=1) for _ in range(12)]
    orders.append(placed(shop, customer_id=1, lines=[{"variantId": 700, "quantity": 3}] * 3, discount=1000))
    for order in orders:
        answer = asked(shop, order)
        for line in answer["lineItems"]["nodes"]:
            shares = [each["allocatedAmountSet"]["shopMoney"]["amount"] for each in line["discountAllocations"]]
            assert sum(map(Decimal, shares)) == Decimal(line["totalDiscountSet"]["shopMoney"]["amount"])
        told = body(shop, order)
        values = [Decimal(each["value"]["amount"]) for each in answer["discountApplications"]["nodes"]]
        assert values == [Decimal(each["value"]) for each in told["discount_applications"]]
        assert sum(values) == Decimal(told["total_discounts"])
        for line in told["line_items"]:
            shares = [Decimal(each["amount"]) for each in line["discount_allocations"]]
            assert sum(shares) == Decimal(line["total_discount"])


def test_webhooks_word_a_discount_as_the_older_interface_does(shop):
    discounts = [AUTOMATIC, {"kind": "manual", "amount": 50}]
    order = placed(shop, customer_id=1, lines=[{"variantId": 600, "discounts": discounts}])
    common = {"target_type": "line_item", "value_type": "fixed_amount", "allocation_method": "across"}
    by_hand = {"title": "Custom discount", "description": "Custom discount"}
    told = body(shop, order)
    assert told["discount_applications"] == [
        common | {"type": "automatic", "value": "3.0", "target_selection": "entitled", "title": "Spring"},
        common | {"type": "manual", "value": "0.5", "target_selection": "explicit"} | by_hand,
    ]
    (line,) = told["line_items"]
    assert line["total_discount"] == "3.50"
    first, second = line["discount_allocations"]
    assert (first["discount_application_index"], second["discount_application_index"]) == (0, 1)
    assert first["amount_set"]["shop_money"] == {"amount": "3.00", "currency_code": "USD"}


def test_a_line_keeps_its_discounts_and_its_bundle_when_it_comes_back(shop):
    lines = [{"variantId": 600, "discounts": [AUTOMATIC], "group": {"id": 7, "title": "Set", "productId": 300}}]
    order = placed(shop, customer_id=1, lines=lines)
    DEEDS["refund_order"](shop.world, TEA, order_id=order["id"])
    (answer,) = asked(shop, order)["refunds"]
    (returned,) = answer["refundLineItems"]["nodes"]
    assert returned["lineItem"] == lines_of(shop, order)[0]
    (told,) = body(shop, shop.find("order", order["id"]), "refunds/create")["refund_line_items"]
    assert [each["amount"] for each in told["line_item"]["discount_allocations"]] == ["3.00"]
    assert told["line_item"]["sales_line_item_group_id"] == 7


def test_orders_that_were_kept_before_lines_told_of_discounts_are_read_as_well(shop):
    line = documents.make_line(41, price=1000, totalDiscount=100)
    old = {name: value for name, value in line.items() if name not in ("discounts", "group")}
    order = documents.make_order(4, 4, [old], discountCodes=["TEN"])
    shop.state.put(TEA, "order", order)
    (found,) = lines_of(shop, order)
    assert found["discountAllocations"][0]["discountApplication"]["code"] == "TEN"
    assert found["lineItemGroup"] is None
    assert in_webhook(shop, order) == [[("discount_code", "TEN", "1.00")]]


def test_a_code_that_only_a_line_names_was_typed_in(shop):
    code = {"kind": "code", "code": "TEN", "amount": 100}
    order = placed(shop, customer_id=1, lines=[{"variantId": 600, "discounts": [code]}])
    assert (order["discountCodes"], order["totalDiscounts"]) == (["TEN"], 100)


@pytest.mark.parametrize(
    "discount",
    [
        {"kind": "script", "title": "Spring", "amount": 1},
        {"kind": "automatic", "amount": 1},
        {"kind": "code", "title": "Spring", "amount": 1},
        AUTOMATIC | {"amount": 0},
        AUTOMATIC | {"percent": 10},
        AUTOMATIC | {"amount": 101},
    ],
)
def test_a_line_with_a_discount_that_cannot_be_is_refused(shop, discount):
    with pytest.raises(DeedRefusedError):
        placed(shop, customer_id=1, lines=[{"variantId": 600, "totalDiscount": 100, "discounts": [discount]}])
