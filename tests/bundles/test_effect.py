"""Effects: intervals that hold as often as they say, no false alarms, and refusal where nothing can be told."""

from dataclasses import dataclass

import numpy as np
import pytest

from shop_app.bundles.effect import (
    BETTER,
    CANNOT_BE_MEASURED,
    NO_DIFFERENCE,
    NOT_AS_PLANNED,
    TOO_EARLY,
    WORSE,
    Plan,
    least_detectable_ratio,
    measure_effect,
    mismatch_p_value,
    sequence_half_width,
    winsor_cap,
)

RUNS = 1_000
CUSTOMERS = 3_000


@dataclass(frozen=True)
class Shop:
    """Many customers: what a model expects of them, what they paid before, and what they pay in the window."""

    predicted: np.ndarray
    past: np.ndarray
    paid: np.ndarray


def shop_of(count, seed):
    """Buyers of very different habits whose order values have a long tail."""
    generator = np.random.default_rng(seed)
    rate = generator.gamma(0.5, 1.2, count)
    value = np.exp(generator.normal(8, 0.8, count))

    def spent():
        return generator.poisson(rate) * value * np.exp(generator.normal(0, 0.6, count))

    return Shop(rate * value * np.exp(generator.normal(0, 0.3, count)), spent(), spent())


@pytest.fixture(scope="module")
def shop():
    return shop_of(25_000, 1)


def draws(shop, generator, treatment_ratio, count=CUSTOMERS):
    chosen = generator.integers(0, shop.paid.size, count)
    return chosen, generator.random(count) < treatment_ratio


def measured(shop, seed, ratio, *, gain=0.0, bought=False, runs=RUNS):
    """Measure again and again, at the planned end."""
    generator = np.random.default_rng(seed)
    plan = Plan(treatment_ratio=ratio)
    for _ in range(runs):
        chosen, treated = draws(shop, generator, ratio)
        outcome = shop.paid[chosen] * (1 + gain * treated)
        past = None if bought else shop.past[chosen]
        if bought:
            outcome = (outcome > 0).astype(float)
        yield measure_effect(
            outcome, treated, predicted=shop.predicted[chosen], past=past, plan=plan, days_passed=45
        )


@pytest.mark.parametrize("ratio", [0.5, 0.9])
@pytest.mark.parametrize("bought", [False, True])
def test_where_nothing_was_changed_hardly_anything_is_found(shop, ratio, bought):
    found = [effect.verdict in (BETTER, WORSE) for effect in measured(shop, 7, ratio, bought=bought)]
    # 5 % and twice the error of so many runs.
    assert np.mean(found) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / RUNS)


@pytest.mark.parametrize("ratio", [0.5, 0.9])
@pytest.mark.parametrize("gain", [0.1, 0.5])
def test_the_interval_holds_the_true_effect(shop, ratio, gain):
    held, ratios_held = [], []
    for effect in measured(shop, 11, ratio, gain=gain, runs=500):
        if effect.verdict == NOT_AS_PLANNED:  # one split in a thousand looks like it
            continue
        without = np.minimum(shop.paid, effect.cap).mean()
        true = np.minimum(shop.paid * (1 + gain), effect.cap).mean() - without
        held.append(effect.low <= true <= effect.high)
        ratios_held.append(effect.ratio_low <= true / without <= effect.ratio_high)
    assert np.mean(held) >= 0.93
    assert np.mean(ratios_held) >= 0.93


def test_the_prediction_narrows_the_interval(shop):
    effect = next(measured(shop, 3, 0.5))
    assert effect.variance_left_ratio < 0.75
    generator = np.random.default_rng(3)
    chosen, treated = draws(shop, generator, 0.5)
    blind = measure_effect(
        shop.paid[chosen],
        treated,
        predicted=np.zeros(CUSTOMERS),
        past=shop.past[chosen],
        plan=Plan(treatment_ratio=0.5),
        days_passed=45,
    )
    assert blind.variance_left_ratio == 1
    assert effect.high - effect.low < 0.9 * (blind.high - blind.low)


def test_a_large_effect_is_found_and_said(shop):
    better = list(measured(shop, 5, 0.5, gain=0.5, runs=50))
    assert np.mean([effect.verdict == BETTER for effect in better]) > 0.9
    assert "more per customer" in better[0].words
    assert next(measured(shop, 5, 0.5, gain=-0.7, runs=1)).verdict == WORSE


def test_what_was_not_found_says_what_would_have_been(shop):
    effect = next(one for one in measured(shop, 9, 0.9) if one.verdict == NO_DIFFERENCE)
    assert f"{effect.least_detectable_ratio:.0%} or more would have been seen" in effect.words


def test_the_least_detectable_effect_is_found_four_times_in_five(shop):
    cap = winsor_cap(shop.past)
    least = least_detectable_ratio(
        np.minimum(shop.paid, cap), shop.predicted, treated_count=CUSTOMERS // 2, control_count=CUSTOMERS // 2
    )
    generator = np.random.default_rng(13)
    gain = least * np.minimum(shop.paid, cap).mean()
    found = []
    for _ in range(300):
        chosen, treated = draws(shop, generator, 0.5)
        outcome = np.minimum(shop.paid[chosen], cap) + gain * treated
        effect = measure_effect(
            outcome,
            treated,
            predicted=shop.predicted[chosen],
            past=None,
            plan=Plan(treatment_ratio=0.5),
            days_passed=45,
        )
        found.append(effect.verdict == BETTER)
    assert np.mean(found) == pytest.approx(0.8, abs=0.06)
    assert least_detectable_ratio(np.zeros(9), np.zeros(9), treated_count=5, control_count=4) is None


def test_groups_unlike_the_plan_are_noticed():
    generator = np.random.default_rng(17)
    plan = Plan(treatment_ratio=0.9)
    as_planned = [mismatch_p_value(n, 10_000 - n, 0.9) < 0.001 for n in generator.binomial(10_000, 0.9, 4_000)]
    off = [mismatch_p_value(n, 10_000 - n, 0.9) < 0.001 for n in generator.binomial(10_000, 0.92, 200)]
    assert np.mean(as_planned) <= 0.003
    assert np.mean(off) > 0.99
    assert mismatch_p_value(0, 0, 0.9) == mismatch_p_value(50, 0, 1.0) == 1
    treated = np.arange(4_000) < 3_400
    values = np.ones(4_000)
    effect = measure_effect(values, treated, predicted=values, past=None, plan=plan, days_passed=45)
    assert effect.verdict == NOT_AS_PLANNED
    assert effect.difference is None
    assert "3,400" in effect.words


@pytest.mark.parametrize(
    ("customers", "buyers", "words"), [(1_900, 900, "2,000 customers"), (4_000, 100, "25 of each")]
)
def test_too_few_customers_or_buyers_cannot_be_measured(customers, buyers, words):
    treated = np.arange(customers) % 10 != 0
    outcome = np.zeros(customers)
    outcome[:buyers] = 5_000
    effect = measure_effect(
        outcome, treated, predicted=outcome, past=outcome, plan=Plan(treatment_ratio=0.9), days_passed=45
    )
    assert effect.verdict == CANNOT_BE_MEASURED
    assert words in effect.words
    assert effect.difference is effect.low is effect.p_value is None


def test_before_the_planned_end_nothing_is_claimed(shop):
    chosen, treated = draws(shop, np.random.default_rng(1), 0.5)
    outcome = shop.paid[chosen] * (1 + 5 * treated)
    given = {"predicted": shop.predicted[chosen], "past": shop.past[chosen], "plan": Plan(treatment_ratio=0.5)}
    early = measure_effect(outcome, treated, **given, days_passed=44)
    late = measure_effect(outcome, treated, **given, days_passed=45)
    assert (early.verdict, early.p_value) == (TOO_EARLY, None)
    assert "day 45, and this is day 44" in early.words
    assert late.verdict == BETTER
    assert early.high - early.low > 1.3 * (late.high - late.low)


def test_looking_every_day_raises_no_more_alarms_than_looking_once():
    """Look 42 times at what has been paid so far, in a shop where nothing was changed."""
    generator = np.random.default_rng(23)
    days, customers, runs = 45, 2_000, 120
    plan = Plan(treatment_ratio=0.5, window_days=days + 1)
    rate = generator.gamma(0.5, 1.2, customers)
    alarms, single = [], []
    for _ in range(runs):
        bought = generator.poisson(rate[:, None] / days, (customers, days)).cumsum(axis=1).astype(float)
        treated = generator.random(customers) < 0.5
        looks = [
            measure_effect(bought[:, day], treated, predicted=rate, past=None, plan=plan, days_passed=day)
            for day in range(3, days)
        ]
        looks = [look for look in looks if look.verdict == TOO_EARLY]
        alarms.append(any(look.low > 0 or look.high < 0 for look in looks))
        narrower = 1.96 / sequence_half_width(1.0, customers)
        single.append(any(abs(look.difference) > (look.high - look.low) / 2 * narrower for look in looks))
    assert np.mean(alarms) <= 0.05
    assert np.mean(single) > 0.10  # an interval made for one look does not survive being looked at daily


def test_the_confidence_sequence_is_half_again_as_wide_as_one_look():
    # Nearly 5,000 customers: 1.57 times the interval for one look.
    assert sequence_half_width(1.0, 4_944) / 1.96 == pytest.approx(1.57, abs=0.01)


def test_single_buyers_count_no_more_than_the_largest_of_before():
    assert winsor_cap(np.zeros(5)) is None
    assert winsor_cap(None) is None
    assert winsor_cap(np.r_[np.zeros(1_000), np.arange(1, 101)]) == pytest.approx(99.01)
