"""What is said of the offers that were made: their state, every step and decision, what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shop_app.errors import NotFoundError
from shop_app.services.draft_bundles import KIND
from shop_app.storage import bundle_steps, bundles, decisions
from shop_app.storage.bundles import Bundle, BundleStep
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import transaction

_MOST_DECISIONS = 1_000
_RESULT = {
    "orders": "orders",
    "times": "times",
    "attach_ratio": "attach_ratio",
    "method": "method",
    "extra_per_customer": "extra",
    "extra_per_customer_low": "extra_low",
    "extra_per_customer_high": "extra_high",
    "verdict": "verdict",
}
_ACCOUNT = {
    "net_revenue": "net_revenue",
    "discount_given": "discount",
    "goods_cost": "cost",
    "margin_earned": "margin",
}
"""What is said of an offer's result in one line, and what it is called where it is worked out."""


@dataclass(frozen=True, slots=True)
class OfferStory:
    """One offer with everything that was sent to Shopify for it, and all that was decided, the oldest first."""

    bundle: Bundle
    steps: tuple[BundleStep, ...]
    decisions: tuple[Decision, ...]


def list_offers(
    shop_id: int, *, states: Sequence[str] | None = None, segment: str | None = None
) -> list[Bundle]:
    """Return the offers (in these states, for this segment), the newest first."""
    with transaction(shop_id) as connection:
        return bundles.list_bundles(connection, states=states, segment=segment)


def describe_offer(shop_id: int, bundle_id: int) -> OfferStory:
    """Tell everything of one offer.

    Raises
    ------
    NotFoundError
        There is no such offer.
    """
    with transaction(shop_id) as connection:
        bundle = bundles.find(connection, bundle_id)
        if bundle is None:
            raise NotFoundError(f"There is no bundle {bundle_id}; `kindred bundles --live` shows them.")
        steps = bundle_steps.list_of(connection, bundle_id)
        decided = decisions.list_newest(connection, kind=KIND, limit=_MOST_DECISIONS)
    own = [each for each in reversed(decided) if each.about.endswith(f"({bundle_id})")]  # titles may change
    return OfferStory(bundle, tuple(steps), tuple(own))


def can(bundle: Bundle) -> dict[str, bool]:
    """Tell what can be decided about an offer now."""
    return {
        "approve": bundle.state == "draft",
        "discard": bundle.state == "draft",
        "pause": bundle.state in ("approved", "live"),
        "resume": bundle.state == "paused" or (bool(bundle.trouble) and bundle.state in ("approved", "live")),
        "retire": bundle.state in ("approved", "live", "paused"),
    }


def card_of(bundle: Bundle) -> dict[str, Any]:
    """Return an offer as plain values, for ``--json`` and files."""
    terms, result = bundle.terms, bundle.result
    account = result.get("account") or {}
    return {
        "id": bundle.id,
        "state": bundle.state,
        "title": bundle.title,
        "form": terms.form.value,
        "segment": terms.segment or None,
        "discount_percent": terms.discount_percent,
        "price": terms.price,
        "code": terms.code or None,
        "starts_at": terms.starts_at,
        "ends_at": terms.ends_at,
        "uses_most": terms.uses_most,
        "fingerprint": bundle.fingerprint,
        "drafted_at": bundle.drafted_at,
        "drafted_by": bundle.drafted_by,
        "decided_at": bundle.decided_at,
        "decided_by": bundle.decided_by,
        "live_from": bundle.live_from,
        "ended_at": bundle.ended_at,
        "reason": bundle.reason,
        "trouble": bundle.trouble,
        "is_settled": bundle.settled,
        "measured_at": bundle.measured_at,
        **{key: result.get(name) for key, name in _RESULT.items()},
        **{key: account.get(name) for key, name in _ACCOUNT.items()},
    }
