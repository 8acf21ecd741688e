"""Bulk operations: Shopify reads a whole shop into a file while we wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import RefusedByShopifyError, UserErrorsError
from shop_app.shopify.documents import bulk_query, stamp

_NEWEST = 25
_RUNNING = frozenset({"CREATED", "RUNNING", "CANCELING"})
_BUSY_CODES = frozenset({"OPERATION_IN_PROGRESS"})


class StartOutcome(StrEnum):
    """What became of asking for a bulk operation."""

    STARTED = "started"
    BUSY = "busy"
    """As many are running as may run: it is to be asked again later."""
    REFUSED = "refused"
    """This app may not run any here: what is wanted is to be read in pages."""


@dataclass(frozen=True, slots=True)
class Start:
    """The outcome, the operation's id where it was started, and Shopify's sentence where it was not."""

    outcome: StartOutcome
    bulk_id: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class BulkOperation:
    """How far an operation is; ``url`` is the link to its whole file, and never to a part of it."""

    id: str
    status: str
    error_code: str | None
    object_count: int
    root_count: int
    file_bytes: int | None
    url: str | None
    has_partial_file: bool
    created_at: datetime | None

    @property
    def is_running(self) -> bool:
        """Tell whether Shopify is still at it."""
        return self.status in _RUNNING

    @property
    def is_complete(self) -> bool:
        """Tell whether Shopify says that everything is in the file."""
        return self.status == "COMPLETED" and not self.has_partial_file and self.error_code is None


def query_for(resource: str, *, since: datetime | None, until: datetime | None) -> str:
    """Return the text of the query for a resource, within a span of ``createdAt``."""
    return bulk_query(resource, since=since, until=until, by="created_at")


def start(api: AdminApi, query: str) -> Start:
    """Ask for an operation.

    Raises
    ------
    OutcomeUnknownError
        No answer came: whether it runs is to be found out by :func:`find_ours`.
    """
    try:
        answer = api.run("StartBulkQuery", {"query": query})
    except UserErrorsError as error:
        codes = {each.code for each in error.errors}
        outcome = StartOutcome.BUSY if codes & _BUSY_CODES else StartOutcome.REFUSED
        return Start(outcome, words=str(error))
    except RefusedByShopifyError as error:
        return Start(StartOutcome.REFUSED, words=error.reason or str(error))
    operation = (answer.data.get("bulkOperationRunQuery") or {}).get("bulkOperation")
    if operation is None:
        return Start(StartOutcome.REFUSED, words="Shopify started nothing, and did not say why.")
    return Start(StartOutcome.STARTED, operation["id"])


def poll(api: AdminApi, bulk_id: str) -> BulkOperation | None:
    """Return how far an operation is, or ``None`` where Shopify knows nothing of it."""
    found = api.run("PollBulk", {"id": bulk_id}).data.get("bulkOperation")
    return None if found is None else _operation(found)


def find_ours(api: AdminApi, query: str, *, since: datetime, but: Sequence[str]) -> str | None:
    """Return the id of an operation that runs this very query, or has, and none of those in ``but``.

    So an operation is taken up again whose start went through while its answer was lost.
    """
    search = f"operation_type:query AND created_at:>='{stamp(since)}'"
    answer = api.run("RunningBulks", {"first": _NEWEST, "query": search})
    wanted = _plain(query)
    nodes = (answer.data.get("bulkOperations") or {}).get("nodes") or []
    for node in nodes:
        usable = node["status"] in _RUNNING or node["status"] == "COMPLETED"
        if usable and node["id"] not in but and _plain(node.get("query") or "") == wanted:
            return str(node["id"])
    return None


def cancel(api: AdminApi, bulk_id: str) -> None:
    """Have an operation stopped; one that is over already is let be."""
    try:
        api.run("CancelBulk", {"id": bulk_id})
    except UserErrorsError:
        return


def _operation(found: dict[str, Any]) -> BulkOperation:
    created_at = found.get("createdAt")
    file_bytes = found.get("fileSize")
    return BulkOperation(
        id=found["id"],
        status=found["status"],
        error_code=found.get("errorCode"),
        object_count=int(found.get("objectCount") or 0),
        root_count=int(found.get("rootObjectCount") or 0),
        file_bytes=None if file_bytes is None else int(file_bytes),
        url=found.get("url"),
        has_partial_file=found.get("partialDataUrl") is not None,
        created_at=None if created_at is None else datetime.fromisoformat(created_at),
    )


def _plain(query: str) -> str:
    return " ".join(query.split())
