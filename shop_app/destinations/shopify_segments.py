"""Native customer segments such as ``Kindred: At risk``: made once, kept by id, asked for by our tag.

Sources: Shopify's schema of version 2026-10 (``segmentCreate``: a name that is taken gets a number behind it; a
segment cannot be marked as an app's, so its id is kept), and "Segment query language reference". A shop holds
about 6,000 segments.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shop_app.destinations.base import Group, RemoteGroup
from shop_app.destinations.shopify_labels import tag_of
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import UserErrorsError

ROLE = "segment"
_NEWEST = 250
_LONGEST_NAME = 255
_NUMBERED = re.compile(r" \(\d+\)$")
_BY_TAG_ONLY = re.compile(r"customer_tags CONTAINS '(?:[^'\\]|\\.)*'")


@dataclass(frozen=True, slots=True)
class _Segment:
    id: str
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a group's segment is to be called, and what it is to ask for."""

    slug: str
    name: str
    query: str
    tag: str


def prepare(
    api: AdminApi, groups: Sequence[Group], known: Sequence[RemoteGroup], *, prefix: str
) -> tuple[list[RemoteGroup], list[str]]:
    """See to it that there is a segment for every group.

    One that the merchant has renamed keeps its name, one that asks for more than our tag keeps its query, and
    one that was deleted is not made again. Segments of groups that are no longer told of are left as they are.
    :attr:`RemoteGroup.name` is the name that we gave it last: by that a merchant's own is told from ours.
    """
    wishes = [_wish(group, prefix) for group in groups]
    held = {group.slug: group for group in known}
    there = _by_ids(api, [group.remote_id for group in known if group.slug in {wish.slug for wish in wishes}])
    kept = [group for group in known if group.slug not in {wish.slug for wish in wishes}]
    problems: list[str] = []
    newest: list[_Segment] | None = None
    for wish in wishes:
        before = held.get(wish.slug)
        if before is None:
            newest = _newest(api) if newest is None else newest
            made, said = _make(api, wish, newest)
        else:
            made, said = _keep(api, wish, before, there.get(before.remote_id))
        kept += [made] if made else []
        problems += said
    return kept, problems


def delete(api: AdminApi, group: RemoteGroup) -> None:
    """Delete a segment, whose members stay customers; one that is gone already is let be."""
    try:
        api.run("DeleteSegment", {"id": group.remote_id})
    except UserErrorsError as error:
        if "does not exist" not in str(error):
            raise


def _wish(group: Group, prefix: str) -> _Wish:
    tag = tag_of(prefix, group.slug)
    escaped = tag.replace("\\", "\\\\").replace("'", "\\'")
    name = f"Kindred: {group.name}"[:_LONGEST_NAME].rstrip()
    return _Wish(group.slug, name, f"customer_tags CONTAINS '{escaped}'", tag)


def _make(api: AdminApi, wish: _Wish, newest: list[_Segment]) -> tuple[RemoteGroup | None, list[str]]:
    """Make a segment, or take the one that was made by a call whose answer was lost.

    That one bears our name and asks for our tag and nothing else, word for word.
    """
    for each in newest:
        if each.query == wish.query and _NUMBERED.sub("", each.name) == wish.name:
            return RemoteGroup(ROLE, wish.slug, each.id, each.name), []
    try:
        answer = api.run("CreateSegment", {"name": wish.name, "query": wish.query})
    except UserErrorsError as error:
        return None, [_refused(wish, str(error))]
    made = (answer.data.get("segmentCreate") or {}).get("segment") or {}
    return RemoteGroup(ROLE, wish.slug, str(made["id"]), str(made["name"])), []


def _refused(wish: _Wish, words: str) -> str:
    if "limit reached" in words.casefold():
        return (
            f'The segment "{wish.name}" was not made: this shop has as many segments as Shopify allows. Delete '
            "some in Shopify, under customers and segments; the tags are written all the same."
        )
    return f'Shopify does not take the segment "{wish.name}": {words}'


def _keep(
    api: AdminApi, wish: _Wish, before: RemoteGroup, there: _Segment | None
) -> tuple[RemoteGroup, list[str]]:
    if there is None:
        problem = (
            f'The segment "{before.name}" was deleted in Shopify and is not made again by itself. The tag '
            f'"{wish.tag}" is still written, so that a segment of your own can ask for it.'
        )
        return before, [problem]
    changes: dict[str, str] = {}
    if there.name == before.name and wish.name not in {there.name, _NUMBERED.sub("", there.name)}:
        changes["name"] = wish.name
    if there.query != wish.query and _BY_TAG_ONLY.fullmatch(there.query):
        changes["query"] = wish.query
    if changes:
        return _change(api, before, there, changes)
    problems = []
    if wish.tag not in there.query:
        problems.append(
            f'The segment "{there.name}" was changed in Shopify and no longer asks for the tag "{wish.tag}": '
            f"add {wish.query} to it there, or delete it."
        )
    return before, problems


def _change(
    api: AdminApi, before: RemoteGroup, there: _Segment, changes: dict[str, str]
) -> tuple[RemoteGroup, list[str]]:
    try:
        answer = api.run("UpdateSegment", {"id": there.id, **changes})
    except UserErrorsError as error:
        problem = f'Shopify does not take what is new about the segment "{there.name}": {error}'
        return before, [problem]
    changed = (answer.data.get("segmentUpdate") or {}).get("segment") or {}
    return replace(before, name=str(changed["name"])) if "name" in changes else before, []


def _by_ids(api: AdminApi, ids: Sequence[str]) -> dict[str, _Segment]:
    found: dict[str, _Segment] = {}
    for begin in range(0, len(ids), _NEWEST):
        answer = api.run("SegmentsByIds", {"ids": list(ids[begin : begin + _NEWEST])})
        nodes = [node for node in answer.data.get("nodes") or [] if node and "id" in node]
        found |= {node["id"]: _Segment(node["id"], node["name"], node["query"]) for node in nodes}
    return found


def _newest(api: AdminApi) -> list[_Segment]:
    answer = api.run("NewestSegments", {"first": _NEWEST})
    nodes = (answer.data.get("segments") or {}).get("nodes") or []
    return [_Segment(node["id"], node["name"], node["query"]) for node in nodes]
