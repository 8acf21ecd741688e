"""Profiles: read, made, changed, imported one by one, merged."""

from typing import Any

import orjson

from sandbox.klaviyo import groups, profiles
from sandbox.klaviyo import profile_shapes as shapes
from sandbox.klaviyo.asking import Asked, Offer, page, read_options
from sandbox.klaviyo.filters import Field
from sandbox.klaviyo.interface import Answer, Call, answers
from sandbox.klaviyo.refusals import duplicate_profile, invalid, not_found
from sandbox.klaviyo.resources import (
    LIST_FIELDS,
    PROFILE_EXTRAS,
    PROFILE_FIELDS,
    SEGMENT_FIELDS,
    list_resource,
    profile_resource,
    reference,
    segment_resource,
)
from sandbox.klaviyo.shapes import document, fields, just, many
from sandbox.klaviyo.shapes import reference as reference_shape
from sandbox.klaviyo.state import Document

_MOMENT = ("greater-than", "less-than")
_SUPPRESSION = "json_extract(CAST(body AS TEXT), '$.consent.suppression[0].{}')"
_FIELDS = {
    "id": Field(("equals", "any"), "id"),
    "email": Field(("equals", "any"), "email", lower=True),
    "phone_number": Field(("equals", "any"), "phone_number"),
    "external_id": Field(("equals", "any"), "external_id"),
    "created": Field(_MOMENT, "created", moment=True),
    "updated": Field(_MOMENT, "updated", moment=True),
    "subscriptions.email.marketing.suppression.reason": Field(("equals",), _SUPPRESSION.format("reason")),
}
_ONE = Offer(
    fields={"profile": PROFILE_FIELDS, "list": LIST_FIELDS, "segment": SEGMENT_FIELDS},
    additional={"profile": PROFILE_EXTRAS},
    include=("lists", "segments"),
)
_WRITING = Offer(fields={"profile": PROFILE_FIELDS}, additional={"profile": PROFILE_EXTRAS})
_MANY = Offer(
    page=(20, 100),
    sorts={name: name for name in ("created", "email", "id", "updated")},
    filters=_FIELDS,
    fields={"profile": PROFILE_FIELDS},
    additional={"profile": PROFILE_EXTRAS},
)
_MERGE = document(
    fields(
        {
            "type": just("profile-merge"),
            "id": lambda value, place: just(value)(value, place),
            "relationships": fields(
                {"profiles": fields({"data": many(reference_shape("profile"), least=1, most=1)})}
            ),
        }
    )
)


@answers("get_profiles")
def get_profiles(call: Call) -> Answer:
    """Return a page of profiles."""
    asked = read_options(call, _MANY)
    column = asked.sort or "id"
    order, after = asked.order("id")
    rows = call.state.rows(
        f"SELECT {column}, id, body FROM profiles WHERE account = ?{asked.where}{order}",  # noqa: S608 (our own words)
        (call.account, *asked.values, *after),
    )
    shown, links = page(call, rows, asked)
    return 200, {"data": [_shown(call, orjson.loads(row[2]), asked) for row in shown], "links": links}


@answers("get_profile")
def get_profile(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return one profile, with its lists and segments if they are asked for."""
    asked = read_options(call, _ONE)
    profile = _find(call, id)
    answer = _answer(call, profile, asked)
    if not asked.include:
        return 200, answer
    included: list[dict[str, Any]] = []
    for kind, resource in (("list", list_resource), ("segment", segment_resource)):
        if f"{kind}s" in asked.include:
            found = groups.of_profile(call.world, call.account, id, kind)
            answer["data"]["relationships"][f"{kind}s"]["data"] = [reference(kind, one["id"]) for one in found]
            included += [resource(call.world, one, fields=asked.fields.get(kind)) for one in found]
    return 200, answer | {"included": included}


@answers("create_profile")
def create_profile(call: Call) -> Answer:
    """Make a profile of somebody who is not known."""
    asked = read_options(call, _WRITING)
    row = shapes.check_one(shapes.CREATE, call.body, needs_who=True)
    with call.state.together():
        if found := profiles.find_all(call.world, call.account, row["attributes"]):
            raise duplicate_profile(found[0]["id"])
        profile, _ = profiles.upsert(call.world, call.account, row, null_clears=True)
    return 201, _answer(call, profile, asked)


@answers("update_profile")
def update_profile(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Change a profile; null clears."""
    asked = read_options(call, _WRITING)
    row = shapes.check_one(shapes.PATCH, call.body, needs_who=False)
    if row["id"] != id:
        raise invalid("The id in the body is not the one in the address.", pointer="/data/id")
    with call.state.together():
        _find(call, id)
        profile, _ = profiles.upsert(call.world, call.account, row, null_clears=True)
    return 200, _answer(call, profile, asked)


@answers("create_or_update_profile")
def create_or_update_profile(call: Call) -> Answer:
    """Change the profile of somebody, or make it; null clears."""
    asked = read_options(call, _WRITING)
    row = shapes.check_one(shapes.IMPORT, call.body, needs_who=True)
    profile, fresh = profiles.upsert(call.world, call.account, row, null_clears=True)
    return 201 if fresh else 200, _answer(call, profile, asked)


@answers("merge_profiles")
def merge_profiles(call: Call) -> Answer:
    """Merge one profile into another."""
    shapes.check(_MERGE, call.body)
    data = call.body["data"]
    gone = data["relationships"]["profiles"]["data"][0]["id"]
    kept = profiles.merge(call.world, call.account, data["id"], gone)
    return 201, {"data": {"type": "profile", "id": kept["id"], "links": _self(call, kept)}}


@answers("get_lists_for_profile")
def get_lists_for_profile(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return the lists that a profile is in."""
    asked = read_options(call, Offer(fields={"list": LIST_FIELDS}))
    found = groups.of_profile(call.world, call.account, _find(call, id)["id"], "list")
    resources = [list_resource(call.world, one, fields=asked.fields.get("list")) for one in found]
    return 200, {"data": resources, "links": _address(call)}


@answers("get_list_ids_for_profile")
def get_list_ids_for_profile(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return the ids of the lists that a profile is in."""
    found = groups.of_profile(call.world, call.account, _find(call, id)["id"], "list")
    return 200, {"data": [reference("list", one["id"]) for one in found], "links": _address(call)}


@answers("get_segments_for_profile")
def get_segments_for_profile(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return the segments that a profile is in."""
    asked = read_options(call, Offer(fields={"segment": SEGMENT_FIELDS}))
    found = groups.of_profile(call.world, call.account, _find(call, id)["id"], "segment")
    resources = [segment_resource(call.world, one, fields=asked.fields.get("segment")) for one in found]
    return 200, {"data": resources, "links": _address(call)}


@answers("get_segment_ids_for_profile")
def get_segment_ids_for_profile(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return the ids of the segments that a profile is in."""
    found = groups.of_profile(call.world, call.account, _find(call, id)["id"], "segment")
    return 200, {"data": [reference("segment", one["id"]) for one in found], "links": _address(call)}


def _find(call: Call, key: str) -> Document:
    profile = call.state.profile(call.account, key)
    if profile is None:
        raise not_found("profile", key)
    return profile


def _shown(call: Call, profile: Document, asked: Asked) -> dict[str, Any]:
    return profile_resource(call.world, profile, fields=asked.fields.get("profile"), extras=asked.additional)


def _answer(call: Call, profile: Document, asked: Asked) -> dict[str, Any]:
    shown = _shown(call, profile, asked)
    return {"data": shown, "links": {"self": shown["links"]["self"]}}


def _self(call: Call, profile: Document) -> dict[str, str]:
    return {"self": f"{call.world.origin}/api/profiles/{profile['id']}/"}


def _address(call: Call) -> dict[str, str]:
    return {"self": f"{call.world.origin}{call.path}"}
