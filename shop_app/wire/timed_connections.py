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
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

from shop_app.wire.public_addresses import UnknownNameError, public_places

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


class _PublicHTTPConnection(_TimedHTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect_to_public(self)


class _PublicHTTPSConnection(_TimedHTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect_to_public(self)  # the certificate is still held against the name


def _connect_to_public(asked: HTTPConnection) -> socket.socket:
    """Connect to one of the very addresses that were looked at: the name is not looked up a second time.

    Raises
    ------
    NotPublicError
        The name leads to something that is not on the open internet.
    """
    try:
        places = public_places(asked.host, asked.port)
    except UnknownNameError:
        raise NewConnectionError(asked, "the name of the host is not known") from None
    trouble: OSError = OSError("no address")
    for address in places:
        try:
            return create_connection(
                (address, asked.port),
                asked.timeout,
                source_address=asked.source_address,
                socket_options=asked.socket_options,
            )
        except OSError as error:
            trouble = error
    if isinstance(trouble, TimeoutError):
        raise ConnectTimeoutError(asked, "it takes too long to connect") from None
    raise NewConnectionError(asked, f"no connection: {type(trouble).__name__}") from None


class _TimedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _TimedHTTPConnection


class _TimedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPSConnection


class _PublicHTTPPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTPConnection


class _PublicHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPSConnection


class TimedAdapter(requests.adapters.HTTPAdapter):
    """What :func:`set_deadline` says holds for everything that goes through here; nothing is retried."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 (passed on)
        """Make the pools of timed connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _TimedHTTPPool, "https": _TimedHTTPSPool}


class PublicAdapter(TimedAdapter):
    """The same, to addresses of the open internet only: looked at anew with each connection that is opened."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 (passed on)
        """Make the pools of connections that look where they lead."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicHTTPPool, "https": _PublicHTTPSPool}
