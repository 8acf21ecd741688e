"""From the admin into the app: the first look installs it, and a look that fails leaves nothing behind."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from admin import claims_of, connection_of, set_connection, shop_id_of, signed_token

from sandbox.shopify import installs
from shop_app.services.shop_access import keep_token_due
from shop_app.services.uninstall_shop import uninstall_shop
from shop_app.storage import due_work, shops
from shop_app.storage.engine import shopless


def work_of(shop):
    with shopless() as connection:
        return due_work.list_of_shop(connection, shop_id_of(shop))


def put_off(shop, *kinds):
    with shopless() as connection:
        for kind in kinds:
            later = datetime.now(UTC) + timedelta(hours=1)
            due_work.begin(connection, shop_id_of(shop), kind, again_at=later)


def due_by_now(shop):
    return {kind for kind, due_at in work_of(shop).items() if due_at <= datetime.now(UTC)}


def states():
    with shopless() as connection:
        return dict(shops.list_active(connection)).values()


def test_the_first_look_installs_the_app_and_queues_the_first_work(admin):
    shop = admin.store()
    answer = admin.load(shop)
    assert answer.status_code == 200, answer.text
    found = connection_of(shop)
    assert (found.state, found.grant_kind) == ("connected", "token_exchange")
    assert found.access_token.startswith("shpat_")
    assert found.refresh_token.startswith("shprt_")
    assert found.access_expires_at - found.refreshed_at == timedelta(seconds=3600)
    assert found.refresh_expires_at - found.refreshed_at == timedelta(days=90)
    assert {"backfill", "subscriptions", "changes", "compare", "token", "purge", "refresh", "fit"} <= set(
        work_of(shop)
    )


def test_a_second_look_asks_for_no_other_token(admin):
    shop = admin.store()
    for _ in range(3):
        assert admin.load(shop).status_code == 200
    assert admin.fetch(shop).status_code == 200
    assert len(admin.token_calls(shop)) == 1


def test_ten_first_looks_at_once_are_one_installation(admin):
    shop = admin.store()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: admin.load(shop).status_code, range(10)))
    assert answers == [200] * 10
    assert len(admin.token_calls(shop)) == 1
    with shopless() as connection:
        assert [domain for _, domain in shops.list_active(connection)].count(shop) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 429},
        {"kind": "status", "status": 200, "body": "{}"},
        {"kind": "status", "status": 200, "body": '{"access_token": 1, "scope": "x"}'},
        {"kind": "status", "status": 302, "headers": {"Location": "https://evil.example/"}},
        {"kind": "html"},
        {"kind": "reset"},
        {"kind": "endless"},
        {"kind": "gzip_bomb", "bytes": 10_000_000},
    ],
)
def test_an_installation_that_meets_a_fault_leaves_nothing_and_the_next_one_succeeds(admin, fault):
    shop = admin.store()
    with admin.fault(path="access_token", shop=shop, **fault):
        answer = admin.load(shop)
    assert answer.status_code == 503
    assert "Not right now" in answer.text
    assert shop_id_of(shop) is None
    assert admin.load(shop).status_code == 200


def test_a_shop_that_granted_too_little_is_not_installed(admin):
    shop = admin.store(installed=False)
    installs.install(admin.world, shop, scopes=["read_products"])
    answer = admin.load(shop)
    assert answer.status_code == 409
    assert "read_orders" in answer.text
    assert shop_id_of(shop) is None


def test_a_shop_without_the_app_is_not_let_in(admin):
    shop = admin.store(installed=False)
    answer = admin.load(shop)
    assert answer.status_code == 502
    assert shop_id_of(shop) is None


def test_a_token_of_before_the_uninstall_is_refused_and_a_later_one_installs_anew(admin):
    shop = admin.store()
    admin.load(shop)
    first = connection_of(shop)
    old = admin.id_token(shop)
    admin.uninstall(shop)
    now = datetime.now(UTC)
    assert uninstall_shop(shop_id_of(shop), now, now)
    assert connection_of(shop).access_token is None
    refused = admin.fetch(shop, token=old)
    assert refused.status_code == 401
    assert refused.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"
    assert connection_of(shop).state == "uninstalled"

    installs.install(admin.world, shop)
    time.sleep(1.1)  # a token tells its time in whole seconds
    fresh = signed_token(claims_of(shop))
    assert admin.fetch(shop, token=fresh).status_code == 200
    again = connection_of(shop)
    assert (again.state, again.access_token == first.access_token) == ("connected", False)
    assert again.installed_at > first.installed_at
    assert admin.fetch(shop, token=old).status_code == 401


def test_a_dead_grant_is_mended_by_the_next_look(admin):
    shop = admin.store()
    admin.load(shop)
    set_connection(shop, state="reconnect", reason="dead")
    assert "cut off" in admin.fetch(shop).text
    assert connection_of(shop).state == "reconnect"
    put_off(shop, "backfill", "changes")
    page = admin.load(shop)
    assert page.status_code == 200
    assert "cut off" not in page.text
    assert connection_of(shop).state == "connected"
    assert {"backfill", "changes"} <= due_by_now(shop)


def test_where_mending_fails_the_page_is_shown_with_the_banner(admin):
    shop = admin.store()
    admin.load(shop)
    set_connection(shop, state="reconnect", reason="dead")
    with admin.fault(kind="status", status=500, path="access_token"):
        page = admin.load(shop)
    assert page.status_code == 200
    assert "Kindred is cut off from this store" in page.text


def test_a_frozen_shop_says_so_on_every_page(admin):
    shop = admin.store()
    admin.load(shop)
    set_connection(shop, state="frozen", reason="frozen")
    for path in ("/", "/customers", "/data-health"):
        assert "Shopify has frozen this store" in admin.fetch(shop, path).text


def test_a_frozen_shop_that_is_looked_at_is_asked_after_and_goes_on_where_it_was(admin):
    shop = admin.store()
    admin.load(shop)
    set_connection(shop, state="frozen", reason="frozen")
    put_off(shop, "token", "backfill", "changes")
    admin.load(shop)
    assert "token" in due_by_now(shop)
    keep_token_due(shop_id_of(shop), now=datetime.now(UTC))
    assert connection_of(shop).state == "connected"
    assert {"backfill", "changes"} <= due_by_now(shop)


def test_scopes_that_were_granted_since_come_with_the_next_look(admin):
    shop = admin.store()
    admin.load(shop)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    set_connection(shop, scopes=["read_products"], refreshed_at=long_ago)
    assert "read_orders" in admin.fetch(shop).text
    assert "read_orders" not in admin.load(shop).text
    assert "read_orders" in connection_of(shop).scopes


def test_a_shop_of_files_keeps_its_facts_when_it_is_installed(admin, shop_id):
    with shopless() as connection:
        shop = shops.domain_of(connection, shop_id)
    store = admin.store()
    document = next(admin.world.state.each(store, "shop"))
    admin.world.state.put(shop, "shop", document | {"myshopifyDomain": shop})
    assert admin.load(shop).status_code == 200
    assert shop_id_of(shop) == shop_id
    assert connection_of(shop).state == "connected"
