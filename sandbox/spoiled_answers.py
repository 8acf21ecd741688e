"""Answers that go wrong on purpose, as any server's may: instead of the true one, or made of it."""

import gzip
import os
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from sandbox.fault_switches import Switch

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

KINDS = frozenset(("latency", "status", "reset", "timeout", "html", "slow", "endless", "gzip_bomb"))
_PAGE = "<!doctype html><title>Something went wrong</title><h1>Be right back</h1>"


def instead(fault: Switch, *, body: str, mimetype: str = "application/json") -> Response | None:
    """Return what is answered without a look at the call; ``None`` where it is to be done first.

    ``body`` is what this vendor says with ``fault.status`` where the fault brings no words of its own.
    """
    if fault.kind == "status":
        kind = "text/html" if fault.body.lstrip().startswith("<") else mimetype
        return Response(fault.body or body, fault.status, headers=fault.headers, mimetype=kind)
    if fault.kind == "html":
        return Response(_PAGE, mimetype="text/html")
    if fault.kind == "endless":
        return Response(_without_end(), mimetype=mimetype)
    if fault.kind != "gzip_bomb":
        return None
    packed = gzip.compress(b'{"data": "' + b"0" * max(fault.bytes, 1) + b'"}', compresslevel=9)
    return Response(packed, headers={"Content-Encoding": "gzip"}, mimetype=mimetype)


def spoil(answer: Response, fault: Switch) -> Response:
    """Return the true answer, made worse."""
    if hasattr(answer.response, "close"):
        answer.call_on_close(answer.response.close)  # the file behind it, even where it is not read to its end
    if fault.kind == "slow":
        answer.response = _drip(answer.iter_encoded(), fault.seconds)
    return answer


def cut(environ: "WSGIEnvironment") -> None:
    """Cut the connection with a reset, without a word.

    Raises
    ------
    ConnectionResetError
        Always, for whoever would go on answering.
    """
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
    raise ConnectionResetError("A fault switch cut the connection.")


def _drip(chunks: Iterable[bytes], seconds: float) -> Iterator[bytes]:
    for chunk in chunks:
        for place in range(len(chunk)):
            time.sleep(seconds)
            yield chunk[place : place + 1]


def _without_end() -> Iterator[bytes]:
    yield b'{"data": "'
    while True:
        yield b"0" * 65_536
