"""Webhooks as Shopify sends them: bodies, signatures and headers, and what they leave behind."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import text
from webhook_bodies import NOON, minute, stamp

from shop_app.app import create_app
from shop_app.services.process_webhooks import drain_webhooks_due
from shop_app.settings import API_VERSION, ShopifySettings
from shop_app.storage import connections, due_work, shops
from shop_app.storage.connections import Tokens
from shop_app.storage.engine import shopless, transaction

SECRET, OLD = "hush-hush-of-deliveries-and-long-enough", "older-hush"
APP_URL = "https://kindred.example.com"
_numbers = count(1)
_ids = count(4_000_000_000_000 + datetime.now(tz=UTC).microsecond * 1_000_000)


def an_id():
    """A number of Shopify's that no other test uses: they are unique over all shops."""
    return next(_ids)


def hosted_app(settings, **changes):
    """The app as it stands on the net, in front of a Shopify that nobody asks anything."""
    nowhere = "http://127.0.0.1:9"
    shopify = ShopifySettings("key", SECRET, OLD, API_VERSION, nowhere, nowhere, nowhere, APP_URL)
    return create_app(replace(settings, app_url=APP_URL, shopify=replace(shopify, **changes)), local=False)


def signature(body, secret=SECRET):
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def headers(topic, domain, body, *, secret=SECRET, prefix="X-Shopify-", **more):
    named = {
        "Topic": topic,
        "Hmac-Sha256": signature(body, secret),
        "Shop-Domain": domain,
        "API-Version": "2026-10",
        "Webhook-Id": f"w-{next(_numbers)}",
        "Event-Id": f"e-{next(_numbers)}",
        "Triggered-At": stamp(NOON),
    } | {name.replace("_", "-"): value for name, value in more.items()}
    return {f"{prefix}{name}": value for name, value in named.items() if value is not None} | {
        "Content-Type": "application/json"
    }


def written(body):
    return body if isinstance(body, bytes) else json.dumps(body).encode()


class Sender:
    """Shopify on one side of a shop's webhooks, a worker on the other."""

    def __init__(self, app, shop_id):
        self.client, self.shop_id = app.test_client(), shop_id
        with shopless() as connection:
            self.domain = shops.domain_of(connection, shop_id)

    def post(self, topic, body, *, at=NOON, domain=None, **more):
        raw = written(body)
        more.setdefault("Triggered_At", stamp(at))
        return self.client.post(
            "/webhooks/shopify", data=raw, headers=headers(topic, domain or self.domain, raw, **more)
        )

    def send(self, topic, body, *, at=NOON, **more):
        answer = self.post(topic, body, at=at, **more)
        assert answer.status_code == 200, answer.text

    def drain(self, now=None):
        drain_webhooks_due(self.shop_id, now=now or minute(600))

    def tell(self, topic, body, *, at=NOON, now=None, **more):
        """Send one and have it worked off."""
        self.send(topic, body, at=at, **more)
        self.drain(now)

    def rows(self, query, **values):
        with transaction(self.shop_id) as connection:
            return [dict(row) for row in connection.execute(text(query), values).mappings()]

    def inbox(self):
        return self.rows("SELECT * FROM webhook_inbox ORDER BY id")

    def states(self):
        return [row["state"] for row in self.inbox()]

    def outcomes(self):
        return [(row["state"], row["outcome"]) for row in self.inbox()]

    def orders(self):
        return self.rows("SELECT * FROM orders ORDER BY shopify_id")

    def refetches(self):
        return [
            (row["resource"], row["shopify_id"])
            for row in self.rows("SELECT * FROM refetches ORDER BY 1, 2, 3")
        ]

    def due(self):
        with shopless() as connection:
            return due_work.list_of_shop(connection, self.shop_id)


def connect(shop_id, *, at=NOON, number=None):
    """Let a shop have the app."""
    with transaction(shop_id) as connection:
        connections.connect(
            connection,
            shop_id,
            Tokens("shpat_test", None, None, None, ("read_orders",)),
            grant_kind="token_exchange",
            installed_at=at - timedelta(days=30),
            at=at - timedelta(days=30),
        )
        if number is not None:
            connections.write_shop_facts(connection, shop_number=number, plan=None)
