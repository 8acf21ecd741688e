"""The audit of a fit: whether offers and predictions treat groups of people alike."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from shop_app.segments.fairness import audit_fairness
from shop_app.segments.fairness_people import is_business, is_new, with_offers
from shop_app.segments.grouping.model import Grouping, score_grouping
from shop_app.segments.history import History
from shop_app.segments.playbook import play_for
from shop_app.segments.segment_groups import PROSPECTS
from shop_app.storage.person_traits import read_traits

HORIZON_DAYS = 90


def audit_fit(
    shop_id: int, history: History, scored_at: Callable[[datetime], pl.DataFrame], grouping: Grouping
) -> dict[str, Any]:
    """Compare offers as the new groups would make them, and predictions as they were 90 days ago.

    Nothing is stored of whom: the answer holds figures of groups of at least five people only. Country, tags
    and channel are today's.
    """
    scored = scored_at(history.as_of).filter(pl.col("order_count") > 0)
    segments = score_grouping(scored, grouping, None)["segment"]
    plays = {group.slug: play_for(group.archetype) for group in grouping.groups}
    plays[PROSPECTS.slug] = play_for(PROSPECTS.slug)
    offered = with_offers(scored.with_columns(segment=segments), plays, margin_ratio=None)
    people = offered.join(read_traits(shop_id), on="customer_id", how="left", maintain_order="left")
    people = people.join(_predicted(history, scored_at), on="customer_id", how="left", maintain_order="left")
    return audit_fairness(
        people.select(
            "country",
            "channel",
            "has_offer",
            "depth_ratio",
            "predicted",
            "happened",
            is_b2b=is_business(people["tags"]),
            is_new=is_new(people["tenure_days"]),
        )
    )


def _predicted(history: History, scored_at: Callable[[datetime], pl.DataFrame]) -> pl.DataFrame:
    """Return what was predicted 90 days ago, and what came of it; no row where the shop is younger."""
    moment = history.as_of - timedelta(days=HORIZON_DAYS)
    first = history.first_order_at()
    if first is None or first >= moment:
        schema = {"customer_id": pl.Int64, "predicted": pl.Float64, "happened": pl.Boolean}
        return pl.DataFrame(schema=schema)
    then = scored_at(moment).select("customer_id", predicted="order_probability_90d")
    outcomes = history.outcomes(moment, HORIZON_DAYS)
    return then.join(outcomes.select("customer_id", happened=pl.col("order_count") > 0), on="customer_id")
