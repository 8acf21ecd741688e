"""Reading from Shopify page by page or by number, each thing with all that belongs to it, and taking it in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop_app.services.take_facts import take_facts
from shop_app.shopify.admin_api import AdminApi, Answer
from shop_app.shopify.admin_errors import RefusedByShopifyError
from shop_app.shopify.nodes import (
    collections_to_catalogue,
    customers_to_facts,
    orders_to_facts,
    products_to_catalogue,
)
from shop_app.storage import catalogue
from shop_app.storage.engine import Connection

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of thing: the documents that read it, and how many at once."""

    page_document: str
    page_size: int
    ids_document: str | None = None
    ids_at_once: int = 0
    gid_kind: str = ""
    child: str | None = None
    child_document: str | None = None

    @property
    def single(self) -> str:
        """Return the field under which one of them is asked for: ``order``."""
        return self.gid_kind.lower()


# Cost grows like a logarithm of the page's size, so pages are as large as they may be.
RESOURCES: dict[str, Resource] = {
    "orders": Resource("OrdersPage", 250, "OrdersByIds", 25, "Order", "lineItems", "OrderLines"),
    "customers": Resource("CustomersPage", 250, "CustomersByIds", 100, "Customer"),
    "products": Resource("ProductsPage", 250, "ProductsByIds", 25, "Product", "variants", "ProductVariants"),
    "collections": Resource(
        "CollectionsPage", 50, gid_kind="Collection", child="products", child_document="CollectionProducts"
    ),
}


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what was asked for; ``cursor`` is where the next page begins, ``None`` behind the last."""

    nodes: list[Node]
    cursor: str | None
    warnings: tuple[str, ...]


def iter_pages(api: AdminApi, name: str, search: str, *, cursor: str | None = None) -> Iterator[Page]:
    """Yield the pages of ``orders``, ``customers``, ``products`` or ``collections``, oldest change first."""
    resource = RESOURCES[name]
    while True:
        variables = {"first": resource.page_size, "after": cursor, "query": search or None}
        answer = api.run(resource.page_document, variables)
        connection = answer.data.get(name)
        if connection is None:  # to take it for an empty page would be to pass everything over
            raise RefusedByShopifyError(f"Shopify does not let us see {name}.", reason=_reason(answer))
        nodes = [node for node in connection.get("nodes") or [] if isinstance(node, dict)]
        _complete(api, resource, nodes)
        cursor = _next_cursor(connection)
        yield Page(nodes, cursor, answer.warnings)
        if cursor is None:
            return


def read_by_numbers(api: AdminApi, name: str, numbers: Sequence[int]) -> dict[int, Node | None]:
    """Return what these numbers of Shopify's stand for; ``None`` where there is nothing that we may see."""
    resource = RESOURCES[name]
    assert resource.ids_document is not None  # noqa: S101 (nobody asks for collections by number)
    found: dict[int, Node | None] = {}
    for start in range(0, len(numbers), resource.ids_at_once):
        some = numbers[start : start + resource.ids_at_once]
        gids = [f"gid://shopify/{resource.gid_kind}/{number}" for number in some]
        answer = api.run(resource.ids_document, {"ids": gids})
        nodes = answer.data.get("nodes") or []
        _refuse_withheld(name, answer, nodes)
        by_gid = {node["id"]: node for node in nodes if isinstance(node, dict) and "id" in node}
        _complete(api, resource, list(by_gid.values()))
        found |= {number: by_gid.get(gid) for number, gid in zip(some, gids, strict=True)}
    return found


def take_nodes(
    connection: Connection,
    shop_id: int,
    name: str,
    nodes: Sequence[Node],
    *,
    told_at: datetime,
    currency: str,
) -> int:
    """Write what was read in the caller's transaction; return how many rows were new or have changed.

    ``told_at`` is when the reading began, ``currency`` the shop's.
    """
    if name == "products":
        told = products_to_catalogue(nodes, currency, told_at)
        return catalogue.take_products(connection, told, at=told_at, currency=currency)
    if name == "collections":
        return catalogue.take_collections(connection, collections_to_catalogue(nodes), at=told_at)
    is_orders = name == "orders"
    facts = orders_to_facts(nodes, currency, told_at) if is_orders else customers_to_facts(nodes, told_at)
    taken = take_facts(connection, shop_id, facts, at=told_at, currency=currency)
    if is_orders:
        return taken.orders.new + taken.orders.updated
    return taken.customers_new + taken.customers_updated


def _complete(api: AdminApi, resource: Resource, nodes: Sequence[Node]) -> None:
    """Fetch what did not fit below a node: an order of 80 lines is not to be known by 50 of them."""
    if resource.child is None or resource.child_document is None:
        return
    for node in nodes:
        connection = node.get(resource.child) or {}
        children = list(connection.get("nodes") or [])
        cursor = _next_cursor(connection)
        while cursor is not None:
            answer = api.run(resource.child_document, {"id": node["id"], "after": cursor})
            connection = (answer.data.get(resource.single) or {}).get(resource.child) or {}
            children += connection.get("nodes") or []
            cursor = _next_cursor(connection)
        node[resource.child] = {"nodes": children}


def _refuse_withheld(name: str, answer: Answer, nodes: Sequence[object]) -> None:
    """Refuse what is null because it is withheld from us: it is not gone."""
    paths = (problem.path for problem in answer.errors)
    withheld = {path[1] for path in paths if path[:1] == ("nodes",) and path[1:]}
    if any(node is None and str(place) in withheld for place, node in enumerate(nodes)):
        raise RefusedByShopifyError(f"Shopify does not let us see these {name}.", reason=_reason(answer))


def _reason(answer: Answer) -> str:
    return answer.errors[0].message if answer.errors else ""


def _next_cursor(connection: Node) -> str | None:
    page_info = connection.get("pageInfo") or {}
    cursor = page_info.get("endCursor") if page_info.get("hasNextPage") else None
    return cursor if isinstance(cursor, str) else None
