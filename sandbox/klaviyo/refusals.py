"""How the interface says no: JSON:API errors with a status, a code, and the place that is meant."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import orjson
from werkzeug.wrappers import Response

MIME = "application/vnd.api+json"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of an answer; ``pointer`` is a place in the body, ``parameter`` one in the address."""

    code: str
    title: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)


class RefusedError(Exception):
    """The call is not done."""

    def __init__(self, status: int, *complaints: Complaint, headers: dict[str, str] | None = None) -> None:
        super().__init__("; ".join(one.detail for one in complaints))
        self.status, self.complaints, self.headers = status, complaints, headers or {}

    def answer(self) -> Response:
        """Return the refusal as it goes over the wire."""
        body = orjson.dumps({"errors": [_error(self.status, one) for one in self.complaints]})
        return Response(body, self.status, headers=self.headers, mimetype=MIME)


def invalid(detail: str, *, pointer: str | None = None, parameter: str | None = None) -> RefusedError:
    """Return a 400 for something that is wrong with the request."""
    return RefusedError(400, Complaint("invalid", "Invalid input.", detail, pointer, parameter))


def wrong_body(found: list[tuple[str, str]]) -> RefusedError:
    """Return a 400 for all that is wrong with a body: pairs of a pointer and words."""
    return RefusedError(
        400, *(Complaint("invalid", "Invalid input.", words, pointer) for pointer, words in found)
    )


def not_found(what: str, key: str) -> RefusedError:
    """Return a 404 for a thing that is not in this account."""
    return RefusedError(
        404,
        Complaint("not_found", "Not found.", f"A {what} with id {key} does not exist.", pointer="/data/"),
    )


def duplicate_profile(key: str) -> RefusedError:
    """Return a 409: the profile that was found by another of its identifiers."""
    return RefusedError(
        409,
        Complaint(
            "duplicate_profile",
            "Conflict.",
            "A profile already exists with one of these identifiers.",
            pointer="/data/attributes",
            meta={"duplicate_profile_id": key},
        ),
    )


def throttled(seconds: int) -> RefusedError:
    """Return a 429; the time to wait is told in the header and in words."""
    words = f"Request was throttled. Expected available in {seconds} second{'' if seconds == 1 else 's'}."
    return RefusedError(
        429,
        Complaint("throttled", "Request was throttled.", words, pointer="/data/"),
        headers={"Retry-After": str(seconds)},
    )


def _error(status: int, one: Complaint) -> dict[str, Any]:
    source = {name: value for name, value in (("pointer", one.pointer), ("parameter", one.parameter)) if value}
    error = {"id": str(uuid.uuid4()), "status": status, "code": one.code, "title": one.title}
    return error | {"detail": one.detail, "source": source, "links": {}, "meta": one.meta}
