"""``tagsAdd`` and ``tagsRemove``."""

from collections.abc import Callable, Iterable

from sandbox.shopify import tags as tagging
from sandbox.shopify.graph.registry import (
    Answer,
    Call,
    GraphQLRefusal,
    Info,
    kind_of,
    number_of,
    require_scope,
    resolver,
    user_error,
)
from sandbox.shopify.graph.writing import keep, refused

_Change = Callable[[Iterable[str], Iterable[str]], tuple[list[str], list[str]]]

_TAGGED = {
    "Customer": ("customer", "write_customers", "customers/update"),
    "Order": ("order", "write_orders", "orders/updated"),
    "Product": ("product", "write_products", "products/update"),
}


@resolver("Mutation", "tagsAdd")
def tags_add(_parent: None, info: Info, *, id: str, tags: list[str]) -> Answer:  # noqa: A002 (the schema's name)
    """Add tags; those that are there already stay as they were written."""
    return _change(info.context, "tagsAdd", id, tags, tagging.add)


@resolver("Mutation", "tagsRemove")
def tags_remove(_parent: None, info: Info, *, id: str, tags: list[str]) -> Answer:  # noqa: A002
    """Take tags away, however they are written."""
    return _change(info.context, "tagsRemove", id, tags, tagging.remove)


def _change(call: Call, field: str, gid: str, tags: list[str], change: _Change) -> Answer:
    type_name, number = kind_of(gid), number_of(gid)
    if type_name not in _TAGGED or number is None:
        raise GraphQLRefusal("RESOURCE_NOT_FOUND", "invalid id")
    kind, scope, topic = _TAGGED[type_name]
    require_scope(call, scope, field)
    with call.state.together():
        document = call.state.find(call.shop, kind, number)
        if document is None:
            return refused("node", user_error(["id"], f"{type_name} does not exist"))
        result, changed = change(document.get("tags") or [], tags)
        wrong = tagging.problem(result) if field == "tagsAdd" else None
        if wrong:
            return refused("node", user_error(["tags"], wrong))
        if changed:
            document["tags"] = result
            keep(call, kind, document, topic, parent=document.get("customerId") if kind == "order" else None)
            if kind == "customer":
                deed = "tags_added" if field == "tagsAdd" else "tags_removed"
                told = {"id": number, "tags": changed, "occurredAt": document["updatedAt"]}
                call.world.emit(call.shop, f"customer.{deed}", told)
    return {"node": {**document, "__typename": type_name}, "userErrors": []}
