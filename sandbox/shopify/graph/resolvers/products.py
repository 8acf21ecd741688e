"""Products, variants and collections."""

from typing import Any

from sandbox.shopify.graph.access import need
from sandbox.shopify.graph.connections import Listed, Stored, connection
from sandbox.shopify.graph.filters import Filter, compile_search
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, number_of, resolver
from sandbox.shopify.graph.resolvers.orders import counted
from sandbox.shopify.state import Document


def _variants(call: Call, product_id: int) -> list[Document]:
    found = call.state.children(call.shop, "variant", product_id)
    return sorted(found, key=lambda variant: (variant["position"], variant["id"]))


_CREATED = "json_extract(body, '$.createdAt')"
PRODUCT_FILTERS: dict[str, Filter] = {
    "default": Filter("words", lambda one, _: f"{one['title']} {one['vendor']} {one['productType']}"),
    "id": Filter("number", lambda one, _: one["id"], "id"),
    "created_at": Filter("time", lambda one, _: one["createdAt"], _CREATED),
    "updated_at": Filter("time", lambda one, _: one["updatedAt"], "updated_at"),
    "published_at": Filter("time", lambda one, _: one["publishedAt"]),
    "title": Filter("words", lambda one, _: one["title"]),
    "handle": Filter("text", lambda one, _: one["handle"]),
    "vendor": Filter("text", lambda one, _: one["vendor"]),
    "product_type": Filter("text", lambda one, _: one["productType"]),
    "status": Filter(
        "text", lambda one, _: one["status"], accepted=frozenset(("active", "draft", "archived", "unlisted"))
    ),
    "tag": Filter("list", lambda one, _: one["tags"]),
    "gift_card": Filter("flag", lambda one, _: one["isGiftCard"]),
    "sku": Filter("list", lambda one, call: [variant["sku"] for variant in _variants(call, one["id"])]),
}
VARIANT_FILTERS: dict[str, Filter] = {
    "default": Filter("words", lambda one, _: f"{one['title']} {one['sku'] or ''}"),
    "id": Filter("number", lambda one, _: one["id"], "id"),
    "updated_at": Filter("time", lambda one, _: one["updatedAt"], "updated_at"),
    "sku": Filter("text", lambda one, _: one["sku"]),
    "product_id": Filter("number", lambda one, _: one["productId"], "parent"),
    "inventory_quantity": Filter("number", lambda one, _: one["inventoryQuantity"]),
}
COLLECTION_FILTERS: dict[str, Filter] = {
    "default": Filter("words", lambda one, _: one["title"]),
    "id": Filter("number", lambda one, _: one["id"], "id"),
    "title": Filter("words", lambda one, _: one["title"]),
    "handle": Filter("text", lambda one, _: one["handle"]),
    "updated_at": Filter("time", lambda one, _: one["updatedAt"], "updated_at"),
}
_KEYS = {
    "UPDATED_AT": "updated_at",
    "CREATED_AT": _CREATED,
    "TITLE": "json_extract(body, '$.title')",
    "VENDOR": "json_extract(body, '$.vendor')",
    "PRODUCT_TYPE": "json_extract(body, '$.productType')",
    "PUBLISHED_AT": "coalesce(json_extract(body, '$.publishedAt'), '')",
    "SKU": "coalesce(json_extract(body, '$.sku'), '')",
}


def _listing(info: Info, kind: str, filters: dict[str, Filter], args: dict[str, Any]) -> Stored:
    call = need(info, "read_products")
    search = compile_search(args.get("query"), filters, call, info.path.as_list())
    return Stored(
        call, kind, search, key=_KEYS.get(args.get("sortKey") or "", "id"), reverse=bool(args.get("reverse"))
    )


@resolver("QueryRoot", "products")
def products(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of products."""
    return connection(info, _listing(info, "product", PRODUCT_FILTERS, args), args)


@resolver("QueryRoot", "productsCount")
def products_count(_parent: None, info: Info, **args: Any) -> Answer:  # noqa: ANN401
    """Return how many products there are."""
    return counted(_listing(info, "product", PRODUCT_FILTERS, args), args.get("limit"))


@resolver("QueryRoot", "productVariants")
def product_variants(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of variants."""
    return connection(info, _listing(info, "variant", VARIANT_FILTERS, args), args)


@resolver("QueryRoot", "collections")
def all_collections(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of collections."""
    return connection(info, _listing(info, "collection", COLLECTION_FILTERS, args), args)


def _one(type_name: str, kind: str) -> Any:  # noqa: ANN401 (a resolver)
    def find(_parent: None, info: Info, *, id: str) -> Document | None:  # noqa: A002 (the argument's name)
        call = need(info, "read_products")
        number = number_of(id, type_name)
        return None if number is None else call.state.find(call.shop, kind, number)

    return find


resolver("QueryRoot", "product")(_one("Product", "product"))
resolver("QueryRoot", "productVariant")(_one("ProductVariant", "variant"))
resolver("QueryRoot", "collection")(_one("Collection", "collection"))


def _global_id(type_name: str) -> Any:  # noqa: ANN401 (a resolver)
    return lambda parent, _info: gid(type_name, parent["id"])


for _type in ("Product", "ProductVariant", "Collection"):
    resolver(_type, "id")(_global_id(_type))
    resolver(_type, "legacyResourceId")(lambda parent, _info: str(parent["id"]))


@resolver("Product", "variants")
def variants_of(parent: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of the product's variants, by position."""
    rows = _variants(info.context, parent["id"])
    return connection(info, Listed(rows, reverse=bool(args.get("reverse"))), args)


@resolver("Product", "variantsCount")
def variants_count(parent: Document, info: Info) -> Answer:
    """Return how many variants there are."""
    return {"count": len(_variants(info.context, parent["id"])), "precision": "EXACT"}


@resolver("Product", "totalInventory")
def total_inventory(parent: Document, info: Info) -> int:
    """Return what is in stock of all variants."""
    return sum(variant["inventoryQuantity"] for variant in _variants(info.context, parent["id"]))


@resolver("Product", "tracksInventory")
def tracks_inventory(parent: Document, info: Info) -> bool:
    """Return whether the stock of any variant is counted."""
    return any(variant["tracked"] for variant in _variants(info.context, parent["id"]))


@resolver("Product", "hasOnlyDefaultVariant")
def only_default(parent: Document, _info: Info) -> bool:
    """Return whether nothing can be chosen."""
    return [option["values"] for option in parent["options"]] == [["Default Title"]]


@resolver("Product", "description")
def description(_parent: Document, _info: Info, **_args: Any) -> str:  # noqa: ANN401
    """Return an empty text: the sample store describes nothing."""
    return ""


@resolver("Product", "defaultCursor")
def default_cursor(parent: Document, _info: Info) -> str:
    """Return a cursor of nothing in particular."""
    return str(parent["id"])


@resolver("Product", "collections")
def collections_of(parent: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of the collections that hold the product."""
    call: Call = info.context
    rows = [one for one in _all_collections(call) if parent["id"] in one["productIds"]]
    return connection(info, Listed(rows, reverse=bool(args.get("reverse"))), args)


def _all_collections(call: Call) -> list[Document]:
    if "collections" not in call.notes:
        call.notes["collections"] = list(call.state.each(call.shop, "collection"))
    found: list[Document] = call.notes["collections"]
    return found


@resolver("Product", "inCollection")
def in_collection(parent: Document, info: Info, *, id: str) -> bool:  # noqa: A002 (the argument's name)
    """Return whether a collection holds the product."""
    number = number_of(id, "Collection")
    return any(
        one["id"] == number and parent["id"] in one["productIds"] for one in _all_collections(info.context)
    )


@resolver("Product", "options")
def options(parent: Document, _info: Info, *, first: int | None = None) -> list[Answer]:
    """Return what can be chosen, each value with a number of its own."""
    return [_option(option) for option in parent["options"][:first]]


def _option(option: Document) -> Answer:
    values = [
        {"id": gid("ProductOptionValue", option["id"] * 100 + place), "name": name, "hasVariants": True}
        for place, name in enumerate(option["values"])
    ]
    return option | {"id": gid("ProductOption", option["id"]), "optionValues": values}


@resolver("Collection", "products")
def products_in(parent: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of the collection's products."""
    call: Call = info.context
    found = (call.state.find(call.shop, "product", number) for number in parent["productIds"])
    rows = [one for one in found if one is not None]
    return connection(info, Listed(rows, reverse=bool(args.get("reverse"))), args)


@resolver("Collection", "productsCount")
def collection_size(parent: Document, _info: Info) -> Answer:
    """Return how many products it holds."""
    return {"count": len(parent["productIds"]), "precision": "EXACT"}


@resolver("Collection", "hasProduct")
def has_product(parent: Document, _info: Info, *, id: str) -> bool:  # noqa: A002 (the argument's name)
    """Return whether it holds a product."""
    return number_of(id, "Product") in parent["productIds"]


@resolver("Collection", "sortOrder")
def sort_order(_parent: Document, _info: Info) -> str:
    """Return how the products are sorted: by hand."""
    return "MANUAL"
