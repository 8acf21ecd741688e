"""Whether Shopify signed a webhook, over its raw bytes, and what its headers say about it.

Only the body is signed: a header is a claim, and whoever works with one compares it with the body.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shop_app.errors import NotVerifiedError

_FAMILIES = ("x-shopify-", "shopify-")
"""The names of today, and those of Shopify's newer events."""
_LONGEST_HEADER = 255
"""Characters that are kept of a header: Shopify's own are far shorter."""


@dataclass(frozen=True, slots=True)
class VerifiedWebhook:
    """One delivery whose body is known to be Shopify's; ``triggered_at`` is null where it is unreadable."""

    topic: str
    shop_domain: str
    webhook_id: str
    event_id: str | None
    api_version: str | None
    triggered_at: datetime | None
    body: bytes = field(repr=False)


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> VerifiedWebhook:
    """Check the signature with each secret in use, and read the headers.

    Parameters
    ----------
    headers
        Names in any letter case, of either family.
    body
        The bytes as they came: written anew, they have another signature.
    secrets
        The app's secret, and while it is being changed the one before it.

    Raises
    ------
    NotVerifiedError
        The signature is missing, is not written as one, or fits no secret.

    Notes
    -----
    Shopify, "HTTPS webhooks: verify": base64 of HMAC-SHA256 over the raw body with the client secret. A
    delivery without an id is known by its body's digest, so that it is neither lost nor taken twice.
    """
    named = {name.lower(): value for name, value in headers.items()}
    given = _signature(_find(named, "hmac-sha256"))
    matches = [hmac.compare_digest(hmac.digest(secret.encode(), body, "sha256"), given) for secret in secrets]
    if not any(matches):
        raise NotVerifiedError("The webhook's signature does not fit.")
    return VerifiedWebhook(
        topic=_find(named, "topic"),
        shop_domain=_find(named, "shop-domain").lower(),
        webhook_id=_find(named, "webhook-id") or f"body:{hashlib.sha256(body).hexdigest()}",
        event_id=_find(named, "event-id") or None,
        api_version=_find(named, "api-version") or None,
        triggered_at=_moment(_find(named, "triggered-at")),
        body=body,
    )


def _find(headers: Mapping[str, str], name: str) -> str:
    """Return a header of either family, fit to be stored; "" where it is not there."""
    value = next((headers[prefix + name] for prefix in _FAMILIES if prefix + name in headers), "")
    if not value.isprintable():
        value = "".join(character for character in value if character.isprintable())
    return value.strip()[:_LONGEST_HEADER]


def _signature(given: str) -> bytes:
    """Return the 32 bytes of a signature that is written in the one right way, else none."""
    try:
        raw = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == given else b""


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
