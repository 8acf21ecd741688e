"""One way into every operation: headers, key, scope, rate window, then the handler.

A handler takes a :class:`Call` and the ids of its address, and returns a status and a document (``None``: no
body); it raises :class:`~.refusals.RefusedError` for everything that the real one would refuse.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import flask
import orjson
from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from sandbox.klaviyo import accounts, faults, windows
from sandbox.klaviyo.call_log import CallLine
from sandbox.klaviyo.operations import ALL, BY_NAME, Operation, rate_of
from sandbox.klaviyo.refusals import MIME, Complaint, RefusedError, invalid
from sandbox.klaviyo.state import Document, State
from sandbox.klaviyo.world import World

bp = Blueprint("api", __name__)
_REVISION = re.compile(r"(\d{4}-\d{2}-\d{2})(\.[a-z]+)?")
_OLDEST_REVISION = date(2024, 10, 15)
Answer = tuple[int, Any]


@dataclass(slots=True)
class Call:
    """One call that was let in."""

    world: World
    account: str
    operation: Operation
    path: str
    options: dict[str, str]  # of the address
    body: Any  # as JSON, None where there was none
    size: int

    @property
    def state(self) -> State:
        """Return what is known."""
        return self.world.state


Handler = Callable[..., Answer]


def answers(name: str) -> Callable[[Handler], Handler]:
    """Let a function answer an operation."""
    operation = BY_NAME[name]
    rule = re.sub(r"\{(\w+)\}", r"<\1>", operation.path)

    def decorate(handler: Handler) -> Handler:
        bp.add_url_rule(
            rule, name, partial(_run, operation, handler), methods=[operation.method], strict_slashes=False
        )
        return handler

    return decorate


@bp.route("/api/<path:_rest>", methods=["GET", "POST", "PATCH", "PUT", "DELETE"])
def elsewhere(_rest: str) -> ResponseReturnValue:
    """Say that there is no such address."""
    known = any(one.path.strip("/") == request.path.strip("/") for one in ALL)
    if known:
        words = Complaint(
            "method_not_allowed", "Method not allowed.", f'Method "{request.method}" not allowed.'
        )
        return RefusedError(405, words).answer()
    words = Complaint(
        "not_found", "Not found.", "This address is not played by the stand-in, or does not exist."
    )
    return RefusedError(404, words).answer()


def _run(operation: Operation, handler: Handler, **ids: str) -> Response:
    line: CallLine = request.environ["klaviyo.line"]
    left = None
    try:
        world: World = current_app.config["WORLD"]
        account, quota = _let_in(world, operation, line)
        options = request.args.to_dict()
        left = windows.of(world).take(world, quota, operation, rate_of(operation, options))
        body = _body(operation)
        status, document = handler(Call(world, account, operation, line.path, options, body, line.size), **ids)
        content = b"" if document is None else orjson.dumps(document)
        answer = Response(content, status, mimetype=MIME if document is not None else None)
        if document is None:
            answer.headers.pop("Content-Type", None)
    except RefusedError as refusal:
        answer = refusal.answer()
    if left is not None:
        answer.headers["RateLimit-Limit"] = str(left.limit)
        answer.headers["RateLimit-Remaining"] = str(left.remaining)
        answer.headers["RateLimit-Reset"] = str(left.reset)
    return answer


def _let_in(world: World, operation: Operation, line: CallLine) -> tuple[str, str]:
    """Look at headers, key and scopes; return the account and whose quota it is."""
    key = _key(world)
    account = key["account"]
    if faults.of(world).is_on("other_account"):
        account = next((one for one in world.state.accounts() if one != account), account)
    line.account, line.key = account, key["name"]
    _check_headers()
    scopes = set(key["scopes"])
    if faults.of(world).is_on("read_only_key"):
        scopes = {one for one in scopes if one.endswith(":read")}
    if missing := [one for one in operation.scopes if one not in scopes]:
        words = f"The API key is missing the required scope: {', '.join(missing)}."
        raise RefusedError(
            403,
            Complaint(
                "permission_denied",
                "You do not have permission to perform this action.",
                words,
                pointer="/data/",
            ),
        )
    return account, f"{account}/{key['app'] or key['id']}" if key["kind"] == "oauth" else account


def _key(world: World) -> Document:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    kind = {"Klaviyo-API-Key": "private", "Bearer": "oauth"}.get(scheme)
    if kind is None or not secret:
        words = "Missing or invalid authorization scheme. Please use Klaviyo-API-Key."
        raise RefusedError(
            401,
            Complaint(
                "not_authenticated", "Authentication credentials were not provided.", words, pointer="/data/"
            ),
        )
    key = accounts.find_key(world, secret)
    if key is None or key["kind"] != kind or not accounts.counts(key) or faults.of(world).is_on("revoke_key"):
        title = "Incorrect authentication credentials."
        raise RefusedError(401, Complaint("authentication_failed", title, title, pointer="/data/"))
    return key


def _check_headers() -> None:
    found = _REVISION.fullmatch(request.headers.get("revision", ""))
    try:
        revision = date.fromisoformat(found[1]) if found else None
    except ValueError:
        revision = None
    if revision is None:
        raise invalid("The header revision must be a date such as 2026-07-15.", pointer="/data/")
    if revision < _OLDEST_REVISION:
        raise RefusedError(410, Complaint("gone", "Gone.", "This revision has been retired.", pointer="/data/"))
    wanted = request.headers.get("Accept", "")
    if not any(one in wanted for one in (MIME, "application/json")):
        words = f"The header Accept must name {MIME}."
        raise RefusedError(406, Complaint("not_acceptable", "Not acceptable.", words, pointer="/data/"))


def _body(operation: Operation) -> Any:  # noqa: ANN401 (any JSON)
    raw: bytes = request.environ["klaviyo.body"]
    if operation.method == "GET":
        return None
    if not raw:
        if operation.method == "DELETE" and "relationships" not in operation.path:
            return None
        raise invalid("The request has no body.", pointer="/data")
    if request.mimetype not in (MIME, "application/json"):
        words = f"The header Content-Type must be {MIME}."
        raise RefusedError(415, Complaint("unsupported_media_type", "Unsupported media type.", words))
    if int(request.headers.get("Content-Length") or len(raw)) > operation.max_bytes:
        words = f"The payload is larger than {operation.max_bytes:,} bytes."
        raise RefusedError(413, Complaint("payload_too_large", "Payload too large.", words))
    form = request.environ["klaviyo.form"]
    if not isinstance(form, dict):
        raise invalid("The body is no JSON object.", pointer="/data")
    return form


def current_world() -> World:
    """Return the world of this server."""
    world: World = flask.current_app.config["WORLD"]
    return world
