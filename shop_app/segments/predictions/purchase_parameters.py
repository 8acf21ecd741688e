"""What a purchase model has learned of a shop, as plain numbers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class BuyerKind:
    """One kind of buyer.

    Attributes
    ----------
    share_ratio
        Its part of all customers, above 0 up to 1.
    r, alpha
        How often they buy: rates of a gamma distribution of shape r and rate alpha (days); of the single
        waits, so with gaps of two waits a visit takes two.
    a, b
        How soon they leave: chances after each visit of a beta distribution of a and b.
    """

    share_ratio: float
    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class ParetoParameters:
    """Buyers who leave at any time, not at a visit.

    Attributes
    ----------
    r, alpha
        How often they buy: rates of a gamma distribution of shape r and rate alpha (days).
    s, beta
        How soon they leave: rates of a gamma distribution of shape s and rate beta (days).
    log_likelihood
        Of all customers' visits, in days.
    customer_count
        How many it was fitted to.
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    customer_count: int

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        floats = {name: float(stored[name]) for name in ("r", "alpha", "s", "beta", "log_likelihood")}
        return cls(customer_count=int(stored["customer_count"]), **floats)


@dataclass(frozen=True, slots=True)
class PurchaseParameters:
    """A fitted purchase model.

    Attributes
    ----------
    model
        ``"bg_nbd"``: a customer can leave after every repeat visit; ``"mbg_cnbd"``: after the first one too.
    regularity
        k: gaps between visits are the sum of so many exponential waits. 1 is pure chance, 2 more regular.
    kinds
        One kind of buyer or two, the commoner one first.
    log_likelihood
        Of all customers' visits, in days.
    customer_count
        How many it was fitted to.
    in_time
        A second model of the same visits, whose scores are averaged with the first one's; ``None`` where it is
        not fitted.
    """

    model: str
    regularity: int
    kinds: tuple[BuyerKind, ...]
    log_likelihood: float
    customer_count: int
    in_time: ParetoParameters | None = None

    @property
    def r(self) -> float:
        """Return r of the commonest kind."""
        return self.kinds[0].r

    @property
    def alpha(self) -> float:
        """Return alpha of the commonest kind, in days."""
        return self.kinds[0].alpha

    @property
    def a(self) -> float:
        """Return a of the commonest kind."""
        return self.kinds[0].a

    @property
    def b(self) -> float:
        """Return b of the commonest kind."""
        return self.kinds[0].b

    @property
    def may_leave_at_once(self) -> bool:
        """Tell whether a customer can be gone after the very first visit."""
        return self.model != "bg_nbd"

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {
            "model": self.model,
            "regularity": self.regularity,
            "kinds": [asdict(kind) for kind in self.kinds],
            "log_likelihood": self.log_likelihood,
            "customer_count": self.customer_count,
            "in_time": None if self.in_time is None else self.in_time.to_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        in_time = stored.get("in_time")
        return cls(
            model=str(stored["model"]),
            regularity=int(stored["regularity"]),
            kinds=tuple(
                BuyerKind(**{name: float(value) for name, value in kind.items()}) for kind in stored["kinds"]
            ),
            log_likelihood=float(stored["log_likelihood"]),
            customer_count=int(stored["customer_count"]),
            in_time=in_time and ParetoParameters.from_json(in_time),
        )
