"""Products made and changed through the interface, as far as bundles need it."""

import re
from itertools import product as combinations
from typing import Any

from sandbox.shopify import tags as tagging
from sandbox.shopify.documents import handle_of, make_product, make_variant
from sandbox.shopify.graph.access import need
from sandbox.shopify.graph.discount_input import minor
from sandbox.shopify.graph.inline_metafields import check_inline, write_inline
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, number_of, resolver, user_error
from sandbox.shopify.graph.writing import keep, new_number, refused, text_problem
from sandbox.shopify.state import Document

_PLAIN = ("title", "vendor", "productType", "status", "handle")


@resolver("Mutation", "productCreate")
def product_create(_parent: None, info: Info, *, product: dict[str, Any]) -> Answer:
    """Make a product with one variant for each choice; not yet on sale anywhere."""
    call = need(info, "write_products")
    shop = call.shop_document | {"id": gid("Shop", call.shop_document["id"])}
    with call.state.together():
        number = new_number(call, "product")
        made = make_product(number, product.get("title") or "", publishedAt=None)
        made["isGiftCard"] = bool(product.get("giftCard"))
        answer = _written(call, made, product, "products/create")
        if answer["product"] is not None:
            _give_options(call, answer["product"], product.get("productOptions") or [])
    return answer | {"shop": shop}


@resolver("Mutation", "productUpdate")
def product_update(_parent: None, info: Info, *, product: dict[str, Any]) -> Answer:
    """Change a product; ``tags`` replaces them all."""
    call = need(info, "write_products")
    with call.state.together():
        before = _find(call, product.get("id") or "")
        if before is None:
            return refused("product", user_error(["id"], "Product does not exist"))
        return _written(call, before, product, "products/update")


@resolver("Mutation", "productDelete")
def product_delete(_parent: None, info: Info, *, input: dict[str, Any]) -> Answer:  # noqa: A002 (the schema's name)
    """Delete a product with its variants."""
    call = need(info, "write_products")
    shop = call.shop_document | {"id": gid("Shop", call.shop_document["id"])}
    with call.state.together():
        found = _find(call, input["id"])
        if found is None:
            return refused("deletedProductId", user_error(["id"], "Product does not exist"), shop=shop)
        for variant in call.state.children(call.shop, "variant", found["id"]):
            call.state.delete(call.shop, "variant", variant["id"])
        call.state.delete(call.shop, "product", found["id"])
        call.world.emit(call.shop, "products/delete", found)
    return {"deletedProductId": gid("Product", found["id"]), "shop": shop, "userErrors": []}


@resolver("Mutation", "productVariantsBulkUpdate")
def variants_bulk_update(
    _parent: None,
    info: Info,
    *,
    productId: str,  # noqa: N803 (the schema's name)
    variants: list[dict[str, Any]],
    allowPartialUpdates: bool = False,  # noqa: N803
) -> Answer:
    """Change prices and the like of a product's variants; all or none unless parts are allowed."""
    call = need(info, "write_products")
    with call.state.together():
        found = _find(call, productId)
        if found is None:
            error = user_error(["productId"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST")
            return refused("productVariants", error, product=None)
        checked = [_changed(call, found, given, str(place)) for place, given in enumerate(variants)]
        wrong = [one for one in checked if "message" in one]
        if wrong and not allowPartialUpdates:
            return refused("productVariants", *wrong, product=found)
        good = [one for one in checked if "message" not in one]
        for variant in good:
            keep(call, "variant", variant, parent=found["id"])
        if good:
            keep(call, "product", found, "products/update")
    return {"product": found, "productVariants": good, "userErrors": wrong}


def _changed(call: Call, found: Document, given: dict[str, Any], place: str) -> Document:
    """Return a variant as it is to be, or a user error (which has a ``message``)."""
    field = ["variants", place]
    if given.get("id") is None:
        return user_error(
            [*field, "id"], "Product variant is missing ID attribute", "PRODUCT_VARIANT_ID_MISSING"
        )
    number = number_of(given["id"], "ProductVariant")
    variant = None if number is None else call.state.find(call.shop, "variant", number)
    if variant is None or variant["productId"] != found["id"]:
        return user_error([*field, "id"], "Product variant does not exist", "PRODUCT_VARIANT_DOES_NOT_EXIST")
    changes: Document = {
        name: None if given[name] is None else minor(call, given[name])
        for name in ("price", "compareAtPrice")
        if name in given
    }
    if (changes.get("price") or 0) < 0:
        message = "Price must be greater than or equal to 0"
        return user_error([*field, "price"], message, "GREATER_THAN_OR_EQUAL_TO")
    plain = ("inventoryPolicy", "taxable", "requiresComponents")
    return variant | changes | {name: given[name] for name in plain if given.get(name) is not None}


def _written(call: Call, before: Document, given: dict[str, Any], topic: str) -> Answer:
    changes = {name: given[name] for name in _PLAIN if given.get(name) is not None}
    if given.get("tags") is not None:
        changes["tags"] = tagging.in_order(tagging.split(given["tags"]))
    inline = check_inline(call, ("product", before), given.get("metafields"))
    said = tagging.problem(changes.get("tags") or [])
    title = text_problem(["title"], "Title", changes.get("title", before["title"]))
    wrong = [title, user_error(["tags"], said) if said else None, *inline]
    errors = [one for one in wrong if isinstance(one, dict)]
    if errors:
        return refused("product", *errors)
    changes["handle"] = _free_handle(call, before, changes.get("handle") or before["handle"])
    made = keep(call, "product", before | changes, topic)
    write_inline(call, inline)
    return {"product": made, "userErrors": []}


def _give_options(call: Call, made: Document, given: list[dict[str, Any]]) -> None:
    """Write the options of a new product; like the real one, make one variant, of their first values."""
    if given:
        made["options"] = [
            {
                "id": made["id"] + place,
                "name": one["name"],
                "position": place,
                "values": [value["name"] for value in one.get("values") or []] or ["Default"],
            }
            for place, one in enumerate(given, start=1)
        ]
        call.state.put(call.shop, "product", made)
    firsts = next(iter(combinations(*(option["values"] for option in made["options"]))))
    names = [option["name"] for option in made["options"]]
    chosen = [{"name": name, "value": value} for name, value in zip(names, firsts, strict=True)]
    number = new_number(call, "variant")
    variant = make_variant(number, made["id"], price=0, title=" / ".join(firsts), selectedOptions=chosen)
    call.state.put(call.shop, "variant", variant, parent=made["id"])


def _free_handle(call: Call, own: Document, wanted: str) -> str:
    taken = {one["handle"] for one in call.state.each(call.shop, "product") if one["id"] != own["id"]}
    handle = handle_of(wanted) or "product"
    while handle in taken:
        numbered = re.fullmatch(r"(.*)-(\d+)", handle)
        handle = f"{numbered[1]}-{int(numbered[2]) + 1}" if numbered else f"{handle}-1"
    return handle


def _find(call: Call, text: str) -> Document | None:
    number = number_of(text, "Product")
    return None if number is None else call.state.find(call.shop, "product", number)
