"""Names, addresses, phones and tokens at rest: sealed values, and keyed hashes to match them by.

A sealed value is ``version | key id | nonce | AES-256-GCM ciphertext`` with ``table|column|shop`` as its
associated data, so that bytes copied into another column or another shop do not open.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shop_app.errors import StartRefusedError

_VERSION = 1
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_KEY_BYTES = 32
_HEAD_BYTES = 1 + _KEY_ID_BYTES + _NONCE_BYTES

HASH_BYTES = 16  # 128 bits: no two of a shop's addresses meet by chance


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys by their ids: the first one writes, all of them read; the hash key never rotates."""

    sealers: dict[bytes, AESGCM] = field(repr=False)
    writing_id: bytes
    hash_key: bytes = field(repr=False)


_rings: list[Keyring] = []


def load_keys(keys: str, hash_key: str) -> None:
    """Set this process's keyring from ``KINDRED_KEYS`` (comma separated base64 keys) and the hash key."""
    raw = [_decode(key.strip(), "KINDRED_KEYS") for key in keys.split(",") if key.strip()]
    if not raw:
        raise StartRefusedError("KINDRED_KEYS holds no key; `kindred make-keys` prints a fresh pair.")
    ids = [hashlib.sha256(key).digest()[:_KEY_ID_BYTES] for key in raw]
    sealers = {key_id: AESGCM(key) for key_id, key in zip(ids, raw, strict=True)}
    _rings[:] = [Keyring(sealers, ids[0], _decode(hash_key.strip(), "KINDRED_HASH_KEY"))]


def new_key() -> str:
    """Return a fresh random key as it is written into ``KINDRED_KEYS`` or ``KINDRED_HASH_KEY``."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def seal(plain: str, *, table: str, column: str, shop_id: int) -> bytes:
    """Encrypt one value for one column of one shop."""
    return seal_bytes(plain.encode(), table=table, column=column, shop_id=shop_id)


def seal_bytes(plain: bytes, *, table: str, column: str, shop_id: int) -> bytes:
    """Encrypt bytes, whatever they are, for one column of one shop."""
    ring = _ring()
    nonce = os.urandom(_NONCE_BYTES)
    sealed = ring.sealers[ring.writing_id].encrypt(nonce, plain, _place(table, column, shop_id))
    return bytes((_VERSION,)) + ring.writing_id + nonce + sealed


def seal_all(plains: Sequence[str | None], *, table: str, column: str, shop_id: int) -> list[bytes | None]:
    """Encrypt many values for one column of one shop; what is unknown stays so."""
    ring = _ring()
    encrypt, place = ring.sealers[ring.writing_id].encrypt, _place(table, column, shop_id)
    head = bytes((_VERSION,)) + ring.writing_id
    nonces = os.urandom(_NONCE_BYTES * len(plains))
    sealed: list[bytes | None] = []
    for start, plain in zip(range(0, len(nonces), _NONCE_BYTES), plains, strict=True):
        nonce = nonces[start : start + _NONCE_BYTES]
        sealed.append(None if plain is None else head + nonce + encrypt(nonce, plain.encode(), place))
    return sealed


def open_sealed(sealed: bytes, *, table: str, column: str, shop_id: int) -> str:
    """Decrypt what :func:`seal` made for this very place; anything else is refused."""
    return open_sealed_bytes(sealed, table=table, column=column, shop_id=shop_id).decode()


def open_sealed_bytes(sealed: bytes, *, table: str, column: str, shop_id: int) -> bytes:
    """Decrypt what :func:`seal_bytes` made for this very place; anything else is refused."""
    sealer = _ring().sealers.get(sealed[1 : 1 + _KEY_ID_BYTES])
    if sealed[0] != _VERSION or sealer is None:
        raise StartRefusedError(
            f"{table}.{column} was encrypted with a key that is not in KINDRED_KEYS; add that key at the end."
        )
    nonce = sealed[1 + _KEY_ID_BYTES : _HEAD_BYTES]
    try:
        return sealer.decrypt(nonce, sealed[_HEAD_BYTES:], _place(table, column, shop_id))
    except InvalidTag:
        raise StartRefusedError(f"{table}.{column} holds a value that was not written there.") from None


def match_hash(value: str, *, kind: str, shop_id: int) -> bytes:
    """Return the keyed hash by which equal values of one kind in one shop are found."""
    return hmac.digest(_ring().hash_key, f"{kind}|{shop_id}|{value}".encode(), "sha256")[:HASH_BYTES]


def signing_key(purpose: str) -> bytes:
    """Return the key that this installation signs one kind of thing with: links, the state of an install."""
    return hmac.digest(_ring().hash_key, f"signing|{purpose}".encode(), "sha256")


def writing_prefix() -> bytes:
    """Return the first bytes of everything the newest key seals: what rotation looks for the lack of."""
    return bytes((_VERSION,)) + _ring().writing_id


def _ring() -> Keyring:
    if not _rings:
        raise StartRefusedError("No encryption key is loaded in this process.")
    return _rings[0]


def _place(table: str, column: str, shop_id: int) -> bytes:
    return f"{table}|{column}|{shop_id}".encode()


def _decode(key: str, name: str) -> bytes:
    try:
        raw = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise StartRefusedError(
            f"{name}: a key is {_KEY_BYTES} random bytes in base64; `kindred make-keys` prints a fresh one."
        )
    return raw
