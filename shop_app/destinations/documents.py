"""Documents compared: the exact smallest difference between what is there and what is to be there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shop_app.destinations.base import Document


@dataclass(frozen=True, slots=True)
class Difference:
    """Names to add and to remove by part, and values to write by part; a value of ``None`` takes it away."""

    added: dict[str, tuple[str, ...]] = field(default_factory=dict)
    removed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    written: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to do."""
        return not (self.added or self.removed or self.written)


def difference(before: Document | None, after: Document | None) -> Difference:
    """Return what brings one document to the other; equal documents have an empty one."""
    old, new = before or {}, after or {}
    added: dict[str, tuple[str, ...]] = {}
    removed: dict[str, tuple[str, ...]] = {}
    written: dict[str, dict[str, Any]] = {}
    for part in sorted({*old, *new}):
        had, wants = old.get(part), new.get(part)
        if isinstance(had or wants, Mapping):
            values = _values(had or {}, wants or {})
            if values:
                written[part] = values
            continue
        held, wanted = set(had or ()), set(wants or ())
        if wanted - held:
            added[part] = tuple(sorted(wanted - held))
        if held - wanted:
            removed[part] = tuple(sorted(held - wanted))
    return Difference(added, removed, written)


def _values(had: Mapping[str, Any], wants: Mapping[str, Any]) -> dict[str, Any]:
    return {key: wants.get(key) for key in sorted({*had, *wants}) if had.get(key) != wants.get(key)}


def kept_values(
    fresh: Mapping[str, Any], previous: Mapping[str, Any] | None, *, bands: Mapping[str, float]
) -> dict[str, Any]:
    """Return ``previous`` where it still holds, else ``fresh``.

    It holds as long as every key that is neither banded nor told along (``reason``, ``as_of``,
    ``next_order_from``, ``next_order_to``) is equal, and each banded number is still within its band: for
    ``bands[key] = 0.1`` a step of 0.1, for a negative figure a ratio (``-0.25``: a quarter more or less).
    """
    if previous is None or any(
        fresh.get(key) != previous.get(key) for key in {*fresh, *previous} - {*bands, *_ALONG}
    ):
        return dict(fresh)
    for key, band in bands.items():
        if _has_left(_number(previous.get(key)), _number(fresh.get(key)), band):
            return dict(fresh)
    return dict(previous)


_ALONG = ("reason", "as_of", "next_order_from", "next_order_to")


def _has_left(old: float | None, new: float | None, band: float) -> bool:
    if old is None or new is None:
        return old is not new
    if band < 0:
        return abs(new - old) > -band * max(abs(old), 1.0)
    return abs(new - old) >= band


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]
