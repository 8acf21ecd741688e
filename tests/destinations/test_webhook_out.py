"""An outgoing webhook tells a receiver of every move, signed, once where it can, and stops where it must."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hook_receiver import hook_receiver

from shop_app.destinations.base import Access, Contact, Done, Labels, Outcome, Row
from shop_app.destinations.errors import BrokenConnectionError, RejectedError, SlowDownError
from shop_app.destinations.webhook import OutgoingWebhook
from shop_app.destinations.webhook_events import Event, headers_of
from shop_app.destinations.webhook_posting import pause_of
from shop_app.errors import InvalidInputError, TemporaryError
from shop_app.wire import public_addresses

MANUAL = (Path(__file__).parents[2] / "docs/outgoing-webhooks.md").read_text(encoding="utf-8")
SECRET = "a secret of thirty-two characters"
LOYAL = Labels("loyal", "Loyal", (), may_mail=True, reason="Buys often.", as_of="2026-11-02")
AT_RISK = Labels(
    "at-risk", "At risk", ("no-discounts",), may_mail=True, reason="Is overdue.", as_of="2026-11-30"
)
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def receiver():
    with hook_receiver() as running:
        yield running


def no_api():
    raise AssertionError("a webhook needs nothing of Shopify")


def a_webhook(receiver, *, account_id=None, **settings):
    access = Access(7, "tea.myshopify.com", no_api, account_id)
    return OutgoingWebhook({"url": receiver.url, "secret": SECRET, **settings}, access)


@pytest.fixture
def webhook(receiver):
    return a_webhook(receiver)


def document(labels, previous=None):
    return OutgoingWebhook({}, Access(7, "tea.myshopify.com", no_api)).desired(labels, previous=previous)


def a_row(number=1, before=None, after=AT_RISK, **contact):
    known = {"shopify_id": 1000 + number, "email": f"c{number}@example.com", **contact}
    return Row(number, before and document(before), after and document(after), Contact(**known))


def rows(count, **options):
    return [a_row(number, **options) for number in range(1, count + 1)]


def sent(webhook, what):
    receipt = webhook.submit("post", what, [])
    assert isinstance(receipt, Done)
    return dict(receipt.outcomes)


def test_a_move_is_told_with_both_sides(receiver, webhook):
    assert sent(webhook, [a_row(before=LOYAL)]) == {1: Outcome("ok")}
    (event,) = receiver.received
    assert event.json == {
        "id": event.headers["Kindred-Event-Id"],
        "type": "segment.changed",
        "shop": "tea.myshopify.com",
        "customer": {"key": "1001", "id": "1001", "gid": "gid://shopify/Customer/1001"},
        "from": {
            "segment": "loyal",
            "segment_name": "Loyal",
            "may_mail": True,
            "as_of": "2026-11-02",
            "labels": [],
        },
        "to": {
            "segment": "at-risk",
            "segment_name": "At risk",
            "may_mail": True,
            "as_of": "2026-11-30",
            "labels": ["no-discounts"],
        },
        "labels_added": ["no-discounts"],
        "labels_removed": [],
        "reason": "Is overdue.",
    }
    assert event.headers["Kindred-Shop"] == "tea.myshopify.com"
    assert event.headers["Content-Type"] == "application/json"


def test_addresses_are_left_out_unless_the_merchant_says_otherwise(receiver):
    sent(a_webhook(receiver), [a_row()])
    sent(a_webhook(receiver, with_email=True), [a_row()])
    without, with_it = receiver.received
    assert b"example.com" not in without.body
    assert with_it.json["customer"]["email"] == "c1@example.com"


def manual_check():
    """The code that the manual gives to receivers."""
    (source,) = re.findall(r"```python\n(.*?)```", MANUAL, re.DOTALL)
    names = {}
    exec(source, names)
    return names["is_from_kindred"]


def test_the_manuals_code_tells_our_events_from_anybody_elses(receiver, webhook):
    sent(webhook, [a_row()])
    (event,) = receiver.received
    signature, is_from_kindred = event.headers["Kindred-Signature"], manual_check()
    assert is_from_kindred(SECRET, signature, event.body)
    assert not is_from_kindred("another secret", signature, event.body)
    assert not is_from_kindred(SECRET, signature, event.body + b" ")
    assert not is_from_kindred(SECRET, signature.replace("t=", "t=1"), event.body)
    assert not is_from_kindred(SECRET, "", event.body)
    old = headers_of(
        Event("x", "ping", b"{}"), shop="s", secret=SECRET, now=datetime.now(UTC) - timedelta(hours=1)
    )
    assert not is_from_kindred(SECRET, old["Kindred-Signature"], b"{}")
    assert is_from_kindred(SECRET, old["Kindred-Signature"], b"{}", tolerance_seconds=4000)


def test_the_manual_names_every_key_and_header_that_is_sent(receiver):
    sent(a_webhook(receiver, with_email=True), [a_row(before=LOYAL)])
    (event,) = receiver.received
    for key in [*event.json, *event.json["to"]]:
        assert f"`{key}`" in MANUAL or f"`…{key}`" in MANUAL or f'"{key}"' in MANUAL, key
    for key in event.json["customer"]:
        assert f"`customer.{key}`" in MANUAL
    for header in event.headers:
        assert not header.startswith("Kindred") or f"`{header}`" in MANUAL, header


def test_the_same_move_has_the_same_id_and_body_and_another_one_another_id(receiver, webhook):
    there, back = a_row(before=LOYAL), a_row(before=AT_RISK, after=LOYAL)
    for row in (there, there, back, a_row(2, before=LOYAL)):
        sent(webhook, [row])
    first, again, other, somebody = receiver.received
    assert first.body == again.body
    assert len({event.json["id"] for event in (first, other, somebody)}) == 3


def test_leaving_tells_to_take_everything_back(receiver, webhook):
    gone = document(Labels(None, others=("no-discounts",)), document(AT_RISK))
    sent(webhook, [replace(a_row(before=AT_RISK, after=None), after=gone)])
    (event,) = receiver.changes
    assert (event["to"], event["labels_removed"]) == (None, ["no-discounts"])
    assert "reason" not in event


def test_nothing_is_said_of_somebody_of_whom_nothing_was_said():
    assert document(Labels(None)) is None
    assert document(Labels(None), document(LOYAL)) == {"membership": {}, "labels": []}


def test_ageing_and_a_new_name_of_a_segment_move_nobody():
    previous = document(LOYAL)
    later = replace(LOYAL, segment_name="Regulars", reason="Buys very often.", as_of="2026-12-24")
    assert document(later, previous) == previous
    assert document(replace(later, others=("vip",)), previous)["membership"]["as_of"] == "2026-12-24"
    assert document(replace(later, may_mail=False), previous) != previous


def test_who_has_not_moved_is_not_sent(receiver, webhook):
    still = a_row(before=LOYAL, after=LOYAL)
    emptied = replace(a_row(2, after=None), after={"membership": {}, "labels": []})
    assert webhook.steps([still, emptied]) == ()
    assert webhook.steps([still, a_row(3)]) == ("post",)
    assert sent(webhook, [still, emptied]) == {1: Outcome("ok"), 2: Outcome("ok")}
    assert receiver.received == []


def test_customers_without_a_number_are_found_by_their_address_or_not_at_all(receiver, webhook):
    nameless = a_row(shopify_id=None)
    assert webhook.find([nameless, a_row(2)]) == {1: None, 2: "1002"}
    assert sent(webhook, [nameless])[1].kind == "rejected"
    with_email = a_webhook(receiver, with_email=True)
    assert with_email.find([nameless]) == {1: "kindred-1"}
    assert sent(with_email, [nameless]) == {1: Outcome("ok")}
    (event,) = receiver.changes
    assert event["customer"] == {"key": "kindred-1", "id": None, "gid": None, "email": "c1@example.com"}


def test_who_has_been_told_of_once_can_be_taken_back_without_an_address(receiver, webhook):
    erased = Row(77, document(AT_RISK), None, Contact(None), remote_id="kindred-1")
    assert sent(webhook, [erased]) == {77: Outcome("ok")}
    (event,) = receiver.changes
    assert (event["customer"], event["to"]) == ({"key": "kindred-1", "id": None, "gid": None}, None)


def test_events_go_out_side_by_side_and_no_more_than_eight(receiver, webhook):
    receiver.seconds = 0.02
    assert set(sent(webhook, rows(60)).values()) == {Outcome("ok")}
    assert len(receiver.received) == 60
    assert 2 <= receiver.most_at_a_time <= 8


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_status_of_success_will_do(receiver, webhook, status):
    receiver.answers(status)
    assert sent(webhook, [a_row()]) == {1: Outcome("ok")}


@pytest.mark.parametrize("status", [400, 409, 413, 422, 451])
def test_an_event_that_is_refused_is_given_up_with_its_status(receiver, webhook, status):
    receiver.answers(status)
    (outcome,) = sent(webhook, [a_row()]).values()
    assert outcome.kind == "rejected"
    assert str(status) in outcome.words


@pytest.mark.parametrize("status", [0, 408, 500, 502, 503, 504])
def test_what_may_work_later_is_tried_again(receiver, webhook, status):
    receiver.answer = lambda event: (status if event.json["customer"]["id"] == "1002" else 200, {})
    assert sent(webhook, rows(3)) == {1: Outcome("ok"), 3: Outcome("ok")}


def test_a_receiver_that_is_down_is_waited_for_and_not_asked_for_everybody(receiver, webhook):
    receiver.answers(500)
    with pytest.raises(TemporaryError, match="answered 500"):
        webhook.submit("post", rows(100), [])
    assert len(receiver.received) < 20


def test_a_receiver_that_nobody_reaches_is_waited_for(receiver):
    webhook = a_webhook(receiver, url="http://127.0.0.1:1/")
    with pytest.raises(TemporaryError, match="cannot be reached"):
        webhook.submit("post", [a_row()], [])


def test_who_has_unsubscribed_is_sent_nothing_more(receiver, webhook):
    receiver.answers(410)
    with pytest.raises(BrokenConnectionError, match="410"):
        webhook.submit("post", rows(100), [])
    assert len(receiver.received) <= 8


@pytest.mark.parametrize(
    ("status", "headers"), [(429, {}), (429, {"Retry_After": "7"}), (503, {"Retry_After": "7"})]
)
def test_patience_is_had_for_as_long_as_is_asked(receiver, webhook, status, headers):
    receiver.answers(status, **headers)
    with pytest.raises(SlowDownError) as asked:
        webhook.submit("post", rows(100), [])
    assert asked.value.retry_after_seconds == (7 if headers else 60)
    assert len(receiver.received) <= 8


def test_a_short_pause_is_waited_out_while_events_get_through(receiver, webhook):
    left = iter([*[200] * 10, 429])
    receiver.answer = lambda event: (next(left, 200), {"Retry-After": "1"})
    assert sent(webhook, rows(20)) == {number: Outcome("ok") for number in range(1, 21)}
    assert len(receiver.received) == 21


def test_what_was_taken_is_told_before_what_stands_in_the_way(receiver, webhook):
    receiver.answer = lambda event: (200, {}) if event.json["customer"]["id"] <= "1003" else (429, {})
    outcomes = sent(webhook, rows(9))
    assert set(outcomes) <= {1, 2, 3}
    assert set(outcomes.values()) == {Outcome("ok")}
    with pytest.raises(SlowDownError):
        webhook.submit("post", [row for row in rows(9) if row.customer_id > 3], [])


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_an_address_that_is_closed_to_a_test_event_too_is_broken(receiver, webhook, status):
    receiver.answers(status)
    with pytest.raises(BrokenConnectionError, match=f"answered {status}.*test event"):
        webhook.submit("post", rows(100), [])
    assert len(receiver.received) <= 12
    assert receiver.received[-1].json["type"] == "ping"


def test_a_single_customer_whom_the_receiver_does_not_know_breaks_nothing(receiver, webhook):
    receiver.answer = lambda event: (404 if event.json.get("customer", {}).get("id") == "1002" else 200, {})
    outcomes = sent(webhook, rows(5))
    assert [outcomes[number].kind for number in range(1, 6)] == ["ok", "rejected", "ok", "ok", "ok"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_is_followed_to_another_address(receiver, webhook, status):
    receiver.answers(status, Location="http://127.0.0.1:1/")
    with pytest.raises(BrokenConnectionError, match="leads elsewhere"):
        webhook.submit("post", [a_row()], [])


def test_an_address_that_leads_inside_by_now_is_broken(receiver, monkeypatch):
    webhook = a_webhook(receiver, url="https://hooks.example.com/a")
    public_addresses.allow_local_targets(False)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 443))])
    with pytest.raises(BrokenConnectionError, match="open internet"):
        webhook.submit("post", [a_row()], [])


def test_an_address_saved_while_local_ones_were_allowed_is_not_called_any_more(receiver, webhook):
    public_addresses.allow_local_targets(False)
    with pytest.raises(BrokenConnectionError, match="https"):
        webhook.submit("post", [a_row()], [])
    assert receiver.received == []


def test_the_connection_is_tested_with_a_signed_ping(receiver, webhook):
    connected = webhook.check()
    (event,) = receiver.received
    assert event.json == {
        "id": event.headers["Kindred-Event-Id"],
        "type": "ping",
        "shop": "tea.myshopify.com",
    }
    assert manual_check()(SECRET, event.headers["Kindred-Signature"], event.body)
    assert connected.account_name == f"127.0.0.1:{receiver.port}"
    assert connected.warnings
    assert "s3cret" not in repr(connected)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BrokenConnectionError),
        (404, BrokenConnectionError),
        (410, BrokenConnectionError),
        (500, TemporaryError),
    ],
)
def test_a_test_that_is_not_taken_says_so_and_not_where_it_went(receiver, webhook, status, error):
    receiver.answers(status)
    with pytest.raises(error, match=str(status)) as told:
        webhook.check()
    assert "s3cret" not in str(told.value)


def test_another_address_than_the_tested_one_is_never_written_to(receiver):
    account = a_webhook(receiver).check().account_id
    assert sent(a_webhook(receiver, account_id=account), [a_row()]) == {1: Outcome("ok")}
    with pytest.raises(BrokenConnectionError, match="another address"):
        a_webhook(receiver, account_id="another").submit("post", [a_row()], [])


def test_settings_are_saved_with_a_secret_and_a_checked_address(receiver):
    saved = OutgoingWebhook.completed({"url": f" {receiver.url} ", "secret": "", "first_run": "everybody"})
    assert saved["url"] == receiver.url
    assert len(saved["secret"]) > 40
    assert saved["first_run"] == "everybody"
    assert OutgoingWebhook.completed(saved) == saved
    with pytest.raises(InvalidInputError) as refused:
        OutgoingWebhook.completed({"url": receiver.url, "secret": "short"})
    assert refused.value.field == "secret"
    with pytest.raises(InvalidInputError) as refused:
        OutgoingWebhook.completed({"url": "https://169.254.169.254/"})
    assert refused.value.field == "url"


def test_without_address_or_secret_nothing_is_sent(receiver):
    for missing in ("url", "secret"):
        with pytest.raises(BrokenConnectionError, match=missing):
            a_webhook(receiver, **{missing: ""}).submit("post", [a_row()], [])
    assert receiver.received == []


def test_what_was_acknowledged_is_all_that_is_known(webhook):
    row = a_row(before=LOYAL)
    assert webhook.read_back([row, a_row(2)], []) == {1: document(LOYAL), 2: None}
    assert webhook.prepare([], []) == ([], [])
    webhook.drop_groups([])
    assert webhook.recover("post", [row]) is None
    with pytest.raises(RejectedError):
        webhook.poll("post", "1", [row], [])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, 60),
        ("", 60),
        ("soon", 60),
        ("0", 1),
        ("30", 30),
        ("99999", 3600),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 1),
        ("Mon, 30 Nov 2026 12:01:00 -0000", 60),
        ("-5", 60),
        ("nan", 60),
    ],
)
def test_how_long_to_wait_is_read_from_a_number_or_a_date(text, seconds):
    assert pause_of(text, NOW) == seconds


def test_a_shops_name_of_any_letters_fits_into_a_header():
    headers = headers_of(Event("x", "ping", b"{}"), shop="Tee & Töpfe\r\nX: y", secret=SECRET, now=NOW)
    assert headers["Kindred-Shop"] == "Tee & T%C3%B6pfe%0D%0AX: y"
