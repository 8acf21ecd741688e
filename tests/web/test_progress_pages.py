"""The progress page: what is in, what is coming, what went wrong; it keeps itself up to date and says so."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from test_markup import Page, check

from shop_app.services import backfill_shop
from shop_app.services.backfill_shop import begin_backfill
from shop_app.storage import backfills
from shop_app.storage.engine import transaction

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def live_store(empty_store, monkeypatch):
    """A store that was installed from the Shopify admin a moment ago."""
    monkeypatch.setattr(backfill_shop, "send", lambda *_words: True)
    with transaction(empty_store.shop_id) as connection:
        connection.execute(text("UPDATE shop_settings SET source = 'shopify'"))
    return empty_store


@pytest.fixture
def reading(live_store):
    """Its history is being read: products are in, customers come, older orders were refused once."""
    begin_backfill(live_store.shop_id, NOW, "install")
    change(live_store, "products", state="done", taken_count=8, root_count=8)
    change(live_store, "collections", state="done", taken_count=2)
    change(
        live_store,
        "customers",
        state="taking",
        pieces=4,
        pieces_taken=1,
        taken_count=1_250,
        root_count=5_000,
        work_seconds=2.5,
    )
    change(live_store, "orders-recent", state="asked", object_count=12_345, expected_count=9_000)
    change(live_store, "orders-older", state="waiting", error="Shopify took <too> long.", expected_count=20_000)
    return live_store


def change(store, name, **values):
    with transaction(store.shop_id) as connection:
        newest = backfills.find_newest(connection)
        part = backfills.find_part(connection, newest.id, name)
        backfills.change_part(connection, part, **values)


def end(store, state, **dates):
    with transaction(store.shop_id) as connection:
        newest = backfills.find_newest(connection)
        for name, at in dates.items():
            backfills.set_date(connection, newest.id, name, at)
        if state:
            backfills.end(
                connection, newest.id, state, at=NOW + timedelta(hours=1), error="products: no scope."
            )


def get(client, path, store):
    return client.get(path, query_string=store.picked)


def test_before_the_first_segments_the_home_page_shows_how_far_it_is(client, live_store):
    answer = get(client, "/", live_store)
    assert answer.status_code == 200
    assert "About to begin" in answer.text
    assert "data-refresh-url" in answer.text


def test_the_page_says_what_is_in_and_what_is_coming(client, reading):
    page = get(client, "/progress", reading).text
    for words in (
        "8 products read. 2 collections read.",
        "1,250 of 5,000 customers read.",
        "Shopify is putting the orders together. 12,345 objects so far.",
        "Shopify took &lt;too&gt; long.",
        "1,260 of about 34,008 products, customers and orders are in.",
        "About 504 a second while reading.",
        "You may leave this page; the reading goes on.",
    ):
        assert words in page
    assert re.search(r"Left: about \d+ minutes?, as far as can be told", page)


def test_the_page_and_its_live_part_keep_the_laws(client, reading):
    check(get(client, "/progress", reading))
    end(reading, "failed")
    check(get(client, "/progress", reading))


def test_the_bars_can_be_read_by_a_machine_and_the_state_is_announced(client, reading):
    page = Page(get(client, "/progress", reading).text)
    bars = [attributes for tag, attributes in page.tags if tag == "progress"]
    assert len(bars) == 3  # the whole, and the two steps that are going on
    assert all(0 <= int(bar["value"]) <= 100 and bar["max"] == "100" and bar["aria-label"] for bar in bars)
    assert any(attributes.get("role") == "status" for _, attributes in page.tags)
    (part,) = [attributes for _, attributes in page.tags if "data-refresh" in attributes]
    assert re.fullmatch(r"\d+ percent is read", part["data-announce"])
    assert part["data-refresh-url"].startswith("/progress/live?shop=")


def test_the_live_part_is_only_the_part(client, reading):
    answer = get(client, "/progress/live", reading)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "data-refresh-url" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_scripts_there_is_a_link_to_load_it_again(client, reading):
    page = get(client, "/progress", reading).text
    assert re.search(r'<noscript><p><a href="/progress\?shop=[^"]+">Reload</a>', page)
    assert "http-equiv" not in page


def test_first_segments_are_announced_with_what_they_stand_on(client, reading):
    end(reading, None, first_segments_at=NOW)
    page = get(client, "/progress", reading).text
    assert "Your first segments are ready" in page
    assert "They stand on orders since 30 Jun 2025; older ones are still coming in." in page
    assert "See the first segments" in page
    assert "data-refresh-url" in page


def test_the_end_leads_to_the_segments_and_asks_no_more(client, reading):
    end(reading, "done", first_segments_at=NOW, caught_up_at=NOW)
    page = get(client, "/progress/live", reading).text
    assert "Everything is in" in page
    assert "See the segments" in page
    assert "data-refresh-url" not in page


def test_a_failure_is_said_in_words_with_a_way_to_try_again(client, reading, same_origin):
    change(reading, "products", state="failed", error="Shopify refuses access to these.")
    end(reading, "failed")
    page = get(client, "/progress", reading).text
    assert "Some of it could not be read" in page
    assert "Shopify refuses access to these." in page
    assert "data-refresh-url" not in page
    address = re.search(r'<form method="post" action="([^"]+)"', page)[1]
    answer = client.post(address, headers=same_origin)
    assert answer.status_code == 303
    assert "data-refresh-url" in client.get(answer.location).text
    with transaction(reading.shop_id) as connection:
        assert backfills.find_running(connection) is not None
    assert client.post(address, headers=same_origin).status_code == 409


def test_trying_again_is_a_change_and_not_taken_from_elsewhere(client, reading):
    end(reading, "failed")
    address = f"/progress/retry?shop={reading.domain}"
    assert client.get(address).status_code == 405
    assert client.post(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_shop_of_files_has_no_such_page_and_sees_nothing_of_others(client, reading, busy_store):
    answer = get(client, "/progress", busy_store)
    assert answer.status_code == 404
    assert "1,250" not in answer.text
    assert "data-refresh-url" not in get(client, "/", busy_store).text
