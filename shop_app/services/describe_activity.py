"""How a shop is kept in step with Shopify: what was delivered, what got stuck, and what the checks found."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shop_app.services.process_webhooks import KIND
from shop_app.storage import checkouts, due_work, shop_checks, shop_settings, webhook_activity
from shop_app.storage.checkouts import BasketCounts
from shop_app.storage.engine import transaction
from shop_app.storage.webhook_activity import Stuck, TopicCount

_A_DAY = timedelta(days=1)
_BASKETS_SINCE = timedelta(days=30)
_QUIET_FOR = timedelta(hours=1)
"""A checkout that nobody has touched for so long is left."""
_CHECKS = ("subscriptions", "changes", "drift", "access")
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened lately; ``checks`` holds the newest outcome of each check, where there is one."""

    topics: list[TopicCount]
    waiting_since: datetime | None
    stuck: list[Stuck]
    dead_count: int
    quarantined_count: int
    baskets: list[BasketCounts]
    checks: dict[str, dict[str, Any]]


def describe_activity(shop_id: int, *, now: datetime, most: int = _MOST_SHOWN) -> Activity:
    """Return the last day's deliveries, everything that is stuck, and the newest checks."""
    with transaction(shop_id) as connection:
        counts = webhook_activity.count_stuck(connection)
        checks = {kind: shop_checks.find(connection, kind) for kind in _CHECKS}
        return Activity(
            topics=webhook_activity.count_topics(connection, since=now - _A_DAY),
            waiting_since=webhook_activity.oldest_waiting(connection),
            stuck=webhook_activity.list_stuck(connection, most),
            dead_count=counts["dead"],
            quarantined_count=counts["quarantined"],
            baskets=checkouts.count_since(
                connection,
                now - _BASKETS_SINCE,
                currency=shop_settings.read(connection).currency,
                quiet_before=now - _QUIET_FOR,
            ),
            checks={kind: found for kind, found in checks.items() if found is not None},
        )


def replay_webhooks(shop_id: int, delivery_id: int | None, *, now: datetime) -> int:
    """Let a delivery that got stuck be tried anew (all of them, for ``None``); return how many those are."""
    with transaction(shop_id) as connection:
        count = webhook_activity.replay(connection, delivery_id)
        if count:
            due_work.ensure_due(connection, shop_id, KIND, due_at=now)
    return count
