from dataclasses import replace

import pytest
from battery import AT_RISK, LOYAL, NOTHING, UNSURE

from shop_app.destinations import shopify_changes as changes
from shop_app.destinations.base import Contact, Row
from shop_app.destinations.shopify_labels import METAFIELDS, document_of, ours_of, prefix_of
from shop_app.errors import InvalidInputError


def wanted(labels, previous=None, *, prefix="kindred:", with_metafields=True):
    return document_of(labels, previous, prefix=prefix, with_metafields=with_metafields)


def a_row(before=None, after=None, *, owned=(), foreign=(), shopify_id=7):
    return Row(7, before, after, Contact(shopify_id), owned=frozenset(owned), foreign=frozenset(foreign))


def tagged(*tags):
    return {"tags": sorted(tags)}


def sent(step, row):
    found, settled = changes.plan(step, [row])
    return found[0].tags if found else settled[7]


def test_a_document_is_tags_under_the_prefix_and_texts_by_key():
    assert wanted(AT_RISK) == {
        "tags": ["kindred:at-risk", "kindred:no-discounts"],
        "metafields": {
            "segment": "at-risk",
            "rfm": "Cannot lose them",
            "churn_risk_90d": "0.42",
            "value_365d": "123.40",
            "next_order_from": "2026-12-01",
            "next_order_to": "2026-12-20",
            "reason": "No order for 80 days, where 30 are usual.",
            "as_of": "2026-11-30",
        },
    }
    assert {each.key for each in METAFIELDS} == set(wanted(AT_RISK)["metafields"])


def test_what_is_unknown_is_left_out_and_a_reason_is_one_line():
    values = wanted(replace(UNSURE, reason="Orders\n every  month.", as_of=""))["metafields"]
    assert values == {"segment": "loyal", "rfm": "Loyal", "reason": "Orders every month."}


def test_without_metafields_there_are_tags_alone_and_those_there_are_taken_away():
    document = wanted(LOYAL, with_metafields=False)
    assert document == tagged("kindred:loyal")
    row = a_row(wanted(LOYAL), document, owned=["kindred:loyal"])
    assert changes.needed([row]) == ("delete-metafields",)


@pytest.mark.parametrize(
    ("moved", "stays"),
    [
        ({"churn_risk_90d": 0.5, "value_365d": "150.00", "as_of": "2026-12-24"}, True),
        ({"churn_risk_90d": 0.53}, False),
        ({"value_365d": "154.30"}, False),
        ({"value_365d": None}, False),
        ({"rfm": "Lost"}, False),
    ],
)
def test_numbers_are_told_again_when_they_leave_their_band(moved, stays):
    before = wanted(AT_RISK)
    assert (wanted(replace(AT_RISK, **moved), before) == before) is stays


@pytest.mark.parametrize(
    "prefix", ["", "a,b", "seg ", "Kindred:", "it's:", "a" * 41, "a\\", "two words:", ":x"]
)
def test_a_prefix_that_would_do_harm_is_refused_with_the_way_out(prefix):
    if prefix.strip() == "seg":  # what stands around it is no part of it
        assert prefix_of({"tag_prefix": prefix}) == "seg"
        return
    with pytest.raises(InvalidInputError, match="Tag prefix") as refused:
        prefix_of({"tag_prefix": prefix})
    assert refused.value.field == "tag_prefix"


@pytest.mark.parametrize("prefix", ["kindred:", "k/", "säule-", "a" * 40])
def test_other_prefixes_are_taken(prefix):
    assert prefix_of({"tag_prefix": prefix}) == prefix


def test_only_what_we_own_is_removed_however_it_is_spelt():
    row = a_row(tagged("kindred:loyal"), tagged("kindred:at-risk"), owned=["Kindred:Loyal", "kindred:AT-RISK"])
    assert sent("remove-tags", row) == ("Kindred:Loyal",)
    nobody_owns = a_row(tagged("kindred:loyal"), wanted(NOTHING, tagged()), foreign=["kindred:loyal", "vip"])
    assert changes.needed([nobody_owns]) == ()


def test_a_tag_that_was_there_without_us_is_neither_added_nor_ever_removed():
    there = a_row(None, tagged("kindred:loyal"), foreign=["KINDRED:Loyal"])
    assert changes.needed([there]) == ()
    assert ours_of(there, ["KINDRED:Loyal", "vip"], {}) == tagged("kindred:loyal")
    back = a_row(there.after, {"tags": []}, foreign=["KINDRED:Loyal"])
    assert changes.needed([back]) == ()
    assert ours_of(back, ["KINDRED:Loyal", "vip"], {}) == {"tags": []}


def test_what_is_ours_is_not_taken_for_the_merchants_because_it_was_seen_there():
    row = a_row(tagged("kindred:loyal"), tagged(), owned=["kindred:loyal"], foreign=["kindred:loyal", "vip"])
    assert sent("remove-tags", row) == ("kindred:loyal",)


def test_a_tag_written_down_as_ours_whose_writing_is_not_acknowledged_is_added_again():
    row = a_row(None, tagged("kindred:loyal"), owned=["kindred:loyal"])
    assert sent("add-tags", row) == ("kindred:loyal",)
    known = a_row(tagged("kindred:loyal"), tagged("kindred:loyal"), owned=["kindred:loyal"])
    assert changes.needed([known]) == ()


def test_a_new_prefix_removes_the_old_tags_and_adds_new_ones():
    before, after = wanted(AT_RISK), wanted(AT_RISK, wanted(AT_RISK), prefix="k2:")
    row = a_row(before, after, owned=before["tags"], foreign=["vip"])
    assert changes.needed([row]) == ("remove-tags", "add-tags")
    assert sent("remove-tags", row) == ("kindred:at-risk", "kindred:no-discounts")
    assert sent("add-tags", row) == ("k2:at-risk", "k2:no-discounts")


@pytest.mark.parametrize(
    ("tag", "words"),
    [("kindred:a,b", "comma"), ("kindred:" + "x" * 255, "255 characters"), ("kindred:a ", "space")],
)
def test_a_tag_that_shopify_would_take_for_another_is_not_sent(tag, words):
    for step, row in (
        ("add-tags", a_row(None, tagged(tag))),
        ("remove-tags", a_row(tagged(tag), tagged(), owned=[tag])),
    ):
        outcome = sent(step, row)
        assert outcome.kind == "rejected"
        assert words in outcome.words


@pytest.mark.parametrize(("others", "kind"), [(248, None), (249, "rejected"), (250, "rejected")])
def test_nobody_is_brought_above_250_tags(others, kind):
    foreign = [f"Club {number}" for number in range(others)]
    told = sent("add-tags", a_row(None, tagged("kindred:a", "kindred:b"), foreign=foreign))
    assert (told.kind if kind else None) == kind


def test_a_customer_without_a_number_in_shopify_is_absent_there():
    assert sent("add-tags", a_row(None, tagged("kindred:a"), shopify_id=None)).kind == "absent"


def test_a_number_is_the_same_however_shopify_writes_it():
    row = a_row(None, wanted(AT_RISK))
    there = wanted(AT_RISK)["metafields"] | {"value_365d": "123.4"}
    assert ours_of(row, wanted(AT_RISK)["tags"], there) == wanted(AT_RISK)
    moved = there | {"value_365d": "123.5"}
    assert ours_of(row, [], moved)["metafields"]["value_365d"] == "123.5"


def test_nothing_of_ours_is_nothing():
    assert ours_of(a_row(wanted(LOYAL), None, owned=["kindred:loyal"]), ["vip"], {}) is None
