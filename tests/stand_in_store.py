"""A store in the running stand-in for Shopify, and the same shop on the app's side, connected to it."""

import os
from datetime import UTC, datetime
from itertools import count

from stored_rows import a_shop

from sandbox.shopify import call_log, documents, faults, installs, tokens
from sandbox.shopify.app_config import read_registration
from sandbox.shopify.merchant import DEEDS
from sandbox.shopify.server import StandIn
from sandbox.shopify.state import State
from sandbox.shopify.world import World
from shop_app.services.shop_access import shop_api
from shop_app.settings import ShopifySettings
from shop_app.shopify import config, cost_budget
from shop_app.storage import connections
from shop_app.storage.connections import Tokens
from shop_app.storage.engine import shopless, transaction

CLIENT_ID, SECRET = "9f0c4f4b7c5d4d1f8a2b3c4d5e6f7a8b", "shpss_of_a_store_0123456789abcdef"
SCOPES = ["read_customers", "write_customers", "read_orders", "read_products", "read_all_orders"]
APP_URL = "https://kindred.example.com"
_numbers = count(1)


class StandInStore:
    """One store, empty so far; nothing is delivered, for nobody listens at the address of its app."""

    def __init__(self, folder, *, currency="EUR", scopes=SCOPES, **shop_fields):
        registration = read_registration(None, app_url=APP_URL, client_id=CLIENT_ID, client_secret=SECRET)
        settings = registration.settings | {"time_scale": 1e-5}
        self.world = World(State(folder / "sandbox.sqlite"), registration.app, "", settings=settings)
        self.domain = f"store-{os.getpid()}-{next(_numbers)}.myshopify.com"
        self.currency = currency
        fields = {"currencyCode": currency, "restoreRate": 1000, "bucketSize": 20_000} | shop_fields
        self.put("shop", documents.make_shop(92_000 + next(_numbers), self.domain, "Tea & more", **fields))
        self.scopes = scopes
        self.stand_in = StandIn(self.world, senders=0)
        self.stand_in.start()
        installs.install(self.world, self.domain, scopes=list(scopes))
        config.configure(self.settings())
        cost_budget.connect(None)

    def settings(self):
        origin = self.world.origin
        return ShopifySettings(
            api_key=CLIENT_ID,
            api_secret=SECRET,
            api_secret_old=None,
            api_version="2026-10",
            admin_origin=origin,
            admin_web_origin=origin,
            cdn_origin=origin,
            app_url=APP_URL,
        )

    def stop(self):
        self.stand_in.stop()
        self.world.state.close()
        config.configure(None)

    def put(self, kind, document, parent=None):
        self.world.state.put(self.domain, kind, document, parent=parent)
        return document

    def find(self, kind, number):
        return next(each for each in self.world.state.each(self.domain, kind) if each["id"] == number)

    def token(self):
        """A fresh access token of this store."""
        return tokens.issue_offline(self.world, self.domain, expiring=False)["token"]

    def connect(self, at):
        """Open the shop on the app's side and hand it a token; return its id."""
        shop_id = a_shop(currency=self.currency)
        with shopless() as connection:
            connection.exec_driver_sql(
                "UPDATE shops SET domain = %(domain)s WHERE id = %(id)s", {"domain": self.domain, "id": shop_id}
            )
        pair = Tokens(self.token(), None, None, None, tuple(self.scopes))
        with transaction(shop_id) as connection:
            connections.connect(connection, shop_id, pair, grant_kind="token_exchange", installed_at=at, at=at)
        return shop_id

    def api(self, shop_id):
        return shop_api(shop_id, datetime.now(tz=UTC))

    def deed(self, name, **arguments):
        return DEEDS[name](self.world, self.domain, **arguments)

    def fault(self, kind, **how):
        return faults.switch_on(self.world, {"kind": kind, **how})

    def no_faults(self):
        faults.of(self.world).remove()

    def calls(self, **wanted):
        """What the app asked, oldest first."""
        return call_log.of(self.world).listed(shop=self.domain, **wanted)

    def forget_calls(self):
        call_log.of(self.world).clear()

    def customer(self, number, at="2026-06-01T10:00:00Z", **fields):
        named = {"firstName": f"Ann{number}", "lastName": "Lee", "email": f"ann{number}@example.com"}
        return self.put("customer", documents.make_customer(number, at, **(named | fields)))

    def product(self, number, at="2026-06-01T10:00:00Z", price=500, **fields):
        product = self.put("product", documents.make_product(number, f"Tea {number}", at, **fields))
        variant = documents.make_variant(number * 10, number, price=price, at=at, sku=f"T{number}", cost=200)
        self.put("variant", variant, parent=number)
        return product

    def order(self, number, customer=None, at="2026-06-10T10:00:00Z", lines=None, **fields):
        """Write an order of one line unless lines are given; ``at`` is when it was placed and changed last."""
        made = lines or [
            documents.make_line(
                number * 100 + 1, price=500, quantity=2, productId=7, variantId=70, title="Tea 7", sku="T7"
            )
        ]
        order = documents.make_order(
            number, number, made, createdAt=at, customerId=customer, currencyCode=self.currency, **fields
        )
        return self.put("order", order, parent=customer)
