"""Read the next part of a file while the database works on this one."""

import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

Item = TypeVar("Item")

_LOOK_SECONDS = 0.1
"""How soon the reader notices that nobody wants more."""


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None = None


class _Reader(threading.Thread, Generic[Item]):
    """Fills a short queue from an iterator until that ends, fails, or nobody wants more."""

    def __init__(self, items: Iterator[Item], depth: int) -> None:
        super().__init__(name="read-ahead", daemon=True)
        self.queue: Queue[Item | _End] = Queue(depth)
        self.unwanted = threading.Event()
        self._items = items

    def run(self) -> None:
        """Read; an error travels to the one who asked for the items."""
        try:
            for item in self._items:
                if not self._put(item):
                    return
            self._put(_End())
        except BaseException as error:  # noqa: BLE001 (it is raised again in the thread that waits for it)
            self._put(_End(error))

    def _put(self, item: Item | _End) -> bool:
        while not self.unwanted.is_set():
            try:
                self.queue.put(item, timeout=_LOOK_SECONDS)
            except Full:
                continue
            return True
        return False


def read_ahead(items: Iterator[Item], *, depth: int = 1) -> Generator[Item, None, None]:
    """Yield the items while a thread gets up to ``depth`` more of them ready."""
    reader = _Reader(items, depth)
    reader.start()
    try:
        while not isinstance(item := _next(reader), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        reader.unwanted.set()
        reader.join()


def _next(reader: "_Reader[Item]") -> Item | _End:
    while True:
        try:
            return reader.queue.get(timeout=_LOOK_SECONDS * 10)
        except Empty:
            if not reader.is_alive() and reader.queue.empty():
                return _End(RuntimeError("the reading thread ended without a word"))
