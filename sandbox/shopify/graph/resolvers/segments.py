"""Saved segments: made, changed, deleted, listed; and what can be asked in their queries."""

import re
from typing import Any

from sandbox.shopify.graph.connections import Listed, Stored, connection
from sandbox.shopify.graph.filters import Filter as SearchFilter
from sandbox.shopify.graph.filters import compile_search
from sandbox.shopify.graph.registry import (
    Answer,
    Call,
    GraphQLRefusal,
    Info,
    gid,
    require_scope,
    resolver,
    user_error,
)
from sandbox.shopify.graph.writing import keep, new_number, own_number, refused, text_problem
from sandbox.shopify.segment_filters import FILTERS, Kind
from sandbox.shopify.segment_query import SegmentQueryError, parse
from sandbox.shopify.state import Document
from sandbox.shopify.world import now, stamp

SEGMENTS_AT_MOST = 6000
QUERY_AT_MOST = 5000
_SORT = {
    "CREATION_DATE": "json_extract(body, '$.creationDate')",
    "LAST_EDIT_DATE": "json_extract(body, '$.lastEditDate')",
}
_SEARCH = {
    "name": SearchFilter("text", lambda segment, _call: segment["name"]),
    "id": SearchFilter("number", lambda segment, _call: segment["id"]),
}
_FILTER_TYPES = {
    Kind.DATE: "SegmentDateFilter",
    Kind.INTEGER: "SegmentIntegerFilter",
    Kind.DECIMAL: "SegmentFloatFilter",
}


@resolver("Mutation", "segmentCreate")
def segment_create(_parent: None, info: Info, *, name: str, query: str) -> Answer:
    """Save a segment; a name that is taken gets a number behind it."""
    call: Call = info.context
    require_scope(call, "write_customers", "segmentCreate")
    wrong = _problems(name, query)
    if wrong:
        return refused("segment", *wrong)
    with call.state.together():
        if call.state.count(call.shop, "segment") >= SEGMENTS_AT_MOST:
            message = "Segment limit reached. Delete an existing segment to create more."
            return refused("segment", user_error(None, message))
        moment = stamp(now())
        segment = {
            "id": new_number(call, "segment"),
            "name": _free_name(call, name.strip(), None),
            "query": query,
            "creationDate": moment,
            "lastEditDate": moment,
        }
        keep(call, "segment", segment, "segments/create")
    return {"segment": segment, "userErrors": []}


@resolver("Mutation", "segmentUpdate")
def segment_update(
    _parent: None,
    info: Info,
    *,
    id: str,  # noqa: A002 (the schema's name)
    name: str | None = None,
    query: str | None = None,
) -> Answer:
    """Change a segment's name or query."""
    call: Call = info.context
    require_scope(call, "write_customers", "segmentUpdate")
    number = own_number(id, "Segment")
    if name is None and query is None:
        return refused("segment", user_error(None, "At least one attribute to change must be present"))
    with call.state.together():
        segment = call.state.find(call.shop, "segment", number)
        if segment is None:
            return refused("segment", user_error(["id"], "Segment does not exist"))
        wrong = _problems(
            segment["name"] if name is None else name, segment["query"] if query is None else query
        )
        if wrong:
            return refused("segment", *wrong)
        if name is not None:
            segment["name"] = _free_name(call, name.strip(), number)
        segment["query"] = segment["query"] if query is None else query
        segment["lastEditDate"] = stamp(now())
        keep(call, "segment", segment, "segments/update")
    return {"segment": segment, "userErrors": []}


@resolver("Mutation", "segmentDelete")
def segment_delete(_parent: None, info: Info, *, id: str) -> Answer:  # noqa: A002
    """Delete a segment; its members stay customers."""
    call: Call = info.context
    require_scope(call, "write_customers", "segmentDelete")
    number = own_number(id, "Segment")
    with call.state.together():
        if not call.state.delete(call.shop, "segment", number):
            return refused("deletedSegmentId", user_error(["id"], "Segment does not exist"))
        call.world.emit(call.shop, "segments/delete", {"id": gid("Segment", number)})
    return {"deletedSegmentId": gid("Segment", number), "userErrors": []}


@resolver("QueryRoot", "segment")
def segment(_parent: None, info: Info, *, id: str) -> Document:  # noqa: A002
    """Return one segment, or refuse: here an unknown id is no null."""
    call: Call = info.context
    require_scope(call, "read_customers", "segment")
    found = call.state.find(call.shop, "segment", own_number(id, "Segment"))
    if found is None:
        raise GraphQLRefusal("NOT_FOUND", "Segment does not exist")
    return found


@resolver("QueryRoot", "segments")
def segments(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return saved segments."""
    call: Call = info.context
    require_scope(call, "read_customers", "segments")
    search = compile_search(args.get("query"), _SEARCH, call, ["segments"])
    key = _SORT.get(args.get("sortKey") or "", "id")
    return connection(info, Stored(call, "segment", search, key, bool(args.get("reverse"))), args)


@resolver("QueryRoot", "segmentsCount")
def segments_count(_parent: None, info: Info, *, limit: int | None = 10_000) -> Answer:
    """Return how many segments there are, up to a limit."""
    call: Call = info.context
    require_scope(call, "read_customers", "segmentsCount")
    count = call.state.count(call.shop, "segment")
    if limit is not None and count > limit:
        return {"count": limit, "precision": "AT_LEAST"}
    return {"count": count, "precision": "EXACT"}


@resolver("QueryRoot", "segmentFilters")
def segment_filters(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return what a query can ask for."""
    require_scope(info.context, "read_customers", "segmentFilters")
    rows = [
        {
            "id": place,
            "__typename": _FILTER_TYPES.get(
                one.kind, "SegmentEnumFilter" if one.values else "SegmentStringFilter"
            ),
            "queryName": one.name,
            "localizedName": one.title,
            "multiValue": one.kind is Kind.LIST,
        }
        for place, one in enumerate(sorted(FILTERS.values(), key=lambda one: one.name), start=1)
        if one.kind is not Kind.FUNCTION
    ]
    return connection(info, Listed(rows), args)


@resolver("Segment", "id")
def segment_id(segment: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("Segment", segment["id"])


def _problems(name: str, query: str) -> list[Answer]:
    """Return what is wrong: presence and length first; only a query that passes is read."""
    found = [problem for problem in (text_problem(["name"], "Name", name),) if problem]
    if not query.strip():
        found.append(user_error(["query"], "Query can't be blank"))
    elif len(query) > QUERY_AT_MOST:
        found.append(user_error(["query"], f"Query is too long (maximum is {QUERY_AT_MOST} characters)"))
    if found:
        return found
    try:
        parse(query)
    except SegmentQueryError as refusal:
        return [user_error(["query"], f"Query {problem}") for problem in refusal.problems]
    return []


def _free_name(call: Call, name: str, own: int | None) -> str:
    """Return the name with the next free number: ``VIP (2)``, and after ``VIP (1)`` too."""
    taken = {one["name"].casefold() for one in call.state.each(call.shop, "segment") if one["id"] != own}
    while name.casefold() in taken:
        numbered = re.fullmatch(r"(.*) \((\d+)\)", name, re.DOTALL)
        name = f"{numbered[1]} ({int(numbered[2]) + 1})" if numbered else f"{name} (2)"
    return name
