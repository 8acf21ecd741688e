"""The door of the interface: every call passes it, is struck by faults if any are on, and is written down."""

import io
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson
from werkzeug.wrappers import Response

from sandbox import spoiled_answers
from sandbox.klaviyo import call_log, faults, operations, refusals
from sandbox.klaviyo.world import World, now
from sandbox.spoiled_answers import cut

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DOORS = ("/api/", "/oauth/")
MAX_BODY_BYTES = 16 * 1024 * 1024


class CallGate:
    """WSGI around WSGI; what is no call to the interface passes untouched."""

    def __init__(self, world: World, inner: "WSGIApplication") -> None:
        self._world = world
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if not environ["PATH_INFO"].startswith(DOORS):
            return self._inner(environ, start)
        line, began = _describe(environ), time.monotonic()
        environ["klaviyo.line"] = line
        struck = faults.of(self._world).for_call(line.method, line.path, line.operation)
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
        answer = _instead(fault) if fault else None
        if answer is None:
            answer = Response.from_app(self._inner, environ, buffered=True)
        line.status = answer.status_code
        if not answer.is_streamed:
            _note_answer(line, answer.get_data())
        if fault is not None:
            if fault.kind == "timeout":
                time.sleep(fault.seconds)
            if fault.kind in ("reset", "timeout"):
                line.status = 0
                answer.close()
                cut(environ)
            answer = spoiled_answers.spoil(answer, fault)
        return answer(environ, start)


def _instead(fault: faults.Fault) -> Response | None:
    if fault.kind == "throttle":
        return refusals.throttled(int(fault.seconds)).answer()
    words = refusals.Complaint("error", "Something went wrong.", "This answer is a fault that was asked for.")
    body = refusals.RefusedError(fault.status, words).answer().get_data(as_text=True)
    return spoiled_answers.instead(fault, body=body, mimetype=refusals.MIME)


def _describe(environ: "WSGIEnvironment") -> call_log.CallLine:
    """Read the body once for everybody, and say what the call is."""
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    body = environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), MAX_BODY_BYTES))
    environ["wsgi.input"] = io.BytesIO(body)
    environ["klaviyo.body"] = body
    form = _read(body)
    environ["klaviyo.form"] = form
    operation = operations.find(method, path)
    name = operation.name if operation else ""
    return call_log.CallLine(
        at=now(),
        method=method,
        path=path,
        query=environ.get("QUERY_STRING", ""),
        operation=name,
        size=len(body),
        rows=_rows(form),
        consent=name in operations.CONSENT,
    )


def _read(body: bytes) -> Any:  # noqa: ANN401 (any JSON)
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return None


def _rows(form: Any) -> int:  # noqa: ANN401 (any JSON)
    """Return how many resources a body brings: those of a bulk job, else those of ``data``."""
    data = form.get("data") if isinstance(form, dict) else None
    if isinstance(data, dict):
        attributes = data.get("attributes")
        for bulk in ("profiles", "events-bulk-create"):
            inner = attributes.get(bulk) if isinstance(attributes, dict) else None
            if isinstance(inner, dict) and isinstance(inner.get("data"), list):
                return len(inner["data"])
        return 1
    return len(data) if isinstance(data, list) else 0


def _note_answer(line: call_log.CallLine, body: bytes) -> None:
    answer = _read(body)
    if not isinstance(answer, dict):
        return
    data = answer.get("data")
    line.answered = len(data) if isinstance(data, list) else int(data is not None)
    if isinstance(answer.get("errors"), list):
        line.error_codes = [str(one.get("code", "")) for one in answer["errors"]][:20]
