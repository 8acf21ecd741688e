"""A stand-in Shopify over real HTTP, the app in front of it, and what its admin's frame sends."""

import itertools
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jwt
from sqlalchemy import text

from sandbox.shopify import call_log, documents, faults, installs, sessions, tokens
from sandbox.shopify.app_config import read_registration
from sandbox.shopify.server import StandIn
from sandbox.shopify.state import State
from sandbox.shopify.world import World
from shop_app import queueing
from shop_app.app import create_app
from shop_app.settings import API_VERSION, ShopifySettings
from shop_app.shopify import config
from shop_app.storage import connections, shops
from shop_app.storage.engine import shopless, transaction

CLIENT_ID, SECRET, OLD_SECRET = (
    "kindred-under-test",
    "hush-hush-under-test-and-long-enough",
    "the-secret-before-this-one-as-long-as-it",
)
APP_URL = "https://kindred.example.com"
TOML = Path(__file__).parents[1] / "shopify.app.toml"
IN_FRAME = {"Sec-Fetch-Dest": "iframe"}
_numbers = itertools.count(1)
_RUN = f"{time.time_ns():x}"


def shopify_settings(origin="http://127.0.0.1:9", **changes):
    return replace(
        ShopifySettings(
            api_key=CLIENT_ID,
            api_secret=SECRET,
            api_secret_old=OLD_SECRET,
            api_version=API_VERSION,
            admin_origin=origin,
            admin_web_origin=origin,
            cdn_origin=origin,
            app_url=APP_URL,
        ),
        **changes,
    )


class Admin:
    """A stand-in with fresh stores, and browsers that look at the app from its admin."""

    def __init__(self, folder, settings, *, app_url=APP_URL):
        queueing.connect(settings.redis_url)
        registration = read_registration(
            TOML, app_url=app_url, client_id=CLIENT_ID, client_secret=SECRET, old_client_secret=OLD_SECRET
        )
        self.world = World(
            State(folder / "state.sqlite"),
            registration.app,
            "",
            settings=registration.settings | {"time_scale": 1e-9},
        )
        self._server = StandIn(self.world, senders=1)
        self._server.start()
        self.origin = self.world.origin
        self.shopify = shopify_settings(self.origin, app_url=app_url)
        self.settings = replace(settings, app_url=app_url, shopify=self.shopify)
        self.app = create_app(self.settings, local=False)

    def stop(self):
        self._server.stop()
        self.world.state.close()
        config.configure(None)

    def store(self, *, installed=True):
        """A store of its own, with the app in it as far as Shopify is concerned."""
        number = next(_numbers)
        shop = f"tea-{_RUN}-{number}.myshopify.com"
        self.world.state.put(shop, "shop", documents.make_shop(92_000 + number, shop, "Tea"))
        if installed:
            installs.install(self.world, shop)
        return shop

    def id_token(self, shop, **how):
        return sessions.mint_id_token(self.world, shop, **how)

    def client(self):
        config.configure(self.shopify)  # another app of the same test run may have set its own
        return self.app.test_client()

    def load(self, shop, path="/", client=None, **query):
        """Load a page as the admin's frame does."""
        signed = sessions.frame_query(self.world, shop, query)
        return (client or self.client()).get(f"{path}?{signed}", headers=IN_FRAME)

    def fetch(self, shop, path="/", *, method="GET", token=None, headers=None, **how):
        """Ask as a script in the frame does, through App Bridge."""
        bearer = {"Authorization": f"Bearer {token or self.id_token(shop)}", "Sec-Fetch-Dest": "empty"}
        return self.client().open(path, method=method, headers={**bearer, **(headers or {})}, **how)

    def token_calls(self, shop):
        """What was asked of the token endpoint for a store."""
        return [
            call
            for call in call_log.of(self.world).listed(shop=shop)
            if call["path"] == "/admin/oauth/access_token"
        ]

    @contextmanager
    def fault(self, **wish):
        faults.switch_on(self.world, wish)
        try:
            yield
        finally:
            faults.of(self.world).remove()

    def kill_tokens(self, shop, which="all"):
        tokens.kill(self.world, shop, which=which)

    def uninstall(self, shop):
        installs.uninstall(self.world, shop, redact=False)


def shop_id_of(shop):
    with shopless() as connection:
        return shops.find_id(connection, shop)


def connection_of(shop):
    shop_id = shop_id_of(shop)
    with transaction(shop_id) as connection:
        return connections.find(connection, shop_id)


def set_connection(shop, **values):
    """Write columns of a connection as they are."""
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    with transaction(shop_id_of(shop)) as connection:
        connection.execute(text(f"UPDATE shop_connections SET {assignments}"), values)


def claims_of(shop, *, now=None, **changes):
    """The claims of a good session token; a change of ``None`` leaves one out."""
    moment = int((now or datetime.now(UTC)).timestamp())
    claims = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": CLIENT_ID,
        "sub": "42",
        "exp": moment + 60,
        "nbf": moment,
        "iat": moment,
        "jti": "6c992878-dbaf-48d1-bb9d-6d9b59814fd1",
        "sid": "a3de4b9e4e1b1d0f",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def signed_token(claims, secret=SECRET, algorithm="HS256", headers=None):
    return jwt.encode(claims, secret, algorithm=algorithm, headers=headers)
