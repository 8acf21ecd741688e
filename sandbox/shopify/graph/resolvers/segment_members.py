"""Who is in a segment: members of a saved one, of a query, of a query run in the background."""

import re
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from sandbox.shopify.graph.connections import Listed, connection
from sandbox.shopify.graph.registry import (
    RESOLVERS,
    Answer,
    Call,
    GraphQLRefusal,
    Info,
    gid,
    require_scope,
    resolver,
    user_error,
)
from sandbox.shopify.graph.writing import own_number, refused
from sandbox.shopify.segment_facts import CustomerFacts, Ground
from sandbox.shopify.segment_members import ground_of, is_member, members
from sandbox.shopify.segment_query import SegmentQueryError, parse
from sandbox.shopify.state import Document
from sandbox.shopify.world import now

_SAME_AS_CUSTOMER = (
    "amountSpent",
    "defaultAddress",
    "defaultEmailAddress",
    "defaultPhoneNumber",
    "displayName",
    "firstName",
    "lastName",
    "metafield",
    "metafields",
    "numberOfOrders",
)


@resolver("QueryRoot", "customerSegmentMembers")
def customer_segment_members(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return the members of one of: a saved segment, a query, a background query."""
    call: Call = info.context
    require_scope(call, "read_customers", "customerSegmentMembers")
    given = [name for name in ("segmentId", "query", "queryId") if args.get(name) is not None]
    if len(given) != 1:
        raise GraphQLRefusal("INVALID", "You must provide one of segment_id, query or query_id.")
    query = args["query"] if given == ["query"] else _saved_query(call, given[0], args[given[0]])
    ground = _ground(call, args.get("timezone") if given == ["query"] else None, saved=given != ["query"])
    found = _found(ground, query)
    if args.get("sortKey") == "amount_spent":
        found.sort(key=lambda customer: CustomerFacts(ground, customer).number("amount_spent"))
    page = connection(info, Listed(found, bool(args.get("reverse"))), args)
    if call.bulk:
        return page
    return {**page, "totalCount": len(found), "statistics": {"ground": ground, "customers": found}}


@resolver("SegmentStatistics", "attributeStatistics")
def attribute_statistics(parent: Answer, _info: Info, *, attributeName: str) -> Answer:  # noqa: N803
    """Return sum and mean of a number over all members."""
    if attributeName not in ("amount_spent", "number_of_orders"):
        return {"average": 0.0, "sum": 0.0}
    facts = [CustomerFacts(parent["ground"], customer) for customer in parent["customers"]]
    total = sum(one.number(attributeName) for one in facts)
    return {"average": total / len(facts) if facts else 0.0, "sum": total}


@resolver("QueryRoot", "customerSegmentMembership")
def customer_segment_membership(
    _parent: None,
    info: Info,
    *,
    customerId: str,  # noqa: N803 (the schema's name)
    segmentIds: list[str],  # noqa: N803
) -> Answer:
    """Return of which of some segments a customer is a member; unknown segments are left out."""
    call: Call = info.context
    require_scope(call, "read_customers", "customerSegmentMembership")
    customer = call.state.find(call.shop, "customer", own_number(customerId, "Customer"))
    ground = _ground(call, None, saved=True)
    found = []
    for segment_id in segmentIds:
        segment = call.state.find(call.shop, "segment", own_number(segment_id, "Segment"))
        if segment is not None:
            belongs = customer is not None and is_member(ground, parse(segment["query"]), customer)
            found.append({"segmentId": segment_id, "isMember": belongs})
    return {"memberships": found}


@resolver("Mutation", "customerSegmentMembersQueryCreate")
def members_query_create(_parent: None, info: Info, *, input: dict[str, Any]) -> Answer:  # noqa: A002
    """Begin a query in the background."""
    call: Call = info.context
    require_scope(call, "read_customers", "customerSegmentMembersQueryCreate")
    query, segment_id = input.get("query"), input.get("segmentId")
    if query is not None and segment_id is not None:
        return _no_query(["input"], "Providing both segment_id and query is not supported.")
    if query is None and segment_id is None:
        return _no_query(["input"], "You must provide one of segment_id or query.")
    if segment_id is not None:
        query = _saved_query(call, "segmentId", segment_id)
    try:
        parse(query or "")
    except SegmentQueryError as refusal:
        return _no_query(None, refusal.problems[0])
    number = call.state.next_number("members_query", start=0xA7DDB611)
    document = {"id": number, "query": query, "saved": segment_id is not None, "polls": 0}
    call.state.put(call.shop, "members_query", document)
    return {"customerSegmentMembersQuery": _as_seen(document, 0), "userErrors": []}


@resolver("QueryRoot", "customerSegmentMembersQuery")
def customer_segment_members_query(_parent: None, info: Info, *, id: str) -> Answer:  # noqa: A002
    """Return how far a background query is: still running when first asked, then done."""
    call: Call = info.context
    require_scope(call, "read_customers", "customerSegmentMembersQuery")
    document = _members_query(call, id)
    document["polls"] += 1
    call.state.put(call.shop, "members_query", document)
    if document["polls"] < 2:
        return _as_seen(document, 0)
    return _as_seen(document, len(_found(_ground(call, None, saved=document["saved"]), document["query"])))


@resolver("CustomerSegmentMember", "id")
def member_id(customer: Document, _info: Info) -> str:
    """Return a member's own global id; its number is the customer's."""
    return gid("CustomerSegmentMember", customer["id"])


@resolver("CustomerSegmentMember", "lastOrderId")
def member_last_order(customer: Document, info: Info) -> str | None:
    """Return the global id of the last order."""
    order = RESOLVERS["Customer", "lastOrder"](customer, info)
    return None if order is None else gid("Order", order["id"])


def _like_a_customer(field: str) -> None:
    """Let a member answer a field as the customer would."""

    def answer(customer: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
        function = RESOLVERS.get(("Customer", field))
        return customer.get(field) if function is None else function(customer, info, **args)

    resolver("CustomerSegmentMember", field)(answer)


for _name in _SAME_AS_CUSTOMER:
    _like_a_customer(_name)


def _ground(call: Call, timezone: str | None, *, saved: bool) -> Ground:
    """Return the shop with its calendar; an ad hoc query has UTC unless it says otherwise."""
    zone = timezone or (call.shop_document.get("ianaTimezone") if saved else None) or "UTC"
    try:
        return ground_of(call.state, call.shop, as_of=now(), timezone=zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise GraphQLRefusal("INVALID", f"Invalid timezone '{zone}'") from error


def _found(ground: Ground, query: str) -> list[Document]:
    try:
        tree = parse(query)
    except SegmentQueryError as refusal:
        raise GraphQLRefusal("INVALID", refusal.problems[0]) from refusal
    return list(members(ground, tree))


def _saved_query(call: Call, kind: str, text: str) -> str:
    if kind == "queryId":
        return str(_members_query(call, text)["query"])
    found = call.state.find(call.shop, "segment", own_number(text, "Segment"))
    if found is None:
        raise GraphQLRefusal("NOT_FOUND", "Segment does not exist")
    return str(found["query"])


def _members_query(call: Call, text: str) -> Document:
    """Return a background query by its id, whose number is the first group of a UUID."""
    mark = re.fullmatch(r"gid://shopify/CustomerSegmentMembersQuery/([0-9a-f]{8})-[0-9a-f-]+", text)
    number = int(mark[1], 16) if mark else -1
    found = call.state.find(call.shop, "members_query", number)
    if found is None:
        raise GraphQLRefusal("NOT_FOUND", "CustomerSegmentMembersQuery does not exist")
    return found


def _as_seen(document: Document, count: int) -> Answer:
    mark = f"{document['id']:08x}-4825-11f1-80bb-a2fb9145f67f"
    return {
        "id": gid("CustomerSegmentMembersQuery", mark),
        "__typename": "CustomerSegmentMembersQuery",
        "currentCount": count,
        "done": document["polls"] >= 2,
    }


def _no_query(field: list[str] | None, message: str) -> Answer:
    return refused("customerSegmentMembersQuery", user_error(field, message, "INVALID"))
