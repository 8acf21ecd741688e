import threading
import time
from contextlib import suppress

import pytest

from shop_app.shopify import cost_budget
from shop_app.shopify.admin_errors import ThrottledError
from shop_app.shopify.cost_budget import CostBudget, ThrottleStatus, budget_of

_shops = iter(range(900_000, 999_999))


@pytest.fixture(params=["redis", "alone"])
def budget(request):
    """A shop's budget, with a Redis and without one."""
    cost_budget.connect(request.getfixturevalue("redis_url") if request.param == "redis" else None)
    yield budget_of(next(_shops))
    cost_budget.connect(None)


def fed(budget, available, maximum=1000.0, rate=100.0):
    budget.settle(budget.take(1), ThrottleStatus(maximum, available, rate))
    return budget


def seconds_of(act):
    began = time.monotonic()
    act()
    return time.monotonic() - began


def test_points_that_are_there_are_had_at_once(budget):
    fed(budget, 1000)
    assert seconds_of(lambda: budget.take(400)) < 0.1


def test_one_waits_as_long_as_is_needed_and_no_longer(budget):
    fed(budget, 20)
    assert 0.2 < seconds_of(lambda: budget.take(50)) < 0.6


def test_what_is_under_way_is_not_counted_as_there(budget):
    fed(budget, 1000)
    first = budget.take(600)
    second = budget.take(300)
    budget.settle(second, ThrottleStatus(1000, 700, 100))  # Shopify had not seen the first one yet
    with pytest.raises(ThrottledError):
        CostBudget(budget.shop_id, patience_seconds=0).take(150)
    budget.settle(first, ThrottleStatus(1000, 700, 100))
    CostBudget(budget.shop_id, patience_seconds=0).take(650)


def test_what_would_take_too_long_is_refused_with_the_time_it_takes(budget):
    fed(budget, 0, rate=1.0)
    with pytest.raises(ThrottledError) as refused:
        budget.take(500)
    assert 400 < refused.value.retry_after_seconds < 501


def test_long_readings_leave_a_share_to_what_is_urgent(budget):
    fed(budget, 500)
    patient = CostBudget(budget.shop_id, leaves_ratio=budget.in_background().leaves_ratio, patience_seconds=0)
    with pytest.raises(ThrottledError):
        patient.take(300)
    assert seconds_of(lambda: budget.take(300)) < 0.1


def test_a_call_that_costs_more_than_the_bucket_holds_is_tried_with_a_full_one(budget):
    fed(budget, 1000)
    assert seconds_of(lambda: budget.in_background().take(5000)) < 0.1


def test_two_shops_do_not_share_a_budget(budget):
    fed(budget, 0, rate=0.001)
    assert seconds_of(lambda: budget_of(next(_shops)).take(500)) < 0.1


def test_many_at_once_never_take_more_than_there_is(budget):
    fed(budget, 500, rate=0.001)
    had = []

    def take():
        with suppress(ThrottledError):
            had.append(CostBudget(budget.shop_id, patience_seconds=0).take(100))

    threads = [threading.Thread(target=take) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(had) == 5


def test_workers_of_other_processes_see_the_same_count(redis_url):
    shop = next(_shops)
    cost_budget.connect(redis_url)
    fed(budget_of(shop), 100, rate=0.001)
    cost_budget.connect(redis_url)  # another process knows nothing but what is in Redis
    with pytest.raises(ThrottledError):
        CostBudget(shop, patience_seconds=0).take(200)
    cost_budget.connect(None)


def test_without_its_redis_a_process_counts_for_itself():
    cost_budget.connect("redis://127.0.0.1:1/0")
    budget = budget_of(next(_shops))
    assert seconds_of(lambda: budget.settle(budget.take(100), ThrottleStatus(1000, 50, 0.001))) < 3
    with pytest.raises(ThrottledError):
        CostBudget(budget.shop_id, patience_seconds=0).take(100)
    cost_budget.connect(None)
