"""Variants of products, and what lies on the shelf."""

from sandbox.shopify.graph.answers import money, price
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, resolver
from sandbox.shopify.state import Document


def _currency(call: Call) -> str:
    return str(call.shop_document.get("currencyCode", "USD"))


@resolver("ProductVariant", "price")
@resolver("ProductVariant", "compareAtPrice")
def variant_price(parent: Document, info: Info) -> str | None:
    """Return a price of the variant."""
    return price(parent[info.field_name], _currency(info.context))


@resolver("ProductVariant", "product")
def product_of(parent: Document, info: Info) -> Document | None:
    """Return the product."""
    call: Call = info.context
    return call.state.find(call.shop, "product", parent["productId"])


@resolver("ProductVariant", "displayName")
def display_name(parent: Document, info: Info) -> str:
    """Return the product's title with the variant's."""
    found = product_of(parent, info) or {}
    return f"{found.get('title', '')} - {parent['title']}"


@resolver("ProductVariant", "availableForSale")
def available(parent: Document, _info: Info) -> bool:
    """Return whether it can be bought."""
    return not parent["tracked"] or parent["inventoryQuantity"] > 0 or parent["inventoryPolicy"] == "CONTINUE"


@resolver("ProductVariant", "requiresComponents")
def requires_components(parent: Document, _info: Info) -> bool:
    """Return whether it is put together from others."""
    return bool(parent.get("requiresComponents"))


@resolver("ProductVariant", "taxable")
def taxable(parent: Document, _info: Info) -> bool:
    """Return whether tax is due."""
    return bool(parent.get("taxable", True))


@resolver("ProductVariant", "selectedOptions")
def selected_options(parent: Document, _info: Info) -> list[Answer]:
    """Return the choices that make the variant."""
    value = {"id": gid("ProductOptionValue", parent["id"]), "hasVariants": True}
    return [one | {"optionValue": value | {"name": one["value"]}} for one in parent["selectedOptions"]]


@resolver("ProductVariant", "inventoryItem")
def inventory_item(parent: Document, info: Info) -> Answer:
    """Return the thing on the shelf."""
    call = info.context
    cost = None if parent["cost"] is None else money(parent["cost"], _currency(call))
    return {
        "id": gid("InventoryItem", parent["inventoryItemId"]),
        "legacyResourceId": str(parent["inventoryItemId"]),
        "unitCost": cost,
        "tracked": parent["tracked"],
        "sku": parent["sku"],
        "requiresShipping": parent["tracked"],
        "createdAt": parent["createdAt"],
        "updatedAt": parent["updatedAt"],
    }
