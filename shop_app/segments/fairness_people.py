"""Who is compared in the audit: whether they are a business, or new, and what they are offered."""

from collections.abc import Mapping, Sequence

import polars as pl

from shop_app.segments.offer_depth import offer_depths
from shop_app.segments.plays import Play

BUSINESS_TAGS = ("b2b", "wholesale", "wholesaler", "company", "business", "reseller", "trade")
NEW_DAYS = 90
# As long as the predictions look ahead: whoever is younger has not had the time to prove one right or wrong.


def is_business(
    tags: pl.Series, company: pl.Series | None = None, *, business_tags: Sequence[str] = BUSINESS_TAGS
) -> pl.Series:
    """Tell who buys for a business: a company is named, or one of the tags is there in any spelling of case.

    Parameters
    ----------
    tags
        List of String; null where they are not known.
    company
        String; null or empty without one. ``None`` where the shop does not know companies.
    business_tags
        The shop's own tags for it.

    Returns
    -------
    polars.Series
        Boolean; null where the tags are not known and no company is named.
    """
    wanted = [tag.strip().lower() for tag in business_tags]
    own = pl.col("tags").list.eval(pl.element().str.strip_chars().str.to_lowercase().is_in(wanted)).list.any()
    named = pl.col("company").str.strip_chars().str.len_chars() > 0
    frame = tags.cast(pl.List(pl.String)).to_frame("tags").with_columns(company=pl.lit(None, pl.String))
    if company is not None:
        frame = frame.with_columns(company=company.cast(pl.String))
    return frame.select(is_b2b=pl.when(named).then(statement=True).otherwise(own)).to_series()


def is_new(tenure_days: pl.Series) -> pl.Series:
    """Tell who ordered for the first time in the last 90 days; null without an order."""
    return (tenure_days < NEW_DAYS).alias("is_new")


def with_offers(scored: pl.DataFrame, plays: Mapping[str, Play], *, margin_ratio: float | None) -> pl.DataFrame:
    """Add what everybody's play allows.

    Parameters
    ----------
    scored
        One row a customer: ``segment``, ``churn_probability_90d`` (may be null).
    plays
        The live play of every segment.
    margin_ratio
        The shop's usual margin, see :func:`~shop_app.segments.offer_depth.offer_depth`.

    Returns
    -------
    polars.DataFrame
        With ``has_offer`` (Boolean; null for a segment without a play) and ``depth_ratio`` (0 to 0.5).
    """
    risk = scored["churn_probability_90d"]
    offers, depth = pl.lit(None, pl.Boolean), pl.lit(None, pl.Float64)
    columns = {}
    for slug, play in sorted(plays.items()):
        here = pl.col("segment") == slug
        columns[slug] = offer_depths(play, margin_ratio, risk).alias(f"depth of {slug}")
        offers = pl.when(here).then(play.offer != "never").otherwise(offers)
        depth = pl.when(here).then(pl.col(f"depth of {slug}")).otherwise(depth)
    beside = scored.select("segment").with_columns(columns.values())
    return scored.with_columns(beside.select(has_offer=offers, depth_ratio=depth))
