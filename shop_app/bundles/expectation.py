"""What an offer is expected to bring: who adds something for it, and who gets a discount for nothing."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from shop_app.bundles.cannibalisation import Anyway


@dataclass(frozen=True, slots=True)
class Uptake:
    """What is assumed of people who see an offer, until offers of the shop's own have been measured.

    These are assumptions, not measurements, and are shown as such beside every figure that rests on them.

    Attributes
    ----------
    gain_ratio, low, high
        How many more take the rest where it is ``usual_discount_percent`` cheaper, for each who takes it by
        themselves, as long as these are few: 0.5 is half as many again. A discount half as deep moves half as
        many, and where most take it already only the others are left to be moved. The expectation uses
        ``gain_ratio``, its range the other two.
    usual_discount_percent
        See above; 1 or more.

    Notes
    -----
    In the logit model of demand a price cut moves a share c by c (1 - c) times a constant. Over 1,851 measured
    price elasticities the mean is -2.62 (Bijmolt, van Heerde and Pieters, Journal of Marketing Research 42
    (2005), p. 141): 10 % off sells about a quarter more. That is ``low``; an offer is shown as well.
    """

    gain_ratio: float = 0.5
    low: float = 0.25
    high: float = 1.0
    usual_discount_percent: int = 10


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one use of an offer turns on, and how often there is a chance for it.

    Attributes
    ----------
    first_baskets
        Baskets in the horizon that hold what has to be bought, 0 or more.
    anyway
        How many of them take the rest without any offer.
    added_price, added_cost
        List price and cost of what the offer adds to such a basket, minor units.
    discount
        What one use takes off, minor units.
    """

    first_baskets: int
    anyway: Anyway
    added_price: int
    added_cost: int
    discount: int

    @property
    def added_margin(self) -> int:
        """Return what is left of what is added, once the discount and the cost of the goods are off."""
        return self.added_price - self.discount - self.added_cost


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of an offer over the horizon, in whole uses and minor units.

    ``uses`` are ``would_have_bought`` and ``extra_uses`` together, and never more than stock allows.
    ``extra_margin`` is ``extra_uses`` times the margin of what is added, less the discount given to those who
    would have bought it anyway; ``low`` and ``high`` are the ends of its range.
    """

    uses: int
    would_have_bought: int
    extra_uses: int
    extra_margin: int
    low: int
    high: int


def depth_ratio(occasion: Occasion, uptake: Uptake) -> float:
    """Return the discount, as a share of what is added, in usual discounts: 1 where it is just that."""
    if occasion.added_price <= 0:
        return 0.0
    return occasion.discount / occasion.added_price * 100 / uptake.usual_discount_percent


def extra_ratio(occasion: Occasion, uptake: Uptake) -> float:
    """Return the share of the baskets with the first that get the rest only because of the offer, 0 to 1."""
    return _extra_ratio(occasion, uptake, uptake.gain_ratio, occasion.anyway.ratio)


def expect(occasion: Occasion, uptake: Uptake, *, most_uses: int | None) -> Expectation:
    """Work out what an offer is expected to bring.

    Parameters
    ----------
    most_uses
        How many uses stock allows, 0 or more; ``None`` for any number. Where there would be more, both kinds
        of buyer are cut alike.

    Notes
    -----
    The range takes the assumed uptake and the share who would have bought it anyway at both their ends, in all
    four ways. It does not hold that the baskets of the last days come again.
    """
    uses, would, extra = _uses(occasion, uptake, uptake.gain_ratio, occasion.anyway.ratio, most_uses)
    expected = _extra_margin(occasion, would, extra)
    ends = [expected, *_corners(occasion, uptake, most_uses)]
    return Expectation(uses, would, extra, expected, min(ends), max(ends))


def unrounded_margin(occasion: Occasion, uptake: Uptake, *, most_uses: int | None) -> float:
    """Return the expected extra margin before rounding to whole uses: for trying one discount after another."""
    would = occasion.first_baskets * occasion.anyway.ratio
    extra = occasion.first_baskets * extra_ratio(occasion, uptake)
    cut = 1.0 if most_uses is None or would + extra <= most_uses else most_uses / (would + extra)
    return (extra * occasion.added_margin - would * occasion.discount) * cut


def _corners(occasion: Occasion, uptake: Uptake, most_uses: int | None) -> Iterator[int]:
    for gain in (uptake.low, uptake.high):
        for anyway in (occasion.anyway.low, occasion.anyway.high):
            _, would, extra = _uses(occasion, uptake, gain, anyway, most_uses)
            yield _extra_margin(occasion, would, extra)


def _extra_ratio(occasion: Occasion, uptake: Uptake, gain: float, anyway: float) -> float:
    return min(1.0, gain * depth_ratio(occasion, uptake) * anyway) * (1 - anyway)


def _uses(
    occasion: Occasion, uptake: Uptake, gain: float, anyway: float, most_uses: int | None
) -> tuple[int, int, int]:
    would = min(occasion.first_baskets, math.floor(occasion.first_baskets * anyway + 0.5))
    moved = math.floor(occasion.first_baskets * _extra_ratio(occasion, uptake, gain, anyway) + 1e-9)
    extra = min(occasion.first_baskets - would, moved)
    uses = would + extra
    if most_uses is not None and uses > most_uses:
        would = -(-would * most_uses // uses)  # rounded up: against the offer
        uses, extra = most_uses, most_uses - would
    return uses, would, extra


def _extra_margin(occasion: Occasion, would: int, extra: int) -> int:
    return extra * occasion.added_margin - would * occasion.discount
