"""How far the customers have moved away from those whom the live version was learned from."""

from collections.abc import Mapping, Sequence
from typing import Any

from shop_app.segments.drift import DRIFT_INDEX
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.rules import value_words
from shop_app.web.formats import NOTHING, Formats, capital
from shop_app.web.report_pages import MeasureTable

_WHOLE_FROM = 10


def drift_table(found: Sequence[Mapping[str, Any]], formats: Formats) -> MeasureTable | None:
    """Return the features by how far they have moved; ``None`` where none could be compared."""
    if not found:
        return None
    moved = sum(row["has_drifted"] for row in found)
    words = (
        "Nothing has moved far enough to learn anew." if not moved else f"{moved} moved far; learn anew soon."
    )
    return MeasureTable(
        heading="Since this version was learned",
        words=words,
        caption="How far each feature of the customers has moved since this version was learned",
        columns=("Feature", "Median then", "Median now", "Drift", "Verdict"),
        rows=tuple(_row(row, formats) for row in found),
    )


def drift_words(*, is_shown: bool) -> str:
    """Say how the figure is to be read, or why there is none."""
    if not is_shown:
        return "In a shop of this size the drift is watched at night; a new version is learned when it is due."
    return f"Drift is 0 where nothing has changed; from {DRIFT_INDEX:.2f} on a new version is due."


def _row(row: Mapping[str, Any], formats: Formats) -> tuple[str, ...]:
    return (
        capital(FEATURES[row["feature"]].label),
        _amount(row["feature"], row["median_then"], formats),
        _amount(row["feature"], row["median_now"], formats),
        f"{row['index']:.2f}",
        "Moved far" if row["has_drifted"] else "Much the same",
    )


def _amount(name: str, value: float | None, formats: Formats) -> str:
    if value is None:
        return NOTHING
    feature = FEATURES[name]
    if feature.unit not in ("share", "probability"):
        value = round(value) if abs(value) >= _WHOLE_FROM else round(value, 1)
    return value_words(value, feature, formats.short_money)
