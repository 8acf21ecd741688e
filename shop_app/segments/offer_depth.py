"""How deep an offer to one customer may go: never past what the play, the margin and the risk allow."""

import math
from dataclasses import dataclass

import polars as pl

from shop_app.segments.plays import NEVER_DISCOUNTED, Play

SOFT_FROM, FULL_FROM = 0.4, 0.7
# Risk of not ordering in 90 days: below the first a reminder is enough, from the second on the offer is the
# deepest. Bloomreach's pages on churn cut at the same two places.
MARGIN_SHARE = 0.5
# An offer takes half of what the goods earn at most: the order still pays for itself.
CAUTIOUS_DEPTH_RATIO = 0.10
# Where the margin is not known: half of a margin of 20 %, which is little for goods sold one by one.


@dataclass(frozen=True, slots=True)
class Offer:
    """The deepest discount that one customer may be offered, 0 for none, and why it is not deeper."""

    depth_ratio: float
    words: str


def offer_depth(play: Play, margin_ratio: float | None, churn_probability: float | None) -> Offer:
    """Work out how deep an offer may go.

    Parameters
    ----------
    play
        The play of the customer's group.
    margin_ratio
        What is left of the price after the cost of the goods, 1 at most, below 0 where goods are sold at a
        loss; ``None`` where it is not known.
    churn_probability
        That this customer does not order in the next 90 days, 0 to 1; ``None`` where no prediction is
        published.

    Returns
    -------
    Offer
        A whole percentage from 0 to the play's deepest, in ``depth_ratio`` as a share. It never grows when the
        margin shrinks or the risk falls, and it is 0 for every customer of a group in
        :data:`~shop_app.segments.plays.NEVER_DISCOUNTED`.

    Raises
    ------
    ValueError
        The margin is above 1 or no number, or the probability is outside 0 to 1.
    """
    _check(margin_ratio, churn_probability)
    if play.offer == "never" or play.slug in NEVER_DISCOUNTED:
        return Offer(0.0, "No discount: this play works without one.")
    strength = _strength(play, churn_probability)
    if strength == 0:
        return Offer(0.0, f"No offer: {_risk_words(churn_probability)}, so a reminder is enough.")
    bound, why = _bound(play, margin_ratio)
    percent = math.floor(bound * strength * 100 + 1e-9)
    if percent == 0:
        return Offer(0.0, f"No discount: {why}.")
    how_much = "the whole" if strength == 1 else "half"
    risk = f"{_risk_words(churn_probability)}, which allows {how_much} of the deepest offer"
    return Offer(percent / 100, f"Up to {percent} %: {risk}; {why}.")


def offer_depths(play: Play, margin_ratio: float | None, churn_probability: pl.Series) -> pl.Series:
    """Work the depth out for many customers at once: the same numbers as :func:`offer_depth` one by one."""
    low, medium, high, unknown = (
        offer_depth(play, margin_ratio, risk).depth_ratio for risk in (0.0, SOFT_FROM, FULL_FROM, None)
    )
    risk = pl.col("risk")
    depth = (
        pl.when(risk.is_null())
        .then(unknown)
        .when(risk >= FULL_FROM)
        .then(high)
        .when(risk >= SOFT_FROM)
        .then(medium)
        .otherwise(low)
    )
    return churn_probability.to_frame("risk").select(depth_ratio=depth.cast(pl.Float64)).to_series()


def _check(margin_ratio: float | None, churn_probability: float | None) -> None:
    # Written so that a value that is no number fails as well.
    if margin_ratio is not None and not margin_ratio <= 1:
        raise ValueError(f"margin_ratio must be at most 1: {margin_ratio}")
    if churn_probability is not None and not 0 <= churn_probability <= 1:
        raise ValueError(f"churn_probability must be from 0 to 1: {churn_probability}")


def _strength(play: Play, churn_probability: float | None) -> float:
    """Say how much of the deepest offer the risk asks for; unknown is taken for medium."""
    if churn_probability is None:
        return 0.5
    if churn_probability >= FULL_FROM:
        return 1.0
    asked_for = churn_probability >= SOFT_FROM or play.offer == "standing"
    return 0.5 if asked_for else 0.0


def _bound(play: Play, margin_ratio: float | None) -> tuple[float, str]:
    deepest = f"this play goes to {round(play.max_depth_ratio * 100)} % at most"
    if margin_ratio is None:
        if play.max_depth_ratio <= CAUTIOUS_DEPTH_RATIO:
            return play.max_depth_ratio, deepest
        careful = round(CAUTIOUS_DEPTH_RATIO * 100)
        return CAUTIOUS_DEPTH_RATIO, f"the margin is not known, so no offer goes past {careful} %"
    allowed = max(margin_ratio, 0.0) * MARGIN_SHARE
    if allowed >= play.max_depth_ratio:
        return play.max_depth_ratio, deepest
    margin = math.floor(margin_ratio * 100 + 1e-9)
    return allowed, f"the margin of {margin} % leaves room for half of it at most"


def _risk_words(churn_probability: float | None) -> str:
    if churn_probability is None:
        return "the risk of losing them is not known"
    level = "high" if churn_probability >= FULL_FROM else "medium" if churn_probability >= SOFT_FROM else "low"
    return f"the risk of losing them is {level} ({round(churn_probability * 100)} %)"
