"""A look at all baskets: what was planted is found, what is missing is said, and when it comes again."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from learned_shop import a_learned_shop
from stored_rows import a_customer, a_product, an_order, together

from sandbox.sample_store.catalogue import PRODUCTS
from sandbox.sample_store.planted import DEAD_END, PAIRS, SEQUENCES
from shop_app.bundles.terms import Form, Part, Terms
from shop_app.errors import InvalidInputError
from shop_app.services.ask_for_bundles import BUNDLES, ask_for_bundles
from shop_app.services.bundle_choices import change_bundle_choices, read_bundle_choices
from shop_app.services.find_bundles import find_bundles, find_bundles_due
from shop_app.services.find_over_time import last_whole_day
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.shop_clock import end_of_day
from shop_app.storage import basket_findings, bundles, due_work
from shop_app.storage.engine import shopless, transaction

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ENOUGH_TO_SEE = 9
"""The tenth pair is planted among wholesale buyers, of whom a store of this size has hardly any."""


def listed(shop_id, kind, segment="", limit=30):
    with transaction(shop_id) as connection:
        rows = basket_findings.list_findings(connection, kind, segment=segment, limit=limit)
    return [row.facts for row in rows]


def due_at(shop_id, kind=BUNDLES):
    with shopless() as connection:
        return due_work.list_of_shop(connection, shop_id).get(kind)


@pytest.fixture(scope="module")
def sample(database, tmp_path_factory):
    shop = a_learned_shop(tmp_path_factory.mktemp("baskets"), NOW, customers=2_500, learn=False)
    refresh_customers(shop.shop_id, None, as_of=shop.as_of)
    change_bundle_choices(shop.shop_id, {"assumed_cost_ratio": 0.45}, who="Ann", at=NOW)
    shop.run = find_bundles(shop.shop_id, as_of=shop.as_of, at=NOW)
    return shop


def test_the_planted_pairs_are_found_and_stand_in_the_first_places(sample):
    planted = {frozenset((PRODUCTS[pair.first].title, PRODUCTS[pair.second].title)) for pair in PAIRS}
    first = listed(sample.shop_id, "pair", limit=ENOUGH_TO_SEE)
    assert all(pair["is_found"] for pair in first)
    assert {frozenset((pair["a_name"], pair["b_name"])) for pair in first} <= planted


def test_the_planted_sequences_come_first_and_in_their_order(sample):
    planted = {(PRODUCTS[each.first].title, PRODUCTS[each.then].title) for each in SEQUENCES}
    first = listed(sample.shop_id, "sequence", limit=len(SEQUENCES))
    assert {(each["first_name"], each["then_name"]) for each in first} == planted
    assert all(each["is_ordered"] and 1 <= each["median_gap_days"] <= 14 for each in first)


def test_a_segments_sequences_stand_beside_everybody_else_where_there_are_enough_to_tell(sample):
    whole = {(each["first"], each["then"]): each for each in listed(sample.shop_id, "sequence", limit=500)}
    rows = [
        each
        for segment in sample.run.facts["segments"]
        for each in listed(sample.shop_id, "sequence", segment, limit=500)
    ]
    assert any(each["is_enough"] for each in rows)
    for each in rows:
        store = whole.get((each["first"], each["then"]))
        assert store is None or each["customers"] <= store["customers"]
        assert each["is_enough"] or (each["lift_over_store"] is None and "from 30 on" in each["enough_words"])


def test_what_was_made_as_a_fixed_bundle_is_no_merchandise_of_its_own(shop_id):
    with transaction(shop_id) as connection:
        terms = Terms(Form.FIXED, parts=(Part(1), Part(2)), price=900)
        made = bundles.add_draft(connection, "Set", terms, {}, who="Ann", at=NOW)
        bundles.write_remote(connection, made.id, {"id": "gid://shopify/Product/77"})
        assert bundles.list_made_products(connection) == [77]
        bundles.write_remote(connection, made.id, {"was": "gid://shopify/Product/77"})
        assert bundles.list_made_products(connection) == [77]


def test_the_product_after_which_people_stay_away_comes_first(sample):
    first = listed(sample.shop_id, "one_and_done", limit=1)[0]
    assert (first["name"], first["is_found"]) == (PRODUCTS[DEAD_END].title, True)


def test_gift_cards_and_samples_are_left_out_and_told(sample):
    left_out = {each["name"] for each in listed(sample.shop_id, "left_out")}
    assert left_out == {"Gift Card - $25", "Gift Card - $50", "Sample Sachet"}
    names = {each[side] for each in listed(sample.shop_id, "pair", limit=500) for side in ("a_name", "b_name")}
    assert not names & left_out


def test_every_candidate_keeps_the_floor_and_its_arithmetic_ends_at_its_figure(sample):
    rules = read_bundle_choices(sample.shop_id).rules
    candidates = [
        each
        for segment in ("", *sample.run.facts["segments"])
        for each in listed(sample.shop_id, "candidate", segment)
    ]
    assert candidates
    for each in candidates:
        worst = each["worst"]
        assert worst["price"] - worst["cost"] >= rules.margin_floor_ratio * worst["price"]
        assert each["steps"][-1]["value"] == each["extra_margin"] > 0
    whole = [each["extra_margin"] for each in listed(sample.shop_id, "candidate")]
    assert whole == sorted(whole, reverse=True)


def test_the_same_orders_give_the_same_findings(sample):
    before = listed(sample.shop_id, "sequence"), listed(sample.shop_id, "pair", limit=500)
    again = find_bundles(sample.shop_id, as_of=sample.as_of, at=NOW + timedelta(days=1))
    assert again.id != sample.run.id
    assert (listed(sample.shop_id, "sequence"), listed(sample.shop_id, "pair", limit=500)) == before


def test_a_shop_of_few_orders_is_told_what_is_missing(shop_id):
    tea, cup = a_product(shop_id), a_product(shop_id, title="Cup")
    an_order(shop_id, a_customer(shop_id), at=NOW - timedelta(days=3), lines=[(tea, 500), (cup, 500)])
    run = find_bundles(shop_id, as_of=NOW, at=NOW)
    assert (run.facts["baskets"], run.facts["enough"]) == (1, False)
    assert "There is 1 order with two things or more" in run.facts["words"][0]
    assert "Orders are known of 1 day only" in run.facts["words"][1]


def test_a_shop_without_any_order_is_looked_at_all_the_same(shop_id):
    run = find_bundles(shop_id, as_of=NOW, at=NOW)
    assert (run.facts["baskets"], run.facts["days"]) == (0, [None, None])


def test_the_next_look_is_in_a_week_and_a_new_product_line_brings_it_forward(shop_id):
    with together(shop_id):
        tea = a_product(shop_id, category="Tea")
        an_order(shop_id, a_customer(shop_id), at=NOW - timedelta(days=3), lines=[(tea, 500)])
    refresh_customers(shop_id, None, as_of=NOW)
    ask_for_bundles(shop_id, now=NOW)
    assert due_at(shop_id) == NOW
    find_bundles_due(shop_id, now=NOW)
    assert due_at(shop_id) == NOW + timedelta(days=7)
    later = NOW + timedelta(days=2)
    ask_for_bundles(shop_id, now=later)
    assert due_at(shop_id) == NOW + timedelta(days=7)
    candle = a_product(shop_id, title="Candle", category="Candles")
    an_order(shop_id, a_customer(shop_id), at=NOW + timedelta(days=1), lines=[(candle, 500)])
    ask_for_bundles(shop_id, now=later)
    assert due_at(shop_id) == later


def test_a_gift_card_sold_again_asks_for_no_look(shop_id):
    with together(shop_id):
        tea, card = a_product(shop_id, category="Tea"), a_product(shop_id, title="Gift card", category="Cards")
        for item in (tea, card):
            an_order(shop_id, a_customer(shop_id), at=NOW - timedelta(days=3), lines=[(item, 500)])
    find_bundles_due(shop_id, now=NOW)
    an_order(shop_id, a_customer(shop_id), at=NOW + timedelta(days=1), lines=[(card, 500)])
    ask_for_bundles(shop_id, now=NOW + timedelta(days=2))
    assert due_at(shop_id) == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"level": "shelf"}, "level"),
        ({"window_days": 0}, "window_days"),
        ({"margin_floor_ratio": 3}, "margin_floor_ratio"),
        ({"uptake_low": 0.9}, "uptake_ratio"),
        ({"seasons": {"Tea": [13]}}, "seasons"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_by_name_and_nothing_is_changed(shop_id, change, field):
    before = read_bundle_choices(shop_id)
    with pytest.raises(InvalidInputError) as refused:
        change_bundle_choices(shop_id, change, who="Ann", at=NOW)
    assert refused.value.field == field
    assert read_bundle_choices(shop_id) == before


@pytest.mark.parametrize("value", ["soon", None, True, 1.5])
def test_what_is_no_number_is_refused_in_words(shop_id, value):
    for name in ("window_days", "uptake_ratio", "left_out"):
        given = [value] if name == "left_out" else value
        if (name, value) == ("uptake_ratio", 1.5):
            continue
        with pytest.raises(InvalidInputError, match="number, not") as refused:
            change_bundle_choices(shop_id, {name: given}, who="Ann", at=NOW)
        assert "literal" not in str(refused.value)


def test_a_day_counts_as_known_once_it_is_over_by_the_shops_clock():
    for timezone in ("Pacific/Kiritimati", "Asia/Tokyo", "Pacific/Pago_Pago"):
        noon = datetime(1970, 1, 11, 12, tzinfo=ZoneInfo(timezone))
        assert last_whole_day(noon) == 9
        assert last_whole_day(end_of_day(noon, timezone).astimezone(ZoneInfo(timezone))) == 10


def test_choices_are_kept_and_ask_for_a_new_look(shop_id):
    change_bundle_choices(
        shop_id, {"level": "product", "never_together": [["Tea", "Coffee"]]}, who="Ann", at=NOW
    )
    chosen = read_bundle_choices(shop_id)
    assert (chosen.level, chosen.rules.never_together) == ("product", (("Tea", "Coffee"),))
    assert due_at(shop_id) == NOW
