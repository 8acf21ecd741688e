"""Chance that depends on nothing but the seed, the purpose and the thing it is drawn for.

Every figure is an integer from a counter-based hash (the finalizer of SplitMix64), never a float and never
the next number of a stream. So a draw comes out the same on every machine, under every version of NumPy, in
whatever order and in whatever portion of the store it is made, and a new purpose shifts no old one.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MYRIAD = 10_000  # chances are stated in ten-thousandths

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


class Draws:
    """The chances of one store."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def bits(self, purpose: str, keys: Ints) -> Ints:
        """Return 32 fresh bits a key, as a number from 0 to 2**32 - 1."""
        digest = blake2b(f"{self.seed}:{purpose}".encode(), digest_size=8).digest()
        salt = np.array(int.from_bytes(digest, "little"), dtype=np.uint64)
        mixed = keys.astype(np.uint64) * _STEP + salt
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
        return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(32)).astype(np.int64)

    def below(self, purpose: str, keys: Ints, limit: int | Ints) -> Ints:
        """Return numbers from 0 to ``limit`` - 1, all equally likely; no limit may pass 2**31."""
        if np.max(limit, initial=0) > 1 << 31:
            raise ValueError(f"{purpose}: a limit is past 2**31, where 32 bits are too few")
        return (self.bits(purpose, keys) * limit) >> 32

    def between(self, purpose: str, keys: Ints, low: int | Ints, high: int | Ints) -> Ints:
        """Return numbers from ``low`` to ``high``, both included."""
        drawn: Ints = low + self.below(purpose, keys, high - low + 1)
        return drawn

    def chance(self, purpose: str, keys: Ints, myriadths: int | Ints) -> Flags:
        """Return true with the given chance out of 10,000."""
        hit: Flags = self.below(purpose, keys, MYRIAD) < myriadths
        return hit

    def pick(self, purpose: str, keys: Ints, weights: Sequence[int] | Ints) -> Ints:
        """Return positions in ``weights``, each as likely as its weight says."""
        edges = np.cumsum(np.asarray(weights, dtype=np.int64))
        drawn = self.below(purpose, keys, int(edges[-1]))
        found: Ints = np.searchsorted(edges, drawn, side="right")
        return found

    def pick_by_row(self, purpose: str, keys: Ints, table: Ints, rows: Ints) -> Ints:
        """Return positions drawn by the weights of one row of ``table`` for each key."""
        width = table.shape[1]
        edges = np.cumsum(table.ravel())
        totals = table.sum(axis=1)
        begins = np.concatenate([np.zeros(1, dtype=np.int64), edges[width - 1 : -1 : width]])
        drawn = begins[rows] + self.below(purpose, keys, totals[rows])
        found: Ints = np.searchsorted(edges, drawn, side="right") - rows * width
        return found
