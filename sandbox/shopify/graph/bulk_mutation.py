"""The lines of a bulk mutation: one mutation run over every line of an uploaded file."""

import json
from collections.abc import Iterator

from graphql import DocumentNode

from sandbox.shopify.graph.bulk_rules import parsed_operation
from sandbox.shopify.graph.engine import admin_schema, run, shape_error
from sandbox.shopify.graph.inputs import check_literals, check_variables
from sandbox.shopify.graph.projecting import Line
from sandbox.shopify.graph.registry import Answer, Call
from sandbox.shopify.state import Document
from sandbox.shopify.uploads import uploaded_file
from sandbox.shopify.world import World

MOST_BYTES = 100 * 1024 * 1024


def mutation_lines(world: World, shop: str, document: Document) -> Iterator[Line]:
    """Yield the result of each line of variables; an unreadable line has its error."""
    found = parsed_operation(document["query"])
    path = uploaded_file(world, shop, document["stagedUploadPath"])
    if isinstance(found, str) or path is None:
        raise LookupError("the mutation or its file is gone")
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            if line.strip():
                call = Call(world, shop, {"scopes": document["scopes"]}, document["version"])
                yield _result(call, found[0], line) | {"__lineNumber": number}, True


def _result(call: Call, document: DocumentNode, line: str) -> Answer:
    schema, operation = admin_schema(), document.definitions[0]
    try:
        variables = json.loads(line)
    except ValueError:
        return {"errors": [{"message": "The line is not valid JSON."}]}
    if not isinstance(variables, dict):
        return {"errors": [{"message": "The line is not a JSON object."}]}
    errors = check_variables(schema, operation, variables) or check_literals(schema, document, variables)  # type: ignore[arg-type]
    if errors:
        return {"errors": errors}
    result = run(call, document, variables)
    answer: Answer = {"data": result.data}
    return answer | {"errors": [shape_error(one) for one in result.errors]} if result.errors else answer
