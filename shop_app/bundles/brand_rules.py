"""What the merchant allows of an offer: what never goes together, what is never cheaper, seasons, floors."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Self

import polars as pl

from shop_app.errors import InvalidInputError

LAST_MONTH = 12
LONGEST_NAME = 255
MOST_RULES = 1_000


@dataclass(frozen=True, slots=True)
class BrandRules:
    """The merchant's own limits, obeyed by every candidate.

    A *name* in the first three is what :func:`names_of_items` knows an item by: its number, its product's key,
    its category or its collection, upper and lower case alike.

    Attributes
    ----------
    never_together
        Pairs of names; no offer holds an item of the one with an item of the other.
    never_discounted
        Names; their items may be what is bought, never what is cheaper, and in no fixed bundle.
    seasons
        A name, and the months (1 to 12) in which its items may be offered. Where several fit an item, all hold.
    most_discount_percent
        0 to 100, whole: no offer goes deeper.
    margin_floor_ratio
        The share of what is paid for the whole offer that must be left after the cost of its goods, 0 to 1.
    assumed_cost_ratio
        Cost as a share of the price where an item's cost is not known, 0 to 1; ``None``: such an item is in no
        offer.
    least_stock
        So many pieces of every item are never promised to an offer; 0 or more.
    needs_known_stock
        Whether an item whose stock is not tracked is left out. Otherwise it counts as always there.
    """

    never_together: tuple[tuple[str, str], ...] = ()
    never_discounted: tuple[str, ...] = ()
    seasons: tuple[tuple[str, tuple[int, ...]], ...] = ()
    most_discount_percent: int = 20
    margin_floor_ratio: float = 0.30
    assumed_cost_ratio: float | None = None
    least_stock: int = 10
    needs_known_stock: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain values that :meth:`from_json` reads."""
        plain = asdict(self)
        plain["never_together"] = [list(pair) for pair in self.never_together]
        plain["never_discounted"] = list(self.never_discounted)
        plain["seasons"] = {name: list(months) for name, months in self.seasons}
        return plain

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """Read rules that were kept or typed in; what is not given keeps its default.

        Raises
        ------
        InvalidInputError
            Something is no rule; its ``field`` names which.
        """
        unknown = sorted(set(given) - set(cls.__dataclass_fields__))
        if unknown:
            raise InvalidInputError(f"There is no brand rule called “{unknown[0]}”.", field=unknown[0])
        readers: dict[str, Callable[[object], Any]] = {
            "never_together": _pairs,
            "never_discounted": lambda value: _names(value, "never_discounted"),
            "seasons": _seasons,
            "most_discount_percent": lambda value: _whole(value, "most_discount_percent", 100),
            "margin_floor_ratio": lambda value: _ratio(value, "margin_floor_ratio"),
            "assumed_cost_ratio": lambda value: None if value is None else _ratio(value, "assumed_cost_ratio"),
            "least_stock": lambda value: _whole(value, "least_stock", 1_000_000_000),
            "needs_known_stock": _yes_or_no,
        }
        return cls(**{field: readers[field](value) for field, value in given.items()})

    def forbids_together(self, one: frozenset[str], other: frozenset[str]) -> bool:
        """Tell whether two items, each by all its names, may never be in one offer."""
        return any(
            (_plain(a) in one and _plain(b) in other) or (_plain(b) in one and _plain(a) in other)
            for a, b in self.never_together
        )

    def forbids_discount(self, names: frozenset[str]) -> bool:
        """Tell whether an item, by all its names, may never be cheaper."""
        return any(_plain(name) in names for name in self.never_discounted)

    def days_in_season(self, names: frozenset[str], first_day: date, most: int) -> int:
        """Count the days in a row, from a day on, on which an item may be offered; ``most`` for always."""
        month_sets = [set(months) for name, months in self.seasons if _plain(name) in names]
        if not month_sets:
            return most
        allowed = set.intersection(*month_sets)
        for day in range(most):
            if (first_day + timedelta(days=day)).month not in allowed:
                return day
        return most


def names_of_items(items: pl.DataFrame, keys: pl.DataFrame | None = None) -> dict[int, frozenset[str]]:
    """Return all names a rule may call each item by.

    Parameters
    ----------
    items
        ``item_id``, ``category``, ``product_number`` (null where unknown).
    keys
        ``item_id``, ``key``, ``key_name``: the level that is looked at, collections among it.
    """
    found: dict[int, set[str]] = {}
    for item_id, category, product in items.select("item_id", "category", "product_number").iter_rows():
        names = {str(item_id)}
        if product is not None:
            names.add(f"p{product}")
        if category:
            names.add(_plain(category))
        found[item_id] = names
    if keys is not None:
        for item_id, key, key_name in keys.select("item_id", "key", "key_name").iter_rows():
            if item_id in found:
                found[item_id] |= {_plain(key), _plain(key_name or key)}
    return {item_id: frozenset(names) for item_id, names in found.items()}


def conflict(rules: BrandRules, sides: Iterable[Iterable[frozenset[str]]]) -> bool:
    """Tell whether an item of one side may never be together with an item of another side."""
    seen: list[frozenset[str]] = []
    for side in sides:
        members = list(side)
        if any(rules.forbids_together(one, other) for one in seen for other in members):
            return True
        seen += members
    return False


def _plain(name: str) -> str:
    return name.strip().casefold()


def _names(value: object, field: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_RULES:
        raise InvalidInputError(f"Give a list of names, {MOST_RULES} at most.", field=field)
    return tuple(_name(each, field) for each in value)


def _name(value: object, field: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_NAME:
        raise InvalidInputError(
            "Name an item, a product, a category or a collection: 1 to 255 characters.", field=field
        )
    return value.strip()


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    field, pair_length = "never_together", 2
    if not isinstance(value, list | tuple) or len(value) > MOST_RULES:
        raise InvalidInputError(f"Give a list of pairs of names, {MOST_RULES} at most.", field=field)
    found = []
    for pair in value:
        names = _names(pair, field)
        if len(names) != pair_length:
            raise InvalidInputError("Each “never together” needs exactly two names.", field=field)
        found.append((names[0], names[1]))
    return tuple(found)


def _seasons(value: object) -> tuple[tuple[str, tuple[int, ...]], ...]:
    if not isinstance(value, Mapping) or len(value) > MOST_RULES:
        raise InvalidInputError("Give each season as a name and its months.", field="seasons")
    found = []
    for name, months in value.items():
        if not isinstance(months, list | tuple) or not months:
            raise InvalidInputError(f"“{name}” has no months: name at least one, 1 to 12.", field="seasons")
        for month in months:
            if isinstance(month, bool) or not isinstance(month, int) or not 1 <= month <= LAST_MONTH:
                raise InvalidInputError(f"“{name}”: a month is a number from 1 to 12.", field="seasons")
        found.append((_name(name, "seasons"), tuple(sorted(set(months)))))
    return tuple(found)


def _whole(value: object, field: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise InvalidInputError(f"Give a whole number from 0 to {most}.", field=field)
    return value


def _ratio(value: object, field: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 <= value <= 1:  # type: ignore[operator,arg-type]
        raise InvalidInputError("Give a share between 0 and 1: 0.3 is 30 %.", field=field)
    return float(value)  # type: ignore[arg-type]


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidInputError("Say yes or no.", field="needs_known_stock")
    return value
