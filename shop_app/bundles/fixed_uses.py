"""How many fixed bundles an order holds: as its lines tell, or else by what was paid for the parts."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shop_app.bundles.terms import Terms


def fixed_uses(priced: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Return the lines that made up bundles, with how many each order holds: ``order_id``, ``line``, ``times``.

    Parameters
    ----------
    priced
        ``order_id``, ``line``, ``item_id``, ``bought``, ``total``, ``is_told`` (whether the order tells which
        bundles it holds) and ``is_named`` (whether the line was sold as a part of this one).
    terms
        Of a fixed bundle.
    """
    told = _told(priced.filter("is_told", "is_named"), terms)
    return pl.concat([told, _inferred(priced.filter(~pl.col("is_told")), terms)])


def _told(parts: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Return every line that was sold as a part, with how many whole bundles those of an order make."""
    wanted = pl.DataFrame(
        [(part.item_id, part.quantity) for part in terms.parts],
        schema={"item_id": pl.Int64, "needed": pl.Int64},
        orient="row",
    )
    pieces = parts.group_by("order_id", "item_id").agg(pl.col("bought").sum())
    orders = (
        pieces.join(wanted, on="item_id")
        .group_by("order_id")
        .agg(item_count=pl.len(), fewest=(pl.col("bought") // pl.col("needed")).min())
    )
    whole = orders.filter(pl.col("item_count") == wanted.height).select("order_id", times="fewest")
    # Somebody may have changed its parts in Shopify, or edited the order: it was sold all the same.
    times = pl.col("times").fill_null(1).clip(lower_bound=1)
    return parts.select("order_id", "line").join(whole, on="order_id", how="left").with_columns(times)


def _inferred(priced: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Return the lines at no more than the bundle's price together, with how many bundles they make."""
    wanted = {part.item_id: part.quantity for part in terms.parts}
    complete = (
        priced.group_by("order_id").agg(pl.col("item_id").n_unique()).filter(pl.col("item_id") == len(wanted))
    )
    rows = []
    holding = priced.join(complete.select("order_id"), on="order_id")
    for (order_id,), order in holding.group_by("order_id", maintain_order=True):
        times, used = _bundles_in(order.to_dicts(), wanted, terms.price or 0)
        rows += [{"order_id": order_id, "line": line, "times": times} for line in used]
    return pl.DataFrame(rows, schema={"order_id": pl.Int64, "line": pl.UInt32, "times": pl.Int64})


def _bundles_in(
    order: Sequence[Mapping[str, Any]], wanted: Mapping[int, int], price: int
) -> tuple[int, list[int]]:
    """Return how many bundles an order holds, and the lines they are made of, its cheapest ones first."""
    by_item: dict[int, list[Mapping[str, Any]]] = {}
    for line in sorted(order, key=lambda line: (line["total"] / line["bought"], line["line"])):
        by_item.setdefault(line["item_id"], []).append(line)
    pieces = {item_id: sum(line["bought"] for line in of_it) for item_id, of_it in by_item.items()}
    most = min(pieces[item_id] // quantity for item_id, quantity in wanted.items())

    def is_dearer(times: int) -> bool:
        return _made_of(by_item, wanted, times)[0] > price * times + 1e-6

    # The cheapest pieces go first, so each further bundle costs as much as the one before it, or more.
    times = bisect_right(range(1, most + 1), False, key=is_dearer)
    return times, _made_of(by_item, wanted, times)[1]


def _made_of(
    by_item: Mapping[int, Sequence[Mapping[str, Any]]], wanted: Mapping[int, int], times: int
) -> tuple[float, list[int]]:
    """Return what was paid for the goods of so many bundles, the cheapest pieces first, and their lines."""
    paid, used = 0.0, []
    for item_id, quantity in wanted.items():
        missing = quantity * times
        for line in by_item[item_id]:
            if missing <= 0:
                break
            taken = min(missing, line["bought"])
            paid += line["total"] * taken / line["bought"]
            missing -= taken
            used.append(line["line"])
    return paid, used
