"""The access token: always a usable one, fetched by one caller at a time, kept before it is used."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from admin import shopify_settings
from tiny_token_endpoint import TokenEndpoint

from shop_app.errors import TemporaryError
from shop_app.services import shop_access
from shop_app.services.shop_access import NotConnectedError, access_token, keep_token_due, renew_refused_token
from shop_app.shopify import config
from shop_app.storage import connections, due_work
from shop_app.storage.connections import Tokens
from shop_app.storage.engine import shopless, transaction

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def endpoint():
    with TokenEndpoint() as made:
        yield made


@pytest.fixture(autouse=True)
def _fresh(endpoint):
    endpoint.begin()
    config.configure(shopify_settings(endpoint.origin))
    yield
    config.configure(None)


def connect(shop_id, *, kind="token_exchange", ends=NOW + timedelta(hours=1), refresh="shprt_1", at=NOW):
    tokens = Tokens("shpat_1", ends, refresh, None if refresh is None else NOW + timedelta(days=90), ("a",))
    with transaction(shop_id) as connection:
        connections.connect(connection, shop_id, tokens, grant_kind=kind, installed_at=at, at=at)


def stored(shop_id):
    with transaction(shop_id) as connection:
        return connections.find(connection, shop_id)


def shop_state(shop_id):
    with shopless() as connection:
        from sqlalchemy import text

        return connection.execute(text("SELECT state FROM shops WHERE id = :id"), {"id": shop_id}).scalar_one()


def test_a_token_that_lives_is_used_as_it_is(shop_id, endpoint):
    connect(shop_id)
    assert access_token(shop_id, NOW) == "shpat_1"
    assert endpoint.asked == []


def test_a_token_is_replaced_five_minutes_before_its_end(shop_id, endpoint):
    connect(shop_id, ends=NOW + timedelta(minutes=5))
    assert access_token(shop_id, NOW) == "shpat_2"
    found = stored(shop_id)
    assert (found.access_token, found.refresh_token) == ("shpat_2", "shprt_2")
    assert found.access_expires_at == NOW + timedelta(hours=1)
    assert endpoint.asked[0]["refresh_token"] == "shprt_1"


def test_twenty_callers_who_notice_at_once_refresh_once(shop_id, endpoint):
    connect(shop_id, ends=NOW)
    endpoint.slow_seconds = 0.3
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: access_token(shop_id, NOW), range(20)))
    assert set(found) == {"shpat_2"}
    assert len(endpoint.asked) == 1


def test_callers_whose_token_was_refused_renew_it_once(shop_id, endpoint):
    connect(shop_id)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: renew_refused_token(shop_id, "shpat_1", NOW), range(8)))
    assert set(found) == {"shpat_2"}
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize("trouble", ["lost", 500, 429, "html", "half"])
def test_the_old_refresh_token_is_sent_again_after_an_answer_that_was_lost(shop_id, endpoint, trouble):
    connect(shop_id, ends=NOW)
    endpoint.trouble = trouble
    with pytest.raises(TemporaryError):
        access_token(shop_id, NOW)
    assert stored(shop_id).refresh_token == "shprt_1"
    assert stored(shop_id).state == "connected"
    endpoint.trouble = None
    assert access_token(shop_id, NOW).startswith("shpat_")
    assert {asked["refresh_token"] for asked in endpoint.asked} == {"shprt_1"}


def test_a_process_that_dies_with_the_answer_in_its_hands_loses_no_shop(shop_id, endpoint, monkeypatch):
    connect(shop_id, ends=NOW)

    def die(*_args, **_how):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(connections, "renew", die)
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                access_token(shop_id, NOW)
    found = access_token(shop_id, NOW)
    assert stored(shop_id).access_token == found
    assert [asked["refresh_token"] for asked in endpoint.asked] == ["shprt_1"] * 4


def test_a_token_that_still_lives_is_used_while_the_endpoint_is_down(shop_id, endpoint):
    connect(shop_id, ends=NOW + timedelta(minutes=2))
    endpoint.trouble = 500
    assert access_token(shop_id, NOW) == "shpat_1"


def test_a_dead_refresh_token_marks_the_shop_and_is_not_asked_about_again(shop_id, endpoint):
    connect(shop_id, ends=NOW)
    endpoint.trouble = "invalid_grant"

    def ask(_):
        with pytest.raises(NotConnectedError):
            access_token(shop_id, NOW)
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [True] * 8
    assert len(endpoint.asked) == 1
    assert stored(shop_id).state == "reconnect"
    assert shop_state(shop_id) == "reconnect"
    with pytest.raises(NotConnectedError):
        access_token(shop_id, NOW + timedelta(days=1))
    assert len(endpoint.asked) == 1


def test_what_needs_shopify_waits_while_a_shop_is_cut_off_and_the_rest_goes_on(shop_id):
    connect(shop_id)
    shop_access.mark_dead(shop_id)
    with shopless() as connection:
        for kind in ("backfill", "changes", "read-again", "refresh", "webhooks"):
            due_work.ensure_due(connection, shop_id, kind, due_at=NOW)
        due = due_work.claim_due(connection, at=NOW, again_at=NOW + timedelta(minutes=10), limit=10_000)
    assert {each.kind for each in due if each.shop_id == shop_id} == {"refresh", "webhooks"}


def test_a_late_refusal_of_an_older_token_does_not_cut_off_a_shop_that_was_mended(shop_id):
    connect(shop_id)
    assert not shop_access.mark_dead(shop_id, refused="shpat_0")
    assert stored(shop_id).state == "connected"
    assert shop_access.mark_dead(shop_id, refused="shpat_1")
    assert stored(shop_id).state == "reconnect"


def test_a_shop_that_nobody_opens_is_refreshed_once_a_week(shop_id, endpoint):
    connect(shop_id, ends=NOW)
    keep_token_due(shop_id, now=NOW + timedelta(days=6))
    assert endpoint.asked == []
    keep_token_due(shop_id, now=NOW + timedelta(days=8))
    assert stored(shop_id).refresh_token == "shprt_2"
    assert stored(shop_id).refresh_expires_at == NOW + timedelta(days=98)


def test_a_refused_grant_is_tried_once_a_day_for_it_may_have_been_our_own_mistake(shop_id, endpoint):
    connect(shop_id, ends=NOW)
    endpoint.trouble = "invalid_client"
    with pytest.raises(NotConnectedError):
        access_token(shop_id, NOW)
    keep_token_due(shop_id, now=NOW + timedelta(days=1))
    assert stored(shop_id).state == "reconnect"
    endpoint.trouble = None
    keep_token_due(shop_id, now=NOW + timedelta(days=2))
    assert (stored(shop_id).state, shop_state(shop_id)) == ("connected", "active")
    assert len(endpoint.asked) == 3


def test_a_merchant_s_own_app_asks_for_the_next_day_s_token_by_its_secret(shop_id, endpoint):
    connect(shop_id, kind="client_credentials", ends=NOW, refresh=None)
    assert access_token(shop_id, NOW) == "shpat_2"
    assert endpoint.asked[0]["grant_type"] == "client_credentials"
    assert stored(shop_id).access_expires_at == NOW + timedelta(seconds=86_399)


def test_a_token_without_an_end_is_never_refreshed_and_a_refusal_of_it_is_final(shop_id, endpoint):
    connect(shop_id, ends=None, refresh=None)
    assert access_token(shop_id, NOW + timedelta(days=900)) == "shpat_1"
    with pytest.raises(NotConnectedError):
        renew_refused_token(shop_id, "shpat_1", NOW)
    assert stored(shop_id).state == "reconnect"
    assert endpoint.asked == []


def test_tokens_lie_sealed_in_the_database(shop_id):
    connect(shop_id)
    with transaction(shop_id) as connection:
        from sqlalchemy import text

        row = connection.execute(text("SELECT access_token, refresh_token FROM shop_connections")).one()
    assert b"shpat_1" not in bytes(row[0])
    assert b"shprt_1" not in bytes(row[1])
    assert "shpat_1" not in repr(stored(shop_id))
    assert "shprt_1" not in repr(stored(shop_id))


def test_a_shop_that_never_was_connected_says_so(shop_id):
    with pytest.raises(NotConnectedError):
        access_token(shop_id, NOW)
    keep_token_due(shop_id, now=NOW)


def test_the_endpoint_is_told_which_shop_is_meant_and_gets_secrets_in_the_body_only(shop_id, endpoint):
    connect(shop_id, ends=NOW)
    access_token(shop_id, NOW)
    assert endpoint.hosts[0].endswith(".myshopify.com")
    assert endpoint.paths == ["/admin/oauth/access_token"]
    assert json.dumps(endpoint.asked[0]).count("client_secret") == 1


def test_an_answer_that_trickles_in_is_left(shop_id, endpoint, monkeypatch):
    from dataclasses import replace

    from shop_app.shopify import token_request

    monkeypatch.setattr(token_request, "_LIMITS", replace(token_request._LIMITS, total_seconds=0.5))
    connect(shop_id, ends=NOW)
    endpoint.trouble = "trickle"
    begun = time.monotonic()
    with pytest.raises(TemporaryError):
        access_token(shop_id, NOW)
    assert time.monotonic() - begun < 5
    assert threading.active_count() < 50
