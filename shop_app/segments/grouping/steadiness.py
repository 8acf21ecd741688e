"""How steady a fit is: with other seeds, and after one more week."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from shop_app.segments.grouping.past import Past, ScoredAt, buyers_of
from shop_app.segments.grouping.percents import percent
from shop_app.segments.grouping.publishing import name_way
from shop_app.segments.grouping.ways import Brief, Way, fit_way, label, refit

SEEDS, BOOTSTRAPS = 5, 3
WEEK = timedelta(days=7)
ROWS, FEWEST = 10_000, 30
KEPT_SEEDS, KEPT_WEEK = 0.95, 0.90


def kept_with_seeds(buyers: pl.DataFrame, brief: Brief, way: Way) -> dict[str, Any]:
    """Look for the centres again from other starting places, and count who keeps the label.

    Returns
    -------
    dict
        ``seed_count``, ``kept_ratio`` (the worst of them) and ``passed``; rules have no seeds and keep
        everybody.
    """
    labels = label(buyers, way.groups)["segment"]
    ratios = [1.0]
    seeds = range(1, SEEDS + 1) if way.method != "rules" else range(0)
    for seed in seeds:
        found = replace(way, groups=refit(way, buyers, replace(brief, seed=brief.seed + seed)))
        again = label(buyers, name_way(found, buyers, None)[0])["segment"]
        ratios.append(float((again == labels).to_numpy().mean()))
    return {"seed_count": len(seeds), "kept_ratio": min(ratios), "passed": min(ratios) >= KEPT_SEEDS}


def kept_after_a_week(
    scored_at: ScoredAt,
    buyers: pl.DataFrame,
    way: tuple[str, Brief, Sequence[Past]],
    as_of: datetime,
) -> dict[str, Any] | None:
    """Fit as of a week ago, fit again today as a weekly refit does, and count who keeps the label.

    Returns
    -------
    dict
        ``customer_count`` (buyers of a week ago), ``kept_ratio`` (of all), ``quiet_kept_ratio`` (of those
        without a new order or refund) and ``passed``; ``None`` where there were hardly any buyers a week
        ago.
    """
    method, brief, pasts = way
    brief = replace(brief, bootstraps=BOOTSTRAPS)
    before = buyers_of(scored_at(as_of - WEEK), ROWS)
    today = buyers.join(before.select("customer_id"), on="customer_id", how="semi", maintain_order="left")
    before = before.join(today.select("customer_id"), on="customer_id", how="semi", maintain_order="left")
    if before.height < FEWEST:
        return None
    earlier = [past for past in pasts if past.as_of < as_of - WEEK]
    old = name_way(fit_way(method, before, brief, earlier), before, None)[0]
    settled = label(before, old)["segment"]
    fresh = fit_way(method, buyers, brief, pasts, previous=old)
    labels = label(today, name_way(fresh, buyers, old)[0], settled)["segment"]
    kept = (labels == settled).to_numpy()
    quiet = np.ones(len(kept), dtype=np.bool_)
    for fact in ("order_count", "total_spent"):
        quiet &= (today[fact] == before[fact]).to_numpy()
    quiet_kept = float(kept[quiet].mean()) if quiet.any() else 1.0
    return {
        "customer_count": len(kept),
        "kept_ratio": float(kept.mean()),
        "quiet_kept_ratio": quiet_kept,
        "passed": quiet_kept >= KEPT_WEEK,
    }


def steadiness_words(seeds: dict[str, Any], week: dict[str, Any] | None) -> list[str]:
    """Say both in sentences."""
    words = []
    if seeds["seed_count"]:
        words.append(
            f"Fitted again from {seeds['seed_count']} other starting places, at least "
            f"{percent(seeds['kept_ratio'], 1)} of the buyers keep their group."
        )
    if week is not None:
        quiet, everybody = (percent(week[name], 1) for name in ("quiet_kept_ratio", "kept_ratio"))
        words.append(
            f"Between a fit of a week ago and one of today, {quiet} of the buyers without a new order keep "
            f"their group, and {everybody} of all."
        )
    return words
