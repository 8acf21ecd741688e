import numpy as np
import pytest
from scipy import stats

from shop_app.bundles.shares import ratio_of_shares, share_interval

COUNTS = [(0, 1), (1, 1), (3, 10), (0, 40), (40, 40), (123, 4_567)]


@pytest.mark.parametrize(("count", "of"), COUNTS)
def test_the_interval_of_a_share_is_wilsons(count, of):
    low, high = share_interval(np.array([count]), np.array([of]))
    known = stats.binomtest(count, of).proportion_ci(method="wilson")
    assert (low[0], high[0]) == pytest.approx((known.low, known.high), abs=1e-12)


def test_the_interval_of_a_share_agrees_with_the_worked_value():
    # Newcombe, Statistics in Medicine 17 (1998), p. 857, table I, method 3: 81 of 263.
    assert share_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert share_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@pytest.mark.parametrize(("count", "of"), [pair for pair in COUNTS if pair[0]])
def test_the_interval_of_a_ratio_of_shares_is_that_of_a_risk_ratio(count, of):
    ratio, low, high = ratio_of_shares(*(np.array([number]) for number in (count, of, 7, 90)))
    known = stats.contingency.relative_risk(count, of, 7, 90)
    interval = known.confidence_interval()
    assert (ratio[0], low[0], high[0]) == pytest.approx((known.relative_risk, interval.low, interval.high))
