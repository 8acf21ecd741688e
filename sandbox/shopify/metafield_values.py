"""Which types of metafields there are, and whether a value is one of its type; messages are Shopify's."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

JSON_AT_MOST = 128 * 1024
VALUE_AT_MOST = 16 * 1024
_MEASURE_WORDS = (
    "antenna_gain area battery_charge_capacity battery_energy_capacity capacitance concentration "
    "data_storage_capacity data_transfer_rate dimension display_density distance duration electric_current "
    "electrical_resistance energy frequency illuminance inductance luminous_flux mass_flow_rate power pressure "
    "resolution rotational_speed sound_level speed temperature thermal_power voltage volume "
    "volumetric_flow_rate weight"
)
_PLAIN_WORDS = (
    "boolean color date_time date id json jurisdiction language link money multi_line_text_field "
    "number_decimal number_integer rating rich_text_field single_line_text_field url"
)
_REFERRED = (
    "company customer product collection variant file product_taxonomy_value metaobject mixed page article "
    "order"
)
_SINGLE_ONLY = "boolean id json language money multi_line_text_field rich_text_field jurisdiction"

_MEASURES = _MEASURE_WORDS.split()
_PLAIN = _PLAIN_WORDS.split()
_REFERENCES = [f"{one}_reference" for one in _REFERRED.split()]
_NO_LISTS = frozenset(_SINGLE_ONLY.split())

_SINGLE = [*_MEASURES, *_PLAIN, *_REFERENCES]
TYPES = [*sorted(_SINGLE), *(f"list.{one}" for one in sorted(_SINGLE) if one not in _NO_LISTS)]

_CATEGORIES = {
    "boolean": "TRUE_FALSE",
    "color": "COLOR",
    "date": "DATE_TIME",
    "date_time": "DATE_TIME",
    "json": "JSON",
    "money": "MONEY",
    "number_decimal": "NUMBER",
    "number_integer": "NUMBER",
    "rating": "RATING",
    "url": "URL",
    **dict.fromkeys(("single_line_text_field", "multi_line_text_field", "rich_text_field"), "TEXT"),
}
FILTERABLE = frozenset(
    {"boolean", "number_decimal", "number_integer", "single_line_text_field", "date", "date_time", "rating"}
)


def category(type_name: str) -> str:
    """Return the family of a type, as the admin groups them."""
    single = type_name.removeprefix("list.")
    return _CATEGORIES.get(single, "REFERENCE" if single.endswith("_reference") else "MEASUREMENT")


def digest(value: str, type_name: str) -> str:
    """Return what ``compareDigest`` compares: it changes with the value and with nothing else."""
    return hashlib.sha256(f"{type_name}\0{value}".encode()).hexdigest()


def as_json(value: str, type_name: str) -> Any:  # noqa: ANN401 (any JSON)
    """Return a value as ``jsonValue`` shows it."""
    if type_name == "number_integer":
        return int(value)
    if type_name == "boolean":
        return value == "true"
    single = type_name.removeprefix("list.")
    written = type_name.startswith("list.") or single in (*_MEASURES, "json", "link", "money", "rating")
    return json.loads(value) if written or single == "rich_text_field" else value


def problem(value: str, type_name: str) -> str | None:
    """Return why a value is not of its type."""
    if type_name.startswith("list."):
        return _list_problem(value, type_name.removeprefix("list."))
    limit = JSON_AT_MOST if type_name in ("json", "rich_text_field") else VALUE_AT_MOST
    if len(value.encode()) > limit:
        return f"Value is too long (maximum is {limit} bytes)."
    return _CHECKS.get(type_name, _measure if type_name in _MEASURES else _anything)(value)


def _list_problem(value: str, single: str) -> str | None:
    try:
        items = json.loads(value)
    except ValueError:
        items = None
    if not isinstance(items, list):
        return "Value must be an array."
    written = [item if isinstance(item, str) else json.dumps(item) for item in items]
    return next(filter(None, (problem(item, single) for item in written)), None)


def _matches(pattern: str, message: str) -> Callable[[str], str | None]:
    return lambda value: None if re.fullmatch(pattern, value) else message


def _json(value: str) -> str | None:
    try:
        json.loads(value)
    except json.JSONDecodeError as error:
        return f"Value is invalid JSON: {error.msg} at line {error.lineno} column {error.colno}."
    return None


def _object(value: str, *keys: str) -> str | None:
    wrong = _json(value)
    found = None if wrong else json.loads(value)
    if isinstance(found, dict) and all(key in found for key in keys):
        return None
    return wrong or f"Value must be a stringified JSON object with {' and '.join(keys)} fields."


def _measure(value: str) -> str | None:
    return _object(value, "value", "unit")


def _anything(_value: str) -> str | None:
    return None


def _moment(read: Callable[[str], object], shape: str, example: str) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        try:
            read(value)
        except ValueError:
            return f"Value must be in “{shape}” format. For example: {example}"
        return None

    return check


def _reference(kind: str, words: str) -> Callable[[str], str | None]:
    return _matches(rf"gid://shopify/{kind}/\d+", f"Value must be a valid {words} reference.")


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "boolean": _matches("true|false", "Value must be true or false."),
    "collection_reference": _reference("Collection", "collection"),
    "color": _matches("#[0-9a-fA-F]{6}", "Value must be a hex color code."),
    "customer_reference": _reference("Customer", "customer"),
    "date": _moment(date.fromisoformat, "YYYY-MM-DD", "2022-06-01"),
    "date_time": _moment(datetime.fromisoformat, "YYYY-MM-DDTHH:MM:SS", "2022-06-01T15:30:00"),
    "json": _json,
    "money": lambda value: _object(value, "amount", "currency_code"),
    "number_decimal": _matches(r"[+-]?\d{1,13}(\.\d{1,9})?", "Value must be a decimal."),
    "number_integer": _matches(r"[+-]?\d{1,16}", "Value must be an integer."),
    "order_reference": _reference("Order", "order"),
    "product_reference": _reference("Product", "product"),
    "rating": lambda value: _object(value, "value", "scale_min", "scale_max"),
    "rich_text_field": _json,
    "single_line_text_field": _matches(r"[^\r\n]*", "Value must be a single line text string."),
    "url": _matches(r"(https?|mailto|sms|tel):.+", "Value must be a valid URL."),
    "variant_reference": _reference("ProductVariant", "product variant"),
}
