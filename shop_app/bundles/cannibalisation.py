"""How many of those who use an offer would have bought all of it at the full price anyway."""

import math
from dataclasses import dataclass

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Anyway:
    """A share of people or baskets, 0 to 1, with the interval in which it lies 19 times in 20, in words too."""

    ratio: float
    low: float
    high: float
    words: str


def bought_anyway(both: int, first: int, *, words: str = "who buy the first take the rest as well") -> Anyway:
    """Return how many of those who buy the first take the rest without any offer.

    Parameters
    ----------
    both, first
        How often both were bought (in one basket, or one soon after the other), and how often the first was;
        ``both <= first``, both 0 or more.
    words
        What the share is a share of; goes behind "12 in 100".

    Notes
    -----
    Wilson's score interval: E. B. Wilson, JASA 22 (1927), p. 209; recommended for shares of any size by
    Brown, Cai and DasGupta, Statistical Science 16 (2001), p. 101.
    """
    if first <= 0:
        return Anyway(0.0, 0.0, 1.0, "Nobody has bought the first yet: how many take both anyway is not known.")
    both = min(both, first)
    low, high = wilson(both, first)
    ratio = both / first
    said = f"{_in_100(ratio)} in 100 {words} without any offer ({both} of {first})."
    return Anyway(ratio, low, high, said)


def anyway_among_users(anyway: Anyway, uptake_ratio: float) -> Anyway:
    """Return how many of an offer's users would have bought all of it anyway.

    Parameters
    ----------
    anyway
        Of all who buy the first, who take the rest as well; from :func:`bought_anyway`.
    uptake_ratio
        Of all who buy the first, who take the rest only because of the offer; 0 to 1.
    """
    ratio, low, high = (_of_users(share, uptake_ratio) for share in (anyway.ratio, anyway.low, anyway.high))
    words = (
        f"Of 100 who use it, about {_in_100(ratio)} would have bought all of it at the full price anyway "
        f"(between {_in_100(low)} and {_in_100(high)})."
    )
    return Anyway(ratio, low, high, words)


def measured_anyway(control_rate: float, treatment_rate: float) -> Anyway | None:
    """Return the same share as a holdout shows it, once there was one.

    ``control_rate`` is the share of the people without the offer who bought all of it, ``treatment_rate`` that
    of the people with it. The holdout measures the share but no interval of it is worked out here: ``low`` and
    ``high`` equal it. ``None`` where nobody with the offer bought it.
    """
    if treatment_rate <= 0:
        return None
    ratio = min(1.0, max(0.0, control_rate / treatment_rate))
    words = f"Measured with a control group: {_in_100(ratio)} in 100 of its users would have bought it anyway."
    return Anyway(ratio, ratio, ratio, words)


def wilson(hits: int, total: int, *, z: float = Z_95) -> tuple[float, float]:
    """Return the ends of Wilson's interval of a share, both within 0 to 1; ``total`` is above 0."""
    ratio = hits / total
    width = z * math.sqrt(ratio * (1 - ratio) / total + z * z / (4 * total * total))
    middle = ratio + z * z / (2 * total)
    whole = 1 + z * z / total
    # Rounding in the last bit must not put the share itself outside.
    return max(0.0, min(ratio, (middle - width) / whole)), min(1.0, max(ratio, (middle + width) / whole))


def _of_users(anyway_ratio: float, uptake_ratio: float) -> float:
    users = anyway_ratio + uptake_ratio
    return min(1.0, anyway_ratio / users) if users > 0 else 0.0


def _in_100(ratio: float) -> str:
    percent = ratio * 100
    return f"{percent:.1f}" if 0 < percent < 10 else f"{percent:.0f}"  # noqa: PLR2004 - small shares need a digit
