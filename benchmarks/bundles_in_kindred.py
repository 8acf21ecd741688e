"""Kindred's side of the pairs: from a table of orders and items."""

import resource
import sys

import numpy as np
import polars as pl
from models_timing import Steps, report

from shop_app.bundles.associations import AssociationRules, find_associations
from shop_app.bundles.baskets import baskets_of
from shop_app.bundles.counting import count_pairs
from shop_app.bundles.itemsets import frequent_itemsets


def orders(frame, path, least_count):
    steps = Steps()
    baskets = steps.best("read in", lambda: baskets_of(frame))
    a, b, count = steps.best("all pairs", lambda: count_pairs(baskets, least_count=least_count))
    np.savez(path, **by_number(baskets, a, b, count))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    steps.best(
        "the evidence of each pair",
        lambda: find_associations(baskets, AssociationRules(least_count=least_count)),
        times=1,
    )
    evidence_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    times = {"seconds": steps.seconds, "processor_seconds": steps.processor_seconds}
    report(**times, pairs=a.size, peak_mb_pairs=peak, peak_mb_evidence=evidence_peak)


def by_number(baskets, a, b, count):
    """Return the pairs by the numbers of the items, ascending, as all sides give them."""
    number = baskets.keys["key"].cast(pl.Int64).to_numpy()
    low, high = np.minimum(number[a], number[b]), np.maximum(number[a], number[b])
    order = np.lexsort((high, low))
    return {"a": low[order], "b": high[order], "count": count[order]}


def groceries(frame, path, least_count):
    baskets = baskets_of(frame)
    pairs = find_associations(baskets, AssociationRules(least_count=least_count)).pairs
    a, b = pairs["a"].cast(pl.Int64), pairs["b"].cast(pl.Int64)
    turned = (a > b).to_numpy()
    ab, ba = pairs["confidence_ab"].to_numpy(), pairs["confidence_ba"].to_numpy()
    columns = {
        "a": np.where(turned, b, a),
        "b": np.where(turned, a, b),
        "count": pairs["count"].to_numpy(),
        "support": pairs["support"].to_numpy(),
        "confidence_ab": np.where(turned, ba, ab),
        "confidence_ba": np.where(turned, ab, ba),
        "lift": pairs["lift"].to_numpy(),
    }
    order = np.lexsort((columns["b"], columns["a"]))
    sets = frequent_itemsets(baskets, least_count=least_count)
    numbers = sorted(
        (sorted(map(int, items)) + [-1] * (4 - len(items)), support)
        for items, support in sets.select("items", "support").iter_rows()
    )
    found = {name: column[order] for name, column in columns.items()}
    np.savez(path, **found, sets=[row for row, _ in numbers], set_support=[support for _, support in numbers])
    report()


if __name__ == "__main__":
    data = np.load(sys.argv[2])
    table = pl.DataFrame({"basket": data["basket"], "item": data["item"]})
    {"orders": orders, "groceries": groceries}[sys.argv[1]](table, sys.argv[3], int(sys.argv[4]))
