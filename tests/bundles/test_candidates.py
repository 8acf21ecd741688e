"""Candidates: ranked by what they are expected to add, within margin, stock and the merchant's rules."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_shelf import AS_OF, demand_of, item, items_frame, keys_frame, pair

from shop_app.bundles.brand_rules import BrandRules, conflict, names_of_items
from shop_app.bundles.candidates import Assumptions, Findings, find_candidates
from shop_app.bundles.expectation import Uptake
from shop_app.bundles.pricing import exact
from shop_app.bundles.terms import Form
from shop_app.errors import InvalidInputError

SHELF = items_frame(item(1, price=4000, cost=1200), item(2), item(3, price=1500, cost=300), item(4, price=900))
DEMAND = demand_of({1: 600, 2: 500, 3: 400, 4: 900})


def made(pairs=(), *, items=SHELF, rules=None, demand=DEMAND, assumptions=None, collections=None, **findings):
    frame = pl.DataFrame(list(pairs)) if pairs else None
    return find_candidates(
        Findings(demand, pairs=frame, **findings),
        items,
        keys_frame(items),
        rules or BrandRules(),
        as_of=AS_OF,
        assumptions=assumptions,
        collections=collections,
    )


def of_form(found, form):
    return [each for each in found.ranked if each.form is form]


def sequence(first, then, *, customers=40, first_customers=500):
    return {
        "first": str(first),
        "then": str(then),
        "first_name": f"Item {first}",
        "then_name": f"Item {then}",
        "customers": customers,
        "first_customers": first_customers,
        "share_ratio": customers / first_customers,
        "median_gap_days": 9.0,
        "is_found": True,
        "is_ordered": True,
    }


def test_a_pair_becomes_a_fixed_bundle_and_a_buy_get():
    found = made([pair(1, 2)])
    assert {each.form for each in found.ranked} == {Form.FIXED, Form.BUY_GET}
    fixed = of_form(found, Form.FIXED)[0]
    assert {part.item_id for part in fixed.terms.parts} == {1, 2}
    assert fixed.terms.price == fixed.figures.price
    single = of_form(found, Form.BUY_GET)[0]
    assert (single.terms.buys, single.terms.gets) in {((1,), (2,)), ((2,), (1,))}


def test_what_is_not_found_is_no_candidate():
    assert made([pair(1, 2, is_found=False)]).ranked == ()


def test_the_arithmetic_can_be_followed_line_by_line():
    found = made([pair(1, 2)])
    for each in found.ranked:
        steps = {step.label: step.value for step in each.steps}
        labels = list(steps)
        added = next(steps[label] for label in labels if label.startswith("Left of each"))
        price = next(steps[label] for label in labels if label.startswith("List price of"))
        assert price + steps["Discount on one use"] + steps["Cost of what is added"] == added
        gain = next(steps[label] for label in labels if label.startswith("Assumed"))
        by_themselves = next(steps[label] for label in labels if label.startswith("Of them take"))
        moved = next(steps[label] for label in labels if label.startswith("Added by the offer"))
        assert moved == pytest.approx(gain * by_themselves * (1 - by_themselves))
        extra = steps["Of these because of the offer"]
        baskets = next(steps[label] for label in labels if label.startswith("Baskets"))
        assert extra == math.floor(moved * baskets)
        anyway = steps["Of these would have bought it all anyway"]
        assert extra + anyway == steps["Expected uses"] == each.uses_expected
        earned = next(steps[label] for label in labels if label.startswith("Earned on"))
        given_away = steps["Given to those who would have bought it anyway"]
        assert earned == extra * added
        assert given_away == anyway * steps["Discount on one use"]
        assert labels[-1] == "Expected extra margin in 90 days"
        assert steps[labels[-1]] == earned + given_away == each.extra_margin
        assert each.extra_margin_low <= each.extra_margin <= each.extra_margin_high


def test_a_worked_case_by_hand():
    """600 baskets with 1; 60 take 2 (20.00 list, 6.00 cost) anyway; 10 % off moves half as many again."""
    rules = BrandRules(most_discount_percent=10)
    found = made([pair(1, 2, b_count=60_000)], rules=rules)
    single = next(each for each in found.ranked if each.terms.buys == (1,))
    assert dict(single.depths)[10] == 27 * (2000 - 200 - 600) - 60 * 200
    assert single.terms.discount_percent == 10
    assert single.extra_margin == dict(single.depths)[10] == max(margin for _, margin in single.depths)
    assert single.key == "buy-get::1>2"


def test_ranking_is_by_extra_margin_and_not_by_lift():
    rare = pair(3, 4, count=20, a_count=100, b_count=60, g=900.0)
    common = pair(1, 2, count=60, a_count=600, b_count=500, g=10.0)
    assert rare["lift"] > common["lift"]
    found = made([rare, common], demand=demand_of({1: 600, 2: 500, 3: 100, 4: 60}))
    margins = [each.extra_margin for each in found.ranked]
    assert margins == sorted(margins, reverse=True)
    assert found.ranked[0].evidence["pair"]["a"] == "1"


def test_a_discount_on_what_is_taken_anyway_is_not_offered():
    found = made([pair(1, 2, count=450, a_count=600, b_count=500)])
    assert found.ranked == ()
    losing = [each for each in found.blocked if "would cost more than it brings" in each.reason]
    assert losing
    # The arithmetic is there all the same: the merchant may know better.
    assert all(each.candidate.extra_margin <= 0 and each.candidate.steps for each in losing)
    assert json.dumps([each.to_json() for each in losing])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"cost": None}, "cost is not known"),
        ({"stock": 10}, "only 10 are in stock"),
        ({"stock": -3}, "only 0 are in stock"),
        ({"price": None}, "price is not known"),
        ({"price": 0}, "price is not known"),
        ({"status": "archived"}, "not on sale"),
        ({"is_gift_card": True}, "gift card"),
        ({"price": 700}, "Even at the full price"),
    ],
)
def test_no_candidate_without_margin_or_stock(changed, words):
    items = items_frame(item(1, price=800, cost=600), item(2) | changed)
    found = made([pair(1, 2)], items=items)
    assert found.ranked == ()
    assert any(words in each.reason for each in found.blocked)


def test_an_unknown_cost_may_be_assumed_and_untracked_stock_counts_as_there():
    items = items_frame(item(1, cost=None, stock=None), item(2, cost=None, stock=None))
    found = made([pair(1, 2)], items=items, rules=BrandRules(assumed_cost_ratio=0.3))
    assert found.ranked
    assert all(each.uses_by_stock is None for each in found.ranked)
    wary = BrandRules(assumed_cost_ratio=0.3, needs_known_stock=True)
    assert made([pair(1, 2)], items=items, rules=wary).ranked == ()


def test_stock_cuts_what_is_expected():
    items = items_frame(item(1, price=4000, cost=1200), item(2, stock=25))
    found = made([pair(1, 2)], items=items)
    assert {each.uses_by_stock for each in found.ranked} == {15}
    assert all(each.uses_expected == 15 for each in found.ranked)


def test_rules_of_the_brand_are_obeyed():
    never = made([pair(1, 2)], rules=BrandRules(never_together=(("2", "1"),)))
    assert never.ranked == ()
    assert any("never offered together" in each.reason for each in never.blocked)
    gifts = pl.DataFrame({"item_id": [2], "key": ["Gifts"], "key_name": ["Gifts"]})
    no_gifts = made([pair(1, 2)], rules=BrandRules(never_together=(("1", "gifts"),)), collections=gifts)
    assert no_gifts.ranked == ()
    full_price = made([pair(1, 2)], rules=BrandRules(never_discounted=("2",)))
    assert [each.terms.gets for each in full_price.ranked] == [(1,)]
    assert made([pair(1, 2)], rules=BrandRules(most_discount_percent=0)).ranked == ()


def test_an_offer_ends_with_its_season():
    found = made([pair(1, 2)], rules=BrandRules(seasons=(("2", (3,)),)))
    assert {each.offer_days for each in found.ranked} == {22}
    # Midnight in Berlin, where summer time has begun by then.
    assert {each.terms.ends_at for each in found.ranked} == {datetime(2026, 3, 31, 22, tzinfo=UTC)}
    assert found.ranked[0].uses_expected < made([pair(1, 2)]).ranked[0].uses_expected
    assert made([pair(1, 2)], rules=BrandRules(seasons=(("2", (4,)),))).ranked == ()


def test_a_sequence_is_an_offer_of_what_comes_after():
    found = made(sequences=pl.DataFrame([sequence(1, 3)]))
    assert [(each.terms.buys, each.terms.gets) for each in found.ranked] == [((1,), (3,))]
    assert "soon after" in found.ranked[0].anyway.words


def test_who_would_come_back_for_it_counts_as_buying_it_anyway():
    alone = next(each for each in made([pair(1, 3, b_count=6_000)]).ranked if each.terms.buys == (1,))
    both = made([pair(1, 3, count=30, b_count=6_000)], sequences=pl.DataFrame([sequence(1, 3)]))
    with_sequence = next(each for each in both.ranked if each.terms.buys == (1,))
    assert with_sequence.anyway.ratio == pytest.approx(30 / 600 + 40 / 500)
    assert set(with_sequence.evidence) == {"pair", "sequence"}
    assert alone.anyway.ratio == pytest.approx(0.1)


def test_a_mixed_offer_has_one_mandatory_and_its_best_companions():
    found = made([pair(1, 2, count=20), pair(1, 3, count=18), pair(1, 4, count=16)])
    mixed = of_form(found, Form.MIXED)
    assert len(mixed) == 1
    assert mixed[0].terms.buys == (1,)
    assert set(mixed[0].terms.gets) == {2, 3, 4}
    assert len(of_form(made([pair(1, 2, count=20)]), Form.MIXED)) == 0
    one_left = made([pair(1, 2, count=20), pair(1, 3, count=18)], rules=BrandRules(never_discounted=("3",)))
    assert of_form(one_left, Form.MIXED) == []


def test_pure_and_mixed_can_be_compared():
    for each in made([pair(1, 2)]).ranked:
        pure, mixed = each.previews
        assert (pure.kind, mixed.kind) == ("pure", "mixed")
        assert pure.figures.list_price == mixed.figures.list_price == each.figures.list_price
        assert pure.figures.keeps(0.3)
        assert mixed.figures.keeps(0.3)


def test_a_set_becomes_a_fixed_bundle_of_all_its_parts():
    sets = pl.DataFrame(
        {"items": [["1", "2", "3"]], "names": [["Item 1", "Item 2", "Item 3"]], "count": [8], "g": [50.0]}
    ).with_columns(is_found=True)
    found = made([pair(1, 2), pair(1, 3), pair(2, 3)], sets=sets)
    whole = [each for each in found.ranked if len(each.terms.parts) == 3]
    assert len(whole) == 1
    assert whole[0].title == "Item 1 + Item 2 + Item 3"
    # 60 of 600 baskets with the first hold two of them, so 60 of 600 are expected, and 8 of 60 are complete.
    assert whole[0].anyway.ratio == pytest.approx(8 / 60)


def test_the_third_of_a_line_is_a_modest_offer_for_a_segment():
    items = items_frame(*(item(number, category="Tea") for number in range(1, 5)))
    thirds = pl.DataFrame(
        {
            "segment": ["rising-stars"],
            "category": ["Tea"],
            "two_count": [400],
            "three_count": [40],
        }
    )
    found = made(items=items, thirds=thirds)
    assert [each.form for each in found.ranked] == [Form.THIRD]
    third = found.ranked[0]
    assert third.segment == "rising-stars"
    assert (third.terms.buy_quantity, third.terms.get_quantity) == (2, 1)
    assert third.terms.buys == third.terms.gets == (1, 2, 3, 4)
    assert third.uses_expected * 3 <= 4 * (500 - 10)
    assert third.previews == ()
    assert third.terms.discount_percent <= 10 < third.most_discount_percent


def test_a_pair_of_a_segment_is_an_offer_for_it_reckoned_from_its_own_baskets():
    row = pair(1, 2, count=12, a_count=120, b_count=100) | {"segment": "champions", "is_enough": True}
    demand = pl.concat([DEMAND, demand_of({1: 120, 2: 100}, "champions")])
    found = made(by_segment=pl.DataFrame([row]), demand=demand)
    assert {(each.segment, each.form) for each in found.ranked} == {("champions", Form.BUY_GET)}
    assert found.ranked[0].uses_expected <= 120
    few = pl.DataFrame([row | {"is_enough": False}])
    assert made(by_segment=few, demand=demand).ranked == ()


def test_variants_of_a_product_are_offered_together_and_judged_by_the_worst():
    items = items_frame(
        item(1, product_number=70, price=4000, cost=1200),
        item(2, product_number=80, stock=100),
        item(3, product_number=80, stock=90, cost=1700),
    )
    keys = items.select(
        "item_id",
        key=pl.lit("p") + pl.col("product_number").cast(pl.String),
        key_name=pl.lit("Product ") + pl.col("product_number").cast(pl.String),
    )
    frame = pl.DataFrame([pair("p70", "p80")])
    found = find_candidates(
        Findings(demand_of({"p70": 600, "p80": 500}), pairs=frame), items, keys, BrandRules(), as_of=AS_OF
    )
    single = next(each for each in found.ranked if each.form is Form.BUY_GET)
    assert {single.terms.buys, single.terms.gets} == {(1,), (2, 3)}
    assert single.worst.cost == 2900
    assert single.worst.keeps(0.3)
    assert {limit.uses for limit in single.stock} == {490, 170}


def test_candidates_are_plain_values_when_kept():
    found = made([pair(1, 2)])
    kept = json.loads(json.dumps(found.ranked[0].to_json()))
    assert kept["terms"]["discount_percent"] == found.ranked[0].terms.discount_percent
    assert kept["figures"]["margin"] == found.ranked[0].figures.margin


def test_evidence_without_bounds_is_kept_as_unknown():
    found = made([pair(1, 2) | {"adjusted_lift_high": float("inf")}])
    assert found.ranked[0].to_json()["evidence"]["pair"]["adjusted_lift_high"] is None


def test_odd_assumptions_are_refused():
    with pytest.raises(InvalidInputError):
        made([pair(1, 2)], assumptions=Assumptions(uptake=Uptake(low=0.9)))
    with pytest.raises(InvalidInputError):
        find_candidates(
            Findings(DEMAND), SHELF, keys_frame(SHELF), BrandRules(), as_of=AS_OF.replace(tzinfo=None)
        )


@st.composite
def shelf_items(draw, number):
    """Draw an item that may mostly be offered; one in a few lacks something."""
    lacks = draw(st.sampled_from(["", "", "", "", "price", "cost", "stock"]))
    row = item(
        number,
        price=draw(st.integers(300, 9_000)),
        cost=draw(st.integers(0, 1_500)),
        stock=draw(st.integers(-5, 200)),
        category=draw(st.sampled_from(["Tea", "Tea", "Cups", "Candles"])),
    )
    return row | ({lacks: None} if lacks else {})


shops = st.integers(3, 6).flatmap(
    lambda count: st.tuples(*(shelf_items(number) for number in range(1, count + 1)))
)
brands = st.builds(
    BrandRules,
    never_together=st.lists(st.tuples(*[st.sampled_from(["1", "2", "Tea", "Cups"])] * 2), max_size=2).map(
        tuple
    ),
    never_discounted=st.lists(st.sampled_from(["1", "3", "Candles"]), max_size=2).map(tuple),
    seasons=st.lists(
        st.tuples(st.sampled_from(["2", "Tea"]), st.lists(st.integers(2, 5), min_size=2).map(tuple)), max_size=2
    ).map(tuple),
    most_discount_percent=st.integers(4, 60),
    margin_floor_ratio=st.sampled_from([0.0, 0.2, 0.3, 0.5]),
    assumed_cost_ratio=st.sampled_from([None, 0.4]),
    least_stock=st.integers(0, 20),
)


@st.composite
def findings_of(draw, count):
    """Pairs, a set, a sequence and thirds among so many items."""
    numbers = list(range(1, count + 1))
    pairs = []
    for a in numbers:
        for b in numbers[a:]:
            both = draw(st.integers(20, 60))
            firsts = st.integers(300, 2_000)
            pairs.append(pair(a, b, count=both, a_count=draw(firsts), b_count=draw(firsts)))
    sets = pl.DataFrame(
        {
            "items": [["1", "2", "3"]],
            "names": [["One", "Two", "Three"]],
            "count": [4],
            "g": [9.0],
            "is_found": [True],
        }
    )
    two = draw(st.integers(0, 5_000))
    thirds = pl.DataFrame(
        {
            "segment": [""],
            "category": ["Tea"],
            "two_count": [two],
            "three_count": [two // 9],
        }
    )
    demand = demand_of({number: draw(st.integers(0, 9_000)) for number in numbers})
    return Findings(
        demand, pairs=pl.DataFrame(pairs), sets=sets, sequences=pl.DataFrame([sequence(1, 3)]), thirds=thirds
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_candidate_keeps_margin_stock_and_rules(data):
    rows = data.draw(shops)
    rules = data.draw(brands)
    items = items_frame(*rows)
    keys = keys_frame(items)
    found = find_candidates(data.draw(findings_of(len(rows))), items, keys, rules, as_of=AS_OF)
    known = {row["item_id"]: row for row in items.iter_rows(named=True)}
    names = names_of_items(items, keys)
    losing = [each.candidate for each in found.blocked if each.candidate is not None]
    assert all(each.extra_margin > 0 for each in found.ranked)
    assert all(each.extra_margin <= 0 for each in losing)
    for each in [*found.ranked, *losing]:
        _keeps_margin(each, known, rules)
        _keeps_stock(each, known, rules)
        _keeps_rules(each, names, rules)
        assert each.extra_margin_low <= each.extra_margin <= each.extra_margin_high
        assert each.uses_expected == each.would_have_bought + each.extra_uses
        assert 0 <= each.anyway.ratio <= 1


def _cost(row, rules):
    return row["cost"] if row["cost"] is not None else math.ceil(exact(rules.assumed_cost_ratio) * row["price"])


def _keeps_margin(each, known, rules):
    terms, floor = each.terms, exact(rules.margin_floor_ratio)
    if terms.form is Form.FIXED:
        paid = terms.price
        cost = sum(_cost(known[part.item_id], rules) * part.quantity for part in terms.parts)
        assert Fraction(paid - cost) >= floor * paid
        return
    for bought in terms.buys:
        for got in terms.gets:
            full, list_price = known[bought]["price"] * terms.buy_quantity, known[got]["price"]
            paid = full + list_price - -(-list_price * terms.discount_percent // 100)
            cost = _cost(known[bought], rules) * terms.buy_quantity + _cost(known[got], rules)
            assert Fraction(paid - cost) >= floor * paid


def _keeps_stock(each, known, rules):
    free = {
        number: math.inf if row["stock"] is None else max(0, row["stock"] - rules.least_stock)
        for number, row in known.items()
    }
    if each.form is Form.FIXED:
        for part in each.terms.parts:
            assert each.uses_expected * part.quantity <= free[part.item_id]
    elif each.form is Form.THIRD:
        assert each.uses_expected * 3 <= sum(free[number] for number in each.terms.item_ids)
    else:
        assert each.uses_expected <= sum(free[number] for number in each.terms.buys)
        assert each.uses_expected <= sum(free[number] for number in each.terms.gets)
    assert all(
        known[number]["stock"] is None or known[number]["stock"] > rules.least_stock
        for number in each.terms.item_ids
    )


def _keeps_rules(each, names, rules):
    terms = each.terms
    assert terms.discount_percent <= rules.most_discount_percent
    if terms.form is Form.FIXED:
        cheaper, sides = terms.item_ids, [[names[part.item_id]] for part in terms.parts]
    else:
        cheaper = terms.gets
        sides = [[names[number] for number in terms.buys], [names[number] for number in terms.gets]]
    if terms.form is Form.THIRD:
        sides = [[names[number]] for number in terms.buys]
    assert not any(rules.forbids_discount(names[number]) for number in cheaper)
    assert not conflict(rules, sides)
    last = (terms.ends_at - timedelta(minutes=1)).astimezone(AS_OF.tzinfo).date() if terms.ends_at else None
    days = (last - AS_OF.date()).days + 1 if last else 90
    for number in terms.item_ids:
        assert rules.days_in_season(names[number], AS_OF.date(), 90) >= days


def test_the_same_findings_give_the_same_candidates():
    pairs = [pair(1, 2), pair(1, 3, count=20), pair(3, 4, count=30)]
    assert made(pairs) == made(list(reversed(pairs)))
    assert replace(made(pairs).ranked[0]) == made(pairs).ranked[0]
