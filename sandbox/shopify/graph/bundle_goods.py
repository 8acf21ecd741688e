"""A bundle as a product: its options, its variants, and what they are put together from."""

from itertools import product as combinations
from typing import Any

from sandbox.shopify.documents import make_product, make_variant
from sandbox.shopify.graph.registry import Call, number_of
from sandbox.shopify.graph.writing import keep, new_number
from sandbox.shopify.state import Document

VARIANTS_AT_MOST = 100


def make_bundle(call: Call, given: dict[str, Any]) -> Document:
    """Make the product of a bundle: a draft, priced as the sum of its parts."""
    number = new_number(call, "product")
    bundle = make_product(
        number,
        given["title"],
        status="DRAFT",
        publishedAt=None,
        hasVariantsThatRequiresComponents=True,
        madeByClient=call.world.app.client_id,
    )
    set_components(call, bundle, given)
    keep(call, "product", bundle, "products/create")
    return bundle


def change_bundle(call: Call, bundle: Document, given: dict[str, Any]) -> Document:
    """Give a bundle another title or other components."""
    if given.get("title"):
        bundle["title"] = given["title"]
    if given.get("components"):
        set_components(call, bundle, given)
    keep(call, "product", bundle, "products/update")
    return bundle


def set_components(call: Call, bundle: Document, given: dict[str, Any]) -> None:
    """Write the parts of a bundle, and one variant for each choice a buyer has."""
    bundle["bundleComponents"] = [_component(one) for one in given["components"]]
    bundle["options"] = _options(bundle["id"], given)
    for old in call.state.children(call.shop, "variant", bundle["id"]):
        call.state.delete(call.shop, "variant", old["id"])
    price = sum(_price_of(call, one) for one in bundle["bundleComponents"])
    names = [option["name"] for option in bundle["options"]]
    choices = combinations(*(option["values"] for option in bundle["options"]))
    for place, values in enumerate(choices, start=1):
        if place > VARIANTS_AT_MOST:
            break
        chosen = [{"name": name, "value": value} for name, value in zip(names, values, strict=True)]
        number = new_number(call, "variant")
        variant = make_variant(
            number,
            bundle["id"],
            price=price,
            title=" / ".join(values),
            position=place,
            selectedOptions=chosen,
            requiresComponents=True,
        )
        call.state.put(call.shop, "variant", variant, parent=bundle["id"])


def _component(given: dict[str, Any]) -> Document:
    asked = given.get("quantityOption")
    return {
        "productId": number_of(given["productId"]),
        "quantity": None if asked else given.get("quantity") or 1,
        "quantityOption": asked,
        "optionSelections": [
            {"optionId": number_of(one["componentOptionId"]), "name": one["name"], "values": one["values"]}
            for one in given["optionSelections"]
        ],
    }


def _options(bundle_id: int, given: dict[str, Any]) -> list[Document]:
    """Return what a buyer chooses: options with more than one value, quantities, consolidated options."""
    consolidated = {option["optionName"]: option for option in given.get("consolidatedOptions") or []}
    merged = {
        part.get("componentOptionId")
        for option in consolidated.values()
        for selection in option["optionSelections"]
        for part in selection["components"]
    }
    offered = {
        name: [one["optionValue"] for one in option["optionSelections"]]
        for name, option in consolidated.items()
    }
    for component in given["components"]:
        for one in component["optionSelections"]:
            if len(one["values"]) > 1 and one["componentOptionId"] not in merged:
                offered.setdefault(one["name"], one["values"])
        if component.get("quantityOption"):
            asked = component["quantityOption"]
            offered.setdefault(asked["name"], [value["name"] for value in asked["values"]])
    offered = offered or {"Title": ["Default Title"]}
    return [
        {"id": bundle_id + place, "name": name, "position": place, "values": values}
        for place, (name, values) in enumerate(offered.items(), start=1)
    ]


def _price_of(call: Call, component: Document) -> int:
    prices = [one["price"] for one in call.state.children(call.shop, "variant", component["productId"])]
    return min(prices, default=0) * (component["quantity"] or 1)
