"""Bulk operations as the interface shows them: start, look, list, cancel."""

from typing import Any

from graphql import DocumentNode, FieldNode, OperationDefinitionNode, OperationType

from sandbox.shopify.graph import bulk
from sandbox.shopify.graph.bulk_mutation import MOST_BYTES
from sandbox.shopify.graph.bulk_rules import parsed_operation, query_problems, shape_of
from sandbox.shopify.graph.connections import Stored, connection
from sandbox.shopify.graph.engine import admin_schema
from sandbox.shopify.graph.filters import Filter, compile_search
from sandbox.shopify.graph.refusals import check_document
from sandbox.shopify.graph.registry import (
    Answer,
    Call,
    GraphQLRefusal,
    Info,
    gid,
    number_of,
    resolver,
    user_error,
)
from sandbox.shopify.state import Document
from sandbox.shopify.uploads import uploaded_file

_STATUSES = ("canceled", "canceling", "completed", "created", "failed", "running")
_CREATED = "json_extract(body, '$.createdAt')"
_FILTERS: dict[str, Filter] = {
    "id": Filter("number", lambda one, _: one["id"], "id"),
    "status": Filter("text", lambda one, _: one["status"], accepted=frozenset(_STATUSES)),
    "operation_type": Filter("text", lambda one, _: one["type"], accepted=frozenset(("query", "mutation"))),
    "created_at": Filter("time", lambda one, _: one["createdAt"], _CREATED, strict=True),
}
_KEYS = {"CREATED_AT": _CREATED, "COMPLETED_AT": "coalesce(json_extract(body, '$.completedAt'), '')"}
_NO_FILE = (
    "The JSONL file could not be found. Try uploading the file again, and check that you've entered the URL "
    "correctly for the stagedUploadPath mutation argument."
)


@resolver("BulkOperation", "id")
def operation_id(parent: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("BulkOperation", parent["id"])


@resolver("BulkOperation", "objectCount")
@resolver("BulkOperation", "rootObjectCount")
@resolver("BulkOperation", "fileSize")
def figure(parent: Document, info: Info) -> str | None:
    """Return a figure as text; no size before the end."""
    over = parent["status"] == "COMPLETED"
    found = parent[info.field_name] if info.field_name != "fileSize" or over else None
    return None if found is None else str(found)


@resolver("BulkOperation", "url")
@resolver("BulkOperation", "partialDataUrl")
def link(parent: Document, info: Info) -> str | None:
    """Return the link to the file, under one name or the other; none where nothing was found."""
    wanted = parent["status"] == ("COMPLETED" if info.field_name == "url" else "FAILED")
    return bulk.link_of(info.context.world, parent) if wanted and parent["objectCount"] else None


@resolver("QueryRoot", "bulkOperation")
def bulk_operation(_parent: None, info: Info, *, id: str) -> Document | None:  # noqa: A002 (the argument's name)
    """Return one operation."""
    call: Call = info.context
    number = number_of(id, "BulkOperation")
    if number is None:
        raise GraphQLRefusal("RESOURCE_NOT_FOUND", f"Invalid id: {id}")
    return call.state.find(call.shop, bulk.KIND, number)


@resolver("QueryRoot", "currentBulkOperation")
def current_operation(_parent: None, info: Info, *, type: str = "QUERY") -> Document | None:  # noqa: A002
    """Return the latest operation of a type."""
    call: Call = info.context
    found = [one for one in call.state.each(call.shop, bulk.KIND) if one["type"] == type]
    return found[-1] if found else None


@resolver("QueryRoot", "bulkOperations")
def bulk_operations(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of operations; here, unlike elsewhere, the newest come first unless reversed."""
    call: Call = info.context
    search = compile_search(args.get("query"), _FILTERS, call, info.path.as_list())
    key = _KEYS[args.get("sortKey") or "CREATED_AT"]
    return connection(info, Stored(call, bulk.KIND, search, key=key, reverse=not args.get("reverse")), args)


@resolver("Mutation", "bulkOperationRunQuery")
def run_query(_parent: None, info: Info, *, query: str, groupObjects: bool = False) -> Answer:  # noqa: N803
    """Start a bulk query, or say why not."""
    call: Call = info.context
    _switched_on(call, "bulkOperationRunQuery")
    problems = query_problems(admin_schema(), query, call.version)
    if problems:
        return _refused([user_error(["query"], problem, "INVALID") for problem in problems])
    with call.state.together():
        busy = _busy(call, "QUERY")
        if busy:
            return _refused([busy])
        return _started(bulk.start(call, "QUERY", query, groupObjects=groupObjects))


@resolver("Mutation", "bulkOperationRunMutation")
def run_mutation(_parent: None, info: Info, **args: Any) -> Answer:  # noqa: ANN401
    """Start a bulk mutation over an uploaded file, or say why not."""
    call: Call = info.context
    _switched_on(call, "bulkOperationRunMutation")
    error = _mutation_error(call, args["mutation"]) or _identifier_error(args.get("clientIdentifier"))
    error = error or _file_error(call, args["stagedUploadPath"]) or _busy(call, "MUTATION")
    if error:
        return _refused([error])
    with call.state.together():
        more = {"stagedUploadPath": args["stagedUploadPath"], "clientIdentifier": args.get("clientIdentifier")}
        return _started(bulk.start(call, "MUTATION", args["mutation"], groupObjects=True, **more))


@resolver("Mutation", "bulkOperationCancel")
def cancel_operation(_parent: None, info: Info, *, id: str) -> Answer:  # noqa: A002 (the argument's name)
    """Ask an operation to stop."""
    call: Call = info.context
    number = number_of(id, "BulkOperation")
    before = None if number is None else call.state.find(call.shop, bulk.KIND, number)
    if before is None or number is None:
        return _refused([user_error(["id"], "Bulk operation does not exist")])
    if before["status"] not in bulk.RUNNING:
        words = f"A bulk operation cannot be canceled when it is {before['status'].lower()}"
        return {"bulkOperation": before, "userErrors": [user_error(None, words)]}
    return _started(bulk.cancel(call.world, call.shop, number) or before)


def _switched_on(call: Call, field_name: str) -> None:
    if call.shop_document.get("bulkEnabled", True):
        return
    needed = "The app must be enabled to run bulk operations in the Partner Dashboard."
    raise GraphQLRefusal(
        "ACCESS_DENIED",
        f"Access denied for {field_name} field. Required access: {needed}",
        documentation="https://shopify.dev/api/usage/access-scopes",
        requiredAccess=needed,
    )


def _refused(errors: list[Answer]) -> Answer:
    return {"bulkOperation": None, "userErrors": errors}


def _started(document: Document) -> Answer:
    return {"bulkOperation": document, "userErrors": []}


def _busy(call: Call, kind: str) -> Answer | None:
    found = bulk.running(call.world, call.shop, kind)
    if len(found) < bulk.AT_ONCE:
        return None
    ids = ", ".join(gid("BulkOperation", one["id"]) for one in found)
    words = f"A bulk {kind.lower()} operation for this app and shop is already in progress: {ids}."
    return user_error(None, words, "OPERATION_IN_PROGRESS")


def _mutation_error(call: Call, text: str) -> Answer | None:
    found = parsed_operation(text)
    if isinstance(found, str):
        return user_error(None, f"Failed to parse the mutation - {found}", "INVALID_MUTATION")
    document, operation = found
    if operation.operation is not OperationType.MUTATION:
        words = "Invalid operation type. Only `mutation` operations are supported."
        return user_error(None, words, "INVALID_MUTATION")
    roots = [one.name.value for one in operation.selection_set.selections if isinstance(one, FieldNode)]
    if len(roots) != 1:
        return user_error(["mutation"], "You must specify a single top level mutation.")
    if roots[0].startswith("bulkOperation"):
        return user_error(["mutation"], "You must use an allowed mutation name.")
    return _selection_error(call, document, operation)


def _selection_error(call: Call, document: DocumentNode, operation: OperationDefinitionNode) -> Answer | None:
    errors = check_document(admin_schema(), document, call.version)
    if errors:
        return user_error(None, f"Failed to parse the mutation - {errors[0]['message']}", "INVALID_MUTATION")
    if shape_of(admin_schema(), document, operation).connections > 1:
        return user_error(["mutation"], "Bulk mutations cannot contain more than 1 connection.")
    return None


def _identifier_error(given: str | None) -> Answer | None:
    if given is None:
        return None
    if len(given) < 10:
        return user_error(["clientIdentifier"], "is too short (minimum is 10 characters)", "INVALID_MUTATION")
    if len(given) > 255:
        return user_error(["clientIdentifier"], "is too long (maximum is 255 characters)", "INVALID_MUTATION")
    return None


def _file_error(call: Call, key: str) -> Answer | None:
    path = uploaded_file(call.world, call.shop, key)
    if path is None:
        return user_error(None, _NO_FILE, "NO_SUCH_FILE")
    size = path.stat().st_size
    if not size:
        return user_error(None, "The input file is empty.", "INVALID_STAGED_UPLOAD_FILE")
    if size > MOST_BYTES:
        words = "The input file size exceeds the maximum allowed size of 100 MB."
        return user_error(None, words, "INVALID_STAGED_UPLOAD_FILE")
    return None
