"""Products: made, changed, deleted."""

from typing import Any

from sandbox.shopify import documents
from sandbox.shopify.deeds.finding import get_or_any, only_known
from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

Ids = dict[str, Any]


def create_product(
    world: World,
    shop: str,
    *,
    title: str = "New arrival",
    price: int = 1900,
    **fields: Any,  # noqa: ANN401 (any field of a product)
) -> Ids:
    """Put a product with one variant on sale; all other arguments are its fields."""
    with world.state.together():
        number = documents.new_number(world.state, "product")
        product = documents.make_product(number, title)
        only_known(fields, product)
        variant = documents.make_variant(documents.new_number(world.state, "variant"), number, price=price)
        world.state.put(shop, "variant", variant, parent=number)
        _keep(world, shop, product | fields, "products/create")
    return {"product_id": number, "variant_id": variant["id"]}


def edit_product(
    world: World,
    shop: str,
    *,
    product_id: int | None = None,
    price: int | None = None,
    **fields: Any,  # noqa: ANN401 (any field of a product)
) -> Ids:
    """Change a product; ``price`` is that of all its variants."""
    with world.state.together():
        product = get_or_any(world, shop, "product", product_id)
        only_known(fields, product)
        if price is not None:
            for variant in world.state.children(shop, "variant", product["id"]):
                changed = variant | {"price": price, "updatedAt": stamp(now())}
                world.state.put(shop, "variant", changed, parent=product["id"])
        _keep(world, shop, product | fields, "products/update")
    return {"product_id": product["id"]}


def delete_product(world: World, shop: str, *, product_id: int | None = None) -> Ids:
    """Take a product and its variants away; orders keep what they say of it."""
    with world.state.together():
        product = get_or_any(world, shop, "product", product_id)
        for variant in world.state.children(shop, "variant", product["id"]):
            world.state.delete(shop, "variant", variant["id"])
        world.state.delete(shop, "product", product["id"])
        world.emit(shop, "products/delete", product)
    return {"product_id": product["id"]}


def _keep(world: World, shop: str, product: Document, topic: str) -> None:
    product = product | {"updatedAt": stamp(now())}
    world.state.put(shop, "product", product)
    world.emit(shop, topic, product)
