"""Make orders with a heavy tail: most hold a few products, one in a hundred is a wholesaler's with many more.

    python benchmarks/bundles_make_orders.py ORDERS PRODUCTS FILE

Products are as popular as 1 / (rank + 30); in a quarter of the places stands a neighbour of the one before it,
so that there is something to find. The seed is fixed.
"""

import sys

import numpy as np


def main(orders, products, path):
    rng = np.random.default_rng(20261130)
    wholesale = (rng.random(orders) < 0.01) * rng.geometric(0.03, orders)
    sizes = np.minimum(rng.geometric(0.3, orders) + wholesale, 400)
    chances = np.cumsum(1 / (np.arange(products) + 30.0))
    item = np.searchsorted(chances / chances[-1], rng.random(int(sizes.sum())))
    beside = np.flatnonzero(rng.random(item.size - 1) < 0.25) + 1
    item[beside] = (item[beside - 1] // 10) * 10 + rng.integers(0, 10, beside.size)
    item = np.minimum(item, products - 1)
    both = np.sort(np.repeat(np.arange(orders), sizes) * products + item)
    both = both[np.concatenate(([True], both[1:] != both[:-1]))]
    basket, item = np.divmod(both, products)
    np.savez(path, basket=basket, item=item)
    sizes = np.bincount(basket)
    couples = int((sizes * (sizes - 1) // 2).sum())
    print(f"  {both.size:,} lines, {couples:,} couples, the widest order has {sizes.max()} products")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
