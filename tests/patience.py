"""Waiting in a test for what another thread or process is about to do."""

import time


def eventually(look, seconds=60, every=0.1):
    """Return the first true thing that is seen, or fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(every)
    return found
