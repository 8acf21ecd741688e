"""A webhook comes in: keep it, and nothing else. Somebody looks inside later."""

from collections import Counter
from datetime import datetime, timedelta
from threading import Lock

from shop_app.errors import TemporaryError
from shop_app.shopify.webhook_verification import VerifiedWebhook
from shop_app.storage import webhook_inbox
from shop_app.storage.webhook_inbox import Delivery

_REMEMBERED_FOR = timedelta(seconds=60)
_MOST_REMEMBERED = 10_000
_CLOCK_SKEW = timedelta(minutes=5)
"""A webhook that says it was raised later than this from now lies about it: the header is not signed."""

_known: dict[str, tuple[int, datetime]] = {}
_counts: Counter[str] = Counter()
_counting = Lock()


def receive_webhook(webhook: VerifiedWebhook, *, received_at: datetime) -> None:
    """Keep one delivery; of a shop that is not ours nothing is kept, and the sender is none the wiser.

    Raises
    ------
    TemporaryError
        The database did not take it: Shopify is to send it again.
    """
    try:
        shop_id = _shop_of(webhook.shop_domain, received_at)
        if shop_id is None:
            count("unknown_shop")
            return
        is_new = webhook_inbox.keep(shop_id, _delivery(webhook, received_at))
    except TemporaryError:
        _known.pop(webhook.shop_domain, None)
        count("not_kept")
        raise
    count("kept" if is_new else "repeated")


def count(what: str) -> None:
    """Count something that happened to a delivery in this process."""
    with _counting:
        _counts[what] += 1


def counts() -> dict[str, int]:
    """Return what happened to deliveries in this process since it started."""
    with _counting:
        return dict(_counts)


def _shop_of(domain: str, now: datetime) -> int | None:
    """Return the shop's id, for a minute from memory. Who is unknown may be installed any moment."""
    found = _known.get(domain)
    if found is not None and now < found[1]:
        return found[0]
    shop_id = webhook_inbox.find_shop(domain)
    if shop_id is not None:
        if len(_known) >= _MOST_REMEMBERED:
            _known.clear()
        _known[domain] = (shop_id, now + _REMEMBERED_FOR)
    return shop_id


def _delivery(webhook: VerifiedWebhook, received_at: datetime) -> Delivery:
    triggered_at = webhook.triggered_at or received_at
    return Delivery(
        topic=webhook.topic,
        webhook_id=webhook.webhook_id,
        event_id=webhook.event_id,
        api_version=webhook.api_version,
        triggered_at=triggered_at if triggered_at <= received_at + _CLOCK_SKEW else received_at,
        received_at=received_at,
        body=webhook.body,
    )
