"""Segments through the interface: saved, changed, deleted, listed, and their members."""

import pytest
from small_shop import RIVAL, SmallShop, gid

CREATE = """mutation($name: String!, $query: String!) {
  segmentCreate(name: $name, query: $query) {
    segment { id name query creationDate lastEditDate } userErrors { field message } } }"""
UPDATE = """mutation($id: ID!, $name: String, $query: String) {
  segmentUpdate(id: $id, name: $name, query: $query) {
    segment { id name query } userErrors { field message } } }"""
DELETE = """mutation($id: ID!) {
  segmentDelete(id: $id) { deletedSegmentId userErrors { field message } } }"""
MEMBERS = """query($segmentId: ID, $query: String, $queryId: ID, $first: Int, $after: String,
  $timezone: String) {
  customerSegmentMembers(segmentId: $segmentId, query: $query, queryId: $queryId, first: $first, after: $after,
                         timezone: $timezone) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { id displayName numberOfOrders amountSpent { amount currencyCode } lastOrderId } } } }"""
VIP = "customer_tags CONTAINS 'vip'"


@pytest.fixture
def shop(tmp_path):
    with SmallShop(tmp_path) as shop:
        yield shop


def create(shop, name="VIP", query=VIP):
    return shop.run(CREATE, name=name, query=query)["segment"]


def test_a_saved_segment_reads_back_as_it_was_written(shop):
    made = create(shop, query="   number_of_orders = 0   ")
    read = shop.run(
        "query($id: ID!) { segment(id: $id) { id name query creationDate lastEditDate } }", id=made["id"]
    )
    assert read == made
    assert made["query"] == "   number_of_orders = 0   "
    assert shop.topics == ["segments/create"]


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("", "", [("name", "Name can't be blank"), ("query", "Query can't be blank")]),
        ("", "nonsense ???", [("name", "Name can't be blank")]),
        ("n" * 256, VIP, [("name", "Name is too long (maximum is 255 characters)")]),
        ("a", "x" * 5001, [("query", "Query is too long (maximum is 5000 characters)")]),
        (
            "a",
            "not a valid segment query ???",
            [
                ("query", "Query Line 1 Column 6: 'valid' is unexpected."),
                ("query", "Query Line 1 Column 4: 'a' filter cannot be found."),
            ],
        ),
    ],
)
def test_a_segment_is_refused_in_the_recorded_words(shop, name, query, expected):
    answer = shop.run(CREATE, name=name, query=query)
    assert answer["segment"] is None
    assert [(one["field"][0], one["message"]) for one in answer["userErrors"]] == expected
    assert shop.state.count("tea.myshopify.com", "segment") == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [("VIP", "VIP (2)"), ("Foo (1)", "Foo (2)"), ("Foo (0)", "Foo (1)"), ("vip", "vip (2)")],
)
def test_a_name_that_is_taken_gets_the_next_number(shop, first, second):
    create(shop, first)
    assert create(shop, first)["name"] == second


def test_a_change_must_change_something(shop):
    made = create(shop)
    assert shop.errors(UPDATE, id=made["id"]) == [
        {"field": None, "message": "At least one attribute to change must be present"}
    ]
    assert shop.run(UPDATE, id=made["id"], name="Best")["segment"]["name"] == "Best"
    assert shop.topics[-1] == "segments/update"


def test_an_unknown_segment_is_told_by_user_error_but_read_as_not_found(shop):
    unknown = [{"field": ["id"], "message": "Segment does not exist"}]
    assert shop.errors(UPDATE, id=gid("Segment", 9), name="x") == unknown
    assert shop.errors(DELETE, id=gid("Segment", 9)) == unknown
    error = shop.ask("query($id: ID!) { segment(id: $id) { id } }", id=gid("Segment", 9))["errors"][0]
    assert (error["message"], error["extensions"]["code"]) == ("Segment does not exist", "NOT_FOUND")


def test_an_id_of_another_kind_is_refused_at_the_top(shop):
    body = shop.ask(DELETE, id=gid("Order", 1))
    assert body["data"] == {"segmentDelete": None}
    assert body["errors"][0]["message"] == "invalid id"
    assert body["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"


def test_a_deleted_segment_is_gone_and_told(shop):
    made = create(shop)
    assert shop.run(DELETE, id=made["id"]) == {"deletedSegmentId": made["id"], "userErrors": []}
    assert shop.told[-1] == ("segments/delete", {"id": made["id"]})
    assert shop.run("{ segmentsCount { count precision } }") == {"count": 0, "precision": "EXACT"}


def test_members_have_ids_of_their_own_with_the_customers_number(shop):
    shop.customer(7, firstName="Ada", lastName="Barlowe", tags=["VIP"])
    shop.customer(8)
    shop.order(101, 7, price=1250)
    answer = shop.run(MEMBERS, segmentId=create(shop)["id"], first=5)
    assert answer["totalCount"] == 1
    assert answer["edges"][0]["node"] == {
        "id": gid("CustomerSegmentMember", 7),
        "displayName": "Ada Barlowe",
        "numberOfOrders": "1",
        "amountSpent": {"amount": "12.5", "currencyCode": "USD"},
        "lastOrderId": gid("Order", 101),
    }


def test_members_come_in_pages(shop):
    for number in range(1, 6):
        shop.customer(number, tags=["vip"])
    seen, after = [], None
    while True:
        page = shop.run(MEMBERS, query=VIP, first=2, after=after)
        seen += [edge["node"]["id"].rpartition("/")[2] for edge in page["edges"]]
        assert page["totalCount"] == 5
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == ["1", "2", "3", "4", "5"]


def test_a_shop_never_sees_anothers_members_or_segments(shop):
    shop.customer(7, shop=RIVAL, tags=["vip"])
    made = create(shop)
    assert shop.run(MEMBERS, segmentId=made["id"], first=5)["totalCount"] == 0
    assert shop.run("{ segments(first: 5) { nodes { id } } }", RIVAL) == {"nodes": []}


def test_a_bad_query_for_members_is_refused_at_the_top(shop):
    error = shop.ask(MEMBERS, query="nonsense", first=1)["errors"][0]
    assert error["message"] == "Line 1 Column 8: '<EOF>' is unexpected."
    assert "provide one of" in shop.ask(MEMBERS, first=1)["errors"][0]["message"]


def test_membership_is_asked_by_segment_and_unknown_segments_are_left_out(shop):
    customer = shop.customer(7, tags=["vip"])
    vip, other = create(shop), create(shop, "None", "number_of_orders > 0")
    query = """query($customerId: ID!, $segmentIds: [ID!]!) {
      customerSegmentMembership(customerId: $customerId, segmentIds: $segmentIds) {
        memberships { segmentId isMember } } }"""
    ids = [vip["id"], other["id"], gid("Segment", 9)]
    assert shop.run(query, customerId=customer, segmentIds=ids)["memberships"] == [
        {"segmentId": vip["id"], "isMember": True},
        {"segmentId": other["id"], "isMember": False},
    ]


def test_a_background_query_runs_and_is_done(shop):
    shop.customer(7, tags=["vip"])
    begin = """mutation($input: CustomerSegmentMembersQueryInput!) {
      customerSegmentMembersQueryCreate(input: $input) {
        customerSegmentMembersQuery { id currentCount done } userErrors { field code message } } }"""
    poll = "query($id: ID!) { customerSegmentMembersQuery(id: $id) { currentCount done } }"
    begun = shop.run(begin, input={"query": VIP})["customerSegmentMembersQuery"]
    assert not begun["done"]
    assert [shop.run(poll, id=begun["id"])["done"] for _ in range(2)] == [False, True]
    assert shop.run(MEMBERS, queryId=begun["id"], first=1)["totalCount"] == 1
    assert shop.errors(begin, input={"query": "not a valid segment query ???"}) == [
        {"field": None, "code": "INVALID", "message": "Line 1 Column 6: 'valid' is unexpected."}
    ]
    assert shop.errors(begin, input={})[0]["message"] == "You must provide one of segment_id or query."


def test_without_the_scope_nothing_is_saved(tmp_path):
    with SmallShop(tmp_path, scopes=["read_customers"]) as shop:
        error = shop.ask(CREATE, name="VIP", query=VIP)["errors"][0]
        assert error["extensions"]["code"] == "ACCESS_DENIED"
        assert shop.told == []


def test_filters_are_listed_for_whoever_builds_a_query(shop):
    query = "{ segmentFilters(first: 250) { nodes { __typename queryName localizedName multiValue } } }"
    names = {node["queryName"]: node["__typename"] for node in shop.run(query)["nodes"]}
    assert names["customer_tags"] == "SegmentStringFilter"
    assert names["last_order_date"] == "SegmentDateFilter"
