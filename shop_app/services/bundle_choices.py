"""What the merchant has chosen for offers: the level looked at, limits of the brand, how far offers go."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Self

from shop_app.bundles.brand_rules import BrandRules
from shop_app.bundles.expectation import Uptake
from shop_app.bundles.left_out import LeftOut
from shop_app.errors import InvalidInputError
from shop_app.services.ask_for_bundles import BUNDLES
from shop_app.services.basket_frames import LEVELS
from shop_app.storage import decisions, due_work, shop_settings
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import transaction
from shop_app.storage.shop_settings import ShopSettings

_RULES = frozenset(each.name for each in fields(BrandRules))
_MOST_ITEMS = 1_000
_MOST_GAIN = 5


@dataclass(frozen=True, slots=True)
class BundleChoices:
    """The merchant's choices, each with its default.

    ``level`` is what is looked at together, a key of :data:`LEVELS`; ``window_days`` how soon after one thing
    another counts as a follow-up; ``patience_days`` after how long somebody with one order is taken for gone.
    ``uptake_ratio`` with ``uptake_low`` and ``uptake_high`` is how many more are assumed to take the rest where
    it is 10 % cheaper, for each who does so anyway: see :class:`~shop_app.bundles.expectation.Uptake`.
    ``left_out`` and ``kept_in`` are our numbers of items that are no merchandise, or are, whatever their names
    say.
    """

    level: str = "variant"
    window_days: int = 14
    patience_days: int = 180
    uptake_ratio: float = Uptake().gain_ratio
    uptake_low: float = Uptake().low
    uptake_high: float = Uptake().high
    left_out: tuple[int, ...] = ()
    kept_in: tuple[int, ...] = ()
    rules: BrandRules = field(default_factory=BrandRules)

    @classmethod
    def of(cls, shop: ShopSettings) -> Self:
        """Read a shop's choices; what is not chosen has its default."""
        return cls._read(shop.bundles)

    @classmethod
    def _read(cls, stored: Mapping[str, Any]) -> Self:
        plain = dict(stored)
        plain["rules"] = BrandRules.from_json(plain.get("rules", {}))
        for name in ("left_out", "kept_in"):
            plain[name] = tuple(plain.get(name, ()))
        return cls(**plain)

    def to_json(self) -> dict[str, Any]:
        """Return plain values as they are kept."""
        plain = asdict(self)
        return plain | {
            "rules": self.rules.to_json(),
            "left_out": list(self.left_out),
            "kept_in": list(self.kept_in),
        }

    @property
    def merchandise(self) -> LeftOut:
        """Return what is no merchandise."""
        return LeftOut(item_ids=frozenset(self.left_out), kept_item_ids=frozenset(self.kept_in))

    @property
    def uptake(self) -> Uptake:
        """Return what is assumed of those who see an offer."""
        return Uptake(gain_ratio=self.uptake_ratio, low=self.uptake_low, high=self.uptake_high)


def read_bundle_choices(shop_id: int) -> BundleChoices:
    """Return a shop's choices."""
    with transaction(shop_id) as connection:
        return BundleChoices.of(shop_settings.read(connection))


def change_bundle_choices(shop_id: int, changes: Mapping[str, Any], *, who: str, at: datetime) -> BundleChoices:
    """Change some of the choices, those of :class:`BrandRules` by their own names; baskets are looked at anew.

    Raises
    ------
    InvalidInputError
        A choice there is not, or a value that it cannot have; ``field`` names it.
    """
    with transaction(shop_id) as connection:
        before = BundleChoices.of(shop_settings.read(connection))
        own = {name: value for name, value in changes.items() if name not in _RULES}
        rules = {name: value for name, value in changes.items() if name in _RULES}
        stored = before.to_json() | _checked(own)
        stored["rules"] = BrandRules.from_json(before.rules.to_json() | rules).to_json()
        chosen = BundleChoices._read(stored)  # noqa: SLF001 (its own)
        if not chosen.uptake_low <= chosen.uptake_ratio <= chosen.uptake_high:
            raise InvalidInputError(
                "How many more take an offer: the low figure must not be above the expected one, nor that "
                "above the high one.",
                field="uptake_ratio",
            )
        shop_settings.write_bundles(connection, _but_defaults(chosen))
        due_work.ensure_due(connection, shop_id, BUNDLES, due_at=at)
        due_work.ensure_due(connection, shop_id, "bundles-live", due_at=at)
        words = ", ".join(sorted(changes))
        decisions.record(connection, Decision(at, who, "bundles", words, None, None, ""))
    return chosen


def _but_defaults(chosen: BundleChoices) -> dict[str, Any]:
    """Return what is kept: a default that nobody chose stays one, whatever a later version makes of it."""
    own, usual = chosen.to_json(), BundleChoices().to_json()
    rules = {name: value for name, value in own["rules"].items() if value != usual["rules"][name]}
    return {name: value for name, value in own.items() if value != usual[name]} | {"rules": rules}


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values in their types, or say which one is wrong."""
    checks: dict[str, Callable[[Any], Any]] = {
        "level": _level,
        "window_days": lambda value: _whole(value, 1, 90),
        "patience_days": lambda value: _whole(value, 30, 730),
        "uptake_ratio": _gain,
        "uptake_low": _gain,
        "uptake_high": _gain,
        "left_out": _items,
        "kept_in": _items,
    }
    found = {}
    for name, value in changes.items():
        if name not in checks:
            raise InvalidInputError(f"There is no setting {name}.", field=name)
        try:
            found[name] = checks[name](value)
        except (TypeError, ValueError) as error:
            words = str(error) or "That is not a value that it can have."
            raise InvalidInputError(f"{_LABELS[name]}: {words}", field=name) from None
    return found


_LABELS = {
    "level": "What is looked at together",
    "window_days": "Days between one purchase and what follows it",
    "patience_days": "Days after which a customer with one order counts as gone",
    "uptake_ratio": "How many more take an offer",
    "uptake_low": "How many more take it at the least",
    "uptake_high": "How many more take it at the most",
    "left_out": "Items left out",
    "kept_in": "Items kept",
}


def _level(value: object) -> str:
    if value not in LEVELS:
        raise ValueError(f"it is one of {', '.join(LEVELS)}, not {value}.")
    return str(value)


def _whole(value: object, least: int, most: int) -> int:
    number = _whole_number(value)
    if not least <= number <= most:
        raise ValueError(f"it must be from {least} to {most}, not {value}.")
    return number


def _gain(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        raise ValueError(f"it is a number, not {value}.") from None
    if not 0 <= number <= _MOST_GAIN:
        raise ValueError(f"it is from 0 to {_MOST_GAIN}, where 0.5 is half as many again, not {value}.")
    return number


def _items(value: object) -> list[int]:
    if not isinstance(value, list | tuple) or len(value) > _MOST_ITEMS:
        raise TypeError(f"name items by their numbers, {_MOST_ITEMS} at most.")
    return sorted({_whole_number(each) for each in value})


def _whole_number(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise ValueError(f"it must be a whole number, not {value}.") from None
