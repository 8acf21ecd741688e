import threading
import time

import pytest

from shop_app.destinations import rate_windows
from shop_app.destinations.errors import SlowDownError
from shop_app.destinations.klaviyo_limits import ENDPOINTS
from shop_app.destinations.rate_windows import Budget, Window

_numbers = iter(range(1_000_000))


@pytest.fixture(params=["redis", "alone"])
def budget(request):
    """A credential's budget, with a Redis and without one."""
    rate_windows.connect(request.getfixturevalue("redis_url") if request.param == "redis" else None)
    yield fresh_budget()
    rate_windows.connect(None)


def fresh_budget(patience=2.0):
    return Budget("Klaviyo", f"credential-{time.time_ns()}-{next(_numbers)}", patience)


def seconds_of(act):
    began = time.monotonic()
    act()
    return time.monotonic() - began


def test_calls_that_fit_are_made_at_once(budget):
    windows = (Window("second", 40, 1.0), Window("minute", 400, 60.0))
    assert seconds_of(lambda: [budget.take("L", windows) for _ in range(10)]) < 0.2


def test_a_short_wait_is_kept_in_place_and_no_longer_than_needed(budget):
    window = (Window("second", 1, 1.0),)
    budget.take("XS", window)
    assert 1.2 < seconds_of(lambda: budget.take("XS", window)) < 1.8


def test_a_long_wait_is_told_in_place_of_slept(budget):
    window = (Window("minute", 4, 60.0),)
    budget.take("XS", window)
    with pytest.raises(SlowDownError) as told:
        budget.take("XS", window)
    assert 15 < told.value.retry_after_seconds < 22


def test_one_who_may_wait_longer_does(budget):
    window = (Window("stretch", 1, 2.0),)
    budget.take("XS", window)
    with pytest.raises(SlowDownError):
        budget.with_patience(1.0).take("XS", window)
    assert seconds_of(lambda: budget.with_patience(4.0).take("XS", window)) > 1.5


def test_a_call_is_counted_in_all_of_its_windows_or_in_none(budget):
    tight, wide = Window("day", 1, 86_400.0), Window("minute", 100, 60.0)
    hasty = budget.with_patience(0)
    hasty.take("M", (tight, wide))
    for _ in range(40):
        with pytest.raises(SlowDownError):
            hasty.take("M", (wide, tight))
    for _ in range(24):
        hasty.take("M", (wide,))


def test_what_the_vendor_asks_for_holds_for_every_worker(budget):
    window = (Window("second", 100, 1.0),)
    budget.hold("L", 30.0)
    with pytest.raises(SlowDownError) as told:
        Budget(budget.who, budget.credential).take("L", window)
    assert 28 < told.value.retry_after_seconds < 31
    budget.take("XL", window)  # other sizes go on


def test_two_credentials_do_not_share_a_budget(budget):
    window = (Window("minute", 4, 60.0),)
    budget.with_patience(0).take("XS", window)
    fresh_budget().with_patience(0).take("XS", window)


@pytest.mark.parametrize("calls", [1, 3, 10, 75])
def test_no_stretch_as_long_as_the_window_sees_more_calls_than_it_allows(budget, calls):
    window, length = (Window("stretch", calls, 0.4),), 0.4
    patient = budget.with_patience(60)
    made = []
    lock = threading.Lock()

    def work():
        end = time.monotonic() + 1.2
        while time.monotonic() < end:
            patient.take("any", window)
            with lock:
                made.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made.sort()
    # Threads note the moment a little after they were let go, so a stretch a little shorter is looked at.
    most = max(sum(1 for each in made if begin <= each < begin + length * 0.9) for begin in made)
    assert most <= calls


def test_every_window_of_klaviyo_leaves_room_for_others():
    for endpoint in ENDPOINTS.values():
        for window in endpoint.windows:
            most = int(window.capacity + window.rate * window.seconds)
            assert most <= (window.calls * 0.96 if window.calls > 3 else window.calls)


def test_a_count_outlives_the_process_that_made_it(redis_url):
    window = (Window("minute", 4, 60.0),)
    budget = fresh_budget(patience=0)
    rate_windows.connect(redis_url)
    try:
        budget.take("XS", window)
        rate_windows.connect(redis_url)  # another process knows nothing but what is in Redis
        with pytest.raises(SlowDownError):
            budget.take("XS", window)
    finally:
        rate_windows.connect(None)


def test_without_redis_each_process_counts_for_itself(caplog):
    rate_windows.connect("redis://127.0.0.1:1/0")
    window, budget = (Window("minute", 4, 60.0),), fresh_budget(patience=0)
    try:
        budget.take("XS", window)
        with pytest.raises(SlowDownError):
            budget.take("XS", window)
    finally:
        rate_windows.connect(None)
    assert "Redis does not count" in caplog.text
