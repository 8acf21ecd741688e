"""How many of those who use an offer would have bought all of it at the full price anyway."""

from dataclasses import dataclass

from shop_app.bundles.shares import share_interval


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
    """
    if first <= 0:
        return Anyway(0.0, 0.0, 1.0, "Nobody has bought the first yet: how many take both anyway is not known.")
    both = min(both, first)
    low, high = (float(end) for end in share_interval(both, first))
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


def _of_users(anyway_ratio: float, uptake_ratio: float) -> float:
    users = anyway_ratio + uptake_ratio
    return min(1.0, anyway_ratio / users) if users > 0 else 0.0


def _in_100(ratio: float) -> str:
    percent = ratio * 100
    return f"{percent:.1f}" if 0 < percent < 10 else f"{percent:.0f}"  # noqa: PLR2004 - small shares need a digit
