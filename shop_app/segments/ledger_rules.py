"""The merchant's switches over which orders count, and what of an order's money."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from fractions import Fraction
from typing import Any, Self

from shop_app.segments.money import minor_rate


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """How this shop wants its orders counted; what is not set keeps the ordinary meaning.

    Attributes
    ----------
    currency
        The shop's own, ISO 4217: every result is in its minor units.
    cut_off
        Orders before this moment do not count; aware, or ``None`` for no cut-off.
    include_tax, include_shipping
        Whether net revenue contains them.
    count_unpaid
        Orders awaiting payment count as if they were paid (for shops that sell on invoice).
    count_free_orders
        Orders of nothing to pay count as purchases (samples, giveaways; the CDNOW papers do so).
    excluded_channels, excluded_tags
        Orders from these sales channels, or carrying one of these tags, do not count; letter case aside.
    rates
        What one unit of a foreign currency is worth in the shop's, as decimal text.

    Raises
    ------
    ValueError
        A rate is no decimal number above 0, or ``cut_off`` has no time zone.
    """

    currency: str
    cut_off: datetime | None = None
    include_tax: bool = True
    include_shipping: bool = True
    count_unpaid: bool = False
    count_free_orders: bool = False
    excluded_channels: frozenset[str] = frozenset()
    excluded_tags: frozenset[str] = frozenset()
    rates: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.cut_off is not None and self.cut_off.utcoffset() is None:
            raise ValueError("cut_off needs a time zone")
        self.minor_rates()

    def minor_rates(self) -> dict[str, Fraction]:
        """Give every currency that can be counted its exact rate between minor units."""
        foreign = {code: minor_rate(rate, code, self.currency) for code, rate in self.rates.items()}
        return foreign | {self.currency: Fraction(1)}

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {
            "currency": self.currency,
            "cut_off": self.cut_off.isoformat() if self.cut_off else None,
            "include_tax": self.include_tax,
            "include_shipping": self.include_shipping,
            "count_unpaid": self.count_unpaid,
            "count_free_orders": self.count_free_orders,
            "excluded_channels": sorted(self.excluded_channels),
            "excluded_tags": sorted(self.excluded_tags),
            "rates": dict(sorted(self.rates.items())),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave; only ``currency`` must be there.

        Raises
        ------
        ValueError
            A key is unknown, or a value is not of its kind.
        """
        unknown = sorted(set(stored) - {item.name for item in fields(cls)})
        if unknown:
            raise ValueError(f"Unknown ledger rule: {', '.join(unknown)}")
        values = dict(stored)
        if values.get("cut_off"):
            values["cut_off"] = datetime.fromisoformat(values["cut_off"])
        for name in ("excluded_channels", "excluded_tags"):
            values[name] = frozenset(values.get(name, ()))
        return cls(**values)
