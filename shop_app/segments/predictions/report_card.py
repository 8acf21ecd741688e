"""The report card: how good each prediction was on the shop's own past, as plain data."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from shop_app.segments.history import History
from shop_app.segments.predictions.backtest import Trial, run_trials, value_trials, wait_trials
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.cards import rounded
from shop_app.segments.predictions.chance_card import chance_card
from shop_app.segments.predictions.knowledge import Knowledge, foretell
from shop_app.segments.predictions.looks import STEP_DAYS, Look
from shop_app.segments.predictions.measures import population_stability
from shop_app.segments.predictions.orders_card import orders_card
from shop_app.segments.predictions.publishing import ShopFacts, missing
from shop_app.segments.predictions.report_words import report_words
from shop_app.segments.predictions.value_card import value_card
from shop_app.segments.predictions.wait_card import wait_card
from shop_app.segments.predictions.warning_days import warning_days

CUTS = (0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9)
"""Borders between the bands of chances that drift is measured over."""


def shop_facts(everybody: pl.DataFrame, looks: Sequence[Look], *, as_of: datetime) -> ShopFacts:
    """Count what decides on whether a shop has enough past.

    Parameters
    ----------
    everybody
        Features of all customers at ``as_of``.
    looks
        From ``as_of`` and back, the latest first; of all customers or a sample of them.
    as_of
        The moment looked from.
    """
    buyers = everybody.filter(pl.col("order_count") > 0)
    first = buyers["first_order_at"].min()
    weeks = (as_of - first) / timedelta(weeks=1) if isinstance(first, datetime) else 0.0
    rate = _store_rate(looks)
    return ShopFacts(
        buyers=buyers.height,
        repeat_buyers=_repeat_buyers(buyers),
        weeks=weeks,
        expected_positives=(rate or 0.0) * buyers.height,
        repeat_buyers_per_week=_pace(buyers, looks),
    )


def report_card(
    history: History, looks: Sequence[Look], knowledge: Knowledge | None, facts: ShopFacts
) -> dict[str, Any]:
    """Try everything on days of the shop's own past, knowing only what was known then.

    Parameters
    ----------
    history
        The shop's, of all customers or a sample.
    looks
        From today and back, the latest first.
    knowledge
        What is known today; ``None`` without an order.
    facts
        How much past the shop has.

    Returns
    -------
    dict
        Plain values:

        - ``words``: sentences that sum the card up.
        - ``missing``: sentences on what keeps predictions from being shown.
        - ``facts``: see :class:`~shop_app.segments.predictions.publishing.ShopFacts`.
        - ``store_rate_90d``: ``ratio`` of customers who ordered in the newest window that is over (null where
          none is), and whether that is ``low_data``.
        - ``season``: ``kind``, ``words`` and ``orders_factor`` of the coming window.
        - ``order_probability_90d``, ``expected_orders_90d``, ``predicted_clv_365d``, ``next_order``: what the
          ``..._card`` functions of this package return; empty where no day of the past could be tried.
        - ``warning``: see :func:`~shop_app.segments.predictions.warning_days.warning_days`, or null.
        - ``drift``: ``stability_index`` (PSI of the chance of an order, 13 weeks ago against today; null where
          unknown), ``cuts`` between the bands of chances and today's ``shares`` of customers in them.
    """
    with_trees = bool(knowledge and knowledge.chance.trees)
    trials = [] if missing(facts) else run_trials(history, looks, with_trees=with_trees)
    lately = trials[:4]
    card = {
        "facts": facts.to_json(),
        "missing": missing(facts),
        "store_rate_90d": {"ratio": rounded(_store_rate(looks)), "low_data": bool(missing(facts))},
        "season": _season(knowledge),
        "order_probability_90d": chance_card(lately),
        "expected_orders_90d": orders_card(lately),
        "predicted_clv_365d": value_card(value_trials(history, looks, trials)),
        "next_order": wait_card(wait_trials(history, looks, trials)),
        "warning": warning_days(looks, trials),
        "drift": _drift(looks, knowledge, trials),
    }
    return {"words": report_words(card), **card}


def score_drift(chance: Real, report: Mapping[str, Any]) -> float | None:
    """Say how far chances of an order have moved since the fit (PSI); under .1 little, over .25 much."""
    drift = report.get("drift") or {}
    if not drift.get("shares") or not chance.size:
        return None
    return population_stability(np.array(drift["shares"]) * chance.size, _in_bands(chance))


def _store_rate(looks: Sequence[Look]) -> float | None:
    over = [look.outcomes for look in looks if look.outcomes is not None]
    return float((over[0]["visit_count"] > 0).mean()) if over else None  # type: ignore[arg-type]


def _repeat_buyers(buyers: pl.DataFrame) -> int:
    return buyers.filter(pl.col("repeat_count") > 0).height


def _pace(buyers: pl.DataFrame, looks: Sequence[Look]) -> float | None:
    """Count who came back for the first time in the last 13 weeks, scaled from the sample to the shop."""
    if len(looks) < 2 or not looks[0].buyers.height:  # noqa: PLR2004 — now and before
        return None
    gained = _repeat_buyers(looks[0].buyers) - _repeat_buyers(looks[1].buyers)
    return gained * buyers.height / looks[0].buyers.height / (STEP_DAYS / 7)


def _season(knowledge: Knowledge | None) -> dict[str, Any] | None:
    if knowledge is None:
        return None
    season = knowledge.season
    return {"kind": season.kind, "words": season.words, "orders_factor": rounded(knowledge.orders_factor)}


def _drift(
    looks: Sequence[Look], knowledge: Knowledge | None, trials: Sequence[Trial]
) -> dict[str, Any] | None:
    if knowledge is None or not looks:
        return None
    chance = foretell(looks[0].buyers, knowledge).chance
    counts = _in_bands(chance)
    before = trials[0].forecast.chance if trials and trials[0].step == 1 else None
    index = None if before is None else rounded(population_stability(_in_bands(before), counts))
    return {
        "stability_index": index,
        "cuts": list(CUTS),
        "shares": [round(float(share), 6) for share in counts / counts.sum()],
    }


def _in_bands(chance: Real) -> Real:
    counts = np.bincount(np.searchsorted(CUTS, chance, side="right"), minlength=len(CUTS) + 1)
    return counts.astype(np.float64)
