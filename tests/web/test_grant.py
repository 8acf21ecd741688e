"""The authorization-code grant: bound to browser and shop, ten minutes, once."""

import time
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from admin import SECRET, connection_of, set_connection, shop_id_of

from sandbox.shopify import sessions
from shop_app.shopify.signed_query import sign_query
from shop_app.web import grant_state

COOKIE = "__Host-kindred-install"


def signed(shop, **parameters):
    parameters = {"shop": shop, "timestamp": str(int(time.time())), **parameters}
    return urlencode(sorted((parameters | {"hmac": sign_query(parameters, SECRET)}).items()))


def begin(admin, shop, client):
    """Begin as an install request does; return the state."""
    answer = client.get(f"/auth/begin?{signed(shop)}", base_url="https://localhost")
    assert answer.status_code == 302, answer.text
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


def come_back(client, query):
    return client.get(f"/auth/callback?{query}", base_url="https://localhost")


def a_code(admin, shop, state):
    """Let the merchant agree; return what the browser is sent back with."""
    import requests

    query = {
        "client_id": "kindred-under-test",
        "scope": "read_customers,write_customers,read_orders,read_products",
        "redirect_uri": "https://kindred.example.com/auth/callback",
        "state": state,
    }
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(
            f"{admin.origin}/admin/oauth/authorize",
            params=query,
            headers={"Host": shop},
            allow_redirects=False,
            timeout=5,
        )
    assert answer.is_redirect, answer.text
    return urlsplit(answer.headers["Location"]).query


def test_a_merchant_who_agrees_is_installed_and_led_into_the_admin(admin):
    shop, client = admin.store(), admin.client()
    answer = client.get(f"/?{sessions.install_query(admin.world, shop)}", base_url="https://localhost")
    assert answer.status_code == 302
    consent = urlsplit(answer.headers["Location"])
    asked = parse_qs(consent.query)
    assert f"{consent.scheme}://{consent.netloc}{consent.path}" == f"{admin.origin}/admin/oauth/authorize"
    assert asked["redirect_uri"] == ["https://kindred.example.com/auth/callback"]
    assert asked["scope"] == ["read_customers,write_customers,read_orders,read_products"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"):
        assert part in cookie
    assert "Domain" not in cookie

    back = come_back(client, a_code(admin, shop, asked["state"][0]))
    assert back.status_code == 302, back.text
    assert back.headers["Location"].startswith(f"{admin.origin}/store/")
    assert "Max-Age=0" in back.headers["Set-Cookie"]
    found = connection_of(shop)
    assert (found.state, found.grant_kind) == ("connected", "authorization_code")
    assert found.refresh_token


def test_a_state_serves_once_even_if_the_browser_kept_its_cookie(admin):
    shop, client = admin.store(), admin.client()
    state = begin(admin, shop, client)
    kept = client.get_cookie(COOKIE, domain="localhost").value
    assert come_back(client, a_code(admin, shop, state)).status_code == 302
    assert come_back(client, a_code(admin, shop, state)).status_code == 403
    client.set_cookie(COOKIE, kept, domain="localhost", secure=True)
    assert come_back(client, a_code(admin, shop, state)).status_code == 401
    assert len(admin.token_calls(shop)) == 1


def test_a_state_of_another_browser_shop_or_time_is_refused(admin, monkeypatch):
    shop, rival, client = admin.store(), admin.store(), admin.client()
    state = begin(admin, shop, client)
    good = a_code(admin, shop, state)
    assert come_back(admin.client(), good).status_code == 403
    for query in (
        signed(shop, code="x"),
        signed(shop, code="x", state=""),
        signed(shop, code="x", state="another"),
        signed(rival, code="x", state=state),
    ):
        other = admin.client()
        begun = begin(admin, shop, other)
        assert begun != state
        assert come_back(other, query).status_code == 403
    late = admin.client()
    state = begin(admin, shop, late)
    monkeypatch.setattr(grant_state, "_LIFE", grant_state._LIFE * 0)
    assert come_back(late, a_code(admin, shop, state)).status_code == 403
    assert shop_id_of(shop) is None
    assert admin.token_calls(shop) == []


def test_a_cookie_that_was_tampered_with_is_none(admin):
    shop, client = admin.store(), admin.client()
    state = begin(admin, shop, client)
    kept = client.get_cookie(COOKIE, domain="localhost").value
    for value in ("", "x", kept[:-2], kept.split(".")[0]):
        client.set_cookie(COOKIE, value, domain="localhost", secure=True)
        assert come_back(client, signed(shop, code="x", state=state)).status_code == 403


@pytest.mark.parametrize(
    "spoil",
    [
        lambda query: query.replace("hmac=", "hmac=0"),
        lambda query: f"{query}&more=1",
        lambda query: f"{query}&code=abc",
        lambda query: "&".join(reversed(query.split("&"))),
        lambda query: query.replace("code=", "code=x"),
        lambda query: "&".join(part for part in query.split("&") if not part.startswith("hmac=")),
    ],
)
def test_an_address_that_shopify_did_not_write_is_refused(admin, spoil):
    shop, client = admin.store(), admin.client()
    good = a_code(admin, shop, begin(admin, shop, client))
    assert come_back(client, spoil(good)).status_code in {400, 401}
    assert shop_id_of(shop) is None
    assert admin.token_calls(shop) == []


def test_an_address_older_than_ninety_seconds_is_refused(admin):
    shop, client = admin.store(), admin.client()
    state = begin(admin, shop, client)
    old = signed(shop, code="x", state=state, timestamp=str(int(time.time()) - 100))
    assert come_back(client, old).status_code == 401
    assert admin.client().get(f"/auth/begin?{signed(shop, timestamp='1763800000')}").status_code == 401
    assert admin.client().get("/auth/begin", query_string={"shop": shop}).status_code == 401


def test_a_code_that_was_used_installs_nothing(admin):
    shop, client = admin.store(), admin.client()
    query = dict(parse_qsl(a_code(admin, shop, begin(admin, shop, client))))
    assert come_back(client, urlencode(query)).status_code == 302
    found = connection_of(shop)
    set_connection(shop, state="reconnect")
    again = admin.client()
    state = begin(admin, shop, again)
    answer = come_back(again, signed(shop, code=query["code"], state=state))
    assert answer.status_code == 502
    assert connection_of(shop).access_token == found.access_token


def test_a_fault_in_the_middle_leaves_nothing(admin):
    shop, client = admin.store(), admin.client()
    query = a_code(admin, shop, begin(admin, shop, client))
    with admin.fault(kind="html", path="access_token", shop=shop):
        assert come_back(client, query).status_code == 503
    assert shop_id_of(shop) is None
