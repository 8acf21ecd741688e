"""The stand-in as one object: what it knows, the app it knows, and what is told when something happens."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.shopify.state import Document, State

Listener = Callable[[str, str, Document], None]
"""Told of a shop's domain, a topic in its slash form (``orders/updated``) and the document concerned."""


@dataclass(frozen=True, slots=True)
class App:
    """The one app that the stand-in knows, as its developer registered it."""

    client_id: str
    client_secret: str = field(repr=False)
    app_url: str  # without a slash at the end
    scopes: tuple[str, ...]
    optional_scopes: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()  # subscribed by shopify.app.toml, compliance topics among them
    webhook_path: str = "/webhooks/shopify"
    redirect_urls: tuple[str, ...] = ()
    old_client_secret: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class World:
    """Everything a request handler needs; ``listeners`` hear of every change of a store."""

    state: State
    app: App
    origin: str  # http://127.0.0.1:port, as browsers and the app reach the stand-in
    listeners: list[Listener] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    def emit(self, shop: str, topic: str, document: Document) -> None:
        """Tell everybody who listens that something happened in a store."""
        for listener in self.listeners:
            listener(shop, topic, document)


def now() -> datetime:
    """Return this moment in UTC, to the second: Shopify's own resolution."""
    return datetime.fromtimestamp(int(time.time()), tz=UTC)


def stamp(moment: datetime) -> str:
    """Write a moment as the interface does: ``2026-11-01T10:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
