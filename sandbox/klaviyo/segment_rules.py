"""What a segment's definition may say here, and whether a profile fulfils it.

Groups of conditions are joined by *and*, the conditions inside a group by *or*. A value of another type than
the filter's never fulfils it: a number that was written as text is in no numeric segment.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.klaviyo import shapes
from sandbox.klaviyo.shapes import Found, boolean, fields, just, many, moment, number, text
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import read_moment

_CUSTOM = re.compile(r"properties\['(.+)'\]|properties\[\"(.+)\"\]")
_OWN = ("email", "phone_number", "external_id", "first_name", "last_name", "organization", "locale", "title")
_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "equals": lambda held, value: held == value,
    "contains": lambda held, value: value in held,
    "starts-with": lambda held, value: held.startswith(value),
    "ends-with": lambda held, value: held.endswith(value),
    "regex": lambda held, value: re.search(value, held) is not None,
}
_NUMBER: Mapping[str, Callable[[float, float], bool]] = {
    "equals": lambda held, value: held == value,
    "not-equals": lambda held, value: held != value,
    "greater-than": lambda held, value: held > value,
    "greater-than-or-equal": lambda held, value: held >= value,
    "less-than": lambda held, value: held < value,
    "less-than-or-equal": lambda held, value: held <= value,
}
_NOT_TEXT = {f"not-{name}": name for name in ("equals", "contains", "starts-with", "ends-with")} | {
    "nregex": "regex"
}
_SUBSCRIPTIONS = ("any", "subscribed", "never_subscribed", "unsubscribed")

_FILTERS = {
    "string": shapes.either(
        fields({"type": just("string"), "operator": just(*_TEXT, *_NOT_TEXT), "value": text}),
        fields({"type": just("string"), "operator": just("in", "not-in"), "value": many(text, least=1)}),
    ),
    "numeric": fields({"type": just("numeric"), "operator": just(*_NUMBER), "value": number}),
    "boolean": fields({"type": just("boolean"), "operator": just("equals"), "value": boolean}),
    "date": fields({"type": just("date"), "operator": just("after", "before"), "date": moment}),
    "list": fields(
        {
            "type": just("list"),
            "operator": just("contains", "not-contains"),
            "value": shapes.either(text, number),
        }
    ),
    "existence": fields({"type": just("existence"), "operator": just("is-set", "not-set")}),
}


def _filter(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    kind = value.get("type") if isinstance(value, dict) else None
    known = _FILTERS.get(kind) if isinstance(kind, str) else None
    if known is None:
        yield (
            f"{place}/type",
            f"The filter type must be one of {', '.join(_FILTERS)} (other types are not played).",
        )
    else:
        yield from known(value, place)


def _property(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    if not isinstance(value, str) or not (value in _OWN or _CUSTOM.fullmatch(value)):
        yield place, "Must be a profile field or properties['name']."


_CONDITIONS = {
    "profile-property": fields({"type": text, "property": _property, "filter": _filter}),
    "profile-marketing-consent": fields(
        {
            "type": text,
            "consent": fields(
                {
                    "channel": just("email"),
                    "can_receive_marketing": boolean,
                    "consent_status": fields(
                        {"subscription": just(*_SUBSCRIPTIONS)}, {"filters": shapes.maybe(many(text, most=0))}
                    ),
                }
            ),
        }
    ),
}


def _condition(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    kind = value.get("type") if isinstance(value, dict) else None
    known = _CONDITIONS.get(kind) if isinstance(kind, str) else None
    if known is None:
        yield f"{place}/type", f"The condition must be one of {', '.join(_CONDITIONS)} (others are not played)."
    else:
        yield from known(value, place)


DEFINITION = fields({"condition_groups": many(fields({"conditions": many(_condition, least=1)}), least=1)})
"""The shape of a definition."""


def fulfils(profile: Document, definition: Document) -> bool:
    """Tell whether a profile belongs to a segment of this definition."""
    return all(
        any(_holds(profile, condition) for condition in group["conditions"])
        for group in definition["condition_groups"]
    )


def _holds(profile: Document, condition: Document) -> bool:
    if condition["type"] == "profile-marketing-consent":
        return _consents(profile, condition["consent"])
    wanted, held = condition["filter"], _value(profile, condition["property"])
    if wanted["type"] == "boolean":
        return isinstance(held, bool) and held is wanted["value"]
    if wanted["type"] == "existence":
        return (held not in (None, "")) == (wanted["operator"] == "is-set")
    judge = {"string": _text, "numeric": _number, "date": _date, "list": _list}[wanted["type"]]
    return judge(held, wanted)


def _value(profile: Document, name: str) -> Any:  # noqa: ANN401 (any JSON)
    found = _CUSTOM.fullmatch(name)
    return profile["properties"].get(found[1] or found[2]) if found else profile.get(name)


def _text(held: Any, wanted: Document) -> bool:  # noqa: ANN401 (any JSON)
    operator, value = wanted["operator"], wanted["value"]
    if operator in ("not-in", *_NOT_TEXT):
        opposite = "in" if operator == "not-in" else _NOT_TEXT[operator]
        return not _text(held, wanted | {"operator": opposite})
    if not isinstance(held, str):
        return False
    return held in value if operator == "in" else _TEXT[operator](held, value)


def _number(held: Any, wanted: Document) -> bool:  # noqa: ANN401 (any JSON)
    if isinstance(held, bool) or not isinstance(held, int | float):
        return False
    return _NUMBER[wanted["operator"]](held, wanted["value"])


def _date(held: Any, wanted: Document) -> bool:  # noqa: ANN401 (any JSON)
    try:
        at, limit = read_moment(held), read_moment(wanted["date"])
    except (TypeError, ValueError):
        return False
    return at > limit if wanted["operator"] == "after" else at < limit


def _list(held: Any, wanted: Document) -> bool:  # noqa: ANN401 (any JSON)
    inside = isinstance(held, list) and wanted["value"] in held
    return inside == (wanted["operator"] == "contains")


def _consents(profile: Document, wanted: Document) -> bool:
    status = ((profile["consent"]["email"] or {}).get("consent") or "NEVER_SUBSCRIBED").lower()
    can = bool(profile["email"]) and not profile["consent"]["suppression"]
    subscription = wanted["consent_status"]["subscription"]
    return bool(can == wanted["can_receive_marketing"]) and subscription in ("any", status)
