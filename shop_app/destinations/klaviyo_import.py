"""Bulk import jobs at Klaviyo: cut to size, started, asked after, and their errors read row by row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from shop_app.clock import utc_now
from shop_app.destinations.base import Row
from shop_app.destinations.errors import OutcomeUnknownError
from shop_app.destinations.klaviyo_answers import CallRefusedError, Json, Problem, problem_of
from shop_app.destinations.klaviyo_api import KlaviyoApi
from shop_app.destinations.klaviyo_limits import IMPORT_ERRORS, IMPORT_JOB, IMPORT_JOBS
from shop_app.destinations.klaviyo_profiles import folded

MOST_ROWS = 10_000
MOST_BYTES = 4_600_000
"""Klaviyo takes 5 MB; the rest is for what surrounds the rows."""

_BAD_REQUEST, _GONE = 400, 404
_PAUSES_SECONDS = ((20.0, 5.0), (60.0, 15.0), (300.0, 30.0))
"""A job younger than the first is asked after again in the second."""
_LONGEST_PAUSE_SECONDS = 60.0
_ROW_OF = re.compile(r"/data/attributes/profiles/data/(\d+)(?:/|$)")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row of an import says: properties to write, and names of those to take away.

    The profile is named by its id where that is known, else by e-mail, which makes one that is not there.
    """

    row: Row
    values: Mapping[str, Any] = field(repr=False)
    unset: tuple[str, ...] = ()

    @property
    def customer_id(self) -> int:
        """Return our own id."""
        return self.row.customer_id

    def resource(self) -> Json:
        """Return the row as Klaviyo wants it; nothing that could identify anybody else is sent along."""
        resource: Json = {"type": "profile", "attributes": {}}
        if self.row.remote_id is not None:
            resource["id"] = self.row.remote_id
        else:
            resource["attributes"]["email"] = self.row.contact.email
        if self.values:
            resource["attributes"]["properties"] = dict(self.values)
        if self.unset:
            resource["meta"] = {"patch_properties": {"unset": list(self.unset)}}
        return resource


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a job is; ``pause_seconds`` is 0 for one that is over."""

    is_over: bool
    is_whole: bool
    failed: int
    total: int
    pause_seconds: float


def cut(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut entries into jobs of at most 10,000 rows and 4.6 MB, in their order."""
    job: list[Entry] = []
    size = 0
    for entry in entries:
        more = len(orjson.dumps(entry.resource())) + 1
        if job and (len(job) == MOST_ROWS or size + more > MOST_BYTES):
            yield job
            job, size = [], 0
        job.append(entry)
        size += more
    if job:
        yield job


def start(api: KlaviyoApi, entries: Sequence[Entry]) -> tuple[str | None, dict[int, str]]:
    """Start one job and return its id, with words for the customers that were left out of it.

    ``POST /api/profile-bulk-import-jobs`` (revision 2026-07-15) takes all rows or none: one that it finds
    wrong sinks the rest. The rows that its answer names are left out, and the rest is sent once more.

    Raises
    ------
    CallRefusedError
        No row is named, or the rest is refused, too.
    OutcomeUnknownError, SlowDownError, TemporaryError, BrokenConnectionError
        As every write.
    """
    try:
        return _post(api, entries), {}
    except CallRefusedError as error:
        named = _rows_named(error, len(entries))
        if error.status != _BAD_REQUEST or not named:
            raise
    refused = {entries[place].customer_id: words for place, words in named.items()}
    rest = [entry for place, entry in enumerate(entries) if place not in named]
    return (_post(api, rest) if rest else None), refused


def state_of(api: KlaviyoApi, job_id: str) -> JobState:
    """Ask how far a job is; one that Klaviyo no longer knows is over, and says nothing.

    ``is_whole`` tells whether its own account of failures can be relied on: there is no status for a job that
    failed, only counts, and ``cancelled``.
    """
    try:
        answer = api.get(IMPORT_JOB, job_id=job_id)
    except CallRefusedError as error:
        if error.status != _GONE:
            raise
        return JobState(is_over=True, is_whole=False, failed=0, total=0, pause_seconds=0.0)
    attributes = (answer.get("data") or {}).get("attributes") or {}
    status = attributes.get("status")
    total, failed = int(attributes.get("total_count") or 0), int(attributes.get("failed_count") or 0)
    if status in {"complete", "cancelled"}:
        return JobState(True, status == "complete", failed, total, 0.0)
    return JobState(False, False, failed, total, _pause(attributes.get("created_at")))


def failures_of(
    api: KlaviyoApi, job_id: str, entries: Sequence[Entry], *, in_order: bool
) -> tuple[dict[int, Problem], int]:
    """Read the errors of a job: one for each customer that can be told, and how many could not be.

    ``GET …/import-errors``, 100 a page (revision 2026-07-15). A row is known by ``original_payload`` (its id
    or address) and, with ``in_order`` (``entries`` are exactly the rows that were sent), by its place.
    """
    by_id = {entry.row.remote_id: entry for entry in entries if entry.row.remote_id}
    by_email = {folded(entry.row.contact.email): entry for entry in entries if entry.row.contact.email}
    named: dict[int, Problem] = {}
    unnamed = 0
    for page in api.pages(IMPORT_ERRORS, {"page[size]": "100"}, id=job_id):
        for each in page:
            attributes = each.get("attributes") or {}
            problem = problem_of(attributes, str(each.get("id") or ""))
            profile_id, email = _who(attributes.get("original_payload") or {})
            entry = by_id.get(profile_id or "") or by_email.get(email or "")
            if entry is None and in_order:
                entry = _at_place(problem.pointer, entries)
            if entry is None:
                unnamed += 1
            else:
                named[entry.customer_id] = problem
    return named, unnamed


def find_unanswered(api: KlaviyoApi, row_count: int) -> str | None:
    """Return the newest job under way with exactly so many rows, or ``None``; it may be somebody else's."""
    query = {"filter": 'any(status,["queued","processing"])', "sort": "-created_at"}
    for page in api.pages(IMPORT_JOBS, query):
        for each in page:
            if (each.get("attributes") or {}).get("total_count") == row_count:
                return str(each["id"])
    return None


def _post(api: KlaviyoApi, entries: Sequence[Entry]) -> str:
    data = {
        "type": "profile-bulk-import-job",
        "attributes": {"profiles": {"data": [entry.resource() for entry in entries]}},
    }
    answer = api.send("POST", IMPORT_JOBS, {"data": data})
    job_id = (answer.get("data") or {}).get("id")
    if not job_id:
        raise OutcomeUnknownError("Klaviyo has taken the import without saying by which id to ask after it.")
    return str(job_id)


def _rows_named(error: CallRefusedError, count: int) -> dict[int, str]:
    named: dict[int, str] = {}
    for problem in error.problems:
        match = _ROW_OF.search(problem.pointer)
        if match and int(match[1]) < count:
            named[int(match[1])] = problem.words
    return named


def _at_place(pointer: str, entries: Sequence[Entry]) -> Entry | None:
    match = _ROW_OF.search(pointer)
    return entries[int(match[1])] if match and int(match[1]) < len(entries) else None


def _who(payload: Json) -> tuple[str | None, str | None]:
    """Return id and address of the row that an error repeats, however deep they lie."""
    inner = payload.get("data") if isinstance(payload.get("data"), dict) else payload
    resource: Json = inner or {}
    attributes = resource.get("attributes") or resource
    email = attributes.get("email")
    profile_id = resource.get("id") or attributes.get("id")
    return profile_id, folded(email) if isinstance(email, str) else None


def _pause(created_at: object) -> float:
    try:
        began = datetime.fromisoformat(str(created_at))
    except ValueError:
        return _PAUSES_SECONDS[0][1]
    age = (utc_now() - (began if began.tzinfo else began.replace(tzinfo=UTC))).total_seconds()
    return next((pause for limit, pause in _PAUSES_SECONDS if age < limit), _LONGEST_PAUSE_SECONDS)
