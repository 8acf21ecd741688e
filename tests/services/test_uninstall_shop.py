"""O13: a shop throws the app out; a word of it that comes late ends no later installation."""

from datetime import UTC, datetime, timedelta

import pytest
from admin import Admin, connection_of, set_connection, shop_id_of
from sqlalchemy import text

from sandbox.shopify import installs
from shop_app.services.change_scopes import change_scopes
from shop_app.services.shop_access import NotConnectedError, access_token
from shop_app.services.uninstall_shop import uninstall_shop
from shop_app.storage import due_work
from shop_app.storage.engine import shopless


@pytest.fixture(scope="module")
def admin(settings, database, tmp_path_factory):
    made = Admin(tmp_path_factory.mktemp("shopify"), settings)
    yield made
    made.stop()


@pytest.fixture
def shop(admin):
    made = admin.store()
    assert admin.load(made).status_code == 200
    return made


def now():
    return datetime.now(UTC)


def test_an_uninstalled_shop_has_no_token_and_no_work(admin, shop):
    admin.uninstall(shop)
    at = now()
    assert uninstall_shop(shop_id_of(shop), at, at)
    found = connection_of(shop)
    assert (found.state, found.access_token, found.refresh_token, found.uninstalled_at) == (
        "uninstalled",
        None,
        None,
        at,
    )
    with shopless() as connection:
        state = connection.execute(
            text("SELECT state FROM shops WHERE domain = :shop"), {"shop": shop}
        ).scalar()
        due = due_work.claim_due(
            connection, at=at + timedelta(days=9), again_at=at + timedelta(days=9), limit=9999
        )
    assert state == "uninstalled"
    assert [each for each in due if each.shop_id == shop_id_of(shop)] == []
    with pytest.raises(NotConnectedError):
        access_token(shop_id_of(shop), at)
    assert uninstall_shop(shop_id_of(shop), at, at)  # told twice


def test_a_late_word_of_an_earlier_uninstall_leaves_the_new_installation_alone(admin, shop):
    hours_ago = now() - timedelta(hours=3)
    assert not uninstall_shop(shop_id_of(shop), hours_ago, now())
    assert connection_of(shop).state == "connected"


def test_a_word_from_the_very_second_of_the_reinstall_is_settled_by_asking_shopify(admin, shop):
    assert not uninstall_shop(shop_id_of(shop), now() + timedelta(seconds=1), now())
    assert connection_of(shop).state == "connected"


def test_where_shopify_cannot_be_asked_the_moments_decide(admin, shop):
    set_connection(shop, access_token_expires_at=now() - timedelta(hours=1))
    with admin.fault(kind="status", status=500, path="access_token", shop=shop):
        assert not uninstall_shop(shop_id_of(shop), now() - timedelta(hours=3), now())
        assert uninstall_shop(shop_id_of(shop), now(), now())
    assert connection_of(shop).state == "uninstalled"


def test_a_reinstall_that_nobody_noticed_is_found_by_the_next_look(admin, shop):
    admin.uninstall(shop)
    installs.install(admin.world, shop)
    with pytest.raises(NotConnectedError):
        access_token_after_refusal(shop)
    assert connection_of(shop).state == "reconnect"
    assert admin.load(shop).status_code == 200
    assert connection_of(shop).state == "connected"
    assert not uninstall_shop(shop_id_of(shop), now() - timedelta(seconds=30), now())


def access_token_after_refusal(shop):
    from shop_app.services.shop_access import renew_refused_token

    return renew_refused_token(shop_id_of(shop), connection_of(shop).access_token, now())


def test_scopes_are_those_of_the_newest_word(admin, shop):
    shop_id, later = shop_id_of(shop), now() + timedelta(hours=1)
    assert change_scopes(shop_id, ["read_orders", "write_customers"], at=later, now=later)
    assert not change_scopes(shop_id, ["read_orders"], at=later - timedelta(minutes=1), now=later)
    assert connection_of(shop).scopes == ("read_orders", "write_customers")
    assert connection_of(shop).access_expires_at == later  # the next call fetches a token with the new scopes
    assert not change_scopes(shop_id, ["write_customers", "read_orders"], at=later, now=later)


def test_a_fresh_token_brings_the_scopes_that_are_true(admin, shop):
    shop_id = shop_id_of(shop)
    installs.grant(admin.world, shop, ["write_products"])
    assert change_scopes(shop_id, ["write_products"], at=now(), now=now())
    access_token(shop_id, now())
    assert {"read_customers", "read_orders", "write_products"} <= set(connection_of(shop).scopes)
