"""The form of the merchant's rules for bundles, as texts and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from shop_app.errors import InvalidInputError
from shop_app.services.brand_names import BrandNames
from shop_app.services.bundle_choices import BundleChoices

_LONGEST = 20_000
_PERCENTS = {
    "margin_floor_percent": "margin_floor_ratio",
    "assumed_cost_percent": "assumed_cost_ratio",
    "uptake_low_percent": "uptake_low",
    "uptake_percent": "uptake_ratio",
    "uptake_high_percent": "uptake_high",
}
"""Fields in per cent, and the choices that hold the same as a ratio."""
_WHOLE = {
    "window_days": (1, 90),
    "patience_days": (30, 730),
    "most_discount_percent": (0, 100),
    "least_stock": (0, 1_000_000_000),
}
_MOST_GAIN_PERCENT = 500
_LISTS = ("never_together", "never_discounted", "seasons", "left_out", "kept_in")
_FIELDS = {choice: field for field, choice in _PERCENTS.items()}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class RulesRefusedError(InvalidInputError):
    """Some rules cannot be; ``errors`` has a sentence for each by its field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class RulesFields:
    """What stands in the fields, by name."""

    texts: Mapping[str, str]
    needs_known_stock: bool

    @classmethod
    def of(cls, choices: BundleChoices, names: BrandNames) -> Self:
        """Write the choices into the fields."""
        rules = choices.rules
        ratios = {
            "margin_floor_percent": rules.margin_floor_ratio,
            "assumed_cost_percent": rules.assumed_cost_ratio,
            "uptake_low_percent": choices.uptake_low,
            "uptake_percent": choices.uptake_ratio,
            "uptake_high_percent": choices.uptake_high,
        }
        texts = {name: "" if ratio is None else f"{ratio * 100:g}" for name, ratio in ratios.items()}
        texts |= {
            "level": choices.level,
            "window_days": str(choices.window_days),
            "patience_days": str(choices.patience_days),
            "most_discount_percent": str(rules.most_discount_percent),
            "least_stock": str(rules.least_stock),
            "never_together": _lines(
                sorted({f"{names.name(a)} + {names.name(b)}" for a, b in rules.never_together})
            ),
            "never_discounted": _lines(dict.fromkeys(names.name(each) for each in rules.never_discounted)),
            "seasons": _lines(
                f"{names.name(name)}: {', '.join(_MONTHS[month - 1].capitalize() for month in months)}"
                for name, months in rules.seasons
            ),
            "left_out": _lines(dict.fromkeys(names.name(str(each)) for each in choices.left_out)),
            "kept_in": _lines(dict.fromkeys(names.name(str(each)) for each in choices.kept_in)),
        }
        return cls(texts, rules.needs_known_stock)

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> Self:
        """Read what was sent."""
        names = ("level", *_PERCENTS, *_WHOLE)
        texts = {name: " ".join(form.get(name, "").split())[:_LONGEST] for name in names}
        texts |= {name: form.get(name, "").strip()[:_LONGEST] for name in _LISTS}
        return cls(texts, "needs_known_stock" in form)

    def changes(self, names: BrandNames) -> dict[str, Any]:
        """Return the choices that these texts stand for.

        Raises
        ------
        RulesRefusedError
            Some texts stand for none.
        """
        errors: dict[str, str] = {}
        readers: dict[str, Callable[[str, str], Any]] = {
            "never_together": lambda line, field: _pair(line, field, names),
            "never_discounted": names.all_tokens,
            "seasons": lambda line, field: _season(line, field, names),
            "left_out": names.item_ids,
            "kept_in": names.item_ids,
        }
        found: dict[str, Any] = {
            "level": self.texts["level"],
            "needs_known_stock": self.needs_known_stock,
            **{name: self._whole(name, errors) for name in _WHOLE},
            **{choice: self._ratio(field, errors) for field, choice in _PERCENTS.items()},
        }
        lists = {name: self._each(name, read, errors) for name, read in readers.items()}
        if errors:
            raise RulesRefusedError(errors)
        flat = {name: [each for line in found_in for each in line] for name, found_in in lists.items()}
        return found | flat | {"seasons": dict(flat["seasons"])}

    def _whole(self, name: str, errors: dict[str, str]) -> int:
        least, most = _WHOLE[name]
        text = self.texts[name]
        if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
            return int(text)
        errors[name] = f"Give a whole number from {least:,} to {most:,}."
        return 0

    def _ratio(self, name: str, errors: dict[str, str]) -> float | None:
        text = self.texts[name].rstrip("% ").replace(",", ".")
        if not text and name == "assumed_cost_percent":
            return None
        try:
            percent = float(text)
        except ValueError:
            percent = -1
        most = _MOST_GAIN_PERCENT if name.startswith("uptake") else 100
        if not 0 <= percent <= most:
            errors[name] = f"Give a number from 0 to {most:,}."
            return None
        return round(percent / 100, 6)

    def _each(self, name: str, read: Callable[[str, str], Any], errors: dict[str, str]) -> list[Any]:
        found = []
        for line in self.texts[name].splitlines():
            if not line.strip():
                continue
            try:
                found.append(read(line, name))
            except InvalidInputError as error:
                errors.setdefault(name, str(error))
        return found


def field_of(choice: str | None) -> str:
    """Return the field that a choice is typed into."""
    return _FIELDS.get(choice or "", choice or "")


def _pair(line: str, field: str, names: BrandNames) -> list[list[str]]:
    sides = line.split(" + ")
    if len(sides) != 2:  # noqa: PLR2004 (a pair)
        raise InvalidInputError(f"“{line.strip()}”: write two names with “ + ” between them.", field=field)
    return names.pairs(sides[0], sides[1], field)


def _season(line: str, field: str, names: BrandNames) -> list[tuple[str, list[int]]]:
    name, colon, months = line.rpartition(":")
    if not colon:
        raise InvalidInputError(
            f"“{line.strip()}”: write a name, a colon, and months, such as “Advent tea: Nov, Dec”.", field=field
        )
    numbers = [_month(month, field) for month in months.split(",")]
    return [(token, numbers) for token in names.all_tokens(name, field)]


def _month(text: str, field: str) -> int:
    word = text.strip().casefold()
    if word[:3] in _MONTHS:
        return _MONTHS.index(word[:3]) + 1
    if word.isascii() and word.isdigit() and 1 <= int(word[:3]) <= len(_MONTHS):
        return int(word[:3])
    raise InvalidInputError(f"“{text.strip()}” is no month; write Nov or 11.", field=field)


def _lines(lines: object) -> str:
    return "\n".join(lines)  # type: ignore[arg-type]
