"""What has come of a bundle, as the plain values that are kept and shown."""

from dataclasses import asdict
from typing import Any

import polars as pl

from shop_app.bundles.before_after import BeforeAfter
from shop_app.bundles.effect import Effect
from shop_app.bundles.profit import ProfitAndLoss
from shop_app.bundles.usage import AttachRate
from shop_app.bundles.verdicts import Verdict


def result_of(
    account: ProfitAndLoss,
    attached: AttachRate,
    *,
    effect: Effect | None,
    past: BeforeAfter | None,
    by_segment: pl.DataFrame,
    verdict: Verdict,
) -> dict[str, Any]:
    """Put a result together.

    Returns
    -------
    dict
        ``account`` (the statement, minor units), ``orders``, ``times``, ``attach_ratio`` with its interval;
        ``method`` (``holdout``, ``before``), ``words``, and ``extra`` with ``extra_low`` and ``extra_high``
        (minor units per customer, after winsorising; ``None`` where it cannot be told), ``arms``; ``table`` (a
        row a segment); ``verdict``, ``reasons``, ``related_segments``.
    """
    difference = effect if effect is not None else past
    return {
        "account": account.to_json(),
        "orders": account.order_count,
        "times": account.use_count,
        "attach_ratio": attached.ratio,
        "attach_low": attached.low,
        "attach_high": attached.high,
        "attach_eligible": attached.eligible_count,
        "method": "holdout" if effect is not None else "before" if past is not None else "none",
        "words": "" if effect is None else effect.words,
        "extra": None if difference is None else difference.difference,
        "extra_low": None if difference is None else difference.low,
        "extra_high": None if difference is None else difference.high,
        "effect": None if effect is None else asdict(effect),
        "arms": _arms(effect, past),
        "table": by_segment.to_dicts(),
        "verdict": verdict.word,
        "reasons": [asdict(reason) for reason in verdict.reasons],
        "related_segments": list(verdict.scale_to),
    }


def _arms(effect: Effect | None, past: BeforeAfter | None) -> dict[str, dict[str, float | None]]:
    if effect is not None:
        return {
            "treatment": {"customers": effect.treated_count, "revenue_per_customer": effect.treated_mean},
            "control": {"customers": effect.control_count, "revenue_per_customer": effect.control_mean},
        }
    if past is None:
        return {}
    return {
        "before": {"customers": past.customer_count, "revenue_per_customer": past.before_mean},
        "since": {"customers": past.customer_count, "revenue_per_customer": past.after_mean},
    }
