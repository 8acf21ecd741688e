"""Bulk operations: made, run in a thread of their own, watched, cancelled, taken up again after a restart.

Settings of the world that matter here:

``bulk_pause``        seconds that an operation stays ``CREATED``, and at least ``RUNNING`` (0.2 each)
``bulk_rate``         objects a second, to make it last (no limit)
``bulk_order``        where children stand in the file, see :mod:`sandbox.shopify.graph.bulk_output`
``bulk_seed``         chance for that order (0)
``bulk_fail_after``   after so many objects the next operation fails, with what it has as partial data
``bulk_link_seconds`` how long a link to a file lives (7 days)
"""

import logging
import secrets
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sandbox.shopify.documents import new_number
from sandbox.shopify.graph.bulk_output import BulkOutput
from sandbox.shopify.graph.registry import Call, GraphQLRefusal
from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

KIND = "bulk_operation"
RUNNING = ("CREATED", "RUNNING", "CANCELING")
AT_ONCE = 5
LINK_SECONDS = 7 * 86_400
_PORTION = 500
_WRITTEN_AT_ONCE = 100
_LOG = logging.getLogger("sandbox.shopify.graph.bulk")


@dataclass(slots=True)
class Job:
    """The thread of one operation."""

    thread: threading.Thread | None = None
    stop: threading.Event = field(default_factory=threading.Event)


class _StoppedError(Exception):
    """The operation was cancelled."""


class _FailedError(Exception):
    """The operation was made to fail."""


def start(call: Call, kind: str, text: str, **more: object) -> Document:
    """Keep a new operation as ``CREATED`` and begin it in a thread."""
    document = {
        "id": new_number(call.state, KIND),
        "type": kind,
        "status": "CREATED",
        "errorCode": None,
        "objectCount": 0,
        "rootObjectCount": 0,
        "fileSize": None,
        "query": text,
        "createdAt": stamp(now()),
        "completedAt": None,
        "secret": secrets.token_hex(20),
        "linkExpiresAt": None,
        "partial": False,
        "scopes": sorted(call.token.get("scopes") or ()),
        "version": call.version,
        **more,
    }
    call.state.put(call.shop, KIND, document)
    _begin(call.world, call.shop, document)
    return document


def running(world: World, shop: str, kind: str) -> list[Document]:
    """Return the operations of one type that are not over."""
    return [one for one in world.state.each(shop, KIND) if one["type"] == kind and one["status"] in RUNNING]


def cancel(world: World, shop: str, number: int) -> Document | None:
    """Ask an operation to stop; return its document."""
    with world.state.together():
        document = world.state.find(shop, KIND, number)
        if document is None or document["status"] not in RUNNING:
            return document
        document["status"] = "CANCELING"
        world.state.put(shop, KIND, document)
    job = _jobs(world).get(number)
    if job is not None:
        job.stop.set()
    else:
        _end(world, shop, document, "CANCELED")
    return world.state.find(shop, KIND, number)


def resume(world: World) -> int:
    """Take up the operations that a restart interrupted, from their beginning; return how many."""
    count = 0
    for shop in world.state.shops():
        for kind in ("QUERY", "MUTATION"):
            for document in running(world, shop, kind):
                if document["id"] not in _jobs(world):
                    _begin(world, shop, document)
                    count += 1
    return count


def wait_for_all(world: World, timeout: float = 60.0) -> None:
    """Wait until no operation runs; for tests."""
    for job in list(_jobs(world).values()):
        if job.thread is not None:
            job.thread.join(timeout)


def folder_of(world: World) -> Path:
    """Return the folder of the files, beside the state file."""
    if "bulk_folder" not in world.settings:
        path = world.state.path
        made = path.with_name(f"{path.stem}-bulk") if path.name != ":memory:" else Path(tempfile.mkdtemp())
        world.settings["bulk_folder"] = made
    found: Path = world.settings["bulk_folder"]
    return found


def link_of(world: World, document: Document) -> str:
    """Return the link to an operation's file; nobody needs a token to follow it."""
    return f"{world.origin}/_bulk/{document['secret']}.jsonl"


def find_file(world: World, name: str) -> tuple[Path, bool] | None:
    """Return the file behind the last part of a link, and whether the link has expired."""
    secret = name.removesuffix(".jsonl")
    path = folder_of(world) / f"{secret}.jsonl"
    if not secret.isalnum() or not path.is_file():
        return None
    for shop in world.state.shops():
        where = "AND json_extract(body, '$.secret') = ?"
        for _, document in world.state.select(shop, KIND, where, (secret,), order="id"):
            until = document["linkExpiresAt"]
            return (path, until is None or until <= stamp(now())) if until else None
    return None


def _jobs(world: World) -> dict[int, Job]:
    jobs: dict[int, Job] = world.settings.setdefault("bulk_jobs", {})
    return jobs


def _begin(world: World, shop: str, document: Document) -> None:
    job = Job()
    job.thread = threading.Thread(target=_run, args=(world, shop, document["id"], job), daemon=True)
    _jobs(world)[document["id"]] = job
    job.thread.start()


def _run(world: World, shop: str, number: int, job: Job) -> None:
    """Run one operation to whatever end it comes to."""
    try:
        _work(world, shop, number, job)
    except Exception:  # noqa: BLE001 (whatever it was, the operation has failed)
        _LOG.exception("bulk operation %s of %s", number, shop)
        document = world.state.find(shop, KIND, number)
        if document is not None:
            _end(world, shop, document, "FAILED", "INTERNAL_SERVER_ERROR")
    finally:
        _jobs(world).pop(number, None)


def _work(world: World, shop: str, number: int, job: Job) -> None:
    pause = float(world.settings.get("bulk_pause", 0.2))
    job.stop.wait(pause)
    document = world.state.find(shop, KIND, number)
    if document is None:
        return
    document["status"] = "CANCELING" if job.stop.is_set() else "RUNNING"
    world.state.put(shop, KIND, document)
    path = folder_of(world) / f"{document['secret']}.jsonl"
    order = "grouped" if document.get("groupObjects") else str(world.settings.get("bulk_order", "apart"))
    output = BulkOutput(path, order=order, seed=int(world.settings.get("bulk_seed", 0)))
    status, error = "COMPLETED", None
    began = time.monotonic()
    try:
        _write(world, shop, document, output, job)
        job.stop.wait(max(0.0, pause - (time.monotonic() - began)))
    except _StoppedError:
        status = "CANCELED"
    except _FailedError:
        status, error = "FAILED", "INTERNAL_SERVER_ERROR"
    except GraphQLRefusal as refusal:
        status, error = (
            "FAILED",
            "ACCESS_DENIED" if refusal.code == "ACCESS_DENIED" else "INTERNAL_SERVER_ERROR",
        )
    document["fileSize"] = output.finish()
    _note(document, output)
    _end(world, shop, document, "CANCELED" if job.stop.is_set() else status, error)


def _write(world: World, shop: str, document: Document, output: BulkOutput, job: Job) -> None:
    from sandbox.shopify.graph.bulk_mutation import mutation_lines
    from sandbox.shopify.graph.bulk_query import query_lines

    fail_after = world.settings.pop("bulk_fail_after", None)
    rate, began = world.settings.get("bulk_rate"), time.monotonic()
    if document["type"] == "QUERY":
        lines = query_lines(world, shop, document)
    else:  # where it is to stop at a certain line, no line after it may have been written
        at_once = _WRITTEN_AT_ONCE if rate is None and fail_after is None else 1
        lines = mutation_lines(world, shop, document, at_once=at_once)
    for line, root in lines:
        if fail_after is not None and output.objects >= fail_after:
            raise _FailedError
        output.add(line, root=root)
        if output.objects % _PORTION == 0 or rate:
            _look_up(world, shop, document, output, job)
        if rate:
            job.stop.wait(max(0.0, output.objects / rate - (time.monotonic() - began)))


def _look_up(world: World, shop: str, document: Document, output: BulkOutput, job: Job) -> None:
    """Stop if asked to; else show how far it is."""
    if job.stop.is_set():
        raise _StoppedError
    _note(document, output)
    with world.state.together():
        current = world.state.find(shop, KIND, document["id"])
        if current is not None and current["status"] == "RUNNING":
            world.state.put(shop, KIND, document)


def _note(document: Document, output: BulkOutput) -> None:
    document["objectCount"], document["rootObjectCount"] = output.objects, output.roots


def _end(world: World, shop: str, document: Document, status: str, error: str | None = None) -> None:
    life = float(world.settings.get("bulk_link_seconds", LINK_SECONDS))
    document |= {"status": status, "errorCode": error, "partial": status != "COMPLETED"}
    document["completedAt"] = None if status == "CANCELED" else stamp(now())
    document["linkExpiresAt"] = stamp(now() + timedelta(seconds=life)) if document["objectCount"] else None
    with world.state.together():
        world.state.put(shop, KIND, document)
        world.emit(shop, "bulk_operations/finish", document)
