"""The lines of a bulk query."""

from collections.abc import Iterator

from sandbox.shopify.graph.bulk_rules import parsed_operation
from sandbox.shopify.graph.engine import admin_schema
from sandbox.shopify.graph.projecting import Compiler, Line
from sandbox.shopify.graph.registry import Call
from sandbox.shopify.state import Document
from sandbox.shopify.world import World

_NOTES_LIVE_FOR = 1000  # rows; what resolvers remember must not grow with the store


def query_lines(world: World, shop: str, document: Document) -> Iterator[Line]:
    """Yield the objects of an operation's query, parents before children."""
    found = parsed_operation(document["query"])
    if isinstance(found, str):
        raise TypeError(found)
    parsed, operation = found
    call = Call(world, shop, {"scopes": document["scopes"]}, document["version"], bulk=True)
    compiler = Compiler(admin_schema(), parsed, call)
    for rows_of, projection in compiler.roots(operation.selection_set):
        for count, row in enumerate(rows_of({}), 1):
            yield from projection.lines(row)
            if count % _NOTES_LIVE_FOR == 0:
                call.notes.pop("purchases", None)
