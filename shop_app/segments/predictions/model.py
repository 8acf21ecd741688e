"""What is probable of each customer: fitted once on the shop's past, scored as often as needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from shop_app.segments.history import History
from shop_app.segments.predictions.affinity import Affinity, fit_affinity, score_affinity
from shop_app.segments.predictions.backtest import teaching
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.cadence import score_cadence
from shop_app.segments.predictions.columns import column
from shop_app.segments.predictions.knowledge import Knowledge, foretell, learn_all
from shop_app.segments.predictions.looks import known_by, looks_back, sampled
from shop_app.segments.predictions.price_sensitivity import (
    PriceHabits,
    fit_price_sensitivity,
    score_price_sensitivity,
)
from shop_app.segments.predictions.publishing import DESCRIPTIONS, missing, published
from shop_app.segments.predictions.report_card import report_card, shop_facts
from shop_app.segments.predictions.timing import Timing, fit_timing, score_timing

PREDICTION_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "expected_orders_90d": pl.Float64,
    "order_probability_90d": pl.Float64,
    "churn_probability_90d": pl.Float64,
    "predicted_clv_365d": pl.Float64,
    "predicted_clv_365d_low": pl.Float64,
    "predicted_clv_365d_high": pl.Float64,
    "next_order_from": pl.Date,
    "next_order_to": pl.Date,
    "send_hour": pl.Int16,
    "send_weekday": pl.Int16,
    "price_sensitivity_index": pl.Float64,
    "usual_gap_days": pl.Float64,
    "cadence_drift_ratio": pl.Float64,
    "affinity_category": pl.String,
    "affinity_ratio": pl.Float64,
}

REPORT_STEPS, LIGHT_STEPS = 10, 1
"""How many looks back of 13 weeks are taken, with the report card and without; fewer in a younger shop."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What has been learned of a shop's customers.

    Attributes
    ----------
    knowledge
        Of what they will do; ``None`` in a shop without an order.
    timing, price_habits, affinity
        Of when, for what price and what they buy.
    published
        For each column of :data:`PREDICTION_SCHEMA` why it is not shown, empty text where it is.
    report
        The report card, see :func:`~shop_app.segments.predictions.report_card.report_card`.
    """

    knowledge: Knowledge | None
    timing: Timing
    price_habits: PriceHabits
    affinity: Affinity
    published: dict[str, str]
    report: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Give all that scores are made of as plain values; the report is kept beside them, not in them."""
        return {
            "knowledge": self.knowledge.to_json() if self.knowledge else None,
            "timing": self.timing.to_json(),
            "price_habits": self.price_habits.to_json(),
            "affinity": self.affinity.to_json(),
            "published": dict(self.published),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave; the report is empty."""
        return cls(
            knowledge=Knowledge.from_json(stored["knowledge"]) if stored["knowledge"] else None,
            timing=Timing.from_json(stored["timing"]),
            price_habits=PriceHabits.from_json(stored["price_habits"]),
            affinity=Affinity.from_json(stored["affinity"]),
            published=dict(stored["published"]),
            report={},
        )


def fit_predictions(history: History, *, as_of: datetime, report: bool = True) -> Predictions:
    """Learn from a shop's past what its customers will probably do.

    Parameters
    ----------
    history
        The shop's facts. What lies after ``as_of`` is not looked at.
    as_of
        The moment looked from; aware.
    report
        Whether to try everything on the shop's own past first, which takes about ten times as long and is left
        out where there is too little past for any prediction. Without it
        only the newest window that is over is learned from, and a prediction is published wherever there is
        enough past for one: for looks at the past, of which there are many.

    Returns
    -------
    Predictions
        Defined for every shop, an empty one with it.

    Notes
    -----
    At most 100,000 customers are learned from, always the same ones.
    """
    known = known_by(history, as_of)
    few = sampled(known)
    looks = looks_back(few, as_of, LIGHT_STEPS)
    everybody = known.features_at(as_of)
    facts = shop_facts(everybody, looks, as_of=as_of)
    tried = report and not missing(facts)
    if tried:
        looks = looks_back(few, as_of, REPORT_STEPS)
    knowledge = learn_all(few, looks[0], teaching(looks, 0), with_trees=tried) if looks else None
    card = report_card(few, looks, knowledge, facts) if report else None
    return Predictions(
        knowledge=knowledge,
        timing=fit_timing(everybody),
        price_habits=fit_price_sensitivity(everybody),
        affinity=fit_affinity(known, as_of=as_of),
        published=published(facts, card),
        report=card or {},
    )


def score_predictions(
    features: pl.DataFrame, predictions: Predictions, *, as_of: datetime, timezone: str
) -> pl.DataFrame:
    """Foretell what each customer will do.

    Parameters
    ----------
    features
        One row a customer, from :func:`~shop_app.segments.features.build_features` at ``as_of``.
    predictions
        From :func:`fit_predictions` on this shop.
    as_of
        The moment looked from; aware.
    timezone
        The shop's, as in the IANA database: dates are its own.

    Returns
    -------
    polars.DataFrame
        ``customer_id`` and the columns of :data:`PREDICTION_SCHEMA`, in the order of ``features``: chances 0 to
        1, ``expected_orders_90d`` and money (minor units) 0 or more. All of a row is null without an order, and
        a column for everybody where it is not published. The dates are null where an order within 180 days is
        less likely than not.
    """
    described = [
        score_timing(features, predictions.timing),
        score_price_sensitivity(features, predictions.price_habits),
        score_affinity(features, predictions.affinity),
    ]
    if predictions.knowledge is not None:
        described.append(score_cadence(features, predictions.knowledge.teachers.cadence))
    bought = pl.Series((features["order_count"] > 0).fill_null(value=False))
    told = _told(
        features.filter(bought), bought.to_numpy(), predictions, as_of.astimezone(ZoneInfo(timezone)).date()
    )
    parts = {one.name: one for frame in described for one in frame.get_columns()} | told
    shown = [name for name in PREDICTION_SCHEMA if not predictions.published.get(name) and name in parts]
    whole = pl.DataFrame([features["customer_id"], *(parts[name].alias(name) for name in shown)])
    return whole.select(
        "customer_id",
        *(
            pl.when(bought).then(pl.col(name) if name in shown else pl.lit(None)).cast(kind).alias(name)
            for name, kind in PREDICTION_SCHEMA.items()
        ),
    )


def _told(
    buyers: pl.DataFrame, bought: np.ndarray, predictions: Predictions, today: date
) -> dict[str, pl.Series]:
    """Foretell what is published of the customers with an order, and leave the other rows empty."""
    needed = any(not predictions.published.get(name) for name in PREDICTION_SCHEMA if name not in DESCRIPTIONS)
    if predictions.knowledge is None or not needed:
        return {}
    forecast = foretell(buyers, predictions.knowledge)
    numbers = {
        "expected_orders_90d": forecast.orders,
        "order_probability_90d": forecast.chance,
        "churn_probability_90d": 1.0 - forecast.chance,
        "predicted_clv_365d": forecast.value,
        "predicted_clv_365d_low": forecast.value_low,
        "predicted_clv_365d_high": forecast.value_high,
    }
    days = {"next_order_from": np.floor(forecast.band_from), "next_order_to": np.ceil(forecast.band_to)}
    return {name: _in_place(name, values, bought) for name, values in numbers.items()} | {
        name: _dates(_in_place(name, values, bought), today) for name, values in days.items()
    }


def _in_place(name: str, values: Real, bought: np.ndarray) -> pl.Series:
    whole = np.full(bought.size, np.nan)
    whole[bought] = values
    return column(name, whole)


def _dates(days: pl.Series, today: date) -> pl.Series:
    since_1970 = (today - date(1970, 1, 1)).days
    return (days.cast(pl.Int32) + since_1970).cast(pl.Date)
