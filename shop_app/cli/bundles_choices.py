"""Rules for bundles on a terminal: from ``NAME=VALUE`` to what is chosen, and what is chosen as texts."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from shop_app.cli.shop_choice import print_pairs

if TYPE_CHECKING:
    from shop_app.services.brand_names import BrandNames

_RATIOS = ("uptake_ratio", "uptake_low", "uptake_high", "margin_floor_ratio", "assumed_cost_ratio")
_WHOLE = ("window_days", "patience_days", "most_discount_percent", "least_stock")
_ITEMS = ("left_out", "kept_in")
_LISTS = ("never_together", "never_discounted", "seasons", *_ITEMS)
_NAMES = ("level", *_WHOLE, *_RATIOS, "needs_known_stock", *_LISTS)


def choice_values(changes: Sequence[str], names: "BrandNames") -> dict[str, Any]:
    """Read ``NAME=VALUE``, with things by their names, SKUs or numbers.

    Raises
    ------
    click.UsageError
        That is no such text.
    InvalidInputError
        Nothing in the shop is called so.
    """
    return dict(_value(change, names) for change in changes)


def plain_choices(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Return the choices one beside the other, those of the brand among them."""
    flat = {name: value for name, value in choices.items() if name != "rules"}
    return dict(sorted((flat | dict(choices["rules"])).items()))


def print_choices(choices: Mapping[str, Any]) -> None:
    """Print what is chosen, by the names that ``--set`` takes."""
    print_pairs({name: _words(value) for name, value in choices.items()})


def _value(change: str, names: "BrandNames") -> tuple[str, Any]:
    name, sign, text = change.partition("=")
    if not sign or name not in _NAMES:
        raise click.UsageError(f"--set takes NAME=VALUE with one of {', '.join(_NAMES)}, not {change}.")
    readers: dict[str, Callable[[str], Any]] = {
        "level": str,
        "needs_known_stock": _yes,
        "never_together": lambda pair: _pair(pair, names),
        "never_discounted": lambda each: names.all_tokens(each, name),
        "seasons": lambda season: _season(season, names),
        **dict.fromkeys(_ITEMS, lambda each: names.item_ids(each, name)),
        **dict.fromkeys(_WHOLE, _number(int)),
        **dict.fromkeys(_RATIOS, _number(float)),
    }
    read = readers[name]
    if name not in _LISTS:
        return name, None if not text and name == "assumed_cost_ratio" else read(text)
    found = [each for part in text.split(",") if part.strip() for each in read(part)]
    return name, dict(found) if name == "seasons" else found


def _pair(text: str, names: "BrandNames") -> list[list[str]]:
    one, sign, other = text.partition("+")
    if not sign:
        raise click.UsageError(f"A pair is two names with + between them, not {text!r}.")
    return names.pairs(one, other, "never_together")


def _number(kind: type[int] | type[float]) -> Callable[[str], Any]:
    def read(text: str) -> Any:  # noqa: ANN401 (a number)
        try:
            return kind(text)
        except ValueError:
            raise click.UsageError(f"{text!r} is no {'whole ' if kind is int else ''}number.") from None

    return read


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise click.UsageError(f"Say yes or no, not {text!r}.")
    return text == "yes"


def _season(text: str, names: "BrandNames") -> list[tuple[str, list[int]]]:
    name, _, months = text.rpartition(":")
    if not name or not all(month.isdigit() for month in months.split()):
        raise click.UsageError(f"A season is a name, a colon and months as numbers, not {text!r}.")
    numbers = [int(month) for month in months.split()]
    return [(token, numbers) for token in names.all_tokens(name, "seasons")]


def _words(value: Any) -> str:  # noqa: ANN401 (a choice)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {' '.join(map(str, months))}" for name, months in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(
            " + ".join(map(str, each)) if isinstance(each, list | tuple) else str(each) for each in value
        )
    return "" if value is None else str(value)
