"""Read the next part of a file while the database works on this one."""

import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from queue import Queue
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None = None


class _Reader(threading.Thread, Generic[Item]):
    """Gets one item ready for each time it is asked, until there are no more or nobody wants more."""

    def __init__(self, items: Iterator[Item], ahead: int) -> None:
        super().__init__(name="read-ahead", daemon=True)
        self.ready: Queue[Item | _End] = Queue()
        self.unwanted = False
        self._items = items
        self._asked = threading.Semaphore(ahead)

    def run(self) -> None:
        """Read; an error travels to the one who asked for the items."""
        try:
            while self._is_asked():
                item = next(self._items, _End())
                self.ready.put(item)
                if isinstance(item, _End):
                    return
        except BaseException as error:  # noqa: BLE001 (it is raised again in the thread that waits for it)
            self.ready.put(_End(error))

    def take(self) -> Item | _End:
        """Wait for the next item, and ask for one more."""
        item = self.ready.get()
        self._asked.release()
        return item

    def stop(self) -> None:
        """Have no more read, and wait until that is so."""
        self.unwanted = True
        self._asked.release()
        self.join()

    def _is_asked(self) -> bool:
        self._asked.acquire()
        return not self.unwanted


def read_ahead(items: Iterator[Item], *, ahead: int = 1) -> Generator[Item, None, None]:
    """Yield the items while a thread gets the next ``ahead`` of them ready."""
    reader = _Reader(items, ahead)
    reader.start()
    try:
        while not isinstance(item := reader.take(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        reader.stop()
