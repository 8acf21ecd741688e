"""When a customer usually buys, as far as one can know it: the hour and the weekday to write at."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from shop_app.segments.predictions.columns import numbers, ratio

LEAST_PULL, MOST_PULL = 0.5, 20.0
"""Bounds of the shop's say, in orders of the customer's own."""

_SLOTS = {"hour": range(24), "weekday": range(1, 8)}


@dataclass(frozen=True, slots=True)
class Slots:
    """When this shop's customers buy.

    Attributes
    ----------
    shares
        Of the orders at each hour from 0, or on each weekday from Monday; they add up to 1.
    pull
        How many orders of a customer's own the shop's shares weigh as much as.
    """

    shares: tuple[float, ...]
    pull: float


@dataclass(frozen=True, slots=True)
class Timing:
    """The shop's hours and weekdays."""

    hour: Slots
    weekday: Slots

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        slots = {name: Slots(tuple(stored[name]["shares"]), stored[name]["pull"]) for name in _SLOTS}
        return cls(**slots)


def fit_timing(features: pl.DataFrame) -> Timing:
    """Learn when the shop's customers buy, and how true they are to their own time.

    Parameters
    ----------
    features
        ``order_count``, ``usual_hour``, ``usual_weekday`` and how many of the orders were then:
        ``usual_hour_count``, ``usual_weekday_count``; one row a customer.

    Notes
    -----
    A customer's habits are taken as drawn around the shop's (Dirichlet). How close shows in those with two
    orders: with a pull of m, these meet in a slot with the chance ``(1 + m * s) / (1 + m)``, where ``s`` is the
    chance that orders of two customers do.
    """
    slots = {name: _fit(features, name, list(numbered)) for name, numbered in _SLOTS.items()}
    return Timing(slots["hour"], slots["weekday"])


def score_timing(features: pl.DataFrame, timing: Timing) -> pl.DataFrame:
    """Choose the hour and weekday at which an order of this customer is likeliest.

    Returns
    -------
    polars.DataFrame
        ``send_hour`` (0 to 23) and ``send_weekday`` (1 Monday to 7 Sunday), Int16, in the order of
        ``features``; null without an order. The customer's own usual time where their orders speak for it more
        than the shop's busiest time does; otherwise that.
    """
    chosen = {f"send_{name}": _score(features, name, getattr(timing, name)) for name in _SLOTS}
    return pl.DataFrame([pl.Series(name, values, strict=False) for name, values in chosen.items()])


def _fit(features: pl.DataFrame, name: str, numbered: list[int]) -> Slots:
    known = features.filter(pl.col(f"usual_{name}").is_not_null())
    places = known[f"usual_{name}"].cast(pl.Int64).to_numpy() - numbered[0]
    counts = known[f"usual_{name}_count"].to_numpy()
    # Half an order to every slot, so that an empty shop has shares as well.
    orders = np.bincount(places, counts, len(numbered)) + 0.5
    shares = orders / orders.sum()
    by_chance = float(np.sum(shares * shares))
    two = counts[known["order_count"].to_numpy() == 2]  # noqa: PLR2004 — two orders meet or they do not
    met = (float((two == 2).sum()) + by_chance) / (two.size + 1.0)  # noqa: PLR2004
    pull = (1.0 - met) / (met - by_chance) if met > by_chance else MOST_PULL
    return Slots(tuple(float(share) for share in shares), float(np.clip(pull, LEAST_PULL, MOST_PULL)))


def _score(features: pl.DataFrame, name: str, slots: Slots) -> pl.Series:
    first = _SLOTS[name][0]
    usual, at_usual = numbers(features, f"usual_{name}"), numbers(features, f"usual_{name}_count")
    orders = numbers(features, "order_count")
    known = ~np.isnan(usual)
    shares = np.array(slots.shares)
    busiest = int(shares.argmax())
    place = np.where(known, usual - first, busiest).astype(np.int64)
    own_share = shares[place]
    own = at_usual + slots.pull * own_share
    # Of the orders at other times, the busiest slot is taken to have had its share.
    rest = ratio((orders - at_usual) * shares[busiest], 1.0 - own_share)
    shop = np.nan_to_num(rest) + slots.pull * shares[busiest]
    best = np.where(own >= shop, place, busiest) + first
    return pl.Series(pl.Series(np.where(known, best, np.nan)).fill_nan(None), dtype=pl.Int16)
