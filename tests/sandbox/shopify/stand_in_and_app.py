"""A running stand-in with two tiny stores, and the tiny app that it knows."""

import requests
from tiny_app import CLIENT_ID, JSON, OLD_SECRET, SECRET, TinyApp

from sandbox.shopify import documents, installs, sessions
from sandbox.shopify.app_config import read_registration
from sandbox.shopify.server import StandIn
from sandbox.shopify.state import State
from sandbox.shopify.world import World

TEA, RIVAL = "tea-shop.myshopify.com", "rival-shop.myshopify.com"


def make_world(path, app_url="http://127.0.0.1:9", **settings):
    """Two stores: one with three of everything but orders, one with a single customer."""
    registration = read_registration(
        None, app_url=app_url, client_id=CLIENT_ID, client_secret=SECRET, old_client_secret=OLD_SECRET
    )
    settings = registration.settings | {"time_scale": 1e-5} | settings
    world = World(State(path), registration.app, "", settings=settings)
    put = world.state.put
    if world.state.shops():
        return world
    put(TEA, "shop", documents.make_shop(92001, TEA, "Tea Shop"))
    put(RIVAL, "shop", documents.make_shop(92002, RIVAL, "Rival Shop"))
    for number in range(1, 4):
        mail, product = f"person{number}@example.com", 100 + number
        put(
            TEA,
            "customer",
            documents.make_customer(number, firstName=f"Ann{number}", lastName="Lee", email=mail),
        )
        put(TEA, "product", documents.make_product(product, f"Tea {number} & <co>", vendor="Leaf"))
        variant = documents.make_variant(1000 + number, product, price=100 * number + 50, inventoryQuantity=10)
        put(TEA, "variant", variant, parent=product)
    put(RIVAL, "customer", documents.make_customer(9, firstName="Rita", email="rita@example.com"))
    return world


class StandInAndApp:
    """Both, started; and the few calls that tests make again and again."""

    def __init__(self, path, app=None, **settings):
        self.app = app or TinyApp()
        self.world = make_world(path, self.app.url, **settings)
        self.stand_in = StandIn(self.world, senders=4)
        self.stand_in.start()
        self.app.origin = self.origin = self.world.origin

    def stop(self):
        self.stand_in.stop()
        self.app.stop()
        self.world.state.close()

    def install(self, shop=TEA):
        return installs.install(self.world, shop)

    def id_token(self, shop=TEA, **how):
        return sessions.mint_id_token(self.world, shop, **how)

    def connect(self, shop=TEA):
        """Install the app and return what the token exchange answers."""
        self.install(shop)
        return self.app.exchange(self.id_token(shop)).json()

    def token(self, headers=JSON, **body):
        body = {"client_id": CLIENT_ID, "client_secret": SECRET} | body
        return requests.post(f"{self.origin}/admin/oauth/access_token", data=body, headers=headers, timeout=10)

    def refresh(self, refresh_token):
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def ask(self, token, query="{ shop { name } }", headers=None, **variables):
        return requests.post(
            f"{self.origin}/admin/api/2026-10/graphql.json",
            json={"query": query, "variables": variables},
            headers={"X-Shopify-Access-Token": token} | (headers or {}),
            timeout=10,
        )

    def post(self, where, **body):
        return requests.post(self.origin + where, json=body, timeout=20)

    def get(self, path, **query):
        return requests.get(self.origin + path, params=query, timeout=20)

    def delete(self, path):
        return requests.delete(self.origin + path, timeout=20)

    def deed(self, name, shop=TEA, **arguments):
        answer = self.post(f"/_deeds/{name}", shop=shop, **arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, kind, **how):
        answer = self.post("/_faults", kind=kind, **how)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()
