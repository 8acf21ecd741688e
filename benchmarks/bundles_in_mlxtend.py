"""The side of mlxtend, run in an environment of its own; Kindred is not installed there."""

import sys
import warnings

import numpy as np
import pandas as pd
from mlxtend.frequent_patterns import association_rules, fpgrowth
from models_timing import Steps, report
from scipy import sparse


def one_hot(data):
    """Return the sparse table of yes and no that mlxtend reads, made the quickest way there is."""
    basket, item = data["basket"], data["item"]
    yes = sparse.csr_matrix((np.ones(basket.size, bool), (basket, item)))
    return pd.DataFrame.sparse.from_spmatrix(yes)


def orders(data, path, least_count):
    steps = Steps()
    table = steps.best("read in", lambda: one_hot(data), times=1)
    least = least_count / len(table)
    found = steps.best("all pairs", lambda: fpgrowth(table, min_support=least, max_len=2), times=1)
    pairs = found[found["itemsets"].map(len) == 2]
    np.savez(path, **pairs_of(pairs, len(table)))
    report(seconds=steps.seconds, processor_seconds=steps.processor_seconds, pairs=len(pairs))


def pairs_of(pairs, basket_count):
    items = np.array([sorted(both) for both in pairs["itemsets"]])
    order = np.lexsort((items[:, 1], items[:, 0]))
    support = pairs["support"].to_numpy()
    return {
        "a": items[order, 0],
        "b": items[order, 1],
        "count": np.rint(support * basket_count).astype(np.int64)[order],
        "support": support[order],
    }


def groceries(data, path, least_count):
    table = one_hot(data)
    found = fpgrowth(table, min_support=least_count / len(table), max_len=4)
    pairs = pairs_of(found[found["itemsets"].map(len) == 2], len(table))
    rules = association_rules(found[found["itemsets"].map(len) <= 2], metric="support", min_threshold=0)
    by_items = {
        (*one, *other): (confidence, lift)
        for one, other, confidence, lift in rules[
            ["antecedents", "consequents", "confidence", "lift"]
        ].itertuples(index=False)
    }
    both = list(zip(pairs["a"], pairs["b"], strict=True))
    numbers = sorted(
        (sorted(items) + [-1] * (4 - len(items)), support)
        for items, support in zip(found["itemsets"], found["support"], strict=True)
    )
    np.savez(
        path,
        **pairs,
        confidence_ab=[by_items[a, b][0] for a, b in both],
        confidence_ba=[by_items[b, a][0] for a, b in both],
        lift=[by_items[a, b][1] for a, b in both],
        sets=[row for row, _ in numbers],
        set_support=[support for _, support in numbers],
    )
    report()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    {"orders": orders, "groceries": groceries}[sys.argv[1]](np.load(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
