"""The features that matter in a shop, each with what it tells, and whether it may be used."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from shop_app.charts.bar import single_bar
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.goals import GOALS, OUTCOMES
from shop_app.segments.grouping.past import HORIZON_DAYS, MIN_BUYERS, MIN_HISTORY_DAYS
from shop_app.services.describe_fit import FitStory
from shop_app.web.formats import capital, percent
from shop_app.web.goals_form import GoalForm
from shop_app.web.goals_page import FeatureRow

_SHOWN_AT_FIRST = 8
_MONTHS = (MIN_HISTORY_DAYS + HORIZON_DAYS) // 30
_TOO_YOUNG = (
    f"What each one tells is measured on the shop's own past. That takes {_MONTHS} months of orders, and "
    f"{MIN_BUYERS} customers who had ordered three months ago."
)
_OWN_OUTCOME = "revenue_90d"
"""What a goal of the merchant's own is judged by."""


def feature_rows(
    story: FitStory | None, form: GoalForm, dimensions: Sequence[str]
) -> tuple[tuple[FeatureRow, ...], tuple[FeatureRow, ...]]:
    """Return the features to show, and those that stand behind them; ``dimensions`` are the goal's."""
    measured = {row["feature"]: row for row in (story.measures.get("importance", ()) if story else ())}
    names = dict.fromkeys([*measured, *dimensions, *form.switched_off])
    most = max((row["explained_ratio"] for row in measured.values()), default=0.0)
    first = set(list(measured)[:_SHOWN_AT_FIRST]) | set(dimensions) | set(form.switched_off)
    rows = [_row(name, measured.get(name), most, form, dimensions) for name in names if name in FEATURES]
    return tuple(row for row in rows if row.name in first), tuple(row for row in rows if row.name not in first)


def features_words(story: FitStory | None) -> str:
    """Say what the bars stand for, or why there are none."""
    if story is None or not story.measures.get("importance"):
        return _TOO_YOUNG
    goal = GOALS.get(story.goal)
    outcome = OUTCOMES[goal.outcome if goal else _OWN_OUTCOME]
    return f"The bar: how much of {outcome} it explains alone, measured on this shop's own past."


def _row(
    name: str, measured: dict[str, Any] | None, most: float, form: GoalForm, dimensions: Sequence[str]
) -> FeatureRow:
    ratio = measured["explained_ratio"] if measured else None
    is_allowed = name not in form.switched_off
    label = capital(FEATURES[name].label)
    return FeatureRow(
        name=name,
        label=label,
        words=_words(is_allowed=is_allowed, is_dimension=name in dimensions),
        is_allowed=is_allowed,
        share=percent(ratio),
        bar=single_bar(ratio / most, f"{label}: {percent(ratio)}")
        if ratio is not None and most
        else Markup(""),
    )


def _words(*, is_allowed: bool, is_dimension: bool) -> str:
    if not is_allowed:
        return "Left out by you"
    return "The goal compares customers by it" if is_dimension else ""
