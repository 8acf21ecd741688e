"""One metafield about to be set: everything Shopify checks before it writes the first of a call."""

from dataclasses import dataclass
from typing import Any

from sandbox.shopify import metafield_values as values
from sandbox.shopify.graph import metafield_names as names
from sandbox.shopify.graph.registry import Answer, Call, user_error
from sandbox.shopify.state import Document

_STALE = "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value."
_CLOSED = "Access to this namespace and key on Metafields for this resource type is not allowed."


@dataclass(slots=True)
class Wanted:
    """A metafield that may be written: its owner, name, type, value and what it replaces."""

    kind: str
    owner: Document
    namespace: str
    key: str
    type_name: str
    value: str
    before: Document | None


def check(call: Call, given: dict[str, Any], field: list[str]) -> Wanted | Answer:
    """Return what is to be written, or the user error that forbids it."""
    owner = names.owner_of(call, given["ownerId"])
    if owner is None:
        return user_error([*field, "ownerId"], "Owner does not exist.", "INVALID_VALUE")
    return check_for(call, owner, given, field)


def check_for(
    call: Call, owner: tuple[str, Document], given: dict[str, Any], field: list[str]
) -> Wanted | Answer:
    """Do the same where the owner is known already."""
    kind, document = owner
    namespace = names.resolved(given.get("namespace"))
    wrong = _name_problem(namespace, given["key"], field)
    if wrong:
        return wrong
    before = names.find(call, document, kind, namespace, given["key"])
    definition = names.definition_of(call, kind, namespace, given["key"])
    type_name = given.get("type") or (definition or before or {}).get("type")
    wrong = _type_problem(type_name, definition, field) or _digest_problem(given, before, field)
    if wrong:
        return wrong
    wrong = _value_problem(given["value"], str(type_name), definition, field)
    return wrong or Wanted(kind, document, namespace, given["key"], str(type_name), given["value"], before)


def _name_problem(namespace: str, key: str, field: list[str]) -> Answer | None:
    if names.is_foreign(namespace):
        return user_error([*field, "namespace"], _CLOSED, "APP_NOT_AUTHORIZED")
    return (
        names.length_problem([*field, "namespace"], namespace)
        or names.length_problem([*field, "key"], key)
        or names.reserved_problem([*field, "namespace"], namespace)
    )


def _type_problem(type_name: str | None, definition: Document | None, field: list[str]) -> Answer | None:
    place = [*field, "type"]
    if not type_name:
        return user_error(place, "Type can't be blank", "BLANK")
    if type_name not in values.TYPES:
        listed = ", ".join(values.TYPES)
        message = f"Type name {type_name} is not a valid type. Valid types are: {listed}."
        return user_error(place, message, "INCLUSION")
    if definition is not None and definition["type"] != type_name:
        message = f"Type '{type_name}' must be consistent with the definition's type: '{definition['type']}'."
        return user_error(place, message, "INVALID_TYPE")
    return None


def _digest_problem(given: dict[str, Any], before: Document | None, field: list[str]) -> Answer | None:
    """Return what compare-and-set says; ``null`` means: there must be none yet."""
    if "compareDigest" not in given:
        return None
    wanted = given["compareDigest"]
    if before is None:
        if wanted is None:
            return None
        return user_error(field, "Invalid `compareDigest` value.", "INVALID_COMPARE_DIGEST")
    return None if wanted == before["compareDigest"] else user_error(field, _STALE, "STALE_OBJECT")


def _value_problem(value: str, type_name: str, definition: Document | None, field: list[str]) -> Answer | None:
    place = [*field, "value"]
    if value == "":
        return user_error(place, "Value can't be blank.", "BLANK")
    wrong = values.problem(value, type_name) or _rule_problem(value, definition)
    return None if wrong is None else user_error(place, wrong, "INVALID_VALUE")


def _rule_problem(value: str, definition: Document | None) -> str | None:
    """Return which of a definition's own rules a value breaks; the simple ones are kept."""
    rules = {rule["name"]: rule["value"] for rule in (definition or {}).get("validations") or ()}
    if not rules or definition is None:
        return None
    if definition["type"].startswith("number_"):
        size, words = float(value), ""
    else:
        size, words = float(len(value)), "length "
    if "min" in rules and size < float(rules["min"]):
        return f"Value has a minimum {words}of {rules['min']}."
    if "max" in rules and size > float(rules["max"]):
        return f"Value has a maximum {words}of {rules['max']}."
    return None
