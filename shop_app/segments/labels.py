"""From features to marks and a named group, in one step for every vocabulary."""

import polars as pl

from shop_app.segments.rfm import score_levels, score_rfm
from shop_app.segments.rfm_edges import RfmEdges
from shop_app.segments.vocabularies import VOCABULARIES, assign_groups


def label_customers(
    features: pl.DataFrame, edges: RfmEdges, vocabulary: str, ladder: str, *, fm_rounding: str = "half_up"
) -> pl.DataFrame:
    """Add the marks 1 to 5 and the group's slug to the features.

    Parameters
    ----------
    features
        One row a customer, from :func:`~shop_app.segments.features.build_features`.
    edges
        The shop's stored edges.
    vocabulary, ladder, fm_rounding
        As for :func:`~shop_app.segments.vocabularies.assign_groups`. The marks are the same whatever the
        vocabulary; Klaviyo's groups are worked out from its own three levels.

    Returns
    -------
    polars.DataFrame
        The features, then ``recency_mark``, ``frequency_mark``, ``monetary_mark`` (null without a counted
        order) and ``rfm_group`` (never null), in the order of ``features``.

    Raises
    ------
    ValueError
        The vocabulary, ladder or rounding is unknown, or a ``recency_days`` is below 0.
    """
    marks = score_rfm(features, edges)
    has_levels = vocabulary in VOCABULARIES and VOCABULARIES[vocabulary].has_levels
    grounds = score_levels(features, edges) if has_levels else marks
    groups = assign_groups(grounds, vocabulary, ladder, fm_rounding=fm_rounding)
    return pl.concat([features, marks.drop("customer_id"), groups.select("rfm_group")], how="horizontal")
