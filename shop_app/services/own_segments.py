"""The merchant's own segments: rules written by hand, checked, counted ahead, kept in every version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop_app.errors import InvalidInputError, NotFoundError, RefusedError
from shop_app.files.segment_file import read_segment_file, write_segment_file
from shop_app.segments.grouping.rule_files import SegmentRule, segments_from_data
from shop_app.segments.grouping.rules import (
    Rule,
    RuleError,
    conditions,
    features_of,
    matches,
    rule_from_json,
    rule_to_json,
    rule_words,
)
from shop_app.segments.special_categories import Suspicion, suspicions
from shop_app.services.money_words import money_words
from shop_app.services.soon import promise_refresh, refresh_soon
from shop_app.storage import customer_scores, decisions, own_segments, shop_settings
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.own_segments import OwnSegment

MOST_SEGMENTS = 50
"""More than this nobody looks after, and each is one more rule for every customer."""


@dataclass(frozen=True, slots=True)
class OwnStory:
    """One own segment as it is told; ``rule`` has money in minor units."""

    slug: str
    version: int
    name: str
    description: str
    words: str
    rule: dict[str, Any]
    written_at: datetime
    written_by: str
    customer_count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a rule would hold by the stored figures; no count where one of its features is not stored."""

    words: str
    customer_count: int | None
    of_count: int


def list_own(shop_id: int) -> list[OwnStory]:
    """Return the segments in use, by name."""
    with transaction(shop_id) as connection:
        currency = shop_settings.read(connection).currency
        found = own_segments.list_live(connection)
        counts = customer_scores.count_own(connection)
    return [_story(each, currency, counts.get(each.slug, 0)) for each in found]


def get_own(shop_id: int, slug: str) -> OwnStory:
    """Return one segment in use."""
    found = next((each for each in list_own(shop_id) if each.slug == slug), None)
    if found is None:
        raise NotFoundError(f"There is no segment of your own called {slug}.")
    return found


def read_own_file(shop_id: int, text: str) -> tuple[SegmentRule, ...]:
    """Read and check a file of segments, amounts in the shop's currency; nothing is stored.

    Raises
    ------
    InvalidInputError
        A part of it cannot be used; the message names the place.
    """
    return read_segment_file(text, currency=_currency(shop_id))


def read_own_form(shop_id: int, segment: dict[str, Any]) -> SegmentRule:
    """Read and check one segment: ``slug``, ``name``, ``description``, ``when``, as in a file.

    Raises
    ------
    InvalidInputError
        A part of it cannot be used; ``field`` names it.
    """
    try:
        read = segments_from_data({"kindred": 1, "segments": [segment]}, currency=_currency(shop_id))
    except RuleError as error:
        place = error.place.removeprefix("segments[0].")
        raise InvalidInputError(str(error).replace("segments[0].", ""), field=place) from None
    return read[0]


def save_own(
    shop_id: int,
    segments: Sequence[SegmentRule],
    *,
    confirmed: bool,
    who: str,
    at: datetime,
    as_of: datetime,
) -> None:
    """Write segments, or new versions of them, all or none; the refresh that follows looks at everybody.

    Raises
    ------
    RefusedError
        There would be more than there may be, or a rule seems to tell something that the law protects and
        nobody has confirmed that it may be used.
    """
    with transaction(shop_id) as connection:
        live = {each.slug: each for each in own_segments.list_live(connection)}
        if len(live.keys() | {each.slug for each in segments}) > MOST_SEGMENTS:
            raise RefusedError(f"There can be {MOST_SEGMENTS} segments of your own; retire some first.")
        for segment in segments:
            _check_special(connection, segment, confirmed=confirmed, who=who, at=at)
            _write(connection, segment, live.get(segment.slug), who=who, at=at)
        promise_refresh(connection, shop_id, as_of=as_of)
    refresh_soon(shop_id, as_of=as_of)


def retire_own(shop_id: int, slug: str, *, who: str, at: datetime, as_of: datetime) -> None:
    """Take a segment out of use; its versions stay as history."""
    with transaction(shop_id) as connection:
        if not own_segments.retire(connection, slug, at=at):
            raise NotFoundError(f"There is no segment of your own called {slug}.")
        decisions.record(connection, Decision(at, who, "rule", slug, "in use", "retired", ""))
        promise_refresh(connection, shop_id, as_of=as_of)
    refresh_soon(shop_id, as_of=as_of)


def preview_own(shop_id: int, rule: Rule) -> Preview:
    """Say whom a rule would hold, without storing anything."""
    wanted = features_of(rule)
    known = [column for column in wanted if column in customer_scores.SCORE_COLUMNS]
    frame = customer_scores.read_columns(shop_id, known)
    count = int(matches(frame, rule).sum()) if len(known) == len(wanted) else None
    return Preview(_words(rule, _currency(shop_id)), count, frame.height)


def doubts(segment: SegmentRule) -> list[Suspicion]:
    """Return what of a segment seems to tell something that the law protects; saving it asks for a yes."""
    return suspicions([segment.name, segment.description, *_named_in(segment.rule)])


def list_unconfirmed(connection: Connection) -> set[str]:
    """Return the slugs in use that seem to tell what the law protects, and that nobody confirmed as they are.

    Saving asks for the confirmation; this finds what came in by another way, or before a word was known. Such
    a segment stays inside: it is no label for any destination.
    """
    found = set()
    for each in own_segments.list_live(connection):
        if doubts(SegmentRule(each.slug, each.name, each.description, rule_from_json(each.rule))):
            newest = decisions.list_newest(connection, kind="confirmation", about=each.slug, limit=1)
            if not newest or newest[0].at < each.written_at:
                found.add(each.slug)
    return found


def own_file(shop_id: int) -> str:
    """Return the segments in use as the text of a file that can be taken in again."""
    currency = _currency(shop_id)
    with transaction(shop_id) as connection:
        found = own_segments.list_live(connection)
    rules = [SegmentRule(each.slug, each.name, each.description, rule_from_json(each.rule)) for each in found]
    return write_segment_file(rules, currency=currency)


def _write(
    connection: Connection, segment: SegmentRule, before: OwnSegment | None, *, who: str, at: datetime
) -> None:
    rule = rule_to_json(segment.rule)
    if before and (before.name, before.description, before.rule) == (segment.name, segment.description, rule):
        return
    version = own_segments.add_version(
        connection,
        slug=segment.slug,
        name=segment.name,
        description=segment.description,
        rule=rule,
        at=at,
        who=who,
    )
    was = f"version {before.version}" if before else None
    decisions.record(connection, Decision(at, who, "rule", segment.slug, was, f"version {version}", ""))


def _check_special(
    connection: Connection, segment: SegmentRule, *, confirmed: bool, who: str, at: datetime
) -> None:
    """Ask for a confirmation, and note it down, where a rule may tell what the law protects most."""
    found = doubts(segment)
    if not found:
        return
    what = "; ".join(f"{each.name!r} ({each.category})" for each in found)
    if not confirmed:
        raise RefusedError(
            f"{segment.name}: this seems to tell something that the law protects: {what}. If you may use it, "
            "say so (confirm), and it is noted down."
        )
    decisions.record(connection, Decision(at, who, "confirmation", segment.slug, None, None, what))


def _named_in(rule: Rule) -> list[str]:
    names: list[str] = []
    for condition in conditions(rule):
        names.append(condition.feature)
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        names.extend(value for value in values if isinstance(value, str))
    return names


def _story(segment: OwnSegment, currency: str, count: int) -> OwnStory:
    return OwnStory(
        slug=segment.slug,
        version=segment.version,
        name=segment.name,
        description=segment.description,
        words=_words(rule_from_json(segment.rule), currency),
        rule=segment.rule,
        written_at=segment.written_at,
        written_by=segment.written_by,
        customer_count=count,
    )


def _words(rule: Rule, currency: str) -> str:
    return rule_words(rule, lambda amount: money_words(round(amount), currency))


def _currency(shop_id: int) -> str:
    with transaction(shop_id) as connection:
        return shop_settings.read(connection).currency
