"""Sales channels: the online store and the till, and which products are on sale where."""

from collections.abc import Callable
from typing import Any

from sandbox.shopify.graph.access import need
from sandbox.shopify.graph.connections import Listed, connection
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, number_of, resolver, user_error
from sandbox.shopify.graph.writing import keep
from sandbox.shopify.state import Document
from sandbox.shopify.world import now, stamp

CHANNELS: tuple[Document, ...] = (
    {"id": 1, "name": "Online Store", "autoPublish": True},
    {"id": 2, "name": "Point of Sale", "autoPublish": False},
)
_BY_NUMBER = {each["id"]: each for each in CHANNELS}


def channels_of(product: Document) -> list[int]:
    """Return the numbers of the channels where a product is on sale: all, unless it was published by hand."""
    if product["publishedAt"] is None:
        return []
    found: list[int] = product.get("publications", [each["id"] for each in CHANNELS])
    return found


@resolver("QueryRoot", "publications")
def publications(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return the sales channels."""
    need(info, "read_publications")
    return connection(info, Listed(list(CHANNELS), bool(args.get("reverse"))), args)


@resolver("Publication", "id")
def publication_id(publication: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("Publication", publication["id"])


@resolver("Product", "publishedOnPublication")
def published_on(product: Document, info: Info, *, publicationId: str) -> bool:  # noqa: N803 (the schema's name)
    """Return whether a product is on sale in a channel."""
    need(info, "read_publications")
    return number_of(publicationId, "Publication") in channels_of(product)


@resolver("Product", "resourcePublicationsV2")
def resource_publications(product: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return where a product is on sale."""
    need(info, "read_publications")
    rows = [
        {
            "id": number,
            "isPublished": True,
            "publication": _BY_NUMBER[number],
            "publishDate": product["publishedAt"],
        }
        for number in channels_of(product)
    ]
    return connection(info, Listed(rows, bool(args.get("reverse"))), args)


def _change(field: str, change: Callable[[set[int], set[int]], set[int]]) -> None:
    @resolver("Mutation", field)
    def published(_parent: None, info: Info, *, id: str, input: list[dict[str, Any]]) -> Answer:  # noqa: A002
        call = need(info, "write_publications")
        shop = call.shop_document | {"id": gid("Shop", call.shop_document["id"])}
        with call.state.together():
            wrong = _publish(call, id, input, change)
        return {"shop": shop, "userErrors": wrong}


def _publish(
    call: Call, text: str, given: list[dict[str, Any]], change: Callable[[set[int], set[int]], set[int]]
) -> list[Answer]:
    number = number_of(text, "Product")
    product = None if number is None else call.state.find(call.shop, "product", number)
    if product is None:
        return [user_error(["id"], "Publishable does not exist")]
    named = [number_of(one.get("publicationId") or "", "Publication") for one in given]
    if unknown := [place for place, one in enumerate(named) if one not in _BY_NUMBER]:
        message = "Publication does not exist or is not publishable"
        return [user_error(["input", str(unknown[0]), "publicationId"], message)]
    there = change(set(channels_of(product)), {one for one in named if one is not None})
    published_at = (product["publishedAt"] or stamp(now())) if there else None
    keep(
        call,
        "product",
        product | {"publications": sorted(there), "publishedAt": published_at},
        "products/update",
    )
    return []


_change("publishablePublish", lambda there, named: there | named)
_change("publishableUnpublish", lambda there, named: there - named)
