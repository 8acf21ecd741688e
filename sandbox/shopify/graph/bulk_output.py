"""The file of a bulk operation, written as it comes: roots in their order, children wherever chance puts them.

The real one does not keep children beside their parents. ``order`` says how far this goes: ``apart`` (all
children after all roots, the default), ``mixed`` (each child somewhere later than its parent), ``wild``
(anything anywhere) or ``grouped`` (children right after their parent).
"""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO

import orjson

from sandbox.shopify.graph.registry import Answer

_POOL = 4000


class BulkOutput:
    """One file being written; ``objects`` and ``roots`` count its lines."""

    def __init__(self, path: Path, *, order: str = "apart", seed: int = 0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.objects = 0
        self.roots = 0
        self._order = order
        self._draws = random.Random(seed)
        self._pool: list[bytes] = []
        self._file = path.open("wb")
        self._side_path = path.with_suffix(".children")
        self._side: IO[bytes] | None = self._side_path.open("w+b") if order == "apart" else None

    def add(self, line: Answer, *, root: bool) -> None:
        """Write one object, now or later."""
        self.objects += 1
        self.roots += root
        self._place()(orjson.dumps(line) + b"\n", root)

    def finish(self) -> int:
        """Write what is still held back; return the size in bytes."""
        self._draws.shuffle(self._pool)
        self._file.writelines(self._pool)
        self._pool.clear()
        if self._side is not None:
            self._side.seek(0)
            shutil.copyfileobj(self._side, self._file)
            self._side.close()
            self._side_path.unlink()
            self._side = None
        self._file.close()
        return self.path.stat().st_size

    def _place(self) -> Callable[[bytes, bool], None]:
        return {"apart": self._apart, "mixed": self._mixed, "wild": self._wild}.get(self._order, self._grouped)

    def _grouped(self, line: bytes, _root: bool) -> None:  # noqa: FBT001 (one of several ways)
        self._file.write(line)

    def _apart(self, line: bytes, root: bool) -> None:  # noqa: FBT001
        (self._file if root or self._side is None else self._side).write(line)

    def _mixed(self, line: bytes, root: bool) -> None:  # noqa: FBT001
        if root:
            self._file.write(line)
        else:
            self._hold(line)

    def _wild(self, line: bytes, _root: bool) -> None:  # noqa: FBT001
        self._hold(line)

    def _hold(self, line: bytes) -> None:
        self._pool.append(line)
        if len(self._pool) >= _POOL:
            place = self._draws.randrange(len(self._pool))
            self._pool[place], self._pool[-1] = self._pool[-1], self._pool[place]
            self._file.write(self._pool.pop())
