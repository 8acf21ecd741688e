import pytest
from battery import GROUPS
from harness_shopify import ShopifyHarness

from sandbox.shopify.segment_people import first_members
from shop_app.destinations.base import Group
from shop_app.destinations.errors import OutcomeUnknownError

AT_RISK_QUERY = "customer_tags CONTAINS 'kindred:at-risk'"


@pytest.fixture
def shopify(tmp_path):
    harness = ShopifyHarness(tmp_path)
    yield harness
    harness.stop()


def prepared(harness, known=(), groups=GROUPS, **settings):
    """Prepare, and return the segments that are there, what is to be kept of them, and what is said."""
    found, problems = harness.connected(write_metafields=False, **settings).prepare(groups, known)
    return {each["name"]: each["query"] for each in harness.segments()}, found, problems


def number_of(group):
    return int(group.remote_id.rpartition("/")[2])


def change(harness, group, **fields):
    """Let the merchant change a segment by hand."""
    harness.store.put("segment", harness.store.find("segment", number_of(group)) | fields)


def test_each_group_gets_a_segment_that_asks_for_its_tag(shopify):
    there, found, problems = prepared(shopify)
    assert there == {
        "Kindred: At risk": AT_RISK_QUERY,
        "Kindred: Loyal (2)": "customer_tags CONTAINS 'kindred:loyal'",  # one of that name was there
    }
    assert [(each.role, each.slug) for each in found] == [("segment", "at-risk"), ("segment", "loyal")]
    assert problems == []


def test_a_number_behind_the_name_is_no_reason_to_change_it(shopify):
    there, found, _ = prepared(shopify)
    shopify.store.forget_calls()
    assert prepared(shopify, found) == (there, found, [])
    assert [call["operation"] for call in shopify.store.calls()] == ["SegmentsByIds"]


def test_its_members_are_those_who_have_the_tag(shopify):
    _, found, _ = prepared(shopify)
    shopify.store.deed("edit_customer", customer_id=3, add_tags=["kindred:at-risk"])
    query = shopify.store.find("segment", number_of(found[0]))["query"]
    members = first_members(shopify.store.world, shopify.store.domain, query, 10)
    assert [each["id"] for each in members] == [3]


def test_a_name_that_the_merchant_gave_stays(shopify):
    _, known, _ = prepared(shopify)
    change(shopify, known[0], name="Win them back")
    for _ in range(3):
        there, known, problems = prepared(shopify, known)
        assert there["Win them back"] == AT_RISK_QUERY
        assert problems == []


def test_a_renamed_group_renames_its_segment(shopify):
    _, known, _ = prepared(shopify)
    there, known, problems = prepared(shopify, known, (Group("at-risk", "Slipping"), GROUPS[1]))
    assert there["Kindred: Slipping"] == AT_RISK_QUERY
    assert len(there) == 2
    assert problems == []
    assert known[0].name == "Kindred: Slipping"


def test_a_new_prefix_changes_what_the_segment_asks_for(shopify):
    _, known, _ = prepared(shopify)
    there, again, problems = prepared(shopify, known, tag_prefix="k2:")
    assert there["Kindred: At risk"] == "customer_tags CONTAINS 'k2:at-risk'"
    assert (again, problems) == (known, [])


def test_a_segment_that_was_deleted_is_told_of_and_not_made_again(shopify):
    _, known, _ = prepared(shopify)
    shopify.store.world.state.delete(shopify.store.domain, "segment", number_of(known[0]))
    for _ in range(2):
        there, again, problems = prepared(shopify, known)
        assert list(there) == ["Kindred: Loyal (2)"]
        assert again == known
        assert len(problems) == 1
        assert "deleted" in problems[0]
        assert "Kindred: At risk" in problems[0]


def test_a_query_that_the_merchant_has_narrowed_stays(shopify):
    _, known, _ = prepared(shopify)
    narrowed = f"{AT_RISK_QUERY} AND email_subscription_status = 'SUBSCRIBED'"
    change(shopify, known[0], query=narrowed)
    there, _, problems = prepared(shopify, known)
    assert there["Kindred: At risk"] == narrowed
    assert problems == []


def test_a_query_that_no_longer_asks_for_the_tag_is_told_of(shopify):
    _, known, _ = prepared(shopify)
    change(shopify, known[0], query="number_of_orders > 3")
    there, _, problems = prepared(shopify, known)
    assert there["Kindred: At risk"] == "number_of_orders > 3"
    assert len(problems) == 1
    assert AT_RISK_QUERY in problems[0]


def test_a_full_shop_is_told_of_in_words(shopify):
    many = [
        (shopify._segment(1000 + number, f"S{number}", "number_of_orders > 1"), None) for number in range(5999)
    ]
    shopify.store.world.state.put_all(shopify.store.domain, "segment", many)
    _, found, problems = prepared(shopify)
    assert found == []
    assert len(problems) == 2
    assert "as many segments as Shopify allows" in problems[0]


def test_a_segment_made_without_an_answer_is_found_again(shopify):
    shopify.store.fault("timeout", operation="CreateSegment", count=1, seconds=0.05)
    with pytest.raises(OutcomeUnknownError):
        prepared(shopify)
    shopify.heal()
    there, found, problems = prepared(shopify)
    assert len(there) == len(found) == 2
    assert problems == []


def test_a_segment_of_a_group_that_is_no_longer_told_of_is_left(shopify):
    there, known, _ = prepared(shopify)
    again, found, problems = prepared(shopify, known, GROUPS[:1])
    assert again == there
    assert sorted(found, key=str) == sorted(known, key=str)
    assert problems == []


def test_without_segments_what_there_is_stays(shopify):
    there, known, _ = prepared(shopify)
    assert prepared(shopify, known, native_segments=False) == (there, known, [])
    assert prepared(shopify, (), native_segments=False) == (there, [], [])


def test_a_long_name_is_cut_to_what_shopify_takes(shopify):
    there, _, problems = prepared(shopify, groups=(Group("long", "x" * 300),))
    assert problems == []
    assert max(map(len, there)) == 255
