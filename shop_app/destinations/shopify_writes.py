"""A few changes at once: as few calls as there can be, and one customer's trouble kept from the others.

Sources: Shopify's schema of version 2026-10 (``tagsAdd``, ``tagsRemove``: one customer each, 10 points, several
in one call; ``metafieldsSet``: 25, all or nothing; ``metafieldsDelete``: a null for what is gone), and "Shopify
API limits": 1,000 points a call.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shop_app.destinations.base import Outcome
from shop_app.destinations.errors import RejectedError
from shop_app.destinations.shopify_changes import (
    ABSENT,
    ADD_TAGS,
    DELETE_METAFIELDS,
    OK,
    REMOVE_TAGS,
    SET_METAFIELDS,
    TOO_MANY_TAGS,
    Change,
)
from shop_app.destinations.shopify_reading import which_exist
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import PermanentError, ThrottledError, UserError, UserErrorsError

LONGEST_SECONDS = 5.0
"""Whoever waits for us holds a lease meanwhile, which is not longer than a minute or two."""

_LONGEST_REASON = 300
_PORTIONS = (25, 5, 1)
"""Customers whose tags are changed by one call: there is a document for each of these numbers."""
_METAFIELDS_AT_ONCE = {SET_METAFIELDS: 25, DELETE_METAFIELDS: 200}
_TAG_DOCUMENTS = {ADD_TAGS: ("AddTags", "AddTagsTo"), REMOVE_TAGS: ("RemoveTags", "RemoveTagsFrom")}

Portion = Sequence[Change]
Outcomes = dict[int, Outcome]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the changes that were got to, in their order; after how long to go on with the rest."""

    outcomes: Outcomes
    pause_seconds: float = 0.0


def write(api: AdminApi, step: str, changes: Portion, *, is_first: bool) -> Written:
    """Make these changes, for as long as one may stay away; the rest is for the next time.

    ``is_first`` says that none of the step's changes has been made yet, so that a call that is refused may be
    refused for everybody.

    Raises
    ------
    ThrottledError
        The budget was spent before anything was done.
    RejectedError
        Shopify takes none of it, whoever it is about.
    Exception
        As :meth:`AdminApi.run` raises it.
    """
    done: Outcomes = {}
    until = time.monotonic() + LONGEST_SECONDS
    for portion in _portions(step, changes):
        if done and time.monotonic() > until:
            break
        try:
            done |= _written(api, step, portion)
        except ThrottledError as error:
            if not done:
                raise
            return Written(done, error.retry_after_seconds)
        except RejectedError as error:
            if is_first and OK not in done.values():
                raise
            done |= {change.customer_id: Outcome("rejected", str(error)) for change in portion}
    return Written(done)


def _portions(step: str, changes: Portion) -> Iterator[Portion]:
    if step in _METAFIELDS_AT_ONCE:
        yield from _by_metafields(changes, _METAFIELDS_AT_ONCE[step])
        return
    left = list(changes)
    for size in _PORTIONS:
        while len(left) >= size:
            yield left[:size]
            del left[:size]


def _by_metafields(changes: Portion, most: int) -> Iterator[Portion]:
    portion: list[Change] = []
    count = 0
    for change in changes:
        if portion and count + len(change.values) > most:
            yield portion
            portion, count = [], 0
        portion.append(change)
        count += len(change.values)
    if portion:
        yield portion


def _written(api: AdminApi, step: str, portion: Portion) -> Outcomes:
    """Make the changes of one call, again without those that were found wrong where it is all or nothing."""
    left, outcomes = list(portion), dict[int, Outcome]()
    while left:
        call = _CALLS[step](left)
        try:
            data = api.run(call.document, call.variables).data
        except UserErrorsError as error:
            blamed = _blamed(call, error, len(left))
            if not blamed:
                return outcomes | _one_by_one(api, step, left)
            outcomes |= {left[place].customer_id: outcome for place, outcome in blamed.items()}
            left = [change for place, change in enumerate(left) if place not in blamed]
            if call.is_all_or_nothing:
                continue
        except PermanentError as error:
            if len(left) == 1:
                raise RejectedError(str(error)) from None
            return outcomes | _one_by_one(api, step, left)
        else:
            outcomes |= _gone(api, left, data) if step == DELETE_METAFIELDS else {}
        return {change.customer_id: OK for change in left} | outcomes
    return outcomes


def _blamed(call: "_Call", error: UserErrorsError, count: int) -> Outcomes:
    """Return outcomes by place in the call; of one customer alone everything is about that one."""
    if count == 1:
        return {0: outcome_of(error.errors[0])}
    return {place: outcome_of(each) for each in error.errors for place in call.places(each)}


def _one_by_one(api: AdminApi, step: str, portion: Portion) -> Outcomes:
    """Find out whose trouble it is; where it is everybody's, it is the call's."""
    outcomes, refusals = dict[int, Outcome](), list[RejectedError]()
    for change in portion:
        try:
            outcomes |= _written(api, step, [change])
        except RejectedError as error:
            outcomes[change.customer_id] = Outcome("rejected", str(error))
            refusals.append(error)
    if len(refusals) == len(portion):
        raise refusals[0]
    return outcomes


def _gone(api: AdminApi, portion: Portion, data: dict[str, Any]) -> Outcomes:
    """Return who is gone: of whom nothing was deleted may have held nothing, or be no longer."""
    deleted = (data.get("metafieldsDelete") or {}).get("deletedMetafields") or []
    owners = {each["ownerId"] for each in deleted if each}
    doubtful = [change for change in portion if change.gid not in owners]
    there = which_exist(api, [change.gid for change in doubtful])
    return {change.customer_id: ABSENT for change in doubtful if change.gid not in there}


def outcome_of(error: UserError) -> Outcome:
    """Return what a user error says of the customer whom it is about."""
    said = error.message.casefold()
    if "does not exist" in said and (not error.field or error.field[-1] in {"id", "ownerId"}):
        return ABSENT
    if "tags cannot be more than" in said:
        return TOO_MANY_TAGS
    return Outcome("rejected", f"Shopify does not take it: {error.message[:_LONGEST_REASON]}")


@dataclass(frozen=True, slots=True)
class _Call:
    """A document and its variables; ``places`` says which changes a user error is about."""

    document: str
    variables: dict[str, Any]
    places: Callable[[UserError], list[int]]
    is_all_or_nothing: bool


def _tag_call(step: str, portion: Portion) -> _Call:
    alone, together = _TAG_DOCUMENTS[step]
    if len(portion) == 1:
        only = {"id": portion[0].gid, "tags": list(portion[0].tags)}
        return _Call(alone, only, lambda _: [0], is_all_or_nothing=False)
    variables: dict[str, Any] = {}
    for place, change in enumerate(portion):
        variables |= {f"id{place}": change.gid, f"tags{place}": list(change.tags)}
    return _Call(f"{together}{len(portion)}", variables, _place_of_alias, is_all_or_nothing=False)


def _place_of_alias(error: UserError) -> list[int]:
    number = error.alias.removeprefix("c")
    return [int(number)] if number.isdigit() else []


def _metafields_call(document: str, portion: Portion) -> _Call:
    metafields = [(place, each) for place, change in enumerate(portion) for each in change.metafields()]

    def places(error: UserError) -> list[int]:
        """Read a path such as ``metafields.3.value``."""
        number = error.field[1] if len(error.field) > 1 else ""
        return [metafields[int(number)][0]] if number.isdigit() and int(number) < len(metafields) else []

    variables = {"metafields": [each for _, each in metafields]}
    return _Call(document, variables, places, is_all_or_nothing=True)


_CALLS: dict[str, Callable[[Portion], _Call]] = {
    REMOVE_TAGS: lambda portion: _tag_call(REMOVE_TAGS, portion),
    ADD_TAGS: lambda portion: _tag_call(ADD_TAGS, portion),
    SET_METAFIELDS: lambda portion: _metafields_call("SetMetafields", portion),
    DELETE_METAFIELDS: lambda portion: _metafields_call("DeleteMetafields", portion),
}
