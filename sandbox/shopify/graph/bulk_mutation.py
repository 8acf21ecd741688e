"""The lines of a bulk mutation: one mutation run over every line of an uploaded file."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from graphql import DocumentNode

from sandbox.shopify.graph.bulk_rules import parsed_operation
from sandbox.shopify.graph.engine import admin_schema, run, shape_error
from sandbox.shopify.graph.inputs import check_literals, check_variables, has_long_list
from sandbox.shopify.graph.projecting import Line
from sandbox.shopify.graph.registry import Answer, Call
from sandbox.shopify.state import Document
from sandbox.shopify.uploads import uploaded_file
from sandbox.shopify.world import World

MOST_BYTES = 100 * 1024 * 1024


def mutation_lines(world: World, shop: str, document: Document, *, at_once: int = 1) -> Iterator[Line]:
    """Yield the result of each line of variables; an unreadable line has its error.

    So many lines are written to disk ``at_once``, and told of after that; each can fail alone all the same.
    """
    found = parsed_operation(document["query"])
    path = uploaded_file(world, shop, document["stagedUploadPath"])
    if isinstance(found, str) or path is None:
        raise LookupError("the mutation or its file is gone")
    checks = _Checks(found[0])
    with path.open(encoding="utf-8") as file:
        lines = ((number, line) for number, line in enumerate(file) if line.strip())
        while some := list(islice(lines, at_once)):
            results = []
            with world.state.together():
                for number, line in some:
                    call = Call(world, shop, {"scopes": document["scopes"]}, document["version"])
                    results.append(_result(call, checks, line) | {"__lineNumber": number})
            yield from ((result, True) for result in results)


class _Checks:
    """What is checked of every line; what does not depend on its values is looked at once."""

    def __init__(self, document: DocumentNode) -> None:
        self.document = document
        self._schema = admin_schema()
        self._always = check_literals(self._schema, document, {})

    def errors(self, variables: dict[str, Any]) -> list[Answer]:
        """Return what is wrong with a line's values."""
        operation = self.document.definitions[0]
        errors = check_variables(self._schema, operation, variables)  # type: ignore[arg-type]
        if errors or not (self._always or has_long_list(variables)):
            return errors
        return check_literals(self._schema, self.document, variables)


def _result(call: Call, checks: _Checks, line: str) -> Answer:
    try:
        variables = json.loads(line)
    except ValueError:
        return {"errors": [{"message": "The line is not valid JSON."}]}
    if not isinstance(variables, dict):
        return {"errors": [{"message": "The line is not a JSON object."}]}
    errors = checks.errors(variables)
    if errors:
        return {"errors": errors}
    result = run(call, checks.document, variables)
    answer: Answer = {"data": result.data}
    return answer | {"errors": [shape_error(one) for one in result.errors]} if result.errors else answer
