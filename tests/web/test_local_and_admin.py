"""Beside the stand-in, local mode serves both: a person without a login, and the admin's frame with a token."""

from dataclasses import replace

import pytest
from admin import IN_FRAME

from shop_app.app import create_app
from shop_app.errors import StartRefusedError

LOCAL_URL = "http://127.0.0.1:8000"


@pytest.fixture
def both(admin):
    shopify = replace(admin.shopify, app_url=LOCAL_URL)
    return create_app(replace(admin.settings, app_url=LOCAL_URL, shopify=shopify), local=True)


@pytest.fixture(scope="module")
def shop(admin):
    made = admin.store()
    admin.load(made)
    return made


def test_a_request_without_a_token_is_local(both, small_store):
    answer = both.test_client().get("/", query_string=small_store.picked)
    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "app-bridge.js" not in answer.text


def test_a_request_with_a_token_is_of_its_shop_alone(admin, both, shop, small_store):
    bearer = {"Authorization": f"Bearer {admin.id_token(shop)}", "Sec-Fetch-Site": "same-origin"}
    answer = both.test_client().get("/customers", headers=bearer)
    assert answer.status_code == 200
    assert f"frame-ancestors https://{shop}" in answer.headers["Content-Security-Policy"]
    assert small_store.domain not in answer.text
    refused = both.test_client().get("/", headers=bearer, query_string=small_store.picked)
    assert refused.status_code == 401


def test_a_bad_token_does_not_fall_back_to_no_login(both):
    for headers in ({"Authorization": "Bearer x"}, {"Authorization": ""}):
        assert both.test_client().get("/customers", headers=headers).status_code == 401
    assert both.test_client().get("/?id_token=x", headers=IN_FRAME).status_code == 302
    assert both.test_client().get("/customers", headers=IN_FRAME).status_code == 302


def test_the_fence_stands_for_the_frame_too(admin, both, shop):
    bearer = {"Authorization": f"Bearer {admin.id_token(shop)}"}
    for more in ({"Host": "evil.example"}, {"X-Forwarded-For": "1.2.3.4"}):
        assert both.test_client().get("/", headers={**bearer, **more}).status_code == 403
    away = both.test_client().get("/", headers=bearer, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert away.status_code == 403


@pytest.mark.parametrize(
    "url", ["https://kindred.example.com", "http://10.0.0.1:8000", "http://localhost.evil.example"]
)
def test_local_mode_beside_a_stand_in_is_for_this_machine_only(admin, url):
    shopify = replace(admin.shopify, app_url=url)
    with pytest.raises(StartRefusedError, match="APP_URL"):
        create_app(replace(admin.settings, app_url=url, shopify=shopify), local=True)


def test_local_mode_never_stands_beside_shopify_itself(admin):
    shopify = replace(admin.shopify, app_url=LOCAL_URL, admin_web_origin="https://admin.shopify.com")
    with pytest.raises(StartRefusedError, match="APP_URL"):
        create_app(replace(admin.settings, app_url=LOCAL_URL, shopify=shopify), local=True)
