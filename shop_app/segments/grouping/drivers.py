"""What sets a group apart, in plain words, with numbers against the store's average."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from shop_app.segments.grouping.catalogue import FEATURES, Feature
from shop_app.segments.grouping.percents import percent
from shop_app.segments.grouping.rules import value_words
from shop_app.segments.grouping.space import Floats, coordinates, fit_space

Money = Callable[[int], str]

MOST = 5
WORTH_SAYING = 0.3
# Standard deviations; between a small and a medium effect (Cohen, Statistical Power Analysis, 1988: .2 and .5).
PLAINLY_APART = 0.1
# The averages differ by a tenth, or nobody would call it a difference.
MIN_KNOWN_RATIO = 0.5
WORTH_NAMING = 0.15
# A share that differs by fifteen points from the store's.
_FEW = 200
# Below it a hundredth is nobody.
_WHOLE_FROM = 10
_ONE_ORDER = 1.2
# On average; a few who paid one visit in two parts are no returners.

_GAPS = ("usual_gap_days", "interval_mean_days", "interval_median_days")
_TOPICS = (
    ("order_count", "repeat_count"),
    ("recency_days", "cadence_drift_ratio"),
    ("tenure_days", "age_days", "t_x_days"),
    _GAPS,
    ("average_order_value", "spend_per_visit", "items_per_order"),
    ("discount_share_ratio", "discount_depth_ratio"),
    ("category_count", "top_category_share_ratio"),
    ("expected_orders_90d", "order_probability_90d", "churn_probability_90d"),
    ("visits_30d", "carts_30d", "last_visit_days"),
    ("checkouts_abandoned_90d", "abandoned_value_90d", "last_checkout_days"),
    ("email_clicks_30d", "last_click_days"),
)
"""Features that tell of the same thing: only the most telling one of each is shown."""
_TOPIC_OF = {name: topic[0] for topic in _TOPICS for name in topic}
_TEXTS = ("top_category", "channel")
_LEFT_OUT = (
    *("price_sensitivity_index", "category_diversity_ratio", "order_value_deviation"),
    *("usual_hour_count", "usual_weekday_count", "predicted_clv_365d_low", "predicted_clv_365d_high"),
)
"""Figures that nobody can picture; each has a plainer one beside it."""
_OF_RETURNERS = (*_GAPS, "cadence_drift_ratio", "t_x_days", "repeat_count")
"""Said only of groups whose members came back."""


@dataclass(frozen=True, slots=True)
class Driver:
    """One feature that sets a group apart.

    Attributes
    ----------
    feature, label
        The column, and what a screen calls it.
    group_value, store_value
        The average of the group's members and of all buyers, in the feature's unit; shares of texts.
    effect
        The difference in standard deviations of this shop's buyers, after the feature's transform; of texts the
        difference of shares.
    words
        The same in a sentence.
    """

    feature: str
    label: str
    group_value: float
    store_value: float
    effect: float
    words: str

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal driver."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**stored)


def find_drivers(
    buyers: pl.DataFrame, segments: pl.Series, money: Money, *, slugs: Sequence[str]
) -> dict[str, tuple[Driver, ...]]:
    """Find what sets every group apart.

    Parameters
    ----------
    buyers
        Customers with an order (a sample is enough), a row each.
    segments
        Everybody's group, in the order of ``buyers``.
    money
        Turns minor units into text for people.
    slugs
        The groups to describe.

    Returns
    -------
    dict
        For every slug up to :data:`MOST` drivers, the strongest first; none for a group without members.
    """
    names = [
        name
        for name, feature in FEATURES.items()
        if feature.is_numeric and name in buyers.columns and name not in _LEFT_OUT
    ]
    space = fit_space(buyers, names)
    places = dict(zip(space.features, coordinates(buyers, space), strict=True))
    amounts = {name: _drawn_in(buyers[name]) for name in space.features}
    found = {}
    for slug in slugs:
        inside = (segments == slug).fill_null(value=False).to_numpy()
        numbers = [_number(name, amounts[name], places[name], inside, money) for name in space.features]
        found[slug] = _strongest([*(one for one in numbers if one), *_texts(buyers, inside)])
    return found


def _drawn_in(column: pl.Series) -> Floats:
    """Draw the outermost hundredth in: a whale in a group is not what the group is like."""
    values = np.asarray(column.cast(pl.Float64).to_numpy(), dtype=np.float64)
    known = values[np.isfinite(values)]
    if known.size < _FEW:
        return values
    return np.clip(values, *np.quantile(known, [0.01, 0.99]))


def _number(name: str, amounts: Floats, places: Floats, inside: np.ndarray, money: Money) -> Driver | None:
    known = np.isfinite(amounts)
    own = known & inside
    if not own.any() or own.sum() < MIN_KNOWN_RATIO * inside.sum():
        return None
    effect = float(places[own].mean() - places[known].mean())
    group, store = float(amounts[own].mean()), float(amounts[known].mean())
    feature = FEATURES[name]
    # A few large amounts can turn the averages the other way: then there is nothing plain to say.
    apart = (group - store) * np.sign(effect)
    if abs(effect) < WORTH_SAYING or apart < PLAINLY_APART * abs(store):
        return None
    return Driver(name, feature.label, group, store, effect, _words(feature, group, store, effect, money))


def _texts(buyers: pl.DataFrame, inside: np.ndarray) -> list[Driver]:
    """Find the texts that are much more frequent in the group than in the store."""
    found = []
    for name in (name for name in _TEXTS if name in buyers.columns):
        counts = buyers.filter(pl.Series(inside))[name].drop_nulls().value_counts(sort=True)
        for text, count in counts.sort("count", name, descending=[True, False]).head(1).iter_rows():
            share = count / inside.sum()
            store = float((buyers[name] == text).sum() / buyers.height)
            if share - store >= WORTH_NAMING:
                phrase = FEATURES[name].phrase.format(text)
                words = f"{percent(share)} of them: {phrase}; {percent(store)} of all buyers."
                found.append(Driver(name, FEATURES[name].label, float(share), store, share - store, words))
    return found


def _strongest(drivers: Sequence[Driver]) -> tuple[Driver, ...]:
    """Keep the strongest of each topic, and the strongest topics; rhythm is for those who came back."""
    orders = next((one.group_value for one in drivers if one.feature == "order_count"), None)
    came_back = orders is None or orders > _ONE_ORDER
    by_topic: dict[str, Driver] = {}
    for driver in sorted(drivers, key=lambda one: -abs(one.effect)):
        if came_back or driver.feature not in _OF_RETURNERS:
            by_topic.setdefault(_TOPIC_OF.get(driver.feature, driver.feature), driver)
    return tuple(by_topic.values())[:MOST]


def _words(feature: Feature, group: float, store: float, effect: float, money: Money) -> str:
    if feature.name in _GAPS:
        return _gap_words(group, store)
    said = feature.more_words if effect > 0 else feature.less_words
    own, usual = (value_words(_plain(value, feature), feature, money) for value in (group, store))
    sentence = f"{said[0].upper()}{said[1:]}: {own} on average, against {usual} for all buyers"
    times = group / store if store > 0 else 0.0
    if feature.unit in ("money", "days", "orders", "count") and times >= 1.5:  # noqa: PLR2004
        return f"{sentence}: {times:.1f} times the average."
    return f"{sentence}."


def _gap_words(group: float, store: float) -> str:
    days = f"every {group:.0f} days against {store:.0f}"
    if group <= store:
        return f"Order {store / max(group, 1e-9):.1f} times as often as the store's average: {days}."
    return f"Order more seldom than the store's average: {days}."


def _plain(value: float, feature: Feature) -> float:
    """Round as people would say it: whole days from ten on, whole percents, one digit else."""
    if feature.unit in ("share", "probability"):
        return round(value, 2)
    return round(value) if abs(value) >= _WHOLE_FROM else round(value, 1)
