"""The values at which one RFM mark ends and the next begins, kept between fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

MEASURES = ("recency_days", "order_count", "total_spent")


@dataclass(frozen=True, slots=True)
class MeasureEdges:
    """Strictly ascending edges of the three measures, and where each set comes from.

    Attributes
    ----------
    recency_days
        Days since the last order; below the first edge is the best mark.
    order_count
        Counted orders.
    total_spent
        Minor units of the shop's currency.
    sources
        For each measure ``"quintiles"`` or ``"tertiles"`` (of this shop's own buyers) or ``"fixed"`` (the
        stated fallback).

    Raises
    ------
    ValueError
        Edges do not ascend.
    """

    recency_days: tuple[float, ...]
    order_count: tuple[int, ...]
    total_spent: tuple[int, ...]
    sources: Mapping[str, str]

    def __post_init__(self) -> None:
        for measure in MEASURES:
            edges = getattr(self, measure)
            if any(low >= high for low, high in pairwise(edges)):
                raise ValueError(f"the edges of {measure} must ascend: {edges}")

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {measure: list(getattr(self, measure)) for measure in MEASURES} | {"sources": dict(self.sources)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(
            recency_days=tuple(float(edge) for edge in stored["recency_days"]),
            order_count=tuple(int(edge) for edge in stored["order_count"]),
            total_spent=tuple(int(edge) for edge in stored["total_spent"]),
            sources=dict(stored["sources"]),
        )


@dataclass(frozen=True, slots=True)
class RfmEdges:
    """A shop's stored edges: four a measure for marks 1 to 5, two a measure for Klaviyo's levels 1 to 3."""

    fifths: MeasureEdges
    thirds: MeasureEdges
    buyer_count: int

    @property
    def recency_days(self) -> tuple[float, ...]:
        """Four edges in days since the last order."""
        return self.fifths.recency_days

    @property
    def order_count(self) -> tuple[int, ...]:
        """Four edges in counted orders."""
        return self.fifths.order_count

    @property
    def total_spent(self) -> tuple[int, ...]:
        """Four edges in minor units of the shop's currency."""
        return self.fifths.total_spent

    @property
    def source(self) -> str:
        """Say where the four edges come from: ``quintiles``, ``fixed``, or ``mixed`` between measures."""
        kinds = set(self.fifths.sources.values())
        return kinds.pop() if len(kinds) == 1 else "mixed"

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {
            "fifths": self.fifths.to_json(),
            "thirds": self.thirds.to_json(),
            "buyer_count": self.buyer_count,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(
            fifths=MeasureEdges.from_json(stored["fifths"]),
            thirds=MeasureEdges.from_json(stored["thirds"]),
            buyer_count=int(stored["buyer_count"]),
        )
