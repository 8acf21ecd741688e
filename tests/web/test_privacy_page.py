"""The privacy page: requests with their state and due date, what is kept, and who looked."""

import json
from datetime import timedelta

import pytest
from privacy_stories import CANARY, EMAIL, NUMBER, ORDER, a_body, a_person_everywhere, receive, requests
from tellings import rows
from test_markup import Page, check

from shop_app.clock import utc_now
from shop_app.services.describe_customer import describe_customer
from shop_app.services.erase import erase_due
from shop_app.services.find_customer import find_customer
from shop_app.services.renew_shop import renew_shop
from shop_app.storage import erasure_ledger


@pytest.fixture(autouse=True)
def ledger(tmp_path):
    erasure_ledger.keep_in(tmp_path)


@pytest.fixture
def asked(empty_store):
    """A shop in which somebody with a trace in every table asks for their data."""
    a_person_everywhere(empty_store.shop_id)
    renew_shop(empty_store.shop_id, now=utc_now())
    receive(
        empty_store.shop_id,
        "customers/data_request",
        a_body(empty_store.shop_id, asked=1, orders=[ORDER]),
        at=utc_now(),
    )
    return empty_store


def page(client, store):
    answer = client.get("/privacy", query_string=store.picked)
    assert answer.status_code == 200
    return answer.text


def download(client, store):
    (request,) = requests(store.shop_id)[-1:]
    return client.get(f"/privacy/requests/{request['id']}.json", query_string=store.picked)


def test_where_nothing_was_asked_and_nobody_looked_the_page_says_so(client, empty_store):
    html = page(client, empty_store)
    assert "Nobody has asked for their data" in html
    assert "Nobody has opened a customer" in html
    assert "e-mail address, phone, first and last name" in html
    assert "put into a group" in html


def test_a_request_for_data_can_be_downloaded_with_everything_that_is_held(client, asked):
    html = page(client, asked)
    assert EMAIL in html
    assert "Download it and hand it on." in html
    answer = download(client, asked)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="data-request-')
    told = json.loads(answer.text)
    (customer,) = told["customers"]
    assert (customer["email"], customer["first_name"], customer["shopify_id"]) == (EMAIL, CANARY, NUMBER)
    for name in ("orders", "refunds", "checkouts", "customer_scores", "membership_changes", "access_log"):
        assert told[name], name
    assert told["orders"][0]["discount_codes"] == [f"{CANARY}10"]
    assert told["webhooks"][0]["body"]["customer"]["id"] == NUMBER
    assert told["privacy_requests"][0]["kind"] == "data_request"
    assert not any("hash" in column for column in customer)
    assert customer["email_consent"] is None


def test_the_reason_in_the_export_is_the_recomputed_one_and_names_the_data_it_rests_on(client, asked):
    told = json.loads(download(client, asked).text)
    (segment,) = told["segments"]
    person = find_customer(asked.shop_id, EMAIL)
    story = describe_customer(asked.shop_id, person, as_of=utc_now())
    renew_shop(asked.shop_id, now=utc_now())
    again = describe_customer(asked.shop_id, person, as_of=utc_now())
    assert segment["reason"] == story.reason == again.reason
    assert segment["segment"] == again.segment_name
    assert {mark["measure"] for mark in segment["marks"]} == {"recency", "frequency", "monetary"}
    assert segment["data_used"]["order_count"] == 1
    assert segment["data_used"]["recency_days"] > 0


def test_a_download_ends_the_request_and_is_noted(client, asked):
    download(client, asked)
    (request,) = requests(asked.shop_id)
    assert (request["state"], request["outcome"]) == ("done", "Handed to the merchant.")
    assert request["stores"]["orders"] == 1
    html = page(client, asked)
    assert "Download again" in html
    assert "data of a request" in html
    assert "this machine" in html


def test_somebody_of_whom_nothing_is_held_is_said_to_be_nobody(client, empty_store):
    receive(empty_store.shop_id, "customers/data_request", a_body(empty_store.shop_id, asked=1))
    assert "Nothing held" in page(client, empty_store)
    told = json.loads(download(client, empty_store).text)
    assert told["customers"] == told["orders"] == told["webhooks"] == []


def test_another_shops_request_is_as_good_as_none(client, asked, small_store):
    (request,) = requests(asked.shop_id)
    answer = client.get(f"/privacy/requests/{request['id']}.json", query_string=small_store.picked)
    unknown = client.get("/privacy/requests/999999.json", query_string=small_store.picked)
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert answer.text == unknown.text


def test_an_erasure_shows_what_was_erased_where_and_no_longer_whom(client, asked):
    receive(asked.shop_id, "customers/redact", a_body(asked.shop_id), at=utc_now())
    assert "Asks to be erased" in page(client, asked)
    erase_due(asked.shop_id, now=utc_now())
    html = page(client, asked)
    assert "a second search found nothing" in html
    assert "Customers: 1" in html
    assert "The person was erased before their data was handed out." in html
    assert EMAIL not in html
    assert download(client, asked).status_code == 404


@pytest.mark.parametrize(
    ("days", "tone", "words"),
    [(6, "info", "Open"), (8, "warning", "Open for 8 days"), (26, "critical", "Open for 26 days")],
)
def test_a_request_that_waits_too_long_stands_out(client, empty_store, days, tone, words):
    receive(
        empty_store.shop_id,
        "customers/redact",
        a_body(empty_store.shop_id),
        at=utc_now() - timedelta(days=days),
    )
    html = page(client, empty_store)
    assert f'<s-badge tone="{tone}">{words}</s-badge>' in html
    assert ("1 request open for a week or longer" in html) == (days >= 7)


def test_every_look_at_a_customer_and_every_export_of_people_is_noted(client, small_store):
    person = find_customer(small_store.shop_id, "ann@example.com")
    before = len(looks(small_store))
    for path in (f"/customers/{person}", "/export/customers.csv", "/export/ledger.csv", "/export/segments.csv"):
        assert client.get(path, query_string=small_store.picked).status_code == 200
    assert [(row["what"], row["customer_id"], row["user_id"]) for row in looks(small_store)[before:]] == [
        ("customer page", person, "local"),
        ("export of customers", None, "local"),
        ("export of ledger", None, "local"),
    ]
    assert f"customer {person}" in page(client, small_store)


def looks(store):
    return rows(store.shop_id, "SELECT what, customer_id, user_id FROM access_log ORDER BY id")


def test_the_page_keeps_the_laws_of_every_page(client, asked):
    receive(
        asked.shop_id, "customers/redact", a_body(asked.shop_id, number=5), at=utc_now() - timedelta(days=26)
    )
    client.get(f"/customers/{find_customer(asked.shop_id, EMAIL)}", query_string=asked.picked)
    answer = client.get("/privacy", query_string=asked.picked)
    check(answer)
    cells = [attributes for tag, attributes in Page(answer.text).tags if tag == "td"]
    assert cells
    assert all("data-label" in cell for cell in cells)


def test_the_gauge_counts_what_has_been_open_for_a_week(client, empty_store):
    def gauge():
        lines = client.get("/metrics").text.splitlines()
        return next(
            float(line.split()[1]) for line in lines if line.startswith("kindred_erasures_open_over_7_days ")
        )

    before = gauge()
    receive(
        empty_store.shop_id, "customers/redact", a_body(empty_store.shop_id), at=utc_now() - timedelta(days=6)
    )
    assert gauge() == before
    receive(
        empty_store.shop_id,
        "customers/redact",
        a_body(empty_store.shop_id, number=9),
        at=utc_now() - timedelta(days=8),
    )
    assert gauge() == before + 1


def test_consent_and_the_objection_to_the_sale_of_data_stand_on_the_customers_page(client, empty_store):
    from stored_rows import a_customer, an_order

    person = a_customer(
        empty_store.shop_id,
        email="eve@example.com",
        email_consent="pending",
        sms_consent="unsubscribed",
        data_sale_opt_out=True,
    )
    an_order(empty_store.shop_id, person, at=utc_now() - timedelta(days=1))
    renew_shop(empty_store.shop_id, now=utc_now())
    html = client.get(f"/customers/{person}", query_string=empty_store.picked).text
    for words in ("asked, not confirmed yet", "no, withdrawn", "objected to it"):
        assert words in html
