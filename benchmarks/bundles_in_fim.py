"""The side of fim, a library in C, run in an environment of its own; Kindred is not installed there."""

import sys

import fim
import numpy as np
from models_timing import Steps, report


def main(data, path, least_count):
    steps = Steps()
    ends = np.cumsum(np.bincount(data["basket"]))[:-1]
    lists = steps.best("read in", lambda: [part.tolist() for part in np.split(data["item"], ends)], times=1)
    for name in ("fpgrowth", "eclat"):
        mine = getattr(fim, name)
        found = steps.best(
            f"all pairs, {name}", lambda mine=mine: mine(lists, supp=-least_count, zmin=2, zmax=2)
        )
    rows = np.array([(*sorted(items), count) for items, count in found], dtype=np.int64)
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    np.savez(path, a=rows[:, 0], b=rows[:, 1], count=rows[:, 2])
    report(seconds=steps.seconds, processor_seconds=steps.processor_seconds, pairs=len(rows))


if __name__ == "__main__":
    main(np.load(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
