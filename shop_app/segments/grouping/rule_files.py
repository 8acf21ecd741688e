"""Segments written by hand as portable plain data, the same in every shop of a currency."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from reprlib import repr as short
from typing import Any

from shop_app.segments.grouping.rule_reading import rule_from_json, rule_to_json
from shop_app.segments.grouping.rule_tree import Rule, RuleError
from shop_app.segments.money import minor_digits

FORMAT = 1
MOST_SEGMENTS = 200
LONGEST_SLUG, LONGEST_NAME, LONGEST_DESCRIPTION = 60, 80, 500

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KEYS = ("slug", "name", "description", "when")


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """One segment as a merchant writes it: its short name for addresses, its name, why it is there, and who."""

    slug: str
    name: str
    description: str
    rule: Rule


def segments_from_data(data: object, *, currency: str) -> tuple[SegmentRule, ...]:
    """Read segments from the plain data of a file.

    Parameters
    ----------
    data
        ``{"kindred": 1, "currency": "EUR", "segments": [{"slug", "name", "description", "when"}, ...]}``, where
        ``currency`` and ``description`` may be left out, ``when`` is as
        :func:`~shop_app.segments.grouping.rules.rule_from_json` takes it, and money is in whole units:
        ``{"feature": "total_spent", "at_least": 250}`` are 250 euros.
    currency
        The shop's.

    Returns
    -------
    tuple of SegmentRule
        In the order of the file. Money is in minor units from here on.

    Raises
    ------
    RuleError
        Something in it makes no sense; the message names the place and the way out, as in
        ``segments[0].when.all[2].feature: ...``.
    """
    if not isinstance(data, Mapping) or "kindred" not in data:
        raise RuleError("kindred", f"is missing; the file begins with kindred: {FORMAT}")
    if data["kindred"] is not FORMAT:
        raise RuleError("kindred", f"is {short(data['kindred'])}, and this version reads {FORMAT}")
    _check_keys(data, ("kindred", "currency", "segments"), "")
    _check_currency(data.get("currency", currency), currency)
    written = data.get("segments")
    if not isinstance(written, Sequence) or isinstance(written, str) or not written:
        raise RuleError("segments", "must be a list of at least one segment")
    if len(written) > MOST_SEGMENTS:
        raise RuleError("segments", f"has {len(written)} segments, and {MOST_SEGMENTS} are the most")
    segments = tuple(_read(one, f"segments[{number}]", currency) for number, one in enumerate(written))
    _check_unique(segments)
    return segments


def segments_to_data(segments: Iterable[SegmentRule], *, currency: str) -> dict[str, Any]:
    """Give plain data that :func:`segments_from_data` reads back as equal segments."""
    digits = minor_digits(currency)
    written = [
        {
            "slug": segment.slug,
            "name": segment.name,
            "description": segment.description,
            "when": rule_to_json(segment.rule, money_digits=digits),
        }
        for segment in segments
    ]
    return {"kindred": FORMAT, "currency": currency, "segments": written}


def _read(data: object, place: str, currency: str) -> SegmentRule:
    if not isinstance(data, Mapping):
        raise RuleError(place, f"must be a segment with {', '.join(_KEYS)}")
    _check_keys(data, _KEYS, place)
    slug = _read_text(data, "slug", place, LONGEST_SLUG)
    if not _SLUG.fullmatch(slug):
        raise RuleError(f"{place}.slug", f"must be small letters, digits and single hyphens, not {slug!r}")
    name = _read_text(data, "name", place, LONGEST_NAME)
    described = "description" in data and data["description"] != ""
    description = _read_text(data, "description", place, LONGEST_DESCRIPTION) if described else ""
    if "when" not in data:
        raise RuleError(f"{place}.when", "is missing; say who belongs to the segment")
    rule = rule_from_json(data["when"], place=f"{place}.when", money_digits=minor_digits(currency))
    return SegmentRule(slug, name, description, rule)


def _read_text(data: Mapping[Any, Any], key: str, place: str, longest: int) -> str:
    text = data.get(key)
    if not isinstance(text, str) or not text.strip():
        raise RuleError(
            f"{place}.{key}", "must be a text; put quotes around it where it looks like something else"
        )
    if len(text) > longest:
        raise RuleError(f"{place}.{key}", f"has {len(text)} characters, and {longest} are the most")
    return text


def _check_keys(data: Mapping[Any, Any], known: tuple[str, ...], place: str) -> None:
    for key in data:
        if key not in known:
            where = f"{place}.{key}" if place else str(key)
            raise RuleError(where, f"is not known here; there are {', '.join(known)}")


def _check_currency(written: object, currency: str) -> None:
    if written != currency:
        raise RuleError(
            "currency",
            f"the amounts are in {short(written)}, and this shop counts in {currency}; convert both",
        )


def _check_unique(segments: Sequence[SegmentRule]) -> None:
    first: dict[str, int] = {}
    for number, segment in enumerate(segments):
        if segment.slug in first:
            raise RuleError(
                f"segments[{number}].slug", f"{segment.slug!r} is taken by segments[{first[segment.slug]}]"
            )
        first[segment.slug] = number
