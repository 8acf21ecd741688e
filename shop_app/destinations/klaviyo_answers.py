"""What Klaviyo answers, and what follows from it: every status and every error in our own kinds of error."""

import logging
import re
from dataclasses import dataclass
from typing import Any

import orjson

from shop_app.destinations.errors import (
    BrokenConnectionError,
    OutcomeUnknownError,
    RejectedError,
    SlowDownError,
)
from shop_app.destinations.klaviyo_limits import Endpoint
from shop_app.errors import TemporaryError
from shop_app.wire.http import HttpAnswer

_log = logging.getLogger(__name__)

Json = dict[str, Any]

_BAD_REQUEST, _UNAUTHORIZED, _PAYMENT, _FORBIDDEN, _TOO_MANY, _DOWN = 400, 401, 402, 403, 429, 503
_FIRST_ERROR, _FIRST_SERVER_ERROR = 400, 500
_UNTOLD_SECONDS = 30.0
_LONGEST_WORDS = 200

_KEY_CODES = frozenset(
    {"not_authenticated", "authentication_failed", "invalid_api_key", "missing_api_key", "invalid_credentials"}
)
"""A key that is missing or wrong is answered with 400 in one page of Klaviyo's guide and 401 in another."""

_SCOPE = re.compile(r"\b[a-z-]+:(?:read|write)\b")
_PERSONAL = re.compile(r"\S*@\S*|\+?\d[\d ()./-]{5,}\d")


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of an answer; ``words`` hold no address and no phone."""

    id: str
    code: str
    words: str
    pointer: str
    duplicate_profile_id: str | None = None


class CallRefusedError(RejectedError):
    """Klaviyo refuses a call as it is (400, 404, 409 …); ``problems`` say which part of it."""

    def __init__(self, message: str, *, status: int, problems: tuple[Problem, ...]) -> None:
        super().__init__(message)
        self.status, self.problems = status, problems


def parsed(answer: HttpAnswer) -> Json | None:
    """Return the JSON of an answer: empty where there is none, ``None`` where it cannot be read."""
    if not answer.body:
        return {}
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def raise_for_status(answer: HttpAnswer, endpoint: Endpoint, *, is_write: bool) -> None:
    """Return where the answer is a success, else raise what it amounts to.

    Raises
    ------
    BrokenConnectionError
        401, 402, 403, or a 400 about the key: nothing works before a person has settled it.
    SlowDownError
        429, with the seconds of ``Retry-After``.
    OutcomeUnknownError, TemporaryError
        5xx: of a write only 503 says that nothing was done.
    CallRefusedError
        Any other 4xx.
    """
    if answer.status < _FIRST_ERROR:
        return
    if answer.status == _TOO_MANY:
        raise SlowDownError("Klaviyo asks for patience.", retry_after_seconds=_seconds(answer, "retry-after"))
    if answer.status >= _FIRST_SERVER_ERROR:
        words = f"Klaviyo failed within (status {answer.status})."
        if is_write and answer.status != _DOWN:
            raise OutcomeUnknownError(words)
        raise TemporaryError(words)
    body = parsed(answer) or {}
    problems = tuple(_problem(error) for error in body.get("errors") or () if isinstance(error, dict))
    told = {"codes": sorted({each.code for each in problems}), "errors": [each.id for each in problems[:5]]}
    _log.warning("Klaviyo has refused a call.", extra={"status": answer.status, **told})
    _raise_if_broken(answer.status, problems, body, endpoint)
    raise CallRefusedError(_summary(answer.status, problems), status=answer.status, problems=problems)


def spent_seconds(answer: HttpAnswer) -> float:
    """Return for how long no call is left, as the answer's ``RateLimit`` headers say: mostly 0 seconds."""
    return _seconds(answer, "ratelimit-reset") if answer.headers.get("ratelimit-remaining") == "0" else 0.0


def plain(text: str) -> str:
    """Return Klaviyo's words without anything that looks like an address or a phone, and not too long."""
    return " ".join(_PERSONAL.sub("…", text).split())[:_LONGEST_WORDS]


def problem_of(attributes: Json, error_id: str) -> Problem:
    """Return an error of JSON:API (``code``, ``title``, ``detail``, ``source``, ``meta``) in our shape."""
    title, detail = str(attributes.get("title") or ""), str(attributes.get("detail") or "")
    source, meta = attributes.get("source") or {}, attributes.get("meta") or {}
    words = plain(" ".join(part for part in (title, detail if detail != title else "") if part))
    return Problem(
        id=error_id,
        code=str(attributes.get("code") or ""),
        words=words or "no reason given",
        pointer=str(source.get("pointer") or source.get("parameter") or ""),
        duplicate_profile_id=meta.get("duplicate_profile_id"),
    )


def _problem(error: Json) -> Problem:
    return problem_of(error, str(error.get("id") or ""))


def _raise_if_broken(status: int, problems: tuple[Problem, ...], body: Json, endpoint: Endpoint) -> None:
    if status == _UNAUTHORIZED or (
        status == _BAD_REQUEST and any(each.code.lower() in _KEY_CODES for each in problems)
    ):
        raise BrokenConnectionError(
            "Klaviyo does not accept the private key: it is wrong, or was deleted. Make a new one in Klaviyo "
            "under Settings, API keys, and enter it here."
        )
    if status == _PAYMENT:
        raise BrokenConnectionError(
            "Klaviyo asks for a payment before it takes anything more. Settle the bill in Klaviyo first."
        )
    if status == _FORBIDDEN:
        named = sorted(set(_SCOPE.findall(orjson.dumps(body).decode())) & set(endpoint.scopes))
        scopes = " and ".join(named or endpoint.scopes)
        raise BrokenConnectionError(
            f"The private key lacks the permission {scopes}. Make a key in Klaviyo that has it, and enter it "
            "here."
        )


def _summary(status: int, problems: tuple[Problem, ...]) -> str:
    if not problems:
        return f"Klaviyo refuses this call (status {status})."
    first = problems[0]
    number = f"; error {first.id} at Klaviyo" if first.id else ""
    return f"Klaviyo refuses this: {first.words.rstrip('.')} ({first.code or status}{number})."


def _seconds(answer: HttpAnswer, header: str) -> float:
    try:
        return max(0.0, float(answer.headers.get(header, _UNTOLD_SECONDS)))
    except ValueError:
        return _UNTOLD_SECONDS
