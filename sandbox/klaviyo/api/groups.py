"""Lists and segments, and who is in them."""

from typing import Any

import orjson

from sandbox.klaviyo import groups, segment_rules
from sandbox.klaviyo.asking import Asked, Offer, page, read_options
from sandbox.klaviyo.filters import Field
from sandbox.klaviyo.interface import Answer, Call, answers
from sandbox.klaviyo.profile_shapes import check
from sandbox.klaviyo.refusals import invalid, not_found
from sandbox.klaviyo.resources import (
    LIST_FIELDS,
    MEMBER_FIELDS,
    PROFILE_EXTRAS,
    SEGMENT_FIELDS,
    list_resource,
    profile_resource,
    reference,
    segment_resource,
)
from sandbox.klaviyo.shapes import Found, boolean, document, fields, just, many, maybe, resource
from sandbox.klaviyo.shapes import reference as reference_shape
from sandbox.klaviyo.shapes import text as any_text
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import now

_NAME = "json_extract(CAST(body AS TEXT), '$.name')"
_UPDATED = "json_extract(CAST(body AS TEXT), '$.updated')"
_SORTS = {"created": "created", "id": "id", "name": _NAME, "updated": _UPDATED}
_FILTERS = {
    "name": Field(("equals", "any"), _NAME),
    "id": Field(("equals", "any"), "id"),
    "created": Field(("greater-than",), "created", moment=True),
    "updated": Field(("greater-than",), _UPDATED, moment=True),
}
_MOMENT = ("greater-or-equal", "greater-than", "less-or-equal", "less-than")
_MEMBERS = Offer(
    page=(20, 100),
    sorts={"joined_group_at": "joined"},
    filters={
        "email": Field(("equals", "any"), "profiles.email", lower=True),
        "phone_number": Field(("equals", "any"), "profiles.phone_number"),
        "joined_group_at": Field(_MOMENT, "joined", moment=True),
    },
    fields={"profile": MEMBER_FIELDS},
    additional={"profile": PROFILE_EXTRAS},
)
_KINDS = {"list": (LIST_FIELDS, list_resource), "segment": (SEGMENT_FIELDS, segment_resource)}


def _name(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    if not isinstance(value, str) or not value.strip() or len(value) > 255:
        yield place, "A name of 1 to 255 characters must be given."


_OPT_IN = maybe(just("double_opt_in", "single_opt_in"))
_NEW_LIST = document(resource("list", fields({"name": _name}, {"opt_in_process": _OPT_IN})))
_OLD_LIST = document(resource("list", fields({}, {"name": _name, "opt_in_process": _OPT_IN}), with_id=True))
_NEW_SEGMENT = document(
    resource(
        "segment",
        fields({"name": _name, "definition": segment_rules.DEFINITION}, {"is_starred": maybe(boolean)}),
    )
)
_OLD_SEGMENT = document(
    fields(
        {
            "type": just("segment"),
            "id": any_text,
            "attributes": fields(
                {},
                {"name": _name, "definition": maybe(segment_rules.DEFINITION), "is_starred": maybe(boolean)},
            ),
        }
    )
)
_PEOPLE = fields({"data": many(reference_shape("profile"), least=1, most=1000)})


@answers("get_lists")
def get_lists(call: Call) -> Answer:
    """Return a page of lists."""
    return _page_of(call, "list")


@answers("get_segments")
def get_segments(call: Call) -> Answer:
    """Return a page of segments."""
    return _page_of(call, "segment")


@answers("get_list")
def get_list(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return one list."""
    return _one_of(call, "list", id)


@answers("get_segment")
def get_segment(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return one segment."""
    return _one_of(call, "segment", id)


@answers("create_list")
def create_list(call: Call) -> Answer:
    """Make a list; another of the same name may exist."""
    check(_NEW_LIST, call.body)
    told = call.body["data"]["attributes"]
    made = groups.make_list(call.world, call.account, told["name"], opt_in=told.get("opt_in_process"))
    return 201, _answer(list_resource(call.world, made))


@answers("update_list")
def update_list(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Rename a list."""
    return 200, _answer(list_resource(call.world, _change(call, "list", id, _OLD_LIST)))


@answers("delete_list")
def delete_list(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Delete a list."""
    return _drop(call, "list", id)


@answers("create_segment")
def create_segment(call: Call) -> Answer:
    """Make a segment."""
    check(_NEW_SEGMENT, call.body)
    told = call.body["data"]["attributes"]
    starred = bool(told.get("is_starred"))
    made = groups.make_segment(call.world, call.account, told["name"], told["definition"], starred=starred)
    return 201, _answer(segment_resource(call.world, made))


@answers("update_segment")
def update_segment(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Change a segment; another definition lets it be filled anew."""
    return 200, _answer(segment_resource(call.world, _change(call, "segment", id, _OLD_SEGMENT)))


@answers("delete_segment")
def delete_segment(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Delete a segment."""
    return _drop(call, "segment", id)


@answers("get_profiles_for_list")
@answers("get_profiles_for_segment")
def get_profiles(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return a page of members."""
    rows, asked, links = _members(call, id)
    wanted = asked.fields.get("profile")
    shown = (
        profile_resource(call.world, orjson.loads(body), fields=wanted, extras=asked.additional, joined=joined)
        for _, _, body, joined in rows
    )
    return 200, {"data": list(shown), "links": links}


@answers("get_profile_ids_for_list")
@answers("get_profile_ids_for_segment")
def get_profile_ids(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return a page of the ids of members."""
    rows, _, links = _members(call, id)
    return 200, {"data": [reference("profile", row[1]) for row in rows], "links": links}


@answers("add_profiles_to_list")
def add_profiles(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Put profiles into a list; their consent stays as it is."""
    groups.add(call.world, call.account, id, _people(call, id, must_exist=True))
    return 204, None


@answers("remove_profiles_from_list")
def remove_profiles(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Take profiles out of a list; their consent stays as it is."""
    groups.remove(call.world, call.account, id, _people(call, id, must_exist=False))
    return 204, None


@answers("get_flows_triggered_by_list")
def get_flows(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return the flows that begin with this list: there are none here."""
    _find(call, "list", id)
    return 200, {"data": [], "links": {"self": f"{call.world.origin}{call.path}"}}


def _page_of(call: Call, kind: str) -> Answer:
    known, shown_as = _KINDS[kind]
    asked = read_options(call, Offer(page=(10, 10), sorts=_SORTS, filters=_FILTERS, fields={kind: known}))
    column = asked.sort or "id"
    order, after = asked.order("id")
    rows = call.state.rows(
        f"SELECT {column}, id, body FROM things WHERE account = ? AND kind = ?{asked.where}{order}",  # noqa: S608 (our own words)
        (call.account, kind, *asked.values, *after),
    )
    shown, links = page(call, rows, asked)
    resources = [shown_as(call.world, orjson.loads(row[2]), fields=asked.fields.get(kind)) for row in shown]
    return 200, {"data": resources, "links": links}


def _one_of(call: Call, kind: str, key: str) -> Answer:
    known, shown_as = _KINDS[kind]
    asked = read_options(call, Offer(fields={kind: known}, additional={kind: ("profile_count",)}))
    found = _find(call, kind, key)
    count = groups.size(call.world, call.account, key) if asked.additional else None
    return 200, _answer(shown_as(call.world, found, fields=asked.fields.get(kind), count=count))


def _change(call: Call, kind: str, key: str, shape: Any) -> Document:  # noqa: ANN401 (a check)
    check(shape, call.body)
    with call.state.together():
        found = _find(call, kind, key)
        if call.body["data"]["id"] != key:
            raise invalid("The id in the body is not the one in the address.", pointer="/data/id")
        told = {name: value for name, value in call.body["data"]["attributes"].items() if value is not None}
        changed = found | told | {"updated": now()}
        if "definition" in told:
            changed["is_processing"] = True
        call.state.put(call.account, kind, changed)
    return changed


def _drop(call: Call, kind: str, key: str) -> Answer:
    if not groups.drop(call.world, call.account, kind, key):
        raise not_found(kind, key)
    return 204, None


def _members(call: Call, key: str) -> tuple[list[tuple[Any, ...]], Asked, dict[str, Any]]:
    _find(call, "list" if call.path.startswith("/api/lists/") else "segment", key)
    asked = read_options(call, _MEMBERS)
    order, after = asked.order("joined", "members.profile")
    rows = groups.members(call.world, call.account, key, asked.where + order, [*asked.values, *after])
    shown, links = page(call, rows, asked)
    return shown, asked, links


def _people(call: Call, key: str, *, must_exist: bool) -> list[str]:
    """Return the profiles of a body; one that does not exist refuses an adding, and is let be in a removing."""
    _find(call, "list", key)
    check(_PEOPLE, call.body)
    people = [one["id"] for one in call.body["data"]]
    if must_exist:
        for one in people:
            if call.state.profile(call.account, one) is None:
                raise not_found("profile", one)
    return people


def _find(call: Call, kind: str, key: str) -> Document:
    found = call.state.find(call.account, kind, key)
    if found is None:
        raise not_found(kind, key)
    return found


def _answer(shown: dict[str, Any]) -> dict[str, Any]:
    return {"data": shown, "links": shown["links"]}
