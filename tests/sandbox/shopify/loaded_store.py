"""The sample store inside the stand-in, asked through GraphQL."""

import sqlite3
from contextlib import closing
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.shopify.graph import bulk
from sandbox.shopify.graph.engine import execute
from sandbox.shopify.load_sample import QUIET_DOMAIN, SAMPLE_DOMAIN, load_quiet_corner, load_sample
from sandbox.shopify.state import State
from sandbox.shopify.world import App, World

UNTIL = date(2026, 10, 31)
SCOPES = ("read_all_orders", "read_orders", "write_customers", "read_products")


@cache
def _loaded(customers):
    """Load both stores once a size: the sample store, and the file that holds what was loaded."""
    with TemporaryDirectory() as folder:
        state = State(Path(folder) / "state.sqlite")
        store = load_sample(state, customers=customers, until=UNTIL)
        load_quiet_corner(state, until=UNTIL)
        state.close()
        with closing(sqlite3.connect(state.path)) as file:
            return store, file.serialize()


class LoadedStore:
    """Both stores of the stand-in, small; questions go to the first."""

    def __init__(self, folder, *, customers=200):
        self.store, content = _loaded(customers)
        (folder / "state.sqlite").write_bytes(content)
        self.state = State(folder / "state.sqlite")
        app = App("client", "hush", "http://127.0.0.1:9", SCOPES)
        self.world = World(self.state, app, "http://127.0.0.1:8", settings={"bulk_pause": 0.01})
        self.told = []
        self.world.listeners.append(lambda _shop, topic, document: self.told.append((topic, document)))

    def change(self, **fields):
        """Change the store's own document, and fill its bucket."""
        shop = next(self.state.each(SAMPLE_DOMAIN, "shop"))
        self.state.put(SAMPLE_DOMAIN, "shop", shop | fields)
        self.world.settings.pop("buckets", None)

    def answer(self, query, /, *, scopes=SCOPES, shop=SAMPLE_DOMAIN, version="2026-10", **variables):
        """Status and whole body."""
        token = {"id": 1, "kind": "offline", "scopes": list(scopes)}
        status, body, _ = execute(self.world, shop, token, version, {"query": query, "variables": variables})
        return status, body

    def ask(self, query, /, **more):
        """The body of an answer with status 200."""
        status, body = self.answer(query, **more)
        assert status == 200, body
        return body

    def data(self, query, /, **more):
        """The data of an answer without errors."""
        body = self.ask(query, **more)
        assert "errors" not in body, body["errors"]
        return body["data"]

    def error(self, query, /, **more):
        """The only error of an answer."""
        (error,) = self.ask(query, **more)["errors"]
        return error

    def each(self, kind, shop=SAMPLE_DOMAIN):
        """All documents of a kind."""
        return list(self.state.each(shop, kind))

    def close(self):
        """Let go, when no bulk operation runs any more."""
        bulk.wait_for_all(self.world)
        self.state.close()


__all__ = ["QUIET_DOMAIN", "SAMPLE_DOMAIN", "SCOPES", "UNTIL", "LoadedStore"]
