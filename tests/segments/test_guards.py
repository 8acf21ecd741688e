from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_app.segments.guards import (
    GuardFacts,
    GuardRules,
    consent_guard,
    data_sale_guard,
    is_control,
    suppressions,
)

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
DAYS = st.floats(-30, 60, allow_nan=False).map(lambda days: NOW - timedelta(days=days))


def kinds(facts, rules=None, at=NOW):
    return [guard.kind for guard in suppressions(facts, rules or GuardRules(), at=at)]


def test_somebody_without_trouble_is_free():
    assert kinds(GuardFacts(tags=["vip"], consent="subscribed")) == []


@pytest.mark.parametrize("what", ["refunded_at", "cancelled_at"])
def test_trouble_ends_exactly_when_it_says_it_does(what):
    facts = GuardFacts(**{what: NOW - timedelta(days=3)})
    (guard,) = suppressions(facts, GuardRules(), at=NOW)
    assert guard.until == NOW + timedelta(days=11)
    assert kinds(facts, at=guard.until - INSTANT) == [guard.kind]
    assert kinds(facts, at=guard.until) == []


def test_a_refund_of_tomorrow_is_not_held_against_anybody_today():
    assert kinds(GuardFacts(refunded_at=NOW + INSTANT)) == []


def test_a_guard_that_is_switched_off_holds_nobody():
    facts = GuardFacts(refunded_at=NOW, cancelled_at=NOW)
    assert kinds(facts, GuardRules(refund_days=0, cancel_days=0)) == []


def test_a_complaint_is_a_tag_whatever_its_letters_are():
    rules = GuardRules(complaint_tags=("Complaint",))
    (guard,) = suppressions(GuardFacts(tags=["VIP", "complaint"]), rules, at=NOW)
    assert (guard.kind, guard.until) == ("complaint", None)


def test_too_many_mails_hold_back_until_one_of_them_has_grown_old():
    received = tuple(NOW - timedelta(days=days) for days in (1, 2, 4, 6))
    rules = GuardRules(over_mailed_most=3, over_mailed_days=7)
    (guard,) = suppressions(GuardFacts(received_at=received), rules, at=NOW)
    assert guard.until == NOW + timedelta(days=3)  # when the one of four days ago is a week old
    assert kinds(GuardFacts(received_at=received), rules, at=guard.until - INSTANT) == ["over-mailed"]
    assert kinds(GuardFacts(received_at=received), rules, at=guard.until) == []


@given(DAYS, DAYS, st.lists(DAYS, max_size=8), DAYS)
def test_no_guard_ever_outlives_its_own_end(refunded, cancelled, received, at):
    known = tuple(each for each in received if each <= at)  # a later mail makes a guard of its own, later
    facts = GuardFacts(refunded_at=refunded, cancelled_at=cancelled, received_at=known)
    rules = GuardRules(over_mailed_most=2)
    for guard in suppressions(facts, rules, at=at):
        assert guard.until > at
        assert guard.kind not in kinds(facts, rules, at=guard.until)


@pytest.mark.parametrize(
    ("consent", "is_shut"),
    [("subscribed", False), ("unsubscribed", True), ("not_subscribed", True), (None, True), ("pending", True)],
)
def test_lists_are_open_to_a_given_consent_alone(consent, is_shut):
    guard = consent_guard(consent)
    assert (guard is not None) is is_shut
    assert guard is None or guard.holds_back == "lists"


@pytest.mark.parametrize(("opted_out", "is_held"), [(True, True), (False, False), (None, False)])
def test_an_objection_to_the_sale_of_data_holds_labels_inside(opted_out, is_held):
    assert (data_sale_guard(GuardFacts(data_sale_opt_out=opted_out)) is not None) is is_held


@pytest.mark.parametrize("percent", [5, 10, 25, 50])
def test_a_control_group_is_as_large_as_it_is_meant_to_be(percent):
    members = sum(is_control(number, "at-risk", percent) for number in range(20_000))
    assert members / 20_000 == pytest.approx(percent / 100, abs=0.012)


def test_a_larger_control_group_keeps_the_smaller_one():
    small = {number for number in range(5_000) if is_control(number, "loyal", 5)}
    large = {number for number in range(5_000) if is_control(number, "loyal", 20)}
    assert small < large


def test_segments_draw_their_control_groups_apart():
    of = {
        slug: {n for n in range(20_000) if is_control(n, slug, 20)} for slug in ("at-risk", "at-rest", "loyal")
    }
    for one, other in (("at-risk", "at-rest"), ("at-risk", "loyal")):
        assert len(of[one] & of[other]) / 20_000 == pytest.approx(0.04, abs=0.01)


def test_without_a_control_group_nobody_is_in_it():
    assert not any(is_control(number, "loyal", 0) for number in range(1_000))
