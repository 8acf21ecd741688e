"""Who is let in: only somebody with a token, only to that token's shop, and never by anything else."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from admin import APP_URL, IN_FRAME, claims_of, shop_id_of, signed_token
from stored_rows import a_customer, an_order

from shop_app.services.renew_shop import renew_shop

PAGES = ["/", "/customers", "/customers/1", "/segments/champions", "/data-health", "/export/ledger.csv"]


@pytest.fixture(scope="module")
def shop(admin):
    made = admin.store()
    admin.load(made)
    return made


@pytest.fixture(scope="module")
def rival(admin):
    made = admin.store()
    admin.load(made)
    return made


@pytest.mark.parametrize("path", PAGES)
def test_a_script_without_a_token_is_told_to_fetch_one(admin, path):
    for headers in ({"X-Requested-With": "XMLHttpRequest"}, {"Sec-Fetch-Dest": "empty"}):
        answer = admin.client().get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "bearer x", "Basic eDp5", "Bearer not.a.token", "Token x"]
)
def test_an_authorization_that_is_none_is_refused(admin, header):
    answer = admin.client().get("/", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_page_in_the_frame_without_a_token_bounces_to_itself(admin, shop):
    answer = admin.client().get(f"/customers?r=5&shop={shop}&hmac=x&id_token=bad&timestamp=1", headers=IN_FRAME)
    assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    assert target.path == "/auth/bounce"
    query = parse_qs(target.query)
    assert query["shop"] == [shop]
    assert query["shopify-reload"] == [f"{APP_URL}/customers?r=5&shop={shop}"]
    assert set(query) == {"shop", "shopify-reload"}
    page = admin.client().get(answer.headers["Location"])
    assert page.status_code == 200
    assert f"{admin.origin}/shopifycloud/app-bridge.js" in page.text
    assert f"frame-ancestors https://{shop} {admin.origin}" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "target",
    [
        "",
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        f"{APP_URL}.evil.example/",
        f"{APP_URL}@evil.example/",
        f"{APP_URL}//evil.example",
        "/\n/evil.example",
    ],
)
def test_the_bounce_page_leads_nowhere_but_back(admin, target):
    answer = admin.client().get("/auth/bounce", query_string={"shopify-reload": target})
    assert answer.status_code == 400
    assert "app-bridge.js" not in answer.text


def test_a_visit_outside_the_admin_is_led_into_it(admin, shop):
    answer = admin.client().get(
        f"/customers?r=5&shop={shop}&host=ZXZpbC5leGFtcGxl", headers={"Sec-Fetch-Dest": "document"}
    )
    assert answer.status_code == 302
    store = shop.removesuffix(".myshopify.com")
    assert answer.headers["Location"] == f"{admin.origin}/store/{store}/apps/kindred-under-test/customers?r=5"


def test_a_visit_that_names_no_shop_shows_nothing(admin):
    answer = admin.client().get("/")
    assert answer.status_code == 401
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "given", ["evil.example", "x.myshopify.com.evil.example", "x.myshopify.com@evil.example"]
)
def test_a_shop_that_is_none_is_led_nowhere(admin, given):
    for path in ("/", "/auth/begin", "/auth/callback"):
        answer = admin.client().get(path, query_string={"shop": given})
        assert answer.status_code == 400
        assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(datetime.now(UTC).timestamp()) - 60, "iat": 1, "nbf": 1},
        {"aud": "another"},
        {"iss": "https://rival.myshopify.com/admin"},
        {"exp": None},
        {"sid": None},
    ],
)
def test_a_bad_token_shows_nothing_in_a_header_or_an_address(admin, shop, changes):
    bad = signed_token(claims_of(shop, **changes))
    assert admin.fetch(shop, token=bad).status_code == 401
    assert admin.client().get("/", query_string={"id_token": bad}, headers=IN_FRAME).status_code == 302


def test_a_token_in_the_address_is_for_looking_only(admin, shop):
    answer = admin.client().post("/vocabulary", query_string={"id_token": admin.id_token(shop)})
    assert answer.status_code == 401


def test_a_change_needs_a_token_and_nothing_else_will_do(admin, shop):
    admin.client().set_cookie("session", admin.id_token(shop))
    for headers in (
        {"Origin": APP_URL, "Sec-Fetch-Site": "same-origin"},
        {"Cookie": f"session={admin.id_token(shop)}"},
        {"Content-Type": "text/plain"},
    ):
        assert admin.client().post("/vocabulary", data=b"vocabulary=putler", headers=headers).status_code == 401


def test_a_parameter_that_names_another_shop_is_refused(admin, shop, rival):
    for query in ({"shop": rival}, {"shop": [shop, rival]}, {"shop": "nonsense"}):
        answer = admin.fetch(shop, query_string=query)
        assert answer.status_code == 401
        assert "X-Shopify-Retry-Invalid-Session-Request" not in answer.headers
    assert admin.fetch(shop, query_string={"shop": shop}).status_code == 200


def test_a_shop_named_in_a_form_or_a_header_changes_nothing(admin, shop, rival):
    answer = admin.fetch(
        shop,
        "/customers",
        method="POST",
        data={"q": "", "shop": rival, "shop_id": str(shop_id_of(rival))},
        headers={"X-Shopify-Shop-Domain": rival},
    )
    assert answer.status_code == 200
    assert rival not in answer.text


def test_another_shop_s_customer_is_as_unknown_as_nobody(admin, shop, rival):
    now = datetime.now(UTC)
    ours, theirs = (a_customer(shop_id_of(each), email="canary@example.com") for each in (shop, rival))
    for each, customer in ((shop, ours), (rival, theirs)):
        an_order(shop_id_of(each), customer, at=now - timedelta(days=3))
        renew_shop(shop_id_of(each), now=now)
    assert "canary" in admin.fetch(shop, f"/customers/{ours}").text
    for method, deed in (("GET", ""), ("POST", "/keep-apart"), ("POST", "/rejoin")):
        found, unknown = (
            admin.fetch(shop, f"/customers/{number}{deed}", method=method) for number in (theirs, 2**62)
        )
        assert (found.status_code, unknown.status_code) == (404, 404)
        assert re.sub(r"customer \d+", "", found.text) == re.sub(r"customer \d+", "", unknown.text)
        assert "canary" not in found.text


def test_every_answer_in_the_frame_names_who_may_frame_it(admin, shop):
    for answer in (admin.load(shop), admin.load(shop, "/nowhere"), admin.fetch(shop, "/customers")):
        policy = answer.headers["Content-Security-Policy"]
        if answer.status_code == 200:
            assert f"frame-ancestors https://{shop} {admin.origin}" in policy
            assert "X-Frame-Options" not in answer.headers
        assert "script-src 'self'" in policy
        assert "script-src 'self' 'unsafe-inline'" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Strict-Transport-Security"]
        assert "Set-Cookie" not in answer.headers


def test_a_page_in_the_frame_loads_app_bridge_first(admin, shop):
    text = admin.load(shop).text
    first = text.index("<script")
    assert text[first:].startswith(f'<script src="{admin.origin}/shopifycloud/app-bridge.js"></script>')
    assert '<meta name="shopify-api-key" content="kindred-under-test">' in text[:first]
    assert '<s-link href="/" rel="home">' in text
    assert 'id="bar"' not in text


def test_a_token_serves_for_as_long_as_it_lives_and_no_longer(admin, shop):
    moment = datetime.now(UTC) - timedelta(seconds=80)
    assert admin.fetch(shop, token=signed_token(claims_of(shop, now=moment))).status_code == 401
    moment = datetime.now(UTC) - timedelta(seconds=65)
    assert admin.fetch(shop, token=signed_token(claims_of(shop, now=moment))).status_code == 200
