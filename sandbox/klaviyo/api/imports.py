"""Bulk import jobs: taken in whole or refused whole, asked about, and what became of their rows."""

from typing import Any

import orjson

from sandbox.klaviyo import imports
from sandbox.klaviyo import profile_shapes as shapes
from sandbox.klaviyo.asking import Offer, page, read_options
from sandbox.klaviyo.filters import Field
from sandbox.klaviyo.interface import Answer, Call, answers
from sandbox.klaviyo.refusals import not_found
from sandbox.klaviyo.resources import (
    JOB_FIELDS,
    LIST_FIELDS,
    PROFILE_EXTRAS,
    PROFILE_FIELDS,
    job_resource,
    list_resource,
    profile_resource,
    reference,
)
from sandbox.klaviyo.state import Document

_STATUS = "json_extract(CAST(body AS TEXT), '$.status')"
_ROWS = "/data/attributes/profiles/data"
_MANY = Offer(
    page=(20, 100),
    sorts={"created_at": "created"},
    filters={"status": Field(("equals", "any"), _STATUS)},
    fields={"profile-bulk-import-job": JOB_FIELDS},
)
_ONE = Offer(fields={"profile-bulk-import-job": JOB_FIELDS, "list": LIST_FIELDS}, include=("lists",))
_PROFILES = Offer(page=(20, 100), fields={"profile": PROFILE_FIELDS}, additional={"profile": PROFILE_EXTRAS})
_PAGED = Offer(
    page=(20, 100), fields={"import-error": ("code", "title", "detail", "source", "original_payload")}
)


@answers("bulk_import_profiles")
def bulk_import_profiles(call: Call) -> Answer:
    """Take in a job; one row that is wrong sinks the whole."""
    read_options(call, Offer())
    rows, data = shapes.check_rows(call.body, _ROWS), call.body["data"]
    lists = [one["id"] for one in data.get("relationships", {}).get("lists", {"data": []})["data"]]
    for key in lists:
        if call.state.find(call.account, "list", key) is None:
            raise not_found("list", key)
    return 202, _answer(call, imports.accept(call.world, call.account, rows, lists))


@answers("get_bulk_import_profiles_jobs")
def get_jobs(call: Call) -> Answer:
    """Return a page of jobs."""
    asked = read_options(call, _MANY)
    order, after = asked.order("created")
    rows = call.state.rows(
        f"SELECT created, id, body FROM things WHERE account = ? AND kind = ?{asked.where}{order}",  # noqa: S608 (our own words)
        (call.account, imports.KIND, *asked.values, *after),
    )
    shown, links = page(call, rows, asked)
    wanted = asked.fields.get("profile-bulk-import-job")
    return 200, {
        "data": [job_resource(call.world, orjson.loads(row[2]), fields=wanted) for row in shown],
        "links": links,
    }


@answers("get_bulk_import_profiles_job")
def get_job(call: Call, job_id: str) -> Answer:
    """Return one job."""
    asked = read_options(call, _ONE)
    job = _find(call, job_id)
    answer = _answer(call, job, asked.fields.get("profile-bulk-import-job"))
    if "lists" in asked.include:
        answer["included"] = [list_resource(call.world, one) for one in _lists(call, job)]
    return 200, answer


@answers("get_errors_for_bulk_import_profiles_job")
def get_errors(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return a page of the rows that failed, and why."""
    asked = read_options(call, _PAGED)
    rows = _rows(call, id, asked.order("place", "place"), "error")
    shown, links = page(call, rows, asked)
    errors = (orjson.loads(row[2]) for row in shown)
    return 200, {"data": [_error(one) for one in errors], "links": links}


@answers("get_profiles_for_bulk_import_profiles_job")
def get_profiles(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return a page of the profiles that were made or changed."""
    asked = read_options(call, _PROFILES)
    shown, links = page(call, _rows(call, id, asked.order("place", "place"), "profile"), asked)
    found = (call.state.profile(call.account, row[2]) for row in shown)
    wanted = asked.fields.get("profile")
    resources = [
        profile_resource(call.world, one, fields=wanted, extras=asked.additional) for one in found if one
    ]
    return 200, {"data": resources, "links": links}


@answers("get_profile_ids_for_bulk_import_profiles_job")
def get_profile_ids(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return a page of the ids of the profiles that were made or changed."""
    asked = read_options(call, Offer(page=(20, 100)))
    shown, links = page(call, _rows(call, id, asked.order("place", "place"), "profile"), asked)
    return 200, {"data": [reference("profile", row[2]) for row in shown], "links": links}


@answers("get_list_for_bulk_import_profiles_job")
def get_lists(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return the list that a job puts its profiles into."""
    asked = read_options(call, Offer(fields={"list": LIST_FIELDS}))
    found = _lists(call, _find(call, id))
    resources = [list_resource(call.world, one, fields=asked.fields.get("list")) for one in found]
    return 200, {"data": resources, "links": {"self": f"{call.world.origin}{call.path}"}}


@answers("get_list_ids_for_bulk_import_profiles_job")
def get_list_ids(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return the id of the list that a job puts its profiles into."""
    found = _lists(call, _find(call, id))
    links = {"self": f"{call.world.origin}{call.path}"}
    return 200, {"data": [reference("list", one["id"]) for one in found], "links": links}


def _find(call: Call, key: str) -> Document:
    job = call.state.find(call.account, imports.KIND, key)
    if job is None:
        raise not_found("profile bulk import job", key)
    return job


def _lists(call: Call, job: Document) -> list[Document]:
    found = (call.state.find(call.account, "list", key) for key in job["lists"])
    return [one for one in found if one is not None]


def _rows(call: Call, job: str, order: tuple[str, list[Any]], column: str) -> list[tuple[Any, ...]]:
    """Return rows of a job that have an outcome of one kind."""
    words, after = order
    return call.state.rows(
        f"SELECT place, place, {column} FROM job_rows WHERE account = ? AND job = ? "  # noqa: S608 (our own words)
        f"AND {column} IS NOT NULL{words}",
        (call.account, _find(call, job)["id"], *after),
    )


def _answer(call: Call, job: Document, fields: set[str] | None = None) -> dict[str, Any]:
    shown = job_resource(call.world, job, fields=fields)
    return {"data": shown, "links": shown["links"]}


def _error(error: Document) -> dict[str, Any]:
    told = {name: value for name, value in error.items() if name != "id"}
    return {"type": "import-error", "id": error["id"], "attributes": told}
