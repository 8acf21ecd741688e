"""Local mode has no login, so nobody but this machine's own browser may come in."""

from dataclasses import replace

import pytest

from shop_app.app import create_app
from shop_app.errors import StartRefusedError

PAGES = ["/", "/segments/new", "/customers", "/customers/1", "/data-health", "/export/ledger.csv", "/healthz"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "[::2]", ""]
)
def test_a_foreign_host_is_refused(client, small_store, path, host):
    answer = client.get(path, query_string=small_store.picked, headers={"Host": host})
    assert answer.status_code in {400, 403}
    assert "Archer" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000"])
def test_this_machine_s_own_names_are_let_in(client, small_store, host):
    assert client.get("/", query_string=small_store.picked, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-FORWARDED-ANYTHING",
        "Forwarded",
        "X-Real-IP",
        "Via",
    ],
)
def test_whatever_a_proxy_sends_is_refused(client, small_store, header):
    answer = client.get("/", query_string=small_store.picked, headers={header: "127.0.0.1"})
    assert answer.status_code == 403
    assert "proxy" in answer.text


@pytest.mark.parametrize("peer", ["192.168.1.5", "8.8.8.8", "::ffff:10.0.0.1", ""])
def test_a_peer_elsewhere_is_refused(client, small_store, peer):
    answer = client.get("/", query_string=small_store.picked, environ_base={"REMOTE_ADDR": peer})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_change_asked_for_from_elsewhere_is_refused(client, small_store, headers):
    answer = client.post(
        "/vocabulary", query_string=small_store.picked, data={"vocabulary": "putler"}, headers=headers
    )
    assert answer.status_code == 403


def test_an_old_browser_s_origin_is_enough(client, small_store):
    answer = client.post(
        "/customers",
        query_string=small_store.picked,
        data={"q": "#1001"},
        headers={"Origin": "http://localhost"},
    )
    assert answer.status_code == 303


def test_local_mode_does_not_start_with_a_public_address(settings):
    with pytest.raises(StartRefusedError, match="APP_URL"):
        create_app(replace(settings, app_url="https://kindred.example.com"), local=True)


@pytest.mark.parametrize("path", ["/", "/customers", "/customers/1", "/export/ledger.csv"])
def test_outside_local_mode_every_page_says_that_there_is_no_login(hosted_client, small_store, path):
    answer = hosted_client.get(path, query_string=small_store.picked)
    assert answer.status_code == 503
    assert "The Shopify login is not set up" in answer.text


def test_outside_local_mode_nothing_can_be_changed(hosted_client, small_store, same_origin):
    answer = hosted_client.post("/vocabulary", data={"vocabulary": "putler"}, headers=same_origin)
    assert answer.status_code == 503


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/static/app.css"])
def test_every_answer_carries_the_headers_that_bind_the_browser(client, small_store, path):
    with client.get(path, query_string=small_store.picked) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_a_versioned_file_may_be_kept_for_a_year(client):
    with client.get("/static/app.css?v=1") as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_path_out_of_the_static_folder_finds_nothing(client):
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/%2e%2e/rendering.py").status_code == 404
