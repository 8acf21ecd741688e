"""Bulk mutations: a file of variables goes up, each line is one mutation, and a file of results comes back.

Sources: Shopify, "Import data in bulk with the GraphQL Admin API", and the schema of version 2026-10: at most
five mutations of an app at once in a shop, 100 MB a file, lines run in any order, and each line of the result
carries ``__lineNumber`` (from 0) and what came of that line alone.
"""

import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import orjson

from shop_app.errors import KindredError, TemporaryError
from shop_app.shopify import bulk_file, config, documents
from shop_app.shopify.admin_answer import Json, Problem, problems_of, user_errors_of
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import PermanentError, RefusedByShopifyError, UserError, UserErrorsError
from shop_app.shopify.admin_status import ServerFailedError
from shop_app.shopify.bulk_operations import BulkOperation, Start, StartOutcome
from shop_app.wire import http

LARGEST_FILE_BYTES = 100 * 1024 * 1024
"""Shopify's own limit for a file of variables."""

_LARGEST_RESULT_BYTES = 256 * 1024 * 1024
_LONGEST_LINE_BYTES = 1024 * 1024
_UPLOAD_LIMITS = http.Limits(total_seconds=300.0, silence_seconds=60.0, answer_bytes=1024 * 1024)
_CREATED = 201
_NEWEST = 25
_RUNNING = frozenset({"CREATED", "RUNNING"})
_BUSY_CODES = frozenset({"OPERATION_IN_PROGRESS"})
_FILE_CODES = frozenset({"NO_SUCH_FILE", "INVALID_STAGED_UPLOAD_FILE", "INTERNAL_FILE_SERVER_ERROR"})


class ResultLostError(KindredError):
    """There is no result to be had of an operation: what it did is to be read back."""


@dataclass(frozen=True, slots=True)
class ResultLine:
    """What came of one line: ``payload`` of its mutation, and what is wrong with it."""

    number: int
    payload: Json | None
    user_errors: tuple[UserError, ...]
    problems: tuple[Problem, ...]


def mutation_text(document_name: str, mark: str) -> str:
    """Return a document's text under a name of its own, by which a running operation can be told from others.

    ``mark`` is made of letters, digits and underscores; Shopify keeps the text with the operation.
    """
    document = documents.get(document_name)
    return document.text.replace(f"mutation {document.name}(", f"mutation {document.name}_{mark}(", 1)


def upload(api: AdminApi, lines: bytes) -> str:
    """Put a file of variables, one object a line, where Shopify finds it; return its path there.

    Raises
    ------
    ValueError
        It is empty, or larger than :data:`LARGEST_FILE_BYTES`.
    TemporaryError
        It did not get there, so nothing has been done.
    """
    if not 0 < len(lines) <= LARGEST_FILE_BYTES:
        raise ValueError(f"a file of variables holds 1 to {LARGEST_FILE_BYTES} bytes")
    wanted = {
        "resource": "BULK_MUTATION_VARIABLES",
        "filename": "labels.jsonl",
        "mimeType": "text/jsonl",
        "httpMethod": "POST",
    }
    try:
        answer = api.run("StageUpload", {"input": [wanted]})
    except (http.NoAnswerError, ServerFailedError) as error:
        raise TemporaryError(str(error)) from None  # a place that nobody fills is no harm
    targets = (answer.data.get("stagedUploadsCreate") or {}).get("stagedTargets") or []
    fields = [(one["name"], one["value"]) for one in targets[0]["parameters"]] if targets else []
    key = dict(fields).get("key")
    if not key:
        raise TemporaryError("Shopify gave no place for the file of changes.")
    _post_form(targets[0]["url"], fields, lines)
    return str(key)


def start(api: AdminApi, mutation: str, path: str, *, client: str) -> Start:
    """Ask for an operation over an uploaded file; ``client`` (10 to 255 characters) is for Shopify's records.

    Raises
    ------
    OutcomeUnknownError
        No answer came: whether it runs is to be found out by :func:`find_running`.
    TemporaryError
        Shopify cannot read the file; it is to be uploaded anew.
    PermanentError
        The mutation is none that may run so.
    """
    try:
        answer = api.run("StartBulkMutation", {"mutation": mutation, "path": path, "client": client})
    except UserErrorsError as error:
        codes = {each.code for each in error.errors}
        if codes & _BUSY_CODES:
            return Start(StartOutcome.BUSY, words=str(error))
        if codes & _FILE_CODES:
            raise TemporaryError(f"Shopify cannot read the file of changes: {error}") from None
        if "INVALID_MUTATION" in codes:
            raise
        return Start(StartOutcome.REFUSED, words=str(error))
    except RefusedByShopifyError as error:
        return Start(StartOutcome.REFUSED, words=error.reason or str(error))
    operation = (answer.data.get("bulkOperationRunMutation") or {}).get("bulkOperation")
    if operation is None:
        raise PermanentError("Shopify started no bulk mutation, and did not say why.")
    return Start(StartOutcome.STARTED, str(operation["id"]))


def find_running(api: AdminApi, mark: str) -> str | None:
    """Return the id of a running mutation whose text bears this mark; one that is over is not looked for."""
    answer = api.run("RunningBulks", {"first": _NEWEST, "query": "operation_type:mutation"})
    for node in (answer.data.get("bulkOperations") or {}).get("nodes") or []:
        name = str(node.get("query") or "").partition("(")[0].strip()
        if node["type"] == "MUTATION" and node["status"] in _RUNNING and name.endswith(f"_{mark}"):
            return str(node["id"])
    return None


def results(found: BulkOperation) -> Iterator[ResultLine]:
    """Fetch the file of a complete operation and yield its lines as they stand there, but for what is none.

    The file goes to the disk first, in a folder that only we may read, and is gone when the last line is read.

    Raises
    ------
    ResultLostError
        The link is dead, leads elsewhere, or to a file that is larger than it can be.
    TemporaryError
        The file's server does not answer.
    """
    if found.url is None:
        return
    if (found.file_bytes or 0) > _LARGEST_RESULT_BYTES:
        raise ResultLostError("Shopify's list of results is larger than it can be, and was left.")
    wanted = bulk_file.Wanted(found.url, found.file_bytes, plain_http=not config.current().is_real)
    with tempfile.TemporaryDirectory(prefix="kindred-results-") as folder:
        target = Path(folder) / "results.jsonl"
        try:
            bulk_file.fetch(wanted, target, may_go_on=lambda size: size <= _LARGEST_RESULT_BYTES)
        except (bulk_file.LinkDeadError, bulk_file.FileRefusedError) as error:
            raise ResultLostError(str(error)) from None
        with target.open("rb") as file:
            yield from _lines(file)


def _lines(file: BinaryIO) -> Iterator[ResultLine]:
    while raw := file.readline(_LONGEST_LINE_BYTES):
        try:
            parsed = orjson.loads(raw)
        except orjson.JSONDecodeError:
            continue
        number = parsed.get("__lineNumber") if isinstance(parsed, dict) else None
        if isinstance(number, int):
            yield _line(number, parsed)


def _line(number: int, parsed: Json) -> ResultLine:
    data = parsed.get("data")
    fields = data if isinstance(data, dict) else {}
    payload = next((each for each in fields.values() if isinstance(each, dict)), None)
    return ResultLine(number, payload, tuple(user_errors_of(fields)), problems_of(parsed))


def _post_form(url: str, fields: list[tuple[str, str]], lines: bytes) -> None:
    """Post the fields in the order they were given, and the file last; the shop's token stays here."""
    there = urlsplit(url)
    if there.scheme != "https" and config.current().is_real:
        raise TemporaryError("Shopify names a place for the file of changes that is not an encrypted one.")
    boundary = secrets.token_hex(16)
    try:
        answer = http.call(
            "POST",
            url,
            who="Shopify's store of files",
            host=there.netloc,
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
            body=_form(boundary, fields, lines),
            limits=_UPLOAD_LIMITS,
        )
    except http.NoAnswerError as error:
        raise TemporaryError(str(error)) from None  # a file that no operation reads is no harm either
    if answer.status != _CREATED:
        raise TemporaryError(f"Shopify's store of files did not take the file (HTTP {answer.status}).")


def _form(boundary: str, fields: list[tuple[str, str]], lines: bytes) -> bytes:
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    )
    file_head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="labels.jsonl"\r\n'
        "Content-Type: text/jsonl\r\n\r\n"
    )
    return b"".join(((head + file_head).encode(), lines, f"\r\n--{boundary}--\r\n".encode()))
