"""Accounts and the keys to them: whose key it is, what it may do, whether it still counts."""

import secrets
from typing import Any

from sandbox.klaviyo.ids import short_id
from sandbox.klaviyo.operations import EVERY_SCOPE
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import World, now

USUAL_SCOPES = (
    "accounts:read",
    "events:read",
    "events:write",
    "lists:read",
    "lists:write",
    "metrics:read",
    "profiles:read",
    "profiles:write",
    "segments:read",
    "segments:write",
)
"""What a careful merchant gives: nothing that could change consent or delete people."""
_KEYS = ("", "key")  # keys are found before it is known whose they are


def make_account(world: World, name: str, *, key: str = "", timezone: str = "America/New_York") -> Document:
    """Make an account, or return the one of this id."""
    key = key or short_id(f"account/{name}")
    if found := world.state.find(key, "account", key):
        return found
    account = {"id": key, "created": now(), "name": name, "timezone": timezone, "currency": "USD"}
    world.state.put(key, "account", account)
    return account


def make_key(  # noqa: PLR0913 (what a key has)
    world: World,
    account: str,
    *,
    secret: str = "",
    scopes: list[str] | None = None,
    name: str = "",
    kind: str = "private",
    app: str = "",
    lives: float | None = None,
) -> Document:
    """Make a key to an account; ``scopes`` may be ``["all"]``.

    ``kind`` is ``private`` or ``oauth``: the access token of an ``app``, which ``lives`` for so many seconds.
    """
    if world.state.find(account, "account", account) is None:
        raise ValueError(f"There is no account {account!r}.")
    if scopes and (unknown := set(scopes) - set(EVERY_SCOPE) - {"all"}):
        raise ValueError(f"There is no scope {', '.join(sorted(unknown))}.")
    by_consent = kind == "oauth" or bool(app)
    made: Document = {
        "id": secret or ("at_" if by_consent else "pk_") + secrets.token_hex(17),
        "created": now(),
        "account": account,
        "name": name or f"Key {world.state.next_number('key')}",
        "scopes": sorted(EVERY_SCOPE if scopes == ["all"] else scopes or USUAL_SCOPES),
        "kind": "oauth" if by_consent else "private",
        "app": app,
        "expires": None if lives is None else now() + lives,
        "revoked": False,
    }
    world.state.put(*_KEYS, made)
    return made


def find_key(world: World, secret: str) -> Document | None:
    """Return the key with this secret, whether or not it still counts."""
    return world.state.find(*_KEYS, secret)


def counts(key: Document) -> bool:
    """Tell whether a key opens anything: it was not revoked and has not run out."""
    return not key["revoked"] and (key["expires"] is None or now() < key["expires"])


def keys(world: World, account: str | None = None) -> list[Document]:
    """Return the keys to an account, or all."""
    return [one for one in world.state.things(*_KEYS) if account in (None, one["account"])]


def revoke_keys(world: World, account: str, name: str | None = None) -> int:
    """Let the keys of an account count no more, or the one of this name; return how many."""
    found = [one for one in keys(world, account) if name in (None, one["name"]) and not one["revoked"]]
    for one in found:
        world.state.put(*_KEYS, one | {"revoked": True})
    return len(found)


def account_resource(world: World, account: Document) -> dict[str, Any]:
    """Return an account as the interface shows it."""
    return {
        "type": "account",
        "id": account["id"],
        "attributes": {
            "test_account": False,
            "contact_information": {
                "default_sender_name": account["name"],
                "default_sender_email": f"hello@{account['id'].lower()}.example.com",
                "website_url": None,
                "organization_name": account["name"],
                "street_address": dict.fromkeys(("address1", "address2", "city", "region", "country", "zip")),
            },
            "industry": "Ecommerce",
            "timezone": account["timezone"],
            "preferred_currency": account["currency"],
            "public_api_key": account["id"],
            "locale": "en-US",
        },
        "links": {"self": f"{world.origin}/api/accounts/{account['id']}/"},
    }
