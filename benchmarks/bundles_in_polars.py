"""All pairs by joining the table of lines with itself, in polars (of Kindred's own environment)."""

import sys

import numpy as np
import polars as pl
from models_timing import Steps, report


def main(data, path, least_count):
    steps = Steps()
    frame = steps.best(
        "read in", lambda: pl.DataFrame({"basket": data["basket"], "item": data["item"]}).cast(pl.Int32)
    )
    pairs = steps.best("all pairs", lambda: counted(frame, least_count)).sort("item", "item_right")
    a, b, count = (pairs[name].to_numpy() for name in ("item", "item_right", "len"))
    np.savez(path, a=a, b=b, count=count)
    report(seconds=steps.seconds, processor_seconds=steps.processor_seconds, pairs=pairs.height)


def counted(frame, least_count):
    frequent = frame.filter(pl.len().over("item") >= least_count).lazy()
    both = frequent.join(frequent, on="basket").filter(pl.col("item") < pl.col("item_right"))
    counts = both.group_by("item", "item_right").len().filter(pl.col("len") >= least_count)
    return counts.collect(engine="streaming")


if __name__ == "__main__":
    main(np.load(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
