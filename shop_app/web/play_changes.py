"""From the fields of a play's form to the changes in it, and from what is wrong back to the field."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from shop_app.errors import InvalidInputError
from shop_app.segments.playbook_edits import DEEPEST_RATIO, MOST_LINES
from shop_app.segments.plays import EXCLUSIONS, NEVER_LIFTED, Play
from shop_app.services.playbook import KeptPlay
from shop_app.web.formats import capital

_WHOLE = re.compile(r"-?[0-9]{1,6}", re.ASCII)
_PLACE = re.compile(r"(steps|exclusions|not_to_do)\[([0-9]+)\](?:\.(\w+))?")


def read_changes(fields: MultiDict[str, str], kept: KeptPlay) -> dict[str, Any]:
    """Return the fields that differ from the play as it is.

    Raises
    ------
    InvalidInputError
        The depth is no percentage, or nothing differs from what is recommended.
    """
    changes = _changes(fields, kept.play)
    if not changes and not kept.is_edited:
        raise InvalidInputError("Nothing was changed.")
    return changes


def _changes(fields: MultiDict[str, str], play: Play) -> dict[str, Any]:
    written = {
        "purpose": fields.get("purpose", "").strip(),
        "message": fields.get("message", "").strip(),
        "steps": [_step(fields, number) for number in _step_numbers(fields)],
        "offer": fields.get("offer", ""),
        "max_depth_ratio": _depth(fields.get("max_depth_ratio", "")),
        "offer_ends_days": _whole(fields.get("offer_ends_days", "")) if fields.get("offer_ends_days") else None,
        "channels": _channels(fields, play),
        "pause_days": _whole(fields.get("pause_days", "")),
        "most_messages_30d": _whole(fields.get("most_messages_30d", "")),
        "kpi": fields.get("kpi", ""),
        "exclusions": [_exclusion(fields, slug) for slug in _excluded(fields)],
        "not_to_do": [line.strip() for line in fields.get("not_to_do", "").splitlines() if line.strip()],
    }
    present = play.to_json()
    return {name: value for name, value in written.items() if value != _compared(name, present[name])}


def read_day(fields: MultiDict[str, str]) -> date:
    """Return the day on which the changes are to be looked at again.

    Raises
    ------
    InvalidInputError
        It is none.
    """
    try:
        return date.fromisoformat(fields.get("review_at", ""))
    except ValueError:
        raise InvalidInputError("review_at: give a day, such as 2027-03-31.", field="review_at") from None


def step_count(fields: MultiDict[str, str], play: Play) -> int:
    """Return how many steps have fields in what was sent."""
    sent = [number for number in range(MOST_LINES) if f"step-{number}-words" in fields]
    return max([*(number + 1 for number in sent if fields[f"step-{number}-words"].strip()), len(play.steps)])


def placed_errors(error: InvalidInputError, fields: MultiDict[str, str]) -> dict[str, str]:
    """Return the sentence of an error by the name of the form's field that it belongs to."""
    named = error.field or ""
    sentence = capital(str(error).removeprefix(f"{named}: "))
    place = _PLACE.fullmatch(named)
    if place is None:
        return {named: sentence}
    return {_field_of(place.group(1), int(place.group(2)), place.group(3), fields): sentence}


def _field_of(name: str, number: int, part: str | None, fields: MultiDict[str, str]) -> str:
    if name == "steps" and part in ("after_days", "words"):
        return f"step-{_at(_step_numbers(fields), number)}-{'days' if part == 'after_days' else 'words'}"
    if name == "exclusions" and part == "days":
        return f"exclude-days-{_at(_excluded(fields), number)}"
    return name


def _at(places: Sequence[Any], number: int) -> object:
    return places[number] if number < len(places) else ""


def _channels(fields: MultiDict[str, str], play: Play) -> list[str]:
    """Return the channels chosen, those of before in their order: the first one is tried first."""
    chosen = fields.getlist("channels")
    kept = [channel for channel in play.channels if channel in chosen]
    return [*kept, *(channel for channel in chosen if channel not in kept)]


def _step_numbers(fields: MultiDict[str, str]) -> list[int]:
    """Return the steps that say something; emptied ones are gone."""
    return [number for number in range(MOST_LINES) if fields.get(f"step-{number}-words", "").strip()]


def _step(fields: MultiDict[str, str], number: int) -> dict[str, Any]:
    return {
        "after_days": _whole(fields.get(f"step-{number}-days", "")),
        "kind": fields.get(f"step-{number}-kind", ""),
        "words": fields[f"step-{number}-words"].strip(),
    }


def _excluded(fields: MultiDict[str, str]) -> list[str]:
    chosen = {*fields.getlist("exclude"), *NEVER_LIFTED}
    return [slug for slug in EXCLUSIONS if slug in chosen]


def _exclusion(fields: MultiDict[str, str], slug: str) -> dict[str, Any]:
    if "{days}" not in EXCLUSIONS[slug]:
        return {"slug": slug, "days": None}
    return {"slug": slug, "days": _whole(fields.get(f"exclude-days-{slug}", ""))}


def _whole(text: str) -> int | str:
    """Return a whole number; what is none is handed on as it is, for the play to say what would do."""
    return int(text) if _WHOLE.fullmatch(text.strip()) else text


def _depth(text: str) -> float:
    percent = _whole(text)
    if isinstance(percent, str) or not 0 <= percent <= DEEPEST_RATIO * 100:
        words = f"must be a whole number from 0 to {DEEPEST_RATIO * 100:.0f}."
        raise InvalidInputError(f"max_depth_ratio: {words}", field="max_depth_ratio")
    return percent / 100


def _compared(name: str, value: object) -> object:
    """Put what has no order into the order of the form."""
    if name != "exclusions" or not isinstance(value, list):
        return value
    rows: Mapping[str, Any] = {row["slug"]: row for row in value}
    return [rows[slug] for slug in EXCLUSIONS if slug in rows]
