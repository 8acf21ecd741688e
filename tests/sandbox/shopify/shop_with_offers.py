"""Offers of a small shop (tea 100/600, cup 200/700), and buying what they offer."""

from small_shop import TEA, gid

from sandbox.shopify import documents, merchant

DISCOUNT = """mutation($input: DiscountAutomaticBxgyInput!) {
  discountAutomaticBxgyCreate(automaticBxgyDiscount: $input) {
    automaticDiscountNode { id } userErrors { message } } }"""
CODE = """mutation($input: DiscountCodeBxgyInput!) {
  discountCodeBxgyCreate(bxgyCodeDiscount: $input) { codeDiscountNode { id } userErrors { message } } }"""


def bxgy(**more):
    def items(number):
        return {"products": {"productVariantsToAdd": [gid("ProductVariant", number)]}}

    effect = {"discountOnQuantity": {"quantity": "1", "effect": {"percentage": 0.15}}}
    return {
        "title": "Cup with tea",
        "startsAt": "2026-01-01T00:00:00Z",
        "context": {"all": "ALL"},
        "customerBuys": {"value": {"quantity": "1"}, "items": items(600)},
        "customerGets": {"value": effect, "items": items(700)},
        "usesPerOrderLimit": 2,
    } | more


def made(shop, document=DISCOUNT, **more):
    answer = shop.run(document, input=bxgy(**more))
    assert answer["userErrors"] == []
    (node,) = [each for each in answer.values() if each]
    return int(node["id"].rpartition("/")[2])


def made_bundle(shop, price=2345, **fields):
    """A bundle of one tea and two cups, 300/900."""
    bundle = documents.make_product(300, "Set", hasVariantsThatRequiresComponents=True, **fields)
    parts = [
        {"productId": product, "quantity": quantity, "optionSelections": [{"values": ["Default Title"]}]}
        for product, quantity in ((100, 1), (200, 2))
    ]
    shop.state.put(TEA, "product", bundle | {"bundleComponents": parts})
    variant = documents.make_variant(900, 300, price=price, sku="SET")
    shop.state.put(TEA, "variant", variant, parent=300)
    return 300


def bought(shop, **arguments):
    return shop.find("order", merchant.DEEDS["buy_offer"](shop.world, TEA, **arguments)["order_id"])


def placed(shop, **arguments):
    return shop.find("order", merchant.DEEDS["place_order"](shop.world, TEA, **arguments)["order_id"])
