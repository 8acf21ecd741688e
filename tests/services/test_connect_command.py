"""`kindred connect`: a merchant's own app, by its key and secret alone."""

import json

import pytest
from admin import CLIENT_ID, SECRET, Admin, connection_of, set_connection, shop_id_of
from commands import a_terminal

from shop_app.storage import engine


@pytest.fixture(scope="module")
def admin(settings, database, tmp_path_factory):
    made = Admin(tmp_path_factory.mktemp("shopify"), settings)
    yield made
    made.stop()


@pytest.fixture
def terminal(admin, settings, monkeypatch, capsys):
    run = a_terminal(settings, monkeypatch, capsys)
    for name, value in (
        ("SHOPIFY_API_KEY", CLIENT_ID),
        ("SHOPIFY_API_SECRET", SECRET),
        ("SHOPIFY_ADMIN_ORIGIN", admin.origin),
        ("SHOPIFY_ADMIN_WEB_ORIGIN", admin.origin),
        ("APP_URL", "https://kindred.example.com"),
    ):
        monkeypatch.setenv(name, value)

    def run_and_return(*words):
        ended = run(*words)
        engine.connect(settings.database_url)  # the command has left the database behind
        return ended

    return run_and_return


def test_a_store_is_connected_by_key_and_secret(admin, terminal):
    shop = admin.store()
    ended = terminal("connect", shop, "--json")
    assert ended.code == 0, ended.stderr
    assert json.loads(ended.stdout) == {"shop": shop, "is_new": True}
    found = connection_of(shop)
    assert (found.state, found.grant_kind, found.refresh_token) == ("connected", "client_credentials", None)
    set_connection(shop, state="reconnect")
    assert "connected again" in terminal("connect", shop.upper()).stdout
    assert connection_of(shop).state == "connected"


def test_a_store_of_somebody_else_is_refused_with_a_sentence(admin, terminal):
    shop = admin.store(installed=False)
    ended = terminal("connect", shop)
    assert ended.code == 1
    assert "Shopify refused" in ended.stderr
    assert shop_id_of(shop) is None


@pytest.mark.parametrize("given", ["acme", "https://acme.myshopify.com", "acme.myshopify.com.evil.example"])
def test_what_is_no_store_is_refused(terminal, given):
    ended = terminal("connect", given)
    assert ended.code == 1
    assert "not the domain" in ended.stderr


def test_without_a_registration_the_command_says_what_is_missing(terminal, monkeypatch):
    for name in ("SHOPIFY_API_KEY", "SHOPIFY_API_SECRET", "APP_URL"):
        monkeypatch.delenv(name)
    ended = terminal("connect", "acme.myshopify.com")
    assert ended.code == 1
    assert "SHOPIFY_API_KEY" in ended.stderr
