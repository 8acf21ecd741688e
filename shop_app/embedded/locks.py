"""Two locks: who may start and stop the servers, and who is using them."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.05
_WORD_AFTER_SECONDS = 1.0


@contextmanager
def alone(file: Path, *, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a lock that one process at a time has; say a word when it takes long to come by."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for(handle, waiting)
        yield
    finally:
        os.close(handle)  # closing lets go, and so does being killed


def share(file: Path) -> int:
    """Take part in a lock that many may hold; return the handle, to be given to ``os.close``."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def try_alone(handle: int) -> bool:
    """Turn a handle into the only holder; on ``False`` somebody else holds it too, and we no longer do."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for(handle: int, waiting: Callable[[], None]) -> None:
    began = time.monotonic()
    told = False
    while not try_alone(handle):
        if not told and time.monotonic() - began > _WORD_AFTER_SECONDS:
            waiting()
            told = True
        time.sleep(_POLL_SECONDS)
