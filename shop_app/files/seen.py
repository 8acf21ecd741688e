"""Remembers which orders a file has already shown, in eight bytes each."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Digests = NDArray[np.uint64]


class Seen:
    """A growing set of 64-bit digests; kept as few sorted arrays, so that a look-up is quick."""

    def __init__(self) -> None:
        self._sorted: list[Digests] = []

    def check_and_add(self, keys: pl.Series) -> pl.Series:
        """Tell which keys came before, in earlier calls or earlier in this one, and remember them all."""
        digests = keys.hash(seed=7).to_numpy()
        before = np.zeros(len(digests), dtype=bool)
        for known in self._sorted:
            places = np.searchsorted(known, digests).clip(max=len(known) - 1)
            before |= known[places] == digests
        repeated = ~pl.Series(digests).is_first_distinct().to_numpy()
        self._add(np.unique(digests[~before]))
        return pl.Series(before | repeated)

    def _add(self, fresh: Digests) -> None:
        if not len(fresh):
            return
        self._sorted.append(fresh)
        while len(self._sorted) > 1 and len(self._sorted[-2]) < 2 * len(self._sorted[-1]):
            last = self._sorted.pop()
            self._sorted[-1] = np.sort(np.concatenate([self._sorted[-1], last]))
