"""How many days earlier the churn score warns of a customer who falls silent than the RFM mark does."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from shop_app.segments.predictions.backtest import Trial
from shop_app.segments.predictions.btyd_table import Real
from shop_app.segments.predictions.chance_learning import columns_of
from shop_app.segments.predictions.columns import numbers
from shop_app.segments.predictions.knowledge import Knowledge
from shop_app.segments.predictions.looks import Look, shuffled
from shop_app.segments.predictions.order_chance import chance_logits, coming_chance
from shop_app.segments.rfm import fit_rfm

SILENT_DAYS = 180
"""A repeat customer without an order for so long has fallen silent."""

MOST_WATCHED = 1_000
EVERY_DAYS = 7
LONGEST_DAYS = 364
JUST_DAYS, LEAST_JUST_PAST = 60, 30
AT_RISK_EDGE = 2
"""The third recency edge: past it the mark is 2 or 1, which RFM calls at risk."""


def warning_days(looks: Sequence[Look], trials: Sequence[Trial]) -> dict[str, Any] | None:
    """Compare two alarms of equal certainty.

    Returns
    -------
    dict
        ``customers`` (repeat customers who have been silent for :data:`SILENT_DAYS`), ``median_days`` by
        which the score warned before the mark (below 0: after it), ``earlier_ratio`` (share of them it warned
        of earlier), ``rfm_days`` (silence at which the mark warns), ``certainty_ratio`` (of repeat customers
        just past the mark, the share who did not order for 90 days; the churn at which the score warns),
        ``words``. ``None`` where there is nothing to compare.

    Notes
    -----
    The mark warns of everybody at the same age of silence. The score is taken to warn when this customer's own
    churn reaches what is true of the average one at that age. A customer's silence is played through from the
    last order on, with nothing else changing.
    """
    silent = _silent(looks[0]) if trials else pl.DataFrame()
    if silent.is_empty():
        return None
    edge = fit_rfm(trials[0].look.buyers).recency_days[AT_RISK_EDGE]
    certainty = _certainty(trials, edge)
    if certainty is None:
        return None
    gained = edge - _first_warning(silent, trials[0].knowledge, certainty)
    median = float(np.median(gained))
    return {
        "customers": silent.height,
        "median_days": round(median, 1),
        "earlier_ratio": round(float(np.mean(gained > 0)), 4),
        "rfm_days": round(edge, 1),
        "certainty_ratio": round(certainty, 4),
        "words": _words(median),
    }


def _certainty(trials: Sequence[Trial], edge: float) -> float | None:
    stayed = []
    for trial in trials:
        recency = numbers(trial.look.buyers, "recency_days")
        just_past = (recency >= edge) & (recency < edge + JUST_DAYS)
        past_it = just_past & (numbers(trial.look.buyers, "repeat_count") > 0)
        stayed.append(1.0 - trial.came[past_it])
    known = np.concatenate(stayed)
    return float(known.mean()) if known.size >= LEAST_JUST_PAST else None


def _silent(look: Look) -> pl.DataFrame:
    gone = look.buyers.filter(pl.col("repeat_count") > 0, pl.col("recency_days") >= SILENT_DAYS)
    return gone[np.argsort(shuffled(gone["customer_id"].to_numpy()), kind="stable")[:MOST_WATCHED]]


def _first_warning(silent: pl.DataFrame, knowledge: Knowledge, threshold: float) -> Real:
    """Find after how many days of silence each is warned of; a day beyond the longest where never."""
    warned = np.full(silent.height, float(LONGEST_DAYS + EVERY_DAYS))
    for days in range(LONGEST_DAYS, 0, -EVERY_DAYS):
        then = silent.with_columns(
            recency_days=pl.lit(float(days)),
            tenure_days=pl.col("tenure_days") - pl.col("recency_days") + days,
            age_days=pl.col("t_x_days") + days,
        )
        logits = chance_logits(columns_of(then, knowledge.teachers), knowledge.chance)
        churn = 1.0 - coming_chance(logits, knowledge.chance)
        # Counting back, the last day that stays is the first of an unbroken warning.
        warned = np.where((churn >= threshold) & (warned == days + EVERY_DAYS), float(days), warned)
    return warned


def _words(median: float) -> str:
    weeks = abs(round(median / 7))
    if not weeks:
        return "The churn score warns of silent customers at about the same time as the RFM mark."
    when = "before" if median > 0 else "after"
    return (
        f"Of a repeat customer who falls silent the churn score warns about {weeks} week{'s' * (weeks != 1)} "
        f"{when} the RFM mark, both being equally sure."
    )
