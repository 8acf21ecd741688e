"""What goes on by itself: import jobs get on, segments are filled, people who are to be deleted are."""

import logging
import threading

from sandbox.klaviyo import groups, imports, privacy
from sandbox.klaviyo.world import World

_LOG = logging.getLogger("sandbox.klaviyo.worker")
_PAUSE_SECONDS = 0.01
_PAUSE_AFTER_TROUBLE_SECONDS = 1.0


class Worker:
    """One thread that does what is due; what was under way before a restart goes on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after what is being done now."""
        self._stopped.set()
        self._thread.join(10)

    def _run(self) -> None:
        pause = _PAUSE_SECONDS
        while not self._stopped.is_set():
            try:
                pause = _PAUSE_SECONDS if self._round() else min(pause * 1.3, 0.1)
            except Exception:  # noqa: BLE001 (what goes wrong with one job must not end all others)
                _LOG.exception("Something went wrong with what goes on by itself.")
                pause = _PAUSE_AFTER_TROUBLE_SECONDS
            self._stopped.wait(pause)

    def _round(self) -> bool:
        """Do a little of everything; return whether there is more to come soon."""
        world, busy = self._world, False
        for account in world.state.accounts():
            for job in imports.unfinished(world, account):
                busy = True
                imports.get_on(world, account, job)
            groups.settle_segments(world, account)
            busy |= privacy.delete_due(world, account)
        return busy
