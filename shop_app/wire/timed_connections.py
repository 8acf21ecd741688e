"""Connections of which no answer takes longer than its deadline, however slowly the bytes come.

A read timeout alone does not say that: whoever sends one byte in every second is never silent, and could hold
a worker for hours, in the headers already.
"""

import http.client
import io
import socket
import threading
import time
from typing import Any

import requests.adapters
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_deadline = threading.local()


def set_deadline(moment: float | None) -> None:
    """Say until when (``time.monotonic()``) the answers that this thread waits for may take."""
    _deadline.moment = moment


class _TimedReader(io.RawIOBase):
    """The bytes of one answer; each read waits no longer than what is left."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: float | None) -> None:
        self._raw = raw
        self._sock = sock
        self._silence = sock.gettimeout()
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 (a buffer of any kind)
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer takes too long")
            self._sock.settimeout(left if self._silence is None else min(left, self._silence))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:  # noqa: ANN401 (passed on)
        super().__init__(sock, *args, **options)
        reader = _TimedReader(self.fp.detach(), sock, getattr(_deadline, "moment", None))
        self.fp = io.BufferedReader(reader)


class _TimedHTTPConnection(HTTPConnection):
    response_class = _TimedResponse


class _TimedHTTPSConnection(HTTPSConnection):
    response_class = _TimedResponse


class _TimedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _TimedHTTPConnection


class _TimedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPSConnection


class TimedAdapter(requests.adapters.HTTPAdapter):
    """What :func:`set_deadline` says holds for everything that goes through here; nothing is retried."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 (passed on)
        """Make the pools of timed connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _TimedHTTPPool, "https": _TimedHTTPSPool}
