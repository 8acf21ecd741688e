"""The door of the interface: every call passes it, is struck by faults if any are on, and is written down."""

import io
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import EnvironHeaders
from werkzeug.wrappers import Response

from sandbox.shopify import call_log, calls, faults, spoiled_answers
from sandbox.shopify.webhooks import one_event
from sandbox.shopify.world import World, now, stamp
from sandbox.spoiled_answers import cut

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DOORS = ("/admin/api/", "/admin/oauth/access_token", "/_bulk/", "/_uploads/")
MAX_BODY_BYTES = 128 * 1024 * 1024


class CallGate:
    """WSGI around WSGI; what is no call to the interface passes untouched."""

    def __init__(self, world: World, inner: "WSGIApplication") -> None:
        self._world = world
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if not environ["PATH_INFO"].startswith(DOORS):
            return self._inner(environ, start)
        line, form, began = _describe(self._world, environ), environ["shopify.form"], time.monotonic()
        words = calls.operation_of(form).words if "query" in form else frozenset({line.operation} - {""})
        struck = faults.of(self._world).for_call(line.shop, line.path, words)
        line.fault = ",".join(fault.kind for fault in struck)
        try:
            for fault in struck:
                if fault.kind == "latency":
                    time.sleep(fault.seconds)
            last = struck[-1] if struck and struck[-1].kind != "latency" else None
            return self._answer(environ, start, line, last)
        finally:
            line.seconds = round(time.monotonic() - began, 4)
            call_log.of(self._world).add(line)

    def _answer(
        self,
        environ: "WSGIEnvironment",
        start: "StartResponse",
        line: call_log.CallLine,
        fault: faults.Fault | None,
    ) -> Iterable[bytes]:
        if fault is not None and fault.kind == "reset" and not fault.after:
            cut(environ)
        early = spoiled_answers.instead(self._world, fault, line.shop) if fault else None
        if early is None:
            with one_event():
                streamed = line.path.startswith("/_bulk/")
                early = Response.from_app(self._inner, environ, buffered=not streamed)
        line.status = early.status_code
        if early.mimetype == "application/json" and not early.is_streamed:
            call_log.note_answer(line, early.get_data())
        if fault is not None:
            if fault.kind == "timeout":
                time.sleep(fault.seconds)
            if fault.kind in ("reset", "timeout"):
                line.status = 0
                early.close()
                cut(environ)
            early = spoiled_answers.spoil(early, fault)
        return early(environ, start)


def _describe(world: World, environ: "WSGIEnvironment") -> call_log.CallLine:
    """Read the body once for everybody, and say what the call is."""
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    form: dict[str, Any] = {}
    if not path.startswith("/_uploads/"):
        body = environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), MAX_BODY_BYTES))
        environ["wsgi.input"] = io.BytesIO(body)
        environ["shopify.body"] = body
        form = calls.read_form(body, environ.get("CONTENT_TYPE", ""))
    caller = calls.who_calls(world, EnvironHeaders(environ), form)
    environ["shopify.form"], environ["shopify.caller"] = form, caller
    operation = calls.operation_of(form)
    return call_log.CallLine(
        at=stamp(now()),
        shop=caller.shop,
        method=method,
        path=path,
        operation=operation.name,
        kind=operation.kind or str(form.get("grant_type") or ""),
        fields=list(operation.fields),
        variables=call_log.short(form.get("variables")) if operation.kind else None,
    )
