"""Features of customers as lists to pick from."""

from collections.abc import Callable, Collection

from shop_app.segments.grouping.catalogue import FEATURES, Feature
from shop_app.web.formats import capital
from shop_app.web.pages import Choice, Option, OptionGroup

FAMILIES = {
    "orders": "Orders",
    "rhythm": "Time and rhythm",
    "money": "Money",
    "price": "Prices and discounts",
    "taste": "What they buy",
    "predictions": "Predictions",
    "signals": "Visits, carts, e-mails and help",
}
"""The catalogue's families as a merchant calls them, in the order of a list."""

_UNITS = {
    "days": "in days",
    "share": "in %",
    "probability": "in %",
    "ratio": "1 is as usual",
    "hour": "0 to 23",
    "weekday": "Monday to Sunday",
    "text": "text",
    "yes_no": "yes or no",
}


def by_family(wanted: Callable[[Feature], bool] = lambda _: True) -> dict[str, list[Feature]]:
    """Return the features that are wanted, family by family."""
    return {
        words: [each for each in FEATURES.values() if each.family == family and wanted(each)]
        for family, words in FAMILIES.items()
    }


def feature_options(chosen: str, currency: str) -> tuple[OptionGroup, ...]:
    """Return every feature as a line of a select, with the unit that its value is given in."""
    return tuple(
        OptionGroup(
            family,
            tuple(Option(each.name, _with_unit(each, currency), each.name == chosen) for each in features),
        )
        for family, features in by_family().items()
    )


def dimension_choices(chosen: Collection[str]) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Return the features that customers can be compared by, family by family."""
    return tuple(
        (family, tuple(Choice(each.name, capital(each.label), each.name in chosen) for each in features))
        for family, features in by_family(lambda feature: feature.is_numeric).items()
    )


def _with_unit(feature: Feature, currency: str) -> str:
    unit = f"in {currency}" if feature.unit == "money" and currency else _UNITS.get(feature.unit, "")
    label = capital(feature.label)
    is_said = feature.unit == "days" and "days" in feature.label
    return f"{label} ({unit})" if unit and not is_said else label
