"""What could be told of an offer to a segment, said before it begins: how large an effect has to be."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from shop_app.bundles.effect import Plan, least_detectable_ratio, winsor_cap

WINDOW_DAYS = 45
"""How long an offer is measured: fixed before it starts. Tests of this kind run 30 to 45 days."""
_USUAL_PERCENT = 10
"""Left out by lot, where the merchant has not chosen a share."""


def foresee(
    orders: pl.DataFrame, segments: pl.DataFrame, holdouts: Mapping[str, int], *, as_of: datetime
) -> dict[str, dict[str, Any]]:
    """Return for each segment what a control group could tell of an offer to it, judged by the last 45 days.

    Parameters
    ----------
    orders
        ``customer_id``, ``at``, ``net_revenue`` (minor units): counted orders.
    segments
        ``customer_id``, ``segment``: today's.
    holdouts
        Percent of a segment that is left out by lot, where that is chosen.

    Returns
    -------
    dict
        By slug: ``left_out_percent``, ``has_control``, ``is_enough`` (customers enough to be measured at all),
        ``customers`` and ``least_effect_ratio`` (0.1 is 10 %; ``None`` where nobody of them bought). What the
        model expects is not used here, which makes the figure a cautious one.
    """
    within = orders.filter(pl.col("at") >= as_of - timedelta(days=WINDOW_DAYS), pl.col("at") < as_of)
    spent = within.group_by("customer_id").agg(spent=pl.col("net_revenue").sum())
    people = (
        segments.drop_nulls()
        .join(spent, on="customer_id", how="left")
        .with_columns(pl.col("spent").fill_null(0).cast(pl.Float64))
    )
    return {
        str(slug): _foreseen(own["spent"].to_numpy(), holdouts.get(str(slug), 0))
        for (slug,), own in people.sort("segment", "customer_id").group_by("segment", maintain_order=True)
    }


def foresight_words(facts: Mapping[str, Any], name: str) -> str:
    """Say it in a sentence for the page of a draft; "" where nothing is known of the segment."""
    if "left_out_percent" not in facts:
        return ""
    customers, percent = facts["customers"], facts["left_out_percent"]
    least, enough = facts["least_effect_ratio"], facts["is_enough"]
    group = f"With {percent} % of {name} left out by lot"
    if not facts["has_control"]:
        group = f"{name} has no control group, so an effect could not be told. With {percent} % left out by lot"
    if not enough:
        return f"{group}, {customers:,} customers are too few: the effect of this offer cannot be measured."
    if least is None:
        return f"{group} nothing could be told: nobody of them bought in the last {WINDOW_DAYS} days."
    return (
        f"{group}, spending must change by about {round(least * 100)} % or more within {WINDOW_DAYS} days to "
        "be seen in four of five such measurements."
    )


def _foreseen(spent: np.ndarray[Any, np.dtype[np.float64]], chosen_percent: int) -> dict[str, Any]:
    percent = chosen_percent or _USUAL_PERCENT
    cap = winsor_cap(spent)
    outcome = spent if cap is None else np.minimum(spent, cap)
    control = round(spent.size * percent / 100)
    least = least_detectable_ratio(
        outcome, np.zeros(spent.size), treated_count=spent.size - control, control_count=control
    )
    return {
        "left_out_percent": percent,
        "has_control": chosen_percent > 0,
        "is_enough": spent.size >= Plan().least_customers,
        "least_effect_ratio": least,
        "customers": spent.size,
    }
