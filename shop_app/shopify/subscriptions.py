"""Which subscriptions a shop has, which it should have, and how the one becomes the other."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import (
    OutcomeUnknownError,
    RefusedByShopifyError,
    UserErrorsError,
)
from shop_app.shopify.webhook_topics import SUBSCRIBED, enum_name

PATH = "/webhooks/shopify"
_AT_ONCE = 250

API_TOPICS = tuple(topic for topic in SUBSCRIBED if not topic.startswith("app/"))
"""What is subscribed through the interface, shop by shop: it may be gone after 8 failures, and is looked after.

``app/uninstalled``, ``app/scopes_update`` and the three compliance topics stand in ``shopify.app.toml``, where
they survive failures and the end of the access token; what stands there cannot be seen from here.
"""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription that was made through the interface; ``topic`` is the interface's name."""

    gid: str
    topic: str
    uri: str
    is_plain: bool


@dataclass(slots=True)
class Repair:
    """What was to be done so that every topic comes to our address, by topic as headers write it."""

    created: list[str] = field(default_factory=list)
    redirected: list[str] = field(default_factory=list)
    removed: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    is_uncertain: bool = False

    @property
    def mended(self) -> list[str]:
        """Return the topics that did not come before."""
        return [*self.created, *self.redirected]


def list_subscriptions(api: AdminApi) -> list[Subscription]:
    """Return every subscription of the app in this shop that was made through the interface."""
    found: list[Subscription] = []
    cursor: str | None = None
    while True:
        answer = api.run("WebhookSubscriptions", {"first": _AT_ONCE, "after": cursor})
        connection = answer.data.get("webhookSubscriptions") or {}
        found += [_subscription(node) for node in connection.get("nodes") or [] if isinstance(node, dict)]
        page_info = connection.get("pageInfo") or {}
        cursor = page_info.get("endCursor") if page_info.get("hasNextPage") else None
        if cursor is None:
            return found


def repair(api: AdminApi, found: Iterable[Subscription], address: str) -> Repair:
    """Have every topic of :data:`API_TOPICS` come to ``address``, with as few calls as it takes.

    One topic that is refused keeps no other from being repaired.
    """
    done = Repair()
    by_topic: dict[str, list[Subscription]] = {}
    for subscription in found:
        by_topic.setdefault(subscription.topic, []).append(subscription)
    for topic in API_TOPICS:
        _repair_topic(api, topic, by_topic.pop(enum_name(topic), []), address, done)
    for rest in by_topic.values():
        for subscription in rest:
            if _is_ours(subscription, address):  # a topic of an older version of the app
                _remove(api, subscription, done)
    return done


def _repair_topic(api: AdminApi, topic: str, found: list[Subscription], address: str, done: Repair) -> None:
    good = [each for each in found if each.is_plain and each.uri == address]
    # Only our own path is ours to move: somebody may send the same topic to a queue of their own.
    others = [each for each in found if each not in good and _is_ours(each, address)]
    try:
        if not good and others and others[0].is_plain:
            moved = others.pop(0)
            api.run("UpdateSubscription", {"id": moved.gid, "subscription": {"uri": address, "format": "JSON"}})
            done.redirected.append(topic)
        elif not good:
            for each in others:  # one that is cut or filtered would make a second one "already taken"
                _remove(api, each, done)
            others = []
            subscription = {"uri": address, "format": "JSON"}
            api.run("CreateSubscription", {"topic": enum_name(topic), "subscription": subscription})
            done.created.append(topic)
        for each in others:
            _remove(api, each, done)
    except UserErrorsError as error:
        done.problems[topic] = str(error)
    except RefusedByShopifyError as error:
        done.problems[topic] = error.reason or str(error)
    except OutcomeUnknownError:
        done.is_uncertain = True


def _remove(api: AdminApi, subscription: Subscription, done: Repair) -> None:
    try:
        api.run("DeleteSubscription", {"id": subscription.gid})
    except UserErrorsError:
        return  # it is gone already
    done.removed += 1


def _is_ours(subscription: Subscription, address: str) -> bool:
    there = urlsplit(subscription.uri)
    return there.scheme in {"https", urlsplit(address).scheme} and there.path == urlsplit(address).path


def _subscription(node: dict[str, object]) -> Subscription:
    is_plain = not node.get("includeFields") and not node.get("filter") and node.get("format") == "JSON"
    return Subscription(
        str(node.get("id")), str(node.get("topic")), str(node.get("uri") or "").rstrip("/"), is_plain
    )
