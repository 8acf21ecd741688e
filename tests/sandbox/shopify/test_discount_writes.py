"""Discounts for segments: made, checked, changed, switched, deleted, and read back."""

import pytest
from small_shop import SmallShop, gid

NODE = """id codeDiscount { __typename ... on DiscountCodeBasic {
  title status startsAt endsAt usageLimit appliesOncePerCustomer discountClasses summary asyncUsageCount
  codes(first: 1) { nodes { id code } }
  context { __typename ... on DiscountCustomerSegments { segments { id name } }
            ... on DiscountCustomers { customers { id } } }
  customerGets { value { __typename ... on DiscountPercentage { percentage }
                         ... on DiscountAmount { amount { amount currencyCode } appliesOnEachItem } }
                 items { __typename ... on DiscountProducts { products(first: 5) { nodes { id } } } }
                 appliesOnOneTimePurchase appliesOnSubscription }
  minimumRequirement { ... on DiscountMinimumSubtotal { greaterThanOrEqualToSubtotal { amount } } }
  combinesWith { shippingDiscounts orderDiscounts } } }"""
CODE = f"""mutation($input: DiscountCodeBasicInput!) {{ discountCodeBasicCreate(basicCodeDiscount: $input) {{
  codeDiscountNode {{ {NODE} }} userErrors {{ field message code extraInfo }} }} }}"""
CHANGE = f"""mutation($id: ID!, $input: DiscountCodeBasicInput!) {{
  discountCodeBasicUpdate(id: $id, basicCodeDiscount: $input) {{
    codeDiscountNode {{ {NODE} }} userErrors {{ field message code }} }} }}"""
BXGY = """mutation($input: DiscountAutomaticBxgyInput!) {
  discountAutomaticBxgyCreate(automaticBxgyDiscount: $input) {
    automaticDiscountNode { id automaticDiscount { ... on DiscountAutomaticBxgy { title status usesPerOrderLimit
      customerBuys { value { ... on DiscountQuantity { quantity } } }
      customerGets { value { ... on DiscountOnQuantity { quantity { quantity }
        effect { ... on DiscountPercentage { percentage } } } } } } } }
    userErrors { field message code } } }"""
AUTOMATIC = """mutation($input: DiscountAutomaticBasicInput!) {
  discountAutomaticBasicCreate(automaticBasicDiscount: $input) {
    automaticDiscountNode { id } userErrors { field message code } } }"""
ALL = {"all": "ALL"}
GETS = {"value": {"percentage": 0.15}, "items": {"all": True}}


@pytest.fixture
def shop(tmp_path):
    with SmallShop(tmp_path) as shop:
        segment = {"id": 1, "name": "Champions", "query": "customer_tags CONTAINS 'x'"}
        shop.state.put("tea.myshopify.com", "segment", segment)
        yield shop


def a_code(**more):
    base = {
        "title": "Champions 15%",
        "code": "CHAMP15",
        "startsAt": "2026-11-22T00:00:00Z",
        "context": {"customerSegments": {"add": [gid("Segment", 1)]}},
        "customerGets": GETS,
    }
    return {name: given for name, given in (base | more).items() if given is not Ellipsis}


def made(shop, **more):
    answer = shop.run(CODE, input=a_code(**more))
    assert answer["userErrors"] == []
    return answer["codeDiscountNode"]


def test_a_code_for_a_segment_reads_back_as_it_was_made(shop):
    node = made(
        shop,
        endsAt="2999-12-31T23:59:59Z",
        appliesOncePerCustomer=True,
        usageLimit=500,
        minimumRequirement={"subtotal": {"greaterThanOrEqualToSubtotal": "50.00"}},
        combinesWith={"shippingDiscounts": True},
    )
    discount = node["codeDiscount"]
    assert node["id"].startswith("gid://shopify/DiscountCodeNode/")
    assert discount["context"] == {
        "__typename": "DiscountCustomerSegments",
        "segments": [{"id": gid("Segment", 1), "name": "Champions"}],
    }
    assert discount["status"] == "ACTIVE"
    assert discount["codes"]["nodes"][0]["code"] == "CHAMP15"
    assert discount["customerGets"]["value"] == {"__typename": "DiscountPercentage", "percentage": 0.15}
    assert discount["minimumRequirement"] == {"greaterThanOrEqualToSubtotal": {"amount": "50.0"}}
    assert discount["combinesWith"] == {"shippingDiscounts": True, "orderDiscounts": False}
    assert (discount["discountClasses"], discount["usageLimit"]) == (["ORDER"], 500)
    read = shop.run(
        f"query($code: String!) {{ codeDiscountNodeByCode(code: $code) {{ {NODE} }} }}", code="champ15"
    )
    assert read == node
    assert shop.told[0][0] == "discounts/create"
    assert shop.told[0][1]["admin_graphql_api_id"] == node["id"]


def gets(**more):
    return {"customerGets": GETS | more}


@pytest.mark.parametrize(
    ("more", "field", "message", "code"),
    [
        ({"title": ""}, ["title"], "Title can't be blank", "BLANK"),
        ({"title": "t" * 256}, ["title"], "Title is too long (maximum is 255 characters)", "TOO_LONG"),
        ({"code": " "}, ["code"], "Code can't be blank", "BLANK"),
        ({"startsAt": ...}, ["startsAt"], "Starts at can't be blank", "BLANK"),
        ({"endsAt": "2020-01-01T00:00:00Z"}, ["endsAt"], "Ends at needs to be after starts_at", "INVALID"),
        (
            {"customerSelection": {"all": True}},
            ["context"],
            "Only one of context or customerSelection can be provided.",
            "INVALID",
        ),
        (
            gets(value={"percentage": 1.5}),
            ["customerGets", "value", "percentage"],
            "Value must be between 0.0 and 1.0",
            "VALUE_OUTSIDE_RANGE",
        ),
        (
            gets(value={"discountAmount": {"amount": "-5"}}),
            ["customerGets", "value", "discountAmount", "amount"],
            "Value must be less than or equal to 0",
            "LESS_THAN_OR_EQUAL_TO",
        ),
        (
            gets(items={"products": {"productsToAdd": [gid("Product", 999)]}}),
            ["customerGets", "items", "products", "productsToAdd"],
            "Product with id: 999 is invalid",
            "INVALID",
        ),
        (
            gets(items={"products": {"productVariantsToAdd": [gid("ProductVariant", 999)]}}),
            ["customerGets", "items", "products", "productVariantsToAdd"],
            "Product variant with id: 999 is invalid",
            "INVALID",
        ),
        (
            gets(items={"collections": {"add": [gid("Collection", 0)]}}),
            ["customerGets", "items", "collections", "add"],
            "Collection with id: 0 is invalid",
            "INVALID",
        ),
        (
            {"context": {"customerSegments": {"add": [gid("Segment", 999)]}}},
            ["context", "customerSegments", "add"],
            "Segment with id: 999 is invalid",
            "INVALID",
        ),
    ],
)
def test_a_discount_is_refused_in_the_recorded_words(shop, more, field, message, code):
    answer = shop.run(CODE, input=a_code(**more))
    assert answer["codeDiscountNode"] is None
    assert answer["userErrors"] == [
        {"field": ["basicCodeDiscount", *field], "message": message, "code": code, "extraInfo": None}
    ]


def test_nothing_and_all_are_both_percentages(shop):
    for number, share in enumerate((0, 1)):
        made(shop, code=f"C{number}", customerGets=GETS | {"value": {"percentage": share}})


def test_a_code_is_given_once_however_it_is_written(shop):
    made(shop)
    error = shop.errors(CODE, input=a_code(code="champ15"))[0]
    assert (error["message"], error["code"]) == ("Code must be unique. Please try a different code.", "TAKEN")


def test_a_context_takes_one_kind_of_buyers(shop):
    both = {"customers": {"add": []}, "customerSegments": {"add": [gid("Segment", 1)]}}
    assert shop.ask(CODE, input=a_code(context=both))["errors"]


def test_the_status_follows_the_times(shop):
    assert made(shop, startsAt="2999-01-01T00:00:00Z")["codeDiscount"]["status"] == "SCHEDULED"
    over = made(shop, code="OLD", startsAt="2020-01-01T00:00:00Z", endsAt="2020-02-01T00:00:00Z")
    assert over["codeDiscount"]["status"] == "EXPIRED"


def test_a_discount_is_switched_off_and_on(shop):
    id_ = made(shop, startsAt="2999-01-01T00:00:00Z")["id"]
    switch = """mutation($id: ID!) { discountCode%s(id: $id) {
      codeDiscountNode { codeDiscount { ... on DiscountCodeBasic { status startsAt endsAt } } }
      userErrors { field message code } } }"""
    off = shop.run(switch % "Deactivate", id=id_)["codeDiscountNode"]["codeDiscount"]
    assert off["status"] == "EXPIRED"
    assert off["startsAt"] == off["endsAt"]
    on = shop.run(switch % "Activate", id=id_)["codeDiscountNode"]["codeDiscount"]
    assert (on["status"], on["endsAt"]) == ("ACTIVE", None)
    unknown = shop.errors(switch % "Activate", id=gid("DiscountCodeNode", 0))
    assert unknown == [{"field": ["id"], "message": "Code discount does not exist.", "code": "INVALID"}]


def test_an_update_changes_what_it_names(shop):
    shop.product(70)
    shop.customer(7)
    id_ = made(shop)["id"]
    changes = {
        "context": {"customers": {"add": [gid("Customer", 7)]}},
        "customerGets": {
            "value": {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}},
            "items": {"products": {"productsToAdd": [gid("Product", 70)]}},
        },
    }
    discount = shop.run(CHANGE, id=id_, input=changes)["codeDiscountNode"]["codeDiscount"]
    assert discount["title"] == "Champions 15%"
    assert discount["context"]["customers"] == [{"id": gid("Customer", 7)}]
    assert discount["customerGets"]["value"]["amount"] == {"amount": "5.0", "currencyCode": "USD"}
    assert discount["customerGets"]["items"]["products"]["nodes"] == [{"id": gid("Product", 70)}]
    assert discount["discountClasses"] == ["PRODUCT"]
    gone = {"customerGets": {"items": {"products": {"productsToRemove": [gid("Product", 70)]}}}}
    discount = shop.run(CHANGE, id=id_, input=gone)["codeDiscountNode"]["codeDiscount"]
    assert discount["customerGets"]["items"]["products"]["nodes"] == []
    assert shop.errors(CHANGE, id=gid("DiscountCodeNode", 0), input=changes) == [
        {"field": ["id"], "message": "Discount does not exist", "code": None}
    ]


def test_a_deleted_discount_is_gone(shop):
    id_ = made(shop)["id"]
    delete = """mutation($id: ID!) { discountCodeDelete(id: $id) {
      deletedCodeDiscountId userErrors { message } } }"""
    assert shop.run(delete, id=id_)["deletedCodeDiscountId"] == id_
    assert shop.errors(delete, id=id_) == [{"message": "Code discount does not exist."}]
    assert shop.topics == ["discounts/create", "discounts/delete"]


def a_bxgy(**more):
    base = {
        "title": "Buy A, B half price",
        "startsAt": "2026-11-22T00:00:00Z",
        "usesPerOrderLimit": "1",
        "context": {"customerSegments": {"add": [gid("Segment", 1)]}},
        "customerBuys": {
            "value": {"quantity": "1"},
            "items": {"products": {"productsToAdd": [gid("Product", 70)]}},
        },
        "customerGets": {
            "value": {"discountOnQuantity": {"quantity": "1", "effect": {"percentage": 0.5}}},
            "items": {"products": {"productsToAdd": [gid("Product", 80)]}},
        },
    }
    return base | more


def test_buy_one_get_one_is_made_and_shown(shop):
    shop.product(70)
    shop.product(80)
    node = shop.run(BXGY, input=a_bxgy())["automaticDiscountNode"]
    assert node["id"].startswith("gid://shopify/DiscountAutomaticNode/")
    discount = node["automaticDiscount"]
    assert discount["customerBuys"]["value"] == {"quantity": "1"}
    assert discount["customerGets"]["value"]["effect"] == {"percentage": 0.5}


def test_buy_one_get_one_needs_things_to_buy_and_to_get(shop):
    everything = {"value": {"quantity": "1"}, "items": {"all": True}}
    free = {
        "value": {"discountOnQuantity": {"quantity": "1", "effect": {"percentage": 1}}},
        "items": {"all": True},
    }
    errors = shop.errors(BXGY, input=a_bxgy(title="", customerBuys=everything, customerGets=free))
    assert [(error["field"][1:], error["message"], error["code"]) for error in errors] == [
        (["customerGets"], "Items in 'customer get' cannot be set to all", "INVALID"),
        (["title"], "Title can't be blank", "BLANK"),
        (["customerBuys", "items"], "Items in 'customer buys' must be defined", "BLANK"),
    ]


def test_lists_tell_codes_from_automatic_ones(shop):
    code = made(shop)["id"]
    automatic = {"title": "Auto", "startsAt": "2026-01-01T00:00:00Z", "context": ALL, "customerGets": GETS}
    other = shop.run(AUTOMATIC, input=automatic)["automaticDiscountNode"]["id"]
    lists = """{ all: discountNodes(first: 5) { nodes { id discount { __typename } } }
      codes: codeDiscountNodes(first: 5) { nodes { id } }
      automatic: automaticDiscountNodes(first: 5) { nodes { id } }
      found: discountNodes(first: 5, query: "status:active method:code") { nodes { id } }
      discountNodesCount { count } }"""
    found = shop.data(lists)
    assert [node["id"] for node in found["all"]["nodes"]] == [code, other]
    assert found["codes"]["nodes"] == found["found"]["nodes"] == [{"id": code}]
    assert found["automatic"]["nodes"] == [{"id": other}]
    assert found["discountNodesCount"] == {"count": 2}
    wrong = "query($id: ID!) { codeDiscountNode(id: $id) { id } discountNode(id: $id) { id } }"
    assert shop.data(wrong, id=other) == {"codeDiscountNode": None, "discountNode": {"id": other}}


def test_the_scope_is_needed(tmp_path):
    with SmallShop(tmp_path, scopes=["read_discounts"]) as shop:
        error = shop.ask(CODE, input=a_code(context=ALL))["errors"][0]
        assert "`write_discounts` access scope" in error["message"]
