"""The merchant's switches over which orders count, and what of their money."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import is_currency

from shop_app.errors import InvalidInputError
from shop_app.segments.ledger import LedgerRules
from shop_app.services.measure_people import rules_of
from shop_app.services.refresh_customers import Refreshed, refresh_customers
from shop_app.services.soon import keep_promise, promise_refresh
from shop_app.storage import shop_settings
from shop_app.storage.engine import transaction

_YES = ("yes", "true", "on", "1")
_NO = ("no", "false", "off", "0")
_LONGEST_NAME = 255


def set_ledger_rules(shop_id: int, changes: Mapping[str, str], *, as_of: datetime) -> Refreshed:
    """Change some of the switches, and work everything out anew, edges included.

    Values are what people type: ``include_tax=no``, ``cut_off=2024-01-01`` (the shop's own midnight; empty
    for none), ``excluded_tags=wholesale,staff``, ``rates=USD:0.92,GBP:1.17`` (empty for none).

    Raises
    ------
    InvalidInputError
        There is no such switch, or its value is of another kind; ``field`` names it.
    """
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
        wished = rules_of(shop).to_json()
        for name, value in changes.items():
            wished[name] = _understood(name, value.strip(), shop.timezone)
        rules = _checked(wished, changes)
        shop_settings.write_ledger_rules(connection, rules.to_json())
        promise_refresh(connection, shop_id, as_of=as_of)
    refreshed = refresh_customers(shop_id, None, as_of=as_of, refit=True)
    keep_promise(shop_id, as_of=as_of)
    return refreshed


def read_ledger_rules(shop_id: int) -> LedgerRules:
    """Return how the switches stand."""
    with transaction(shop_id) as connection:
        return rules_of(shop_settings.read(connection))


def _understood(name: str, value: str, timezone: str) -> Any:  # noqa: ANN401 (each switch has its own kind)
    readers: dict[str, Callable[[str, str], Any]] = {
        "include_tax": _switch,
        "include_shipping": _switch,
        "count_unpaid": _switch,
        "count_free_orders": _switch,
        "excluded_channels": _names,
        "excluded_tags": _names,
        "rates": _rates,
        "cut_off": lambda field, text: _midnight(field, text, timezone),
    }
    if name not in readers:
        raise InvalidInputError(f"{name} is no setting; there are {', '.join(readers)}.", field=name)
    return readers[name](name, value)


def _switch(field: str, value: str) -> bool:
    if value.lower() not in (*_YES, *_NO):
        raise InvalidInputError(f"{field} must be yes or no, not {value!r}.", field=field)
    return value.lower() in _YES


def _names(field: str, value: str) -> list[str]:
    names = sorted({name.strip() for name in value.split(",")} - {""})
    if any(len(name) > _LONGEST_NAME or not name.isprintable() for name in names):
        raise InvalidInputError(f"{field} must be names with commas between them.", field=field)
    return names


def _rates(field: str, value: str) -> dict[str, str]:
    rates: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in value.split(","))):
        currency, _, rate = (part.strip() for part in pair.partition(":"))
        if not is_currency(currency.upper()) or not rate:
            raise InvalidInputError(
                f"{field} must look like USD:0.92,GBP:1.17 (what one unit is worth in the shop's currency); "
                f"{pair!r} does not.",
                field=field,
            )
        rates[currency.upper()] = rate
    return rates


def _midnight(field: str, value: str, timezone: str) -> str | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise InvalidInputError(
            f"{field} must be a date like 2024-01-31, not {value!r}.", field=field
        ) from None
    return datetime.combine(day, time(), tzinfo=ZoneInfo(timezone)).isoformat()


def _checked(wished: dict[str, Any], changes: Mapping[str, str]) -> LedgerRules:
    try:
        return LedgerRules.from_json(wished)
    except ValueError as error:
        field = "rates" if "rates" in changes else next(iter(changes), None)
        raise InvalidInputError(f"{field}: {error}", field=field) from None
