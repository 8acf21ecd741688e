"""What the chance of an order is told from."""

from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import logit

from shop_app.segments.predictions.btyd_scores import order_probability
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.cadence import Cadence, log_drift
from shop_app.segments.predictions.columns import log_of_more, numbers, ratio
from shop_app.segments.predictions.one_by_one import log
from shop_app.segments.predictions.purchase_parameters import PurchaseParameters
from shop_app.segments.predictions.spend import SpendParameters

_NEARLY = 1e-6
_MOST_TREND = 2.0
"""Gaps that grew or shrank more than sevenfold are taken as sevenfold: of few gaps anything may come."""

LINES = (
    *("plain", "likeliest", "recency_log", "repeats_log", "spend_log", "tenure_log", "drift_log"),
    *("overdue_log", "repeats_by_recency", "trend_log", "items_log", "split_orders_log"),
)
"""Columns that the logit is taken to be a straight line of: two purchase models' own logits, and logarithms."""

STEPS = (
    *("recency_days", "tenure_days", "order_count", "t_x_days", "spend_per_visit", "order_value_deviation"),
    *("items_per_order", "interval_mean_days", "interval_trend_ratio", "discount_share_ratio"),
    *("usual_hour", "usual_weekday"),
)
"""Features that trees ask about as they are, beside :data:`OF_LINES`."""

OF_LINES = ("plain", "likeliest", "drift_log")


class Teachers(NamedTuple):
    """What has been learned by one day: the likeliest purchase model, BG/NBD as the plain one, gaps, spend."""

    purchases: PurchaseParameters
    plain: PurchaseParameters
    cadence: Cadence
    spend: SpendParameters


def closed_form(buyers: pl.DataFrame, purchases: PurchaseParameters, days: float) -> Real:
    """Give the logit of an order in so many days as a purchase model has it, within a million to one."""
    chance = order_probability(buyers, purchases, days)
    return np.asarray(logit(np.clip(chance, _NEARLY, 1.0 - _NEARLY)))


def line_columns(buyers: pl.DataFrame, teachers: Teachers, days: float) -> dict[str, Real]:
    """Give the columns of :data:`LINES`, NaN where unknown, in the order of ``buyers``."""
    recency = log_of_more(numbers(buyers, "recency_days"))
    repeats = log_of_more(numbers(buyers, "repeat_count"))
    drift = log_drift(buyers, teachers.cadence)
    trend = numbers(buyers, "interval_trend_ratio")
    trend = log(np.where(trend > 0, trend, np.nan))
    split = ratio(numbers(buyers, "order_count"), numbers(buyers, "repeat_count") + 1.0)
    return {
        "plain": closed_form(buyers, teachers.plain, days),
        "likeliest": closed_form(buyers, teachers.purchases, days),
        "recency_log": recency,
        "repeats_log": repeats,
        "spend_log": log_of_more(numbers(buyers, "spend_per_visit")),
        "tenure_log": log_of_more(numbers(buyers, "tenure_days")),
        "drift_log": drift,
        "overdue_log": np.maximum(drift, 0.0),
        "repeats_by_recency": repeats * recency,
        "trend_log": np.clip(np.nan_to_num(trend, nan=0.0), -_MOST_TREND, _MOST_TREND),
        "items_log": log_of_more(numbers(buyers, "items_per_order")),
        "split_orders_log": log(split),
    }


def step_columns(buyers: pl.DataFrame, lines: dict[str, Real]) -> dict[str, Real]:
    """Give the columns that trees ask about, NaN where unknown, in the order of ``buyers``."""
    asked = {name: numbers(buyers, name) for name in STEPS}
    return asked | {name: lines[name] for name in OF_LINES}
