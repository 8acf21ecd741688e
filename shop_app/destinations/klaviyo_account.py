"""Whose account a key of Klaviyo's leads to, and what the key may read."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from shop_app.destinations import klaviyo_settings
from shop_app.destinations.errors import BrokenConnectionError
from shop_app.destinations.klaviyo_api import KlaviyoApi, current_origin
from shop_app.destinations.klaviyo_limits import ACCOUNTS, EVENTS, IMPORT_JOBS, METRICS, PROFILES, SEGMENTS
from shop_app.destinations.klaviyo_limits import LISTS as LIST_COLLECTION

_PATIENCE_SECONDS = 8.0
"""Accounts may be asked for 15 times a minute: one waits for one's turn rather than to fail a check."""

_NEEDED = ((PROFILES, "1"), (LIST_COLLECTION, "1"), (IMPORT_JOBS, "1"))
_NEEDED_FOR = {
    klaviyo_settings.SEGMENTS: ((SEGMENTS, "1"),),
    klaviyo_settings.ENGAGEMENT: ((METRICS, ""), (EVENTS, "1")),
}

_SEEN_SECONDS = 300.0
"""A key leads to one account for as long as it lives; so long that is not asked again."""

_seen: dict[tuple[str, str], tuple["Account", float]] = {}
"""Accounts, and when they were asked for, by where Klaviyo is and by credential."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account: its id (the public key, six characters) and what its owner calls it."""

    id: str
    name: str


def account_of(api: KlaviyoApi) -> Account:
    """Ask whose account this is: ``GET /api/accounts``, revision 2026-07-15.

    Raises
    ------
    BrokenConnectionError
        The key is not accepted, or no account answers.
    """
    data = api.patient(_PATIENCE_SECONDS).get(ACCOUNTS).get("data") or []
    if not data:
        raise BrokenConnectionError("Klaviyo names no account for this private key.")
    contact = (data[0].get("attributes") or {}).get("contact_information") or {}
    account = Account(str(data[0]["id"]), str(contact.get("organization_name") or data[0]["id"]))
    _seen[current_origin(), api.credential] = (account, time.monotonic())
    return account


def same_account(api: KlaviyoApi) -> Account:
    """Return the account of a key, asked for once in five minutes in each process."""
    account, at = _seen.get((current_origin(), api.credential), (None, 0.0))
    return account if account is not None and time.monotonic() < at + _SEEN_SECONDS else account_of(api)


def missing_permissions(api: KlaviyoApi, switched_on: Sequence[str]) -> tuple[str, ...]:
    """Try to read, one row each, what these settings read, and return a sentence for each refusal."""
    needed = [*_NEEDED, *(each for name in switched_on for each in _NEEDED_FOR.get(name, ()))]
    words: list[str] = []
    for path, size in needed:
        try:
            api.get(path, {"page[size]": size} if size else None)
        except BrokenConnectionError as error:
            words.append(str(error))
    return tuple(dict.fromkeys(words))
