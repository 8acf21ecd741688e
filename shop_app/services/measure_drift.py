"""How far a shop's customers have moved away from those whom a fit was made on."""

from collections.abc import Mapping
from typing import Any

from shop_app.segments.drift import WATCHED, drift
from shop_app.storage import customer_scores


def measure_drift(shop_id: int, reference: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Hold today's stored customers against what a fit kept of those of its day; the furthest feature first."""
    stored = [name for name in WATCHED if name in customer_scores.SCORE_COLUMNS]
    scored = customer_scores.read_columns(shop_id, ("order_count", *stored))
    return drift(reference, scored)
