"""One GraphQL request from its body to its answer: read, checked, paid for, run, and put into shape."""

import importlib
import logging
import pkgutil
import re
import uuid
from copy import deepcopy
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    is_abstract_type,
    parse,
)

from sandbox.shopify.graph import resolvers
from sandbox.shopify.graph.cost import MAX_COST, Reckoner
from sandbox.shopify.graph.inputs import check_literals, check_variables
from sandbox.shopify.graph.refusals import check_document, syntax_refusal
from sandbox.shopify.graph.registry import RESOLVERS, Answer, Call
from sandbox.shopify.graph.throttle import bucket_of
from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

SUPPORTED = ("2026-01", "2026-04", "2026-07", "2026-10")
_LOG = logging.getLogger("sandbox.shopify.graph")
_LIMITS = "https://shopify.dev/api/usage/limits"
_TOO_DEAR = """Query cost is {cost}, which exceeds the single query max cost limit ({most}).

See https://shopify.dev/concepts/about-apis/rate-limits for more information on how the
cost of a query is calculated.

To query larger amounts of data with fewer limits, bulk operations should be used instead.
See https://shopify.dev/tutorials/perform-bulk-operations-with-admin-api for usage details.
"""
Reply = tuple[int, Answer, dict[str, str]]


@cache
def admin_schema() -> GraphQLSchema:
    """Return the schema of all ``graph/*.graphql`` files with every registered resolver in its place."""
    for module in pkgutil.walk_packages(resolvers.__path__, f"{resolvers.__name__}."):
        importlib.import_module(module.name)
    folder = Path(__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.graphql"))]
    schema = build_schema("\n".join(texts), assume_valid=True)
    for (type_name, field_name), function in RESOLVERS.items():
        fields = getattr(schema.type_map.get(type_name), "fields", {})
        if field_name not in fields:
            raise LookupError(
                f"the schema has no {type_name}.{field_name}, but a resolver is registered for it"
            )
        fields[field_name].resolve = function
    for kind in schema.type_map.values():
        if is_abstract_type(kind):
            kind.resolve_type = lambda value, _info, _type: value["__typename"]
    return schema


def execute(world: World, shop: str, token: Document, version: str, body: Any) -> Reply:  # noqa: ANN401 (untrusted)
    """Answer one request of a token for a store: HTTP status, JSON, headers."""
    served = served_version(version)
    headers = {"X-Request-ID": str(uuid.uuid4()), "Content-Type": "application/json; charset=utf-8"}
    if served is None:
        return 404, {"errors": "Not Found"}, headers
    headers["X-Shopify-API-Version"] = served
    call = Call(world, shop, token, served)
    refusal = _at_the_door(call)
    if refusal is not None:
        return *refusal, headers
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return 400, {"errors": {"query": "Required parameter missing or invalid"}}, headers
    return 200, _answer(call, body, headers["X-Request-ID"]), headers


def served_version(asked: str) -> str | None:
    """Return the version that serves a request: the oldest there is for a retired one, none for no version."""
    if asked == "unstable" or asked in SUPPORTED:
        return asked
    return SUPPORTED[0] if re.fullmatch(r"20\d\d-(01|04|07|10)", asked) and asked < SUPPORTED[0] else None


def _at_the_door(call: Call) -> tuple[int, Answer] | None:
    shop, token = call.shop_document, call.token
    if not shop:
        return 404, {"errors": "Not Found"}
    expired = bool(token.get("expiresAt")) and token["expiresAt"] <= stamp(now())
    if not token or token.get("dead") or token.get("uninstalledAt") or expired:
        words = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return 401, {"errors": words}
    if shop.get("frozen"):
        return 402, {"errors": "Unavailable Shop"}
    if not shop.get("apiAllowed", True):
        return 403, {"errors": "Forbidden: this IP address is not on the app's IP allowlist."}
    return None


def _answer(call: Call, body: Document, request_id: str) -> Answer:
    schema = admin_schema()
    document, refusals = _read(body["query"], call.version)
    if document is None:
        return {"errors": deepcopy(refusals)}
    operation = choose_operation(document, body.get("operationName"))
    if isinstance(operation, str):
        return {"errors": [{"message": operation}]}
    call.operation = operation.name.value if operation.name else ""
    variables = body.get("variables") if isinstance(body.get("variables"), dict) else {}
    errors = check_variables(schema, operation, variables) or check_literals(schema, document, variables)
    if errors:
        return {"errors": errors}
    return _paid(call, document, operation, variables, request_id)


@lru_cache(maxsize=256)
def _read(text: str, version: str) -> tuple[DocumentNode | None, list[Answer]]:
    """Return a document that fits the schema, or what is wrong with it.

    An app sends the same few documents over and over, and to check one takes longer than to run it.
    """
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return None, [syntax_refusal(error, text)]
    errors = check_document(admin_schema(), document, version)
    return (None, errors) if errors else (document, [])


def choose_operation(document: DocumentNode, name: Any) -> OperationDefinitionNode | str:  # noqa: ANN401
    """Return the operation to run, or what is wrong with the choice."""
    found = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name:
        named = [one for one in found if one.name is not None and one.name.value == name]
        return named[0] if named else f'No operation named "{name}"'
    return found[0] if len(found) == 1 else "An operation name is required"


def _paid(
    call: Call, document: DocumentNode, operation: OperationDefinitionNode, variables: Document, request_id: str
) -> Answer:
    schema = admin_schema()
    reckoner = Reckoner(schema, document, variables)
    requested = reckoner.requested(operation)
    bucket = bucket_of(call.world, call.shop_document)
    if requested > MAX_COST:
        words = _TOO_DEAR.format(cost=requested, most=MAX_COST)
        extensions = {
            "code": "MAX_COST_EXCEEDED",
            "cost": requested,
            "maxCost": MAX_COST,
            "documentation": _LIMITS,
        }
        return {"errors": [{"message": words, "extensions": extensions}]}
    if not bucket.take(requested):
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _LIMITS}}
        cost = {"requestedQueryCost": requested, "actualQueryCost": None, "throttleStatus": bucket.status()}
        return {"errors": [error], "extensions": {"cost": cost}}
    result = run(call, document, variables, operation)
    used = min(requested, reckoner.used(operation, result.data))
    bucket.give_back(requested - used)
    cost = {"requestedQueryCost": requested, "actualQueryCost": used, "throttleStatus": bucket.status()}
    return _shaped(call, result, cost, request_id)


def run(
    call: Call, document: DocumentNode, variables: Document, operation: OperationDefinitionNode | None = None
) -> ExecutionResult:
    """Run a checked document, free of cost."""
    name = operation.name.value if operation is not None and operation.name else None
    return execute_sync(
        admin_schema(), document, context_value=call, variable_values=variables, operation_name=name
    )


def _shaped(call: Call, result: ExecutionResult, cost: Answer, request_id: str) -> Answer:
    answer: Answer = {"data": result.data}
    if result.errors:
        answer = {"errors": [shape_error(error, request_id) for error in result.errors], **answer}
    answer["extensions"] = {"cost": cost}
    if call.notes.get("search"):
        answer["extensions"]["search"] = call.notes["search"]
    return answer


def shape_error(error: GraphQLError, request_id: str = "") -> Answer:
    """Return an error of the run as the answer shows it; what went wrong here itself is kept to the log."""
    shown: Answer = {"message": error.message}
    extensions = dict(error.extensions or {})
    if "code" not in extensions:
        _LOG.error("%s", error, exc_info=error.original_error)
        words = "Internal error. Looks like something went wrong on our end.\n"
        words += "Request ID: {} (include this in support requests)."
        shown["message"] = words.format(request_id)
        extensions = {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}
    shown["locations"] = [{"line": one.line, "column": one.column} for one in error.locations or ()]
    shown["extensions"] = extensions
    shown["path"] = list(error.path or ())
    return shown
