"""Import jobs: kept when they come, done row by row a while later, at the pace of the settings."""

import uuid
from typing import Any

import orjson

from sandbox.klaviyo import faults, groups, profiles
from sandbox.klaviyo.ids import new_long_id
from sandbox.klaviyo.refusals import Complaint, RefusedError
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import World, now

KIND = "import_job"
_PORTION = 250
_STUCK = "stuck"
_OUTCOME = "UPDATE job_rows SET profile = ?, error = ? WHERE account = ? AND job = ? AND place = ?"
_DUE = "SELECT place, payload FROM job_rows WHERE account = ? AND job = ? AND place >= ? AND place < ?"


def accept(world: World, account: str, rows: list[dict[str, Any]], lists: list[str]) -> Document:
    """Keep a job whose rows were looked at."""
    job = {
        "id": new_long_id(world.state),
        "created": now(),
        "status": "queued",
        "total": len(rows),
        "completed": 0,
        "failed": 0,
        "started_at": None,
        "completed_at": None,
        "lists": lists,
        "state": "waiting",
    }
    with world.state.together():
        world.state.put(account, KIND, job)
        world.state.change_all(
            "INSERT INTO job_rows VALUES (?, ?, ?, ?, NULL, NULL)",
            ((account, job["id"], place, orjson.dumps(row)) for place, row in enumerate(rows)),
        )
    return job


def unfinished(world: World, account: str) -> list[Document]:
    """Return the jobs that are not over, oldest first."""
    return [
        one
        for status in ("queued", "processing")
        for one in world.state.things_where(account, KIND, "$.status", status)
    ]


def get_on(world: World, account: str, job: Document) -> bool:
    """Do as many rows of a job as its time allows; return whether anything was done."""
    at, switches = now(), faults.of(world)
    if job["state"] == _STUCK:
        if switches.is_on("stick_job"):
            return False
        _note(world, account, job, state="going", started_at=at)
    begins = job["created"] + world.wait_of(world.settings["queue_seconds"])
    if job["status"] == "queued":
        if at < begins:
            return False
        if switches.strikes_job("cancel_job"):
            _note(world, account, job, status="cancelled", completed_at=at)
            return True
        stuck = switches.strikes_job("stick_job")
        _note(world, account, job, status="processing", started_at=at, state=_STUCK if stuck else "going")
        return True
    return _do_rows(world, account, job, at)


def _do_rows(world: World, account: str, job: Document, at: float) -> bool:
    done = job["completed"] + job["failed"]
    pace = world.settings["rows_a_second"] / max(world.wait_of(1.0), 1e-6)
    due = min(int(job["total"]), int((at - job["started_at"]) * pace) + 1, done + _PORTION)
    if due <= done:
        return False
    with world.state.together():
        rows = world.state.rows(_DUE, (account, job["id"], done, due))
        _do_portion(world, account, job, [(place, orjson.loads(payload)) for place, payload in rows])
        over = {"status": "complete", "completed_at": now()} if due == job["total"] else {}
        _note(world, account, job, **over)
    return True


def _do_portion(world: World, account: str, job: Document, rows: list[tuple[int, dict[str, Any]]]) -> None:
    """Do some rows; lists, segments and outcomes follow for all of them together."""
    written: dict[str, Document] = {}
    outcomes: list[tuple[str | None, bytes | None, str, str, int]] = []
    for place, row in rows:
        try:
            profile = _written(world, account, place, row)
        except RefusedError as refusal:
            error = orjson.dumps(_error(refusal.complaints[0], row))
            outcomes.append((None, error, account, job["id"], place))
        else:
            written[profile["id"]] = profile
            outcomes.append((profile["id"], None, account, job["id"], place))
    for group in job["lists"]:
        if world.state.find(account, "list", group) is not None:
            groups.add(world, account, group, written)
    groups.see_again(world, account, list(written.values()))
    world.state.change_all(_OUTCOME, outcomes)
    failed = sum(error is not None for _, error, *_ in outcomes)
    job["failed"] += failed
    job["completed"] += len(rows) - failed


def _written(world: World, account: str, place: int, row: dict[str, Any]) -> Document:
    if faults.of(world).fails_row(place):
        words = Complaint("invalid", "Invalid input.", "This row fails by a switch.", "/data/attributes")
        raise RefusedError(400, words)
    profile, _ = profiles.upsert(world, account, row, null_clears=False, followed=False)
    return profile


def _error(one: Complaint, row: dict[str, Any]) -> Document:
    return {
        "id": str(uuid.uuid4()),
        "code": one.code,
        "title": one.title,
        "detail": one.detail,
        "source": {"pointer": one.pointer},
        "original_payload": row,
    }


def _note(world: World, account: str, job: Document, **changes: Any) -> None:  # noqa: ANN401 (a job's fields)
    job.update(changes)
    world.state.put(account, KIND, job)
