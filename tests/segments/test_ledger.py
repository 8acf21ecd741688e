"""The ledger by hand: every cent below was worked out on paper."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from segment_frames import (
    AS_OF,
    NO_REFUNDS,
    day,
    law,
    moments,
    order_frames,
    orders,
    refund_frames,
    refunds,
)

from shop_app.segments.ledger import VERDICTS, LedgerRules, count_ledger, judge_orders, loose_refunds

RULES = LedgerRules("EUR")
STRICT = LedgerRules(
    "EUR",
    cut_off=day(5, hour=0),
    excluded_channels=frozenset({"Wholesale"}),
    rates={"USD": "0.9", "JPY": "0.0061"},
)


def verdict(row, *refund_rows, rules=RULES, as_of=AS_OF):
    return judge_orders(orders(row), refunds(*refund_rows), rules, as_of=as_of)["verdict"].item()


def net(row, *refund_rows, rules=RULES):
    return judge_orders(orders(row), refunds(*refund_rows), rules, as_of=AS_OF)["net_revenue"].item()


def test_every_verdict_and_every_cent_of_a_small_shop():
    shop = [
        # what is different                                             verdict            paid    back    net
        ({"total": 11_900}, "before_cut_off", 11_900, 0, 11_900),
        ({"processed_at": day(5), "total": 11_900}, "counts", 11_900, 0, 11_900),
        ({"test": True}, "test", 10_000, 0, 10_000),
        ({"cancelled_at": day(9)}, "cancelled", 10_000, 0, 10_000),
        ({"financial_status": "pending", "outstanding": 10_000}, "unpaid", 10_000, 0, 10_000),
        ({"financial_status": "voided"}, "unpaid", 10_000, 0, 10_000),
        ({"financial_status": "partially_paid", "outstanding": 4_000}, "counts", 6_000, 0, 6_000),
        ({"financial_status": "partially_refunded"}, "counts", 10_000, 2_550, 7_450),
        ({"financial_status": "refunded"}, "fully_refunded", 10_000, 10_000, 0),
        ({"total": 0, "goods_total": 0}, "zero", 0, 0, 0),
        ({"total": 5_000, "goods_total": 5_000, "gift_card_total": 5_000}, "gift_card_only", 5_000, 0, 5_000),
        ({"gift_card_total": 5_000}, "counts", 10_000, 0, 10_000),
        ({"currency": "CHF"}, "foreign_currency", None, None, None),
        ({"currency": "USD", "total": 12_345}, "counts", 11_111, 900, 10_211),
        ({"currency": "JPY", "total": 1_000, "goods_total": 1_000}, "counts", 610, 0, 610),
        ({"customer_id": None}, "no_customer", 10_000, 0, 10_000),
        ({"channel": "wholesale"}, "excluded_channel", 10_000, 0, 10_000),
        ({"excluded_tag": True}, "excluded_tag", 10_000, 0, 10_000),
        ({"processed_at": day(200)}, "after_as_of", 10_000, 0, 10_000),
    ]
    sent_back = refunds(
        {"order_id": 8, "amount": 2_000},
        {"order_id": 8, "amount": 550, "refunded_at": None},
        {"order_id": 9, "amount": 7_500},
        {"order_id": 9, "amount": 2_500},
        {"order_id": 14, "amount": 1_000, "currency": "USD"},
        {"order_id": None, "amount": 700},
    )

    judged = judge_orders(orders(*(row for row, *_ in shop)), sent_back, STRICT, as_of=AS_OF)

    assert judged.select("verdict", "paid", "refunded", "net_revenue").rows() == [
        tuple(rest) for _, *rest in shop
    ]
    assert set(judged["verdict"]) == set(VERDICTS)
    brought = judged.filter(pl.col("verdict") == "counts")["net_revenue"].sum()
    assert brought == 11_900 + 6_000 + 7_450 + 10_000 + 10_211 + 610


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"processed_at": day(300), "test": True}, "after_as_of"),
        ({"test": True, "cancelled_at": day(3)}, "test"),
        ({"cancelled_at": day(3), "financial_status": "voided"}, "cancelled"),
        ({"financial_status": "pending", "total": 0}, "unpaid"),
        ({"total": 0, "goods_total": 5_000, "gift_card_total": 5_000}, "zero"),
        ({"goods_total": 5_000, "gift_card_total": 5_000, "customer_id": None}, "gift_card_only"),
        ({"customer_id": None, "currency": "CHF"}, "no_customer"),
        ({"currency": "CHF", "processed_at": day(1)}, "foreign_currency"),
        ({"processed_at": day(1), "channel": "wholesale"}, "before_cut_off"),
        ({"processed_at": day(8), "channel": "wholesale", "excluded_tag": True}, "excluded_channel"),
    ],
)
def test_of_several_reasons_the_most_telling_is_told(row, told):
    assert verdict(row, rules=STRICT) == told


def test_a_full_refund_is_told_before_a_missing_rate_since_a_rate_would_not_help():
    assert verdict({"currency": "CHF"}, {"amount": 10_000, "currency": "CHF"}) == "fully_refunded"
    assert verdict({"currency": "CHF"}, {"amount": 9_999, "currency": "CHF"}) == "foreign_currency"


def test_more_refunded_than_paid_leaves_nothing_and_never_less():
    assert verdict({}, {"amount": 12_000}) == "fully_refunded"
    assert net({}, {"amount": 12_000}) == 0


def test_a_status_of_refunded_without_a_refund_is_a_refund_of_unknown_day():
    assert verdict({"financial_status": "refunded"}) == "fully_refunded"


def test_a_status_of_refunded_waits_for_the_day_of_its_refund():
    late = {"amount": 10_000, "refunded_at": day(100)}
    assert verdict({"financial_status": "refunded"}, late, as_of=day(99)) == "counts"
    assert verdict({"financial_status": "refunded"}, late, as_of=day(100)) == "fully_refunded"


def test_a_cancellation_is_known_from_its_own_moment_on():
    row = {"cancelled_at": day(100)}
    assert verdict(row, as_of=day(100) - timedelta(microseconds=1)) == "counts"
    assert verdict(row, as_of=day(100)) == "cancelled"


@pytest.mark.parametrize("status", [None, "paid", "partially_refunded", "chargeback"])
def test_a_status_that_tells_of_no_missing_payment_counts(status):
    assert verdict({"financial_status": status}) == "counts"


def test_an_order_of_which_nothing_is_paid_yet_is_unpaid_and_not_free():
    assert verdict({"financial_status": "partially_paid", "outstanding": 10_000}) == "unpaid"


def test_a_shop_that_sells_on_invoice_counts_what_awaits_payment_and_not_what_never_comes():
    invoice = LedgerRules("EUR", count_unpaid=True)
    waiting = {"financial_status": "pending", "outstanding": 10_000}
    assert (verdict(waiting, rules=invoice), net(waiting, rules=invoice)) == ("counts", 10_000)
    assert net({"financial_status": "partially_paid", "outstanding": 4_000}, rules=invoice) == 10_000
    assert verdict({"financial_status": "voided"}, rules=invoice) == "unpaid"


def test_free_orders_count_where_the_merchant_says_so():
    rules = LedgerRules("EUR", count_free_orders=True)
    assert verdict({"total": 0}, rules=rules) == "counts"
    assert verdict({"financial_status": "refunded"}, {"amount": 10_000}, rules=rules) == "fully_refunded"


def test_without_tax_the_tax_of_the_kept_part_is_taken_off():
    rules = LedgerRules("EUR", include_tax=False)
    taxed = {"total": 11_900, "tax": 1_900}
    assert net(taxed, rules=rules) == 10_000
    # Half of the goods went back with their tax: 59.50 are left, 9.50 of them tax.
    assert net(taxed, {"amount": 5_950}, rules=rules) == 5_000
    # 39.67 kept hold 6.3338… of tax, which is 6.33.
    assert net(taxed, {"amount": 7_933}, rules=rules) == 3_334
    assert net({"total": 11_900, "tax": None}, rules=rules) == 11_900


def test_without_shipping_all_of_it_is_taken_off_and_never_more_than_there_is():
    rules = LedgerRules("EUR", include_shipping=False)
    assert net({"shipping": 490}, rules=rules) == 9_510
    assert net({"shipping": 490}, {"amount": 9_700}, rules=rules) == 0
    assert verdict({"shipping": 490}, {"amount": 9_700}, rules=rules) == "counts"


def test_tax_and_shipping_abroad_are_exchanged_like_the_rest():
    rules = LedgerRules("EUR", include_tax=False, include_shipping=False, rates={"USD": "0.9"})
    # 110.00 are 99.00 euro; a tenth of it is tax, 9.90; shipping of 5.00 is 4.50.
    assert net({"currency": "USD", "total": 11_000, "tax": 1_100, "shipping": 500}, rules=rules) == 8_460


def test_a_full_refund_in_parts_leaves_nothing_however_the_rate_rounds():
    rules = LedgerRules("EUR", rates={"USD": "0.333"})
    parts = [{"amount": part, "currency": "USD"} for part in (1, 1, 9_998)]
    assert verdict({"currency": "USD"}, *parts, rules=rules) == "fully_refunded"


def test_a_refund_in_a_currency_without_a_rate_is_left_out():
    assert net({}, {"amount": 500, "currency": "CHF"}, {"amount": 300}) == 9_700


def test_an_order_without_a_currency_is_in_the_shops_own():
    assert net({"currency": None}, {"amount": 300, "currency": None}) == 9_700


def test_loose_refunds_are_summed_per_person_as_far_as_they_are_known():
    sent_back = refunds(
        {"order_id": None, "customer_id": 2, "amount": 500},
        {"order_id": None, "customer_id": 2, "amount": 100, "refunded_at": None},
        {"order_id": None, "customer_id": 2, "amount": 7_000, "refunded_at": day(300)},
        {"order_id": None, "customer_id": 1, "amount": 1_000, "currency": "USD"},
        {"order_id": None, "customer_id": 1, "amount": 800, "refunded_at": day(2)},
        {"order_id": None, "customer_id": 3, "amount": 800, "currency": "CHF"},
        {"order_id": None, "customer_id": None, "amount": 800},
        {"order_id": 1, "customer_id": 1, "amount": 800},
    )
    assert loose_refunds(sent_back, RULES, as_of=AS_OF).rows() == [(1, 800), (2, 600)]
    assert loose_refunds(sent_back, STRICT, as_of=AS_OF).rows() == [(1, 900), (2, 600)]


def test_a_shop_without_orders_has_an_empty_ledger_of_the_same_shape():
    judged = judge_orders(orders(), NO_REFUNDS, STRICT, as_of=AS_OF)
    assert judged.schema == judge_orders(orders({}), NO_REFUNDS, STRICT, as_of=AS_OF).schema
    assert judged.is_empty()
    assert count_ledger(judged) == []
    assert loose_refunds(NO_REFUNDS, RULES, as_of=AS_OF).is_empty()


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        judge_orders(orders({}), NO_REFUNDS, RULES, as_of=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        LedgerRules("EUR", cut_off=datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_ledger_counts_every_verdict_in_a_fixed_order():
    judged = judge_orders(
        orders({"test": True}, {}, {"currency": "CHF"}, {}), refunds({"order_id": 2}), RULES, as_of=AS_OF
    )
    assert [(row["verdict"], row["order_count"], row["amount"]) for row in count_ledger(judged)] == [
        ("counts", 2, 19_000),
        ("test", 1, 10_000),
        ("foreign_currency", 1, 0),
    ]


def test_rules_survive_being_stored():
    rules = LedgerRules(
        "EUR",
        cut_off=datetime(2025, 3, 1, tzinfo=UTC),
        count_free_orders=True,
        excluded_channels=frozenset({"pos", "wholesale"}),
        rates={"USD": "0.91"},
    )
    assert LedgerRules.from_json(json.loads(json.dumps(rules.to_json()))) == rules
    assert LedgerRules.from_json({"currency": "EUR"}) == RULES


def test_an_unknown_rule_or_a_bad_rate_is_refused():
    with pytest.raises(ValueError, match="count_gifts"):
        LedgerRules.from_json({"currency": "EUR", "count_gifts": True})
    with pytest.raises(ValueError, match="USD"):
        LedgerRules("EUR", rates={"USD": "cheap"})


rule_sets = st.builds(
    LedgerRules,
    st.just("EUR"),
    cut_off=st.none() | moments,
    include_tax=st.booleans(),
    include_shipping=st.booleans(),
    count_unpaid=st.booleans(),
    count_free_orders=st.booleans(),
    excluded_channels=st.frozensets(st.sampled_from(["web", "pos"])),
    rates=st.dictionaries(st.sampled_from(["USD", "JPY"]), st.sampled_from(["0.9", "0.0061", "12.345678"])),
)


@law
@given(order_frames(), refund_frames(), rule_sets, moments)
def test_every_order_has_exactly_one_verdict_and_honest_money(placed, sent_back, rules, as_of):
    judged = judge_orders(placed, sent_back, rules, as_of=as_of)
    assert judged["order_id"].to_list() == placed["order_id"].to_list()
    assert set(judged["verdict"]) <= set(VERDICTS)
    known = judged.drop_nulls("paid")
    assert (known["refunded"] <= known["paid"]).all()
    assert (known["net_revenue"] <= known["paid"] - known["refunded"]).all()
    assert (known["net_revenue"] >= 0).all()
    counts = judged.filter(pl.col("verdict") == "counts")
    assert counts.null_count().row(0) == (0,) * counts.width
    assert sum(row["order_count"] for row in count_ledger(judged)) == placed.height


@law
@given(order_frames(), refund_frames(), rule_sets, moments, st.randoms())
def test_the_order_of_rows_does_not_matter(placed, sent_back, rules, as_of, random):
    shuffled = list(range(placed.height))
    random.shuffle(shuffled)
    judged = judge_orders(placed[shuffled], sent_back.reverse(), rules, as_of=as_of)
    assert_frame_equal(judged.sort("order_id"), judge_orders(placed, sent_back, rules, as_of=as_of))


@law
@given(order_frames(min_size=1), refund_frames(), rule_sets, moments)
def test_an_order_gets_the_same_verdict_alone_as_among_others(placed, sent_back, rules, as_of):
    alone = [judge_orders(row, sent_back, rules, as_of=as_of) for row in placed.iter_slices(1)]
    assert_frame_equal(pl.concat(alone), judge_orders(placed, sent_back, rules, as_of=as_of))


@law
@given(order_frames(), refund_frames(), rule_sets, moments)
def test_what_happens_later_does_not_change_what_was_known(placed, sent_back, rules, as_of):
    late = pl.lit(as_of.astimezone(UTC))
    earlier_orders = placed.filter(pl.col("processed_at") <= late).with_columns(
        cancelled_at=pl.when(pl.col("cancelled_at") <= late).then("cancelled_at")
    )
    earlier_refunds = sent_back.filter((pl.col("refunded_at") <= late).fill_null(value=True))
    now = judge_orders(placed, sent_back, rules, as_of=as_of)
    then = judge_orders(earlier_orders, earlier_refunds, rules, as_of=as_of)
    assert_frame_equal(now.filter(pl.col("processed_at") <= late), then)
    assert_frame_equal(
        loose_refunds(sent_back, rules, as_of=as_of), loose_refunds(earlier_refunds, rules, as_of=as_of)
    )


@law
@given(order_frames(min_size=1), refund_frames(), st.lists(moments, min_size=2, max_size=5))
def test_refunds_only_ever_add_up(placed, sent_back, looks):
    ledgers = [judge_orders(placed, sent_back, RULES, as_of=moment) for moment in sorted(looks)]
    for before, after in pairwise(ledgers):
        assert (before["refunded"] <= after["refunded"]).all()
