"""From features to everything that is stored of a customer: one path for every caller."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from shop_app.segments.grouping.model import score_grouping
from shop_app.segments.grouping.rules import Rule, matches
from shop_app.segments.labels import label_customers
from shop_app.segments.predictions.model import PREDICTION_SCHEMA, score_predictions
from shop_app.segments.vocabularies import ladder_for
from shop_app.services.live_models import LiveModels, Segmentation
from shop_app.storage.customer_scores import SIGNAL_COLUMNS
from shop_app.storage.shop_settings import ShopSettings

_SIGNAL_TYPES = dict(
    zip(SIGNAL_COLUMNS, (pl.Int64, pl.Int64, pl.Float64, pl.Boolean, pl.Int64, pl.Float64), strict=True)
)


def score_people(
    features: pl.DataFrame,
    signals: pl.DataFrame,
    shop: ShopSettings,
    models: LiveModels,
    *,
    settled: pl.DataFrame,
    as_of: datetime,
) -> pl.DataFrame:
    """Mark, predict and label everybody in ``features``.

    Parameters
    ----------
    features
        From :func:`~shop_app.segments.features.build_features`.
    signals
        ``customer_id`` and whatever is known besides orders; an absent column is unknown to the whole shop.
    settled
        ``customer_id``, ``settled_segment``: the segment at the last shop-local midnight, for those who had
        one.

    Returns
    -------
    polars.DataFrame
        The columns of ``storage.customer_scores.SCORE_COLUMNS`` and some features more, by the order of
        ``features``. Without a live segmentation ``segment`` is the RFM group.
    """
    edges = models.edges
    marked = label_customers(features, edges, shop.vocabulary, ladder_for(edges.buyer_count))
    known = marked.join(signals, on="customer_id", how="left", maintain_order="left").join(
        settled, on="customer_id", how="left", maintain_order="left"
    )
    scored = _predicted(known, models.segmentation, shop, as_of)
    labelled = _grouped(scored, models.segmentation)
    own = _own_segments(labelled, models.own)
    return _with_unknown_signals(labelled).with_columns(own_segments=own, as_of=pl.lit(as_of))


def settle(standing: pl.DataFrame, *, as_of: datetime, timezone: str) -> pl.DataFrame:
    """Return each customer's segment at the last shop-local midnight before ``as_of``.

    ``standing`` is what is stored (``customer_id``, ``segment``, ``settled_segment``, ``as_of``). A row from an
    earlier day says what held at midnight; one from today has kept what held then. Rows from after ``as_of``
    say nothing of it.
    """
    day = as_of.astimezone(ZoneInfo(timezone)).date()
    stored_day = pl.col("as_of").dt.convert_time_zone(timezone).dt.date()
    earlier = stored_day < day
    held = pl.when(earlier).then(pl.col("segment")).otherwise(pl.col("settled_segment"))
    return standing.filter(pl.col("as_of") <= as_of).select("customer_id", settled_segment=held)


def _predicted(
    known: pl.DataFrame, segmentation: Segmentation | None, shop: ShopSettings, as_of: datetime
) -> pl.DataFrame:
    if segmentation is None:
        return known.with_columns(pl.lit(None, kind).alias(name) for name, kind in PREDICTION_SCHEMA.items())
    predicted = score_predictions(known, segmentation.predictions, as_of=as_of, timezone=shop.timezone)
    return pl.concat([known, predicted.drop("customer_id")], how="horizontal")


def _grouped(scored: pl.DataFrame, segmentation: Segmentation | None) -> pl.DataFrame:
    if segmentation is None:
        return scored.with_columns(
            segment=pl.col("rfm_group"),
            fit_id=pl.lit(None, pl.Int64),
            margin=pl.lit(None, pl.Float64),
            is_outlier=pl.lit(None, pl.Boolean),
        )
    grouped = score_grouping(scored, segmentation.grouping, scored["settled_segment"])
    return pl.concat([scored, grouped.drop("customer_id")], how="horizontal").with_columns(
        fit_id=pl.lit(segmentation.fit_id, pl.Int64)
    )


def _own_segments(labelled: pl.DataFrame, own: Mapping[str, Rule]) -> pl.Series:
    """Return the slugs of the merchant's own segments as an array in PostgreSQL's words, null for none."""
    if not own:
        return pl.Series("own_segments", [None], pl.String).extend_constant(None, labelled.height)[1:]
    frame = _with_unknown_signals(labelled)
    held = pl.DataFrame(
        {slug: matches(frame, rule).replace_strict({True: slug, False: None}) for slug, rule in own.items()}
    )
    joined = held.select(pl.concat_str(pl.all(), separator=",", ignore_nulls=True)).to_series()
    return (
        joined.to_frame("slugs")
        .select(own_segments=pl.when(pl.col("slugs") != "").then(pl.format("{{{}}}", "slugs")))
        .to_series()
    )


def _with_unknown_signals(frame: pl.DataFrame) -> pl.DataFrame:
    missing = {name: kind for name, kind in _SIGNAL_TYPES.items() if name not in frame.columns}
    return frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in missing.items())
