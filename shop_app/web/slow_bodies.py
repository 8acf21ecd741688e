"""A request whose body trickles in holds a thread for as long as its sender likes; here it is cut off.

gunicorn waits for each piece of a body without an end, and a piece a second is enough to keep it waiting. So
whoever reads a body says by when it must be there; past that the connection is shut, and the reader finds the
body to be at its end.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

_LOOK_EVERY_SECONDS = 1.0


class _Watch:
    """The connections that are being read from in this process, and the thread that looks after them."""

    def __init__(self) -> None:
        self._deadlines: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def over(self, connection: socket.socket, seconds: float) -> Iterator[None]:
        """Shut the connection unless this block ends in time."""
        with self._lock:
            self._deadlines[connection] = time.monotonic() + seconds
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, name="slow bodies", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._deadlines.pop(connection, None)

    def _look(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY_SECONDS)
            with self._lock:
                for connection in [each for each, by in self._deadlines.items() if by < time.monotonic()]:
                    self._deadlines.pop(connection)
                    _shut(connection)


_watch = _Watch()


def read_body(*, most_bytes: int, seconds: float) -> bytes:
    """Return this request's body as it came, of which nothing has been read yet.

    Raises
    ------
    werkzeug.exceptions.RequestEntityTooLarge
        It is larger than that; the rest of it is not read.
    """
    request.max_content_length = most_bytes + 1  # one that says no length is cut there without a word
    connection = request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        with _watch.over(connection, seconds):
            body = request.get_data()
    else:  # a test's client: its body is there already
        body = request.get_data()
    if len(body) > most_bytes:
        raise RequestEntityTooLarge
    return body


def read_no_further() -> None:
    """See to it that nobody waits for the rest of a body that is not wanted."""
    connection = request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        _shut(connection)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is closed already
        connection.shutdown(socket.SHUT_RD)
