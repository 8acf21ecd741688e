import hashlib
import hmac
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from stand_in_and_app import TEA, StandInAndApp
from tiny_app import CLIENT_ID, SECRET

from sandbox.shopify import sessions
from sandbox.shopify.opening import open_app

STATE = "n0nce"


@pytest.fixture
def both(tmp_path):
    both = StandInAndApp(tmp_path / "stores.sqlite")
    yield both
    both.stop()


def is_signed(url):
    """Whether a query's ``hmac`` is right, by code of our own."""
    given = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    digest = given.pop("hmac")
    message = "&".join(f"{name}={given[name]}" for name in sorted(given))
    return hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest() == digest


def authorize(both, *, press=True, store="tea-shop", **more):
    """Ask for consent, press the button if it is there, and return where the browser is sent."""
    query = {"client_id": CLIENT_ID, "redirect_uri": f"{both.app.url}/auth/callback", "state": STATE} | more
    url = f"{both.origin}/store/{store}/oauth/authorize"
    answer = requests.get(url, params=query, allow_redirects=False, timeout=10)
    if answer.status_code == 200 and press:
        answer = requests.post(answer.url, allow_redirects=False, timeout=10)
    return answer


def test_the_published_vector_is_signed_as_published():
    world = type("W", (), {"app": type("A", (), {"client_secret": "hush-hush"})})
    query = {"code": "abc123", "host": "YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvYWNtZQ", "shop": "acme.myshopify.com"}
    signed = sessions.sign_query(world, query | {"state": "n0nce", "timestamp": "1763800000"})
    assert "hmac=a849c0eb1f4f779f6fa5f7e840286ce4863a0d8d62c3acaf3a52d13dd39b3758" in signed


def test_consent_leads_to_a_signed_callback_whose_code_works_once(both):
    answer = authorize(both)
    back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert answer.headers["Location"].startswith(f"{both.app.url}/auth/callback?")
    assert set(back) == {"code", "hmac", "host", "shop", "state", "timestamp"}
    assert (back["shop"], back["state"]) == (TEA, STATE)
    assert is_signed(answer.headers["Location"])
    got = both.token(code=back["code"], expiring="1").json()
    assert got["expires_in"] == 3600
    assert both.ask(got["access_token"]).status_code == 200
    replayed = both.token(code=back["code"])
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_request")


def test_a_page_of_consent_without_a_store_asks_for_it(both):
    query = {"client_id": CLIENT_ID, "redirect_uri": f"{both.app.url}/auth/callback", "state": STATE}
    asked = requests.get(f"{both.origin}/admin/oauth/authorize", params=query, timeout=10)
    assert "Which store?" in asked.text
    assert f"shop={TEA}" in asked.text
    known = requests.get(asked.url, cookies={"shop": TEA}, timeout=10)
    assert "Tea Shop" in known.text
    assert "Which store?" not in known.text


def test_an_app_that_asks_for_consent_itself_is_sent_an_install_request(both):
    both.post("/_settings", legacy_install=True)
    url = f"{both.origin}/store/tea-shop/apps/{CLIENT_ID}/_install"
    answer = requests.post(url, allow_redirects=False, timeout=10)
    query = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert set(query) == {"hmac", "host", "shop", "timestamp"}
    assert is_signed(answer.headers["Location"])
    assert answer.cookies["shop"] == TEA


def test_nobody_is_asked_twice(both):
    assert authorize(both, press=False).status_code == 200
    authorize(both)
    assert authorize(both, press=False).status_code == 302
    assert authorize(both, press=False, scope="read_orders,write_discounts").status_code == 200


def test_a_code_for_a_person_gives_an_online_token(both):
    answer = authorize(both, **{"grant_options[]": "per-user"})
    code = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]
    assert both.token(code=code).json()["associated_user"]["email"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"redirect_uri": "https://evil.example"}, "not whitelisted"), ({"client_id": "x"}, "Could not find")],
)
def test_a_wrong_request_for_consent_is_a_page_and_no_redirect(both, wrong, words):
    answer = authorize(both, **wrong)
    assert answer.status_code == 400
    assert words in answer.text
    assert authorize(both, store="unknown-shop").status_code == 404


def test_the_query_of_the_frame_is_complete_signed_and_keeps_the_apps_own_part(both):
    both.install()
    answer = both.post(f"/store/tea-shop/apps/{CLIENT_ID}/_frame", path="/segments?sort=name&shop=evil")
    url = answer.json()["url"]
    query = dict(parse_qsl(urlsplit(url).query))
    assert url.startswith(f"{both.app.url}/segments?")
    named = {"embedded", "hmac", "host", "id_token", "locale", "session", "shop", "timestamp"}
    assert set(query) == named | {"sort"}
    assert query["shop"] == TEA
    assert is_signed(url)


def test_the_first_open_is_that_of_the_frame(both):
    assert open_app(both.world, TEA).status_code == 200
    assert [visit["header"] for visit in both.app.visits] == [False]
    assert is_signed(both.app.visits[0]["url"])
    assert both.app.tokens[TEA]["refresh_token"]


def test_the_first_open_follows_a_bounce_with_a_header(both, monkeypatch):
    whole = sessions.frame_query(both.world, TEA)
    bare = "&".join(part for part in whole.split("&") if not part.startswith("id_token"))
    monkeypatch.setattr(sessions, "frame_query", lambda *_: bare)
    both.app.refuse_once = True
    assert open_app(both.world, TEA).status_code == 200
    assert [(visit["header"], visit["bounce"]) for visit in both.app.visits] == [
        (False, False),
        (True, True),
        (True, True),
    ]


def test_the_first_open_agrees_on_the_apps_own_page_of_consent(both):
    both.post("/_settings", legacy_install=True)
    both.app.asks_for_consent = True
    assert open_app(both.world, TEA).status_code == 200
    assert both.app.callbacks[0]["shop"] == TEA
    assert both.app.visits[-1]["path"] == "/"


def test_another_sites_form_cannot_press_a_button(both):
    url = f"{both.origin}/store/tea-shop/do/place_order"
    answer = requests.post(url, headers={"Sec-Fetch-Site": "cross-site"}, timeout=10)
    assert answer.status_code == 403
    assert requests.post(f"{both.origin}/_deeds/uninstall", data={"shop": TEA}, timeout=10).status_code == 404


def test_no_id_token_for_a_store_without_the_app_nor_for_another_app(both):
    assert both.post(f"/store/tea-shop/apps/{CLIENT_ID}/_token").status_code == 403
    both.install()
    assert both.post(f"/store/tea-shop/apps/{CLIENT_ID}/_token").status_code == 200
    assert both.post("/store/tea-shop/apps/another/_token").status_code == 404
