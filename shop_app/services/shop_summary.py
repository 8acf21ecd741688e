"""The overview of a shop in one plain value: what the first screen and `kindred segments` show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from shop_app.segments.ledger import loose_refunds
from shop_app.segments.summary import summarise_segments
from shop_app.segments.vocabularies import ladder_for
from shop_app.services.live_models import LiveModels
from shop_app.services.measure_people import rules_of
from shop_app.storage.shop_settings import ShopSettings


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """What an overview is made of: judged orders, refunds, everybody's scores, the models, the moment."""

    judged: pl.DataFrame
    refunds: pl.DataFrame
    scores: pl.DataFrame
    models: LiveModels
    as_of: datetime


def build_summary(facts: SummaryFacts, shop: ShopSettings) -> dict[str, Any]:
    """Sum the shop up; money in minor units, shares from 0 to 1, ``None`` where there is nothing to tell.

    A refund that no order was found for is taken off the month it was made in, so that the months add up to
    the shop's revenue. One that has no date, or an earlier one than the first order, is in the total alone.
    """
    edges, segmentation = facts.models.edges, facts.models.segmentation
    sums = summarise_segments(
        facts.scores,
        facts.judged,
        edges,
        vocabulary=shop.vocabulary,
        ladder=ladder_for(edges.buyer_count),
        as_of=facts.as_of,
        timezone=shop.timezone,
        published=segmentation.published if segmentation else None,
    )
    loose = _loose_by_month(facts.refunds, shop, facts.as_of)
    for month in sums["months"]:
        month["revenue"] -= loose.get(month["month"], 0)
    grouping = None
    if segmentation:
        grouping = {
            "fit_id": segmentation.fit_id,
            "version": segmentation.version,
            "fitted_for": segmentation.as_of.isoformat(),
            "goal": segmentation.grouping.goal,
            "method": segmentation.grouping.method,
        }
    return {
        "title": shop.title,
        "source": shop.source,
        "currency": shop.currency,
        "grouping": grouping,
        **sums,
    }


def _loose_by_month(refunds: pl.DataFrame, shop: ShopSettings, as_of: datetime) -> dict[str, int]:
    """Sum the loose refunds up by month: the ledger's own sum, with months in the place of people."""
    month = pl.col("refunded_at").dt.convert_time_zone(shop.timezone).dt.strftime("%Y-%m")
    dated = refunds.filter(
        pl.col("order_id").is_null(),
        pl.col("customer_id").is_not_null(),
        pl.col("refunded_at").is_not_null(),
    )
    by_month = dated.with_columns(customer_id=month)
    return dict(loose_refunds(by_month, rules_of(shop), as_of=as_of).iter_rows())
