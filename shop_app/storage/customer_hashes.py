"""Keyed hashes by which equal e-mail addresses, phones and names are found without opening any."""

import re

from shop_app.storage.encryption import match_hash

LEAST_PHONE_DIGITS = 7
"""A shorter number is an extension or a filler; it says nothing about who somebody is."""

_NOT_A_DIGIT = re.compile(r"\D+", re.ASCII)


def email_hash(address: str, shop_id: int) -> bytes:
    """Return the hash of an address; letter case and blanks around it make no difference."""
    return match_hash(address.strip().lower(), kind="email", shop_id=shop_id)


def phone_hash(phone: str, shop_id: int) -> bytes | None:
    """Return the hash of a number's digits, or ``None`` where there are too few to tell people apart."""
    digits = _NOT_A_DIGIT.sub("", phone)
    if len(digits) < LEAST_PHONE_DIGITS:
        return None
    return match_hash(digits, kind="phone", shop_id=shop_id)


def name_hash(first_name: str | None, last_name: str | None, shop_id: int) -> bytes:
    """Return the hash of a name as it is written: its ciphertext is new each time, this is not."""
    return match_hash(f"{first_name or ''}\n{last_name or ''}", kind="name", shop_id=shop_id)
