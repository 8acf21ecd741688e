from datetime import UTC, datetime, timedelta

import pytest
from stand_in_klaviyo import StandInKlaviyo

from sandbox.klaviyo import events
from shop_app.clock import utc_now
from shop_app.destinations.errors import BrokenConnectionError
from shop_app.destinations.klaviyo_api import KlaviyoApi
from shop_app.destinations.klaviyo_events import metric_ids, read_engagement

UNTIL = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def klaviyo(tmp_path, monkeypatch):
    """An account with one shopper and every metric of Klaviyo's own."""
    stand_in = StandInKlaviyo(tmp_path, monkeypatch)
    for name in events.NATIVE:
        events.metric(stand_in.world, stand_in.account, name, integration=events.KLAVIYO)
    stand_in.shopper = stand_in.person(1)
    yield stand_in
    stand_in.stop()


@pytest.fixture
def api(klaviyo):
    return KlaviyoApi(f"Klaviyo-API-Key {klaviyo.key}")


def mail(klaviyo, deed, at, **how):
    return klaviyo.do(deed, profile=klaviyo.shopper, at=at.isoformat(), **how)["event_id"]


def read(klaviyo, since=UNTIL - timedelta(days=30), until=UNTIL):
    return list(klaviyo.destination().read_engagement(since, until))


def test_what_happened_with_an_email_is_told_with_who_and_when(klaviyo):
    at = UNTIL - timedelta(days=2)
    ids = [mail(klaviyo, deed, at) for deed in ("receive_email", "open_email", "click_email")]
    found = read(klaviyo)
    assert [(each.id, each.kind) for each in found] == list(
        zip(ids, ("sent", "opened", "clicked"), strict=True)
    )
    assert {(each.profile_id, each.at, each.is_machine) for each in found} == {(klaviyo.shopper, at, False)}


def test_what_machines_did_is_marked(klaviyo):
    at = UNTIL - timedelta(days=2)
    mail(klaviyo, "open_email", at, apple_privacy=True)
    mail(klaviyo, "open_email", at + timedelta(hours=1))
    mail(klaviyo, "click_email", at, bot=True)
    assert [(each.kind, each.is_machine) for each in read(klaviyo)] == [
        ("opened", True),
        ("opened", False),
        ("clicked", True),
    ]


def test_metrics_of_the_same_name_from_elsewhere_are_not_meant(klaviyo, api):
    other = events.metric(klaviyo.world, klaviyo.account, "Opened Email", integration=events.API)
    ids = metric_ids(api)
    assert set(ids) == {"sent", "opened", "clicked", "bounced", "spam", "unsubscribed"}
    assert other["id"] not in ids.values()


def test_every_event_of_two_months_comes_once_in_stretches_of_at_most_seven_days(klaviyo):
    written = [
        mail(klaviyo, "open_email", UNTIL - timedelta(days=60) + timedelta(hours=hours))
        for hours in range(0, 60 * 24, 7)
    ]
    assert [each.id for each in read(klaviyo, since=UNTIL - timedelta(days=61))] == written
    asked = klaviyo.calls(operation="get_events")
    assert len(asked) == 6 * 9


def test_a_day_before_the_cursor_is_read_once_more_for_what_came_late(klaviyo):
    late = mail(klaviyo, "click_email", UNTIL - timedelta(hours=20))
    mail(klaviyo, "click_email", UNTIL - timedelta(hours=30))
    assert [each.id for each in read(klaviyo, since=UNTIL)] == [late]


def test_what_is_dated_ahead_is_not_read_before_its_time(klaviyo):
    soon = utc_now() + timedelta(days=2)
    mail(klaviyo, "open_email", soon)
    assert read(klaviyo, since=utc_now() - timedelta(days=1), until=soon + timedelta(days=30)) == []


def test_nothing_older_than_a_year_is_asked_for(klaviyo):
    mail(klaviyo, "open_email", UNTIL - timedelta(days=400))
    kept = mail(klaviyo, "open_email", UNTIL - timedelta(days=364))
    assert [each.id for each in read(klaviyo, since=UNTIL - timedelta(days=4000))] == [kept]


def test_many_events_come_page_by_page(klaviyo, api, monkeypatch):
    from shop_app.destinations import klaviyo_events

    monkeypatch.setattr(klaviyo_events, "_PAGE", "10")
    written = [mail(klaviyo, "open_email", UNTIL - timedelta(minutes=number)) for number in range(1, 38)]
    ids = {"opened": metric_ids(api)["opened"]}
    found = list(read_engagement(api, ids, UNTIL - timedelta(days=1), UNTIL))
    assert [each.id for each in found] == written[::-1]


def test_engagement_that_is_switched_off_is_not_read(klaviyo):
    klaviyo.forget_calls()
    assert list(klaviyo.destination(engagement=False).read_engagement(UNTIL - timedelta(days=1), UNTIL)) == []
    assert klaviyo.calls() == []


def test_engagement_of_another_account_is_not_read(klaviyo):
    with pytest.raises(BrokenConnectionError):
        list(klaviyo.destination(account="OTHER1").read_engagement(UNTIL - timedelta(days=1), UNTIL))
    assert klaviyo.calls(operation="get_events") == []
