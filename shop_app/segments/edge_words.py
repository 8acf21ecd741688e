"""Marks in words: what a mark means in days, orders and money."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from shop_app.segments.rfm_edges import MeasureEdges, RfmEdges


def describe_marks(edges: RfmEdges | MeasureEdges, money: Callable[[int], str]) -> dict[str, dict[int, str]]:
    """Say what every mark means.

    Parameters
    ----------
    edges
        The shop's stored edges; of :class:`~shop_app.segments.rfm_edges.RfmEdges` the marks 1 to 5.
    money
        Turns minor units into text for people.

    Returns
    -------
    dict
        ``recency_days``, ``order_count`` and ``total_spent``, each from the lowest mark to the highest: for
        recency 1 ``"240 days ago or more"``, for orders 4 ``"4 or 5 orders"``, for money 2 ``"€37.50 to
        below €75.00"``.
    """
    recency, spent = [_days(edge) for edge in edges.recency_days], [money(edge) for edge in edges.total_spent]
    ago = [
        f"less than {recency[0]} days ago",
        *(f"{low} to less than {high} days ago" for low, high in _between(recency)),
        f"{recency[-1]} days ago or more",
    ]
    bands = [
        f"less than {spent[0]}",
        *(f"{low} to below {high}" for low, high in _between(spent)),
        f"{spent[-1]} or more",
    ]
    return {
        "recency_days": dict(enumerate(reversed(ago), start=1)),
        "order_count": dict(enumerate(_orders(edges.order_count), start=1)),
        "total_spent": dict(enumerate(bands, start=1)),
    }


def _between(edges: Sequence[str]) -> list[tuple[str, str]]:
    return list(pairwise(edges))


def _days(edge: float) -> str:
    """Write days as people do: with one digit behind the point, and without it where that is a nought."""
    return f"{edge:.1f}".removesuffix(".0")


def _orders(edges: Sequence[int]) -> list[str]:
    starts = [1, *edges]
    closed = [_order_span(low, high - 1) for low, high in pairwise(starts)]
    return [*closed, f"{edges[-1]} orders or more"]


def _order_span(low: int, high: int) -> str:
    if low == high:
        return f"{low} order" if low == 1 else f"{low} orders"
    joined = "or" if high == low + 1 else "to"
    return f"{low} {joined} {high} orders"
