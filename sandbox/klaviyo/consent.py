"""Whether a person may be written to: consent and suppressions, and how they change."""

from typing import Any

from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import now, stamp

LIFTED_BY_SUBSCRIBING = ("UNSUBSCRIBE", "SPAM_COMPLAINT", "USER_SUPPRESSED")


def no_consent() -> Document:
    """Return what a new profile has: it never subscribed to anything."""
    return {"email": None, "sms": None, "suppression": [], "list_suppressions": [], "open_tracking": None}


def subscribe(
    profile: Document, *, channel: str = "email", method: str = "API", at: float | None = None
) -> None:
    """Note that a person agreed; what kept them from being written to is lifted with it."""
    found = profile["consent"]
    found[channel] = {"consent": "SUBSCRIBED", "at": at or now(), "method": method}
    if channel == "email":
        found["suppression"] = [
            one for one in found["suppression"] if one["reason"] not in LIFTED_BY_SUBSCRIBING
        ]


def unsubscribe(
    profile: Document, *, channel: str = "email", method: str = "API", at: float | None = None
) -> None:
    """Note that a person wants nothing more, from anywhere."""
    profile["consent"][channel] = {"consent": "UNSUBSCRIBED", "at": at or now(), "method": method}
    if channel == "email":
        suppress(profile, "UNSUBSCRIBE", at=at)


def suppress(profile: Document, reason: str, *, at: float | None = None) -> None:
    """Keep a person from being written to, whatever they agreed to."""
    found = profile["consent"]["suppression"]
    if all(one["reason"] != reason for one in found):
        found.append({"reason": reason, "timestamp": stamp(at or now())})


def unsuppress(profile: Document, reason: str) -> None:
    """Lift a suppression of one reason."""
    found = profile["consent"]
    found["suppression"] = [one for one in found["suppression"] if one["reason"] != reason]


def may_be_mailed(profile: Document) -> bool:
    """Tell whether a person agreed and nothing stands against it."""
    found = profile["consent"]
    return (found["email"] or {}).get("consent") == "SUBSCRIBED" and not found["suppression"]


def shown(profile: Document) -> dict[str, Any]:
    """Return ``subscriptions`` as the interface shows it."""
    found = profile["consent"]
    email, sms, tracking = (found[name] or {} for name in ("email", "sms", "open_tracking"))
    marketing = {
        "can_receive_email_marketing": not found["suppression"],
        "consent": email.get("consent", "NEVER_SUBSCRIBED"),
        "consent_timestamp": stamp(email.get("at")),
        "last_updated": stamp(email.get("at")),
        "method": email.get("method"),
        "method_detail": None,
        "custom_method_detail": None,
        "double_optin": None,
        "suppression": found["suppression"],
        "list_suppressions": found["list_suppressions"],
    }
    opens = {
        "consent": tracking.get("consent", "SUBSCRIBED"),
        "consent_timestamp": stamp(tracking.get("at")),
        "last_updated": stamp(tracking.get("at")),
        "created_timestamp": stamp(tracking.get("at")),
        "metadata": {},
        "can_receive": tracking.get("consent") != "UNSUBSCRIBED",
        "valid_until": None,
    }
    texts = {
        "can_receive_sms_marketing": sms.get("consent") == "SUBSCRIBED",
        "consent": sms.get("consent", "NEVER_SUBSCRIBED"),
        "consent_timestamp": stamp(sms.get("at")),
        "method": sms.get("method"),
        "method_detail": None,
        "last_updated": stamp(sms.get("at")),
    }
    return {"email": {"marketing": marketing, "open_tracking": opens}, "sms": {"marketing": texts}}
