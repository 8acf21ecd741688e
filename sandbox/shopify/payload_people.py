"""Webhook bodies of customers: profile, consent, tags, merges, and the two that ask about a person's data."""

from sandbox.shopify.payload_values import address, gid, local, lower
from sandbox.shopify.state import Document
from sandbox.shopify.world import World


def person_in_order(shop: Document, customer: Document) -> Document:
    """Return a customer as orders carry them: since 2025-01 without tags, consent and totals."""
    zone = shop.get("ianaTimezone") or "UTC"
    home = customer.get("defaultAddress")
    return {
        "id": customer["id"],
        "admin_graphql_api_id": gid("Customer", customer["id"]),
        "email": customer.get("email"),
        "created_at": local(customer.get("createdAt"), zone),
        "updated_at": local(customer.get("updatedAt"), zone),
        "first_name": customer.get("firstName"),
        "last_name": customer.get("lastName"),
        "state": lower(customer.get("state")) or "disabled",
        "note": customer.get("note"),
        "verified_email": customer.get("verifiedEmail", True),
        "multipass_identifier": None,
        "tax_exempt": bool(customer.get("taxExempt")),
        "tax_exemptions": [],
        "phone": customer.get("phone"),
        "currency": shop["currencyCode"],
        "default_address": _home(customer, home),
    }


def customer_body(world: World, shop: Document, customer: Document) -> Document:
    """Return a customer as ``customers/update`` carries them."""
    del world
    body = person_in_order(shop, customer)
    return body | {"addresses": [body["default_address"]] if body["default_address"] else []}


def deleted_customer_body(world: World, shop: Document, customer: Document) -> Document:
    """Return what is left to say of a deleted customer."""
    del world, shop
    return {
        "id": customer["id"],
        "phone": customer.get("phone"),
        "addresses": [],
        "tax_exempt": bool(customer.get("taxExempt")),
        "tax_exemptions": [],
        "admin_graphql_api_id": gid("Customer", customer["id"]),
        "default_address": None,
    }


def email_consent_body(world: World, shop: Document, customer: Document) -> Document:
    """Return the e-mail consent of a customer."""
    del world
    return {
        "customer_id": customer["id"],
        "email_address": customer.get("email"),
        "email_marketing_consent": _consent(shop, customer.get("emailMarketing")),
    }


def sms_consent_body(world: World, shop: Document, customer: Document) -> Document:
    """Return the consent of a customer to text messages."""
    del world
    consent = _consent(shop, customer.get("smsMarketing"))
    return {
        "id": customer["id"],
        "phone": customer.get("phone"),
        "sms_marketing_consent": consent | {"consent_collected_from": "other"},
    }


def tags_body(world: World, shop: Document, change: Document) -> Document:
    """Return what ``customer.tags_added`` and its counterpart say: who, which tags, when."""
    del world, shop
    number = change.get("customerId", change.get("id"))
    return {
        "customerId": number if isinstance(number, str) else gid("Customer", number),
        "tags": change.get("tags") or [],
        "occurredAt": change.get("occurredAt") or change.get("updatedAt"),
    }


def segment_change_body(world: World, shop: Document, change: Document) -> Document:
    """Return who joined or left which segment."""
    del world, shop
    return {
        "customer_id": gid("Customer", change["customerId"]),
        "segment_id": gid("Segment", change["segmentId"]),
    }


def _home(customer: Document, home: Document | None) -> Document | None:
    written = address(home)
    if written is None:
        return None
    names = {"first_name": customer.get("firstName"), "last_name": customer.get("lastName")}
    marks = {"id": customer["id"], "customer_id": customer["id"], "default": True}
    return written | names | marks | {"country_name": written["country"]}


def _consent(shop: Document, found: Document | None) -> Document:
    found = found or {}
    return {
        "state": lower(found.get("state")) or "not_subscribed",
        "opt_in_level": lower(found.get("optInLevel")),
        "consent_updated_at": local(found.get("updatedAt"), shop.get("ianaTimezone") or "UTC"),
    }
