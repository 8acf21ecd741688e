"""Our budget against the stand-in's windows, on a clock that runs fast at both ends."""

import threading
import time
from itertools import pairwise

import pytest
from stand_in_klaviyo import AT_RISK, StandInKlaviyo, row

from shop_app.destinations import rate_windows
from shop_app.destinations.base import Group
from shop_app.destinations.errors import SlowDownError
from shop_app.destinations.klaviyo_api import KlaviyoApi
from shop_app.destinations.klaviyo_limits import METRICS
from shop_app.destinations.rate_windows import Budget

SCALE = 0.05


@pytest.fixture
def scale():
    """How much shorter a minute is: three seconds."""
    return SCALE


@pytest.fixture
def klaviyo(tmp_path, monkeypatch, redis_url, scale):
    """An account on a fast clock, and a budget that many share."""
    stand_in = StandInKlaviyo(tmp_path, monkeypatch, time_scale=scale)
    rate_windows.connect(redis_url, pace=1 / scale)
    yield stand_in
    stand_in.stop()


def test_many_workers_together_are_never_refused_and_lose_little(klaviyo):
    end = time.monotonic() + 4.0

    def work():
        api = KlaviyoApi(f"Klaviyo-API-Key {klaviyo.key}").patient(30)
        while time.monotonic() < end:
            api.get(METRICS)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    calls = klaviyo.calls(operation="get_metrics")
    assert {call["status"] for call in calls} == {200}
    assert len(calls) > 0.6 * 150 * 4.0 / (60 * SCALE)
    assert any(later["at"] - earlier["at"] > 0.005 for earlier, later in pairwise(calls))


@pytest.mark.parametrize("scale", [0.2])  # one call a second leaves little room for a busy machine
def test_segments_are_made_at_the_pace_that_klaviyo_allows(klaviyo):
    groups = [Group(f"group-{number}", f"Kindred: Group {number}") for number in range(5)]
    made, words = klaviyo.destination(lists=False).prepare(groups, [])
    assert (len(made), words) == (5, [])
    assert {call["status"] for call in klaviyo.calls(operation="create_segment")} == {201}


@pytest.mark.parametrize("operation", ["get_profiles", "create_or_update_profile"])
def test_a_refusal_by_the_window_of_a_second_is_waited_out_in_place(klaviyo, operation):
    person = klaviyo.person(1)
    destination = klaviyo.destination(lists=False)
    klaviyo.fault("throttle", seconds=1, operation=operation, count=1)
    rows = [row(1, after=destination.desired(AT_RISK, previous=None))]
    assert destination.find(rows) == {1: person}
    known = [row(1, after=rows[0].after, remote_id=person)]
    assert destination.submit("properties", known, []).outcomes[1].kind == "ok"
    assert [call["status"] for call in klaviyo.calls(operation=operation)] == [429, 200]


def test_a_refusal_by_the_window_of_a_minute_is_told_and_nobody_asks_meanwhile(klaviyo):
    klaviyo.fault("throttle", seconds=900, operation="get_profiles", count=1)
    for _ in range(3):
        with pytest.raises(SlowDownError) as told:
            klaviyo.destination().find([row(1)])
        assert told.value.retry_after_seconds > 40
    assert len(klaviyo.calls(operation="get_profiles")) == 1


def test_other_integrations_that_use_up_the_minute_are_waited_for(klaviyo):
    """Private keys of one account share its windows."""
    klaviyo.destination().check()
    other = KlaviyoApi(f"Klaviyo-API-Key {klaviyo.key}", budget=Budget("Klaviyo", "somebody-else", 30.0))
    for _ in range(5):
        other.get(METRICS)
    ours = KlaviyoApi(f"Klaviyo-API-Key {klaviyo.key}").patient(30)
    for _ in range(20):
        ours.get(METRICS)
    statuses = [call["status"] for call in klaviyo.calls(operation="get_metrics")]
    assert statuses.count(200) >= 25
