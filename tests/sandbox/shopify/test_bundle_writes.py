"""Bundles: asynchronous operations, what is refused at once and what only later, and the product that comes."""

import time

import pytest
from small_shop import TEA, SmallShop, gid

CREATE = """mutation($input: ProductBundleCreateInput!) { productBundleCreate(input: $input) {
  productBundleOperation { id status product { id } } userErrors { field message } } }"""
UPDATE = """mutation($input: ProductBundleUpdateInput!) { productBundleUpdate(input: $input) {
  productBundleOperation { id status } userErrors { field message } } }"""
POLL = """query($id: ID!) { productOperation(id: $id) { __typename status
  product { id title status hasVariantsThatRequiresComponents options { name values }
    variants(first: 10) { nodes { title price requiresComponents } }
    bundleComponents(first: 5) { nodes { quantity componentProduct { id }
      optionSelections { componentOption { name } values { value selectionStatus } } } } }
  ... on ProductBundleOperation { id userErrors { field message code } } } }"""


@pytest.fixture
def shop(tmp_path):
    with SmallShop(tmp_path) as shop:
        shop.world.settings["product_operation_seconds"] = 3600
        shop.product(100, "Razor", price=2000)
        shop.product(200, "Blades", {"Blade size": ["Small", "Large"]}, price=500)
        yield shop


def part(product, option, values, **more):
    name, number = option
    selection = {"componentOptionId": gid("ProductOption", number), "name": name, "values": values}
    return {"productId": gid("Product", product), "quantity": 1, "optionSelections": [selection]} | more


RAZOR = part(100, ("Razor Title", 101), ["Default Title"])
BLADES = part(200, ("Blade size", 201), ["Small", "Large"], quantity=2)


def a_bundle(*components, title="Shave set"):
    return {"title": title, "components": list(components or (RAZOR, BLADES))}


def finish(shop, operation):
    states = [shop.run(POLL, id=operation["id"]) for _ in range(2)]
    assert [state["status"] for state in states] == ["ACTIVE", "COMPLETE"]
    return states[-1]


def test_a_bundle_is_there_when_its_operation_is_complete(shop):
    begun = shop.run(CREATE, input=a_bundle())["productBundleOperation"]
    assert (begun["status"], begun["product"], shop.topics) == ("CREATED", None, [])
    done = finish(shop, begun)
    product = done["product"]
    assert (product["title"], product["status"], done["userErrors"]) == ("Shave set", "DRAFT", [])
    assert product["hasVariantsThatRequiresComponents"]
    assert product["options"] == [{"name": "Blade size", "values": ["Small", "Large"]}]
    assert product["variants"]["nodes"] == [
        {"title": size, "price": "30.00", "requiresComponents": True} for size in ("Small", "Large")
    ]
    assert [one["quantity"] for one in product["bundleComponents"]["nodes"]] == [1, 2]
    assert shop.topics == ["products/create"]
    assert shop.run(POLL, id=begun["id"])["product"] == product


def test_an_operation_ends_even_if_nobody_asks(shop):
    shop.world.settings["product_operation_seconds"] = 0.05
    shop.run(CREATE, input=a_bundle())
    deadline = time.monotonic() + 5
    while "products/create" not in shop.topics and time.monotonic() < deadline:
        time.sleep(0.02)
    assert shop.topics == ["products/create"]


UNMAPPED = (
    "Mapping of components targeting products need to map all of the options of the product. "
    "Missing or invalid options found for components targeting product_ids [{}]."
)
TOO_MANY = (
    "Quantity cannot be greater than 2000. "
    "The following products have a quantity that exceeds the maximum: [100]"
)
NO_CHOICE = (
    "Quantity options must have at least two values. "
    "Invalid quantity options found for components targeting product_ids [100]."
)
ONE_PACK = {"name": "Pack", "values": [{"name": "One", "quantity": 1}]}


@pytest.mark.parametrize(
    ("components", "message"),
    [
        ([RAZOR, part(999, ("x", 1), ["y"])], "Failed to locate the following products: [999]"),
        ([RAZOR | {"optionSelections": []}], UNMAPPED.format(100)),
        ([part(200, ("Blade size", 201), ["Medium"])], UNMAPPED.format(200)),
        ([RAZOR | {"quantity": 2001}], TOO_MANY),
        ([RAZOR | {"quantityOption": ONE_PACK}], NO_CHOICE),
    ],
)
def test_components_are_refused_in_the_recorded_words(shop, components, message):
    answer = shop.run(CREATE, input=a_bundle(*components))
    assert answer == {"productBundleOperation": None, "userErrors": [{"field": None, "message": message}]}


def test_a_component_that_vanishes_meanwhile_is_told_by_the_operation(shop):
    begun = shop.run(CREATE, input=a_bundle())["productBundleOperation"]
    shop.state.delete(TEA, "product", 200)
    done = finish(shop, begun)
    assert done["product"] is None
    assert done["userErrors"][0]["code"] == "JOB_ERROR"


def test_quantities_become_an_option_of_the_bundle(shop):
    packs = {"name": "Pack", "values": [{"name": "One", "quantity": 1}, {"name": "Two", "quantity": 2}]}
    component = RAZOR | {"quantity": None, "quantityOption": packs}
    product = finish(shop, shop.run(CREATE, input=a_bundle(component))["productBundleOperation"])["product"]
    assert product["options"] == [{"name": "Pack", "values": ["One", "Two"]}]


def test_only_its_own_bundles_can_an_app_change(shop):
    made = finish(shop, shop.run(CREATE, input=a_bundle())["productBundleOperation"])["product"]
    changed = shop.run(UPDATE, input={"productId": made["id"], "title": "Set", "components": [RAZOR]})
    product = finish(shop, changed["productBundleOperation"])["product"]
    assert (product["id"], product["title"]) == (made["id"], "Set")
    assert len(product["bundleComponents"]["nodes"]) == 1
    assert shop.errors(UPDATE, input={"productId": gid("Product", 100), "title": "Set"})
    assert shop.errors(UPDATE, input={"productId": gid("Product", 9), "title": "Set"})[0]["message"] == (
        "Product does not exist"
    )


def test_a_bundle_is_no_part_of_another(shop):
    made = finish(shop, shop.run(CREATE, input=a_bundle(RAZOR))["productBundleOperation"])["product"]
    number = int(made["id"].rpartition("/")[2])
    nested = part(number, ("Title", number + 1), ["Default Title"])
    assert "nested" in shop.errors(CREATE, input=a_bundle(nested))[0]["message"]


def test_a_shop_that_is_not_eligible_gets_none(shop):
    document = next(shop.state.each(TEA, "shop"))
    shop.state.put(TEA, "shop", document | {"bundlesEligible": False})
    assert "not eligible" in shop.errors(CREATE, input=a_bundle())[0]["message"]


def test_the_bundle_can_be_priced_and_put_on_sale(shop):
    made = finish(shop, shop.run(CREATE, input=a_bundle(RAZOR))["productBundleOperation"])["product"]
    number = int(made["id"].rpartition("/")[2])
    (variant,) = shop.state.children(TEA, "variant", number)
    price = """mutation($id: ID!, $variants: [ProductVariantsBulkInput!]!) {
      productVariantsBulkUpdate(productId: $id, variants: $variants) {
        productVariants { price compareAtPrice } userErrors { field message code } } }"""
    wanted = {"id": gid("ProductVariant", variant["id"]), "price": "18.50", "compareAtPrice": "20.00"}
    answer = shop.run(price, id=made["id"], variants=[wanted])
    assert answer["productVariants"] == [{"price": "18.50", "compareAtPrice": "20.00"}]
    foreign = [wanted, {"id": gid("ProductVariant", 600), "price": "1"}]
    assert shop.errors(price, id=made["id"], variants=foreign)[0]["code"] == "PRODUCT_VARIANT_DOES_NOT_EXIST"
    update = """mutation($product: ProductUpdateInput!) { productUpdate(product: $product) {
      product { status } userErrors { field message } } }"""
    assert shop.run(update, product={"id": made["id"], "status": "ACTIVE"})["product"] == {"status": "ACTIVE"}


def test_products_are_made_and_deleted(shop):
    create = """mutation($product: ProductCreateInput!) { productCreate(product: $product) {
      product { id handle status variants(first: 5) { nodes { title } } } userErrors { field message } } }"""
    options = [{"name": "Size", "values": [{"name": "S"}, {"name": "L"}]}]
    made = shop.run(create, product={"title": "Razor", "productOptions": options})["product"]
    assert made["handle"] == "razor-1"
    assert made["variants"]["nodes"] == [{"title": "S"}]
    assert shop.errors(create, product={"title": ""})[0] == {
        "field": ["title"],
        "message": "Title can't be blank",
    }
    delete = "mutation($input: ProductDeleteInput!) { productDelete(input: $input) { deletedProductId } }"
    assert shop.run(delete, input={"id": made["id"]})["deletedProductId"] == made["id"]
    assert shop.topics == ["products/create", "products/delete"]
