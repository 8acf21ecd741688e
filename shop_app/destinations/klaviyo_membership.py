"""Customers put into lists of ours at Klaviyo and taken out of them, a thousand at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shop_app.destinations import klaviyo_groups, klaviyo_lists, klaviyo_profiles
from shop_app.destinations.base import Outcome, RemoteGroup, Row
from shop_app.destinations.documents import difference
from shop_app.destinations.errors import OutcomeUnknownError
from shop_app.destinations.klaviyo_answers import CallRefusedError
from shop_app.destinations.klaviyo_api import KlaviyoApi
from shop_app.destinations.klaviyo_lists import LIST_KIND
from shop_app.destinations.klaviyo_outcomes import ABSENT, OK, refusal, words_of
from shop_app.errors import TemporaryError

_REFUSED = frozenset({400, 404, 409})

Way = Literal["leave", "join"]
_METHODS: Mapping[Way, Literal["POST", "DELETE"]] = {"leave": "DELETE", "join": "POST"}


@dataclass(frozen=True, slots=True)
class _Call:
    """One call: so many customers into or out of one list."""

    way: Way
    group: RemoteGroup
    rows: Sequence[Row]
    ids: Mapping[int, str]


def lists_changed(row: Row, way: Way) -> tuple[str, ...]:
    """Return the slugs of the lists that a customer leaves or joins."""
    changes = difference(row.before, row.after)
    return (changes.removed if way == "leave" else changes.added).get("lists", ())


def change(api: KlaviyoApi, way: Way, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> dict[int, Outcome]:
    """Bring these customers into, or out of, the lists that their rows name.

    Where Klaviyo asks for patience after some calls, only those for whom every call was made are told. Whose
    list is not made yet is not told of either, and so comes again; a list that was deleted is told as that.

    Raises
    ------
    OutcomeUnknownError, SlowDownError, BrokenConnectionError, TemporaryError
        As every write.
    """
    lists = {group.slug: group for group in groups if group.role == LIST_KIND.role}
    moving = [row for row in rows if lists_changed(row, way)]
    ids = _ids_of(api, moving)
    outcomes = {row.customer_id: OK for row in rows}
    outcomes |= {row.customer_id: ABSENT for row in moving if row.customer_id not in ids}
    there = [row for row in moving if row.customer_id in ids]
    for each in _without_list(there, lists) if way == "join" else ():
        del outcomes[each]
    calls = _calls(way, there, lists, ids)
    for place, call in enumerate(calls):
        try:
            worse = _made(api, call)
        except OutcomeUnknownError:
            raise
        except TemporaryError:
            undone = {row.customer_id for later in calls[place:] for row in later.rows}
            if undone >= outcomes.keys():
                raise
            return {each: outcome for each, outcome in outcomes.items() if each not in undone}
        outcomes |= worse
    return outcomes


def _ids_of(api: KlaviyoApi, rows: Sequence[Row]) -> dict[int, str]:
    """Return the profile of each customer; of those that an import has just made, by e-mail."""
    ids = {row.customer_id: row.remote_id for row in rows if row.remote_id is not None}
    without = [row for row in rows if row.remote_id is None]
    found = klaviyo_profiles.look_up(api, (row.contact.email for row in without)) if without else {}
    for row in without:
        profile = found.get(klaviyo_profiles.folded(row.contact.email or ""))
        if profile is not None:
            ids[row.customer_id] = profile.id
    return ids


def _without_list(rows: Sequence[Row], lists: Mapping[str, RemoteGroup]) -> list[int]:
    """Return who cannot join yet because their list is still to be made."""
    return [row.customer_id for row in rows if not set(lists_changed(row, "join")) <= set(lists)]


def _calls(
    way: Way, rows: Sequence[Row], lists: Mapping[str, RemoteGroup], ids: Mapping[int, str]
) -> list[_Call]:
    by_slug: dict[str, list[Row]] = {}
    for row in rows:
        for slug in lists_changed(row, way):
            if slug in lists:
                by_slug.setdefault(slug, []).append(row)
    most = klaviyo_lists.MOST_IDS
    return [
        _Call(way, lists[slug], members[start : start + most], ids)
        for slug, members in sorted(by_slug.items())
        for start in range(0, len(members), most)
    ]


def _made(api: KlaviyoApi, call: _Call) -> dict[int, Outcome]:
    """Make a call and return whoever it did not work for."""
    ids = [call.ids[row.customer_id] for row in call.rows]
    try:
        klaviyo_lists.change(api, _METHODS[call.way], call.group.remote_id, ids)
    except CallRefusedError as error:
        if error.status not in _REFUSED:
            raise
        return _after_refusal(api, call, error)
    return {}


def _after_refusal(api: KlaviyoApi, call: _Call, error: CallRefusedError) -> dict[int, Outcome]:
    """Find out whether the list is gone, or some profiles are; the rest is sent once more."""
    if not klaviyo_groups.names_of(api, LIST_KIND, [call.group.remote_id]):
        if call.way == "leave":
            return {}
        gone = Outcome("rejected", klaviyo_groups.gone_words(LIST_KIND.word, call.group.name))
        return {row.customer_id: gone for row in call.rows}
    there = klaviyo_profiles.look_up_rows(api, call.rows)
    absent = {row.customer_id: ABSENT for row in call.rows if row.customer_id not in there}
    ids = [profile.id for profile in there.values()]
    if sorted(ids) == sorted(call.ids[row.customer_id] for row in call.rows):
        return {row.customer_id: refusal(words_of(error)) for row in call.rows}
    try:
        if ids:
            klaviyo_lists.change(api, _METHODS[call.way], call.group.remote_id, ids)
    except CallRefusedError as again:
        return {row.customer_id: refusal(words_of(again)) for row in call.rows}
    return absent
