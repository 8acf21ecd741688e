from shop_app.destinations.base import Access, Labels
from shop_app.destinations.klaviyo import Klaviyo

AT_RISK = Labels(
    segment="at-risk",
    segment_name="At risk",
    may_mail=True,
    rfm="2-4-4",
    churn_risk_90d=0.4217,
    value_365d="123.40",
    next_order_from="2026-12-01",
    next_order_to="2026-12-20",
    reason="No order for 120 days.",
    as_of="2026-11-30",
)


def klaviyo(**settings):
    def no_shop():
        raise AssertionError("Klaviyo does not ask Shopify.")

    return Klaviyo({"private_key": "pk_test", **settings}, Access(1, "tea.myshopify.com", no_shop, None))


def desired(labels, previous=None, **settings):
    return klaviyo(**settings).desired(labels, previous=previous)


def changed(labels, **changes):
    fields = {name: getattr(labels, name) for name in Labels.__dataclass_fields__}
    return Labels(**{**fields, **changes})


def test_labels_become_properties_of_fixed_types_and_a_list():
    assert desired(AT_RISK) == {
        "properties": {
            "kindred_segment": "at-risk",
            "kindred_segment_name": "At risk",
            "kindred_rfm": "2-4-4",
            "kindred_churn_risk_90d": 0.42,
            "kindred_value_365d": 123.4,
            "kindred_next_order_from": "2026-12-01",
            "kindred_next_order_to": "2026-12-20",
            "kindred_reason": "No order for 120 days.",
            "kindred_as_of": "2026-11-30",
        },
        "lists": ["at-risk"],
    }


def test_what_is_not_known_is_left_out_at_first():
    told = desired(Labels(segment="new", segment_name="New", as_of="2026-11-30"))["properties"]
    assert set(told) == {"kindred_segment", "kindred_segment_name", "kindred_as_of"}


def test_what_was_known_and_is_no_more_becomes_a_sentinel_of_the_same_type():
    before = desired(AT_RISK)
    after = desired(Labels(segment="new", segment_name="New", as_of="2026-12-01"), before)["properties"]
    assert after["kindred_churn_risk_90d"] == after["kindred_value_365d"] == -1
    assert after["kindred_rfm"] == after["kindred_reason"] == "none"
    assert after["kindred_next_order_from"] == "1970-01-01"


def test_lists_hold_only_those_who_may_be_mailed_unless_the_merchant_says_otherwise():
    unasked = changed(AT_RISK, may_mail=False)
    assert desired(unasked)["lists"] == []
    assert desired(unasked, list_members="everybody")["lists"] == ["at-risk"]
    assert desired(AT_RISK, lists=False)["lists"] == []
    assert desired(unasked)["properties"] == desired(AT_RISK)["properties"]


def test_further_labels_are_a_property_and_lists_and_who_gets_no_discounts_is_a_property_alone():
    document = desired(changed(AT_RISK, others=("vip", "no-discounts")))
    assert document["properties"]["kindred_labels"] == ["vip"]
    assert document["properties"]["kindred_no_discounts"] is True
    assert document["lists"] == ["at-risk", "vip"]
    back = desired(AT_RISK, document)["properties"]
    assert (back["kindred_labels"], back["kindred_no_discounts"]) == (["none"], False)


def test_ageing_alone_rewrites_nobody():
    before = desired(AT_RISK)
    older = changed(AT_RISK, churn_risk_90d=0.48, value_365d="120.10", as_of="2026-12-05", reason="125 days.")
    assert desired(older, before) == before


def test_a_number_that_leaves_its_band_is_told_with_everything_that_goes_along():
    before = desired(AT_RISK)
    after = desired(changed(AT_RISK, churn_risk_90d=0.55, as_of="2026-12-05"), before)["properties"]
    assert (after["kindred_churn_risk_90d"], after["kindred_as_of"]) == (0.55, "2026-12-05")


def test_who_is_left_out_is_taken_back_to_sentinels_and_stays_so():
    silent = Labels(segment=None)
    back = desired(silent, desired(AT_RISK))
    assert back["lists"] == []
    assert back["properties"]["kindred_segment"] == "none"
    assert set(back["properties"].values()) == {"none", -1, "1970-01-01"}
    assert desired(silent, back) == back


def test_where_nothing_was_said_nothing_is_taken_back():
    assert desired(Labels(segment=None)) is None


def test_a_secret_is_not_shown_with_the_destination():
    assert "pk_test" not in repr(klaviyo()._api)
    assert next(each for each in Klaviyo.schema if each.kind == "secret").name == "private_key"
