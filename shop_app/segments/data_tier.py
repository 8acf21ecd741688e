"""How much of Kindred's arithmetic a shop's history can carry, and what is missing for more."""

from dataclasses import dataclass
from typing import Any

MIN_REPEAT_BUYERS = 300
MIN_WEEKS = 26
# Below either, a prediction for a single customer says little more than the shop's average does.
FULL_BUYERS = 1_000
FULL_WEEKS = 52
# A full year shows each season once; clusters of fewer than a thousand buyers do not hold from fit to fit.

_NO_ORDERS = "No orders yet; marks and named groups come with the first ones."
_WORDS = {
    "rules_only": "Enough history for RFM marks and named groups; too little to predict single customers.",
    "predictions": "Enough history for RFM groups and predictions; too little for clusters and seasons.",
    "full": "Enough history for RFM groups, predictions and clusters.",
}


@dataclass(frozen=True, slots=True)
class DataTier:
    """What a shop's history allows, in words, with one sentence for each thing missing for the next tier."""

    name: str
    words: str
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give plain values for the stored summary."""
        return {"name": self.name, "words": self.words, "missing": list(self.missing)}


def data_tier(
    buyers: int, repeat_buyers: int, weeks: float, *, repeat_buyers_per_week: float | None = None
) -> DataTier:
    """Say which tier a shop is in and what it lacks for the next one.

    Parameters
    ----------
    buyers
        Customers with a counted order.
    repeat_buyers
        Those among them with two or more.
    weeks
        From the first to the last counted order.
    repeat_buyers_per_week
        How many customers came back for a second order in a week of late; given, a sentence says how long the
        missing ones would take at this pace. Not given, no time is named.

    Returns
    -------
    DataTier
        ``rules_only``, ``predictions`` or ``full``; ``missing`` is empty for ``full`` alone.
    """
    starts = _lacking(repeat_buyers, MIN_REPEAT_BUYERS, "customers with a second order")
    if starts and repeat_buyers_per_week:
        needed = -(-(MIN_REPEAT_BUYERS - repeat_buyers) // repeat_buyers_per_week)
        starts = [f"{starts[0][:-1]}; at the present pace in about {needed:.0f} weeks."]
    if starts or weeks < MIN_WEEKS:
        missing = [*starts, *_lacking(int(weeks), MIN_WEEKS, "weeks of orders")]
        return _tier("rules_only", missing, None if buyers else _NO_ORDERS)
    grows = [
        *_lacking(buyers, FULL_BUYERS, "customers with an order"),
        *_lacking(int(weeks), FULL_WEEKS, "weeks of orders"),
    ]
    return _tier("predictions" if grows else "full", grows)


def _tier(name: str, missing: list[str], words: str | None = None) -> DataTier:
    return DataTier(name, words or _WORDS[name], tuple(missing))


def _lacking(there: int, needed: int, what: str) -> list[str]:
    if there >= needed:
        return []
    return [f"{needed - there:,} more {what} ({there:,} of {needed:,})."]
