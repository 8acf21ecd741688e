"""Session tokens: who is looking at a page in the Shopify admin, proven by the app's secret."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import jwt
import orjson

from shop_app.errors import InvalidInputError, NotVerifiedError
from shop_app.shopify.config import current
from shop_app.shopify.shop_domain import checked_shop_domain

LEEWAY_SECONDS = 10
"""How far Shopify's clock and ours may be apart."""

LONGEST_LIFE_SECONDS = 300
"""Shopify's own live 60 s; what claims to live much longer was not made by App Bridge."""

_LONGEST_TOKEN = 4096
_TEXT_CLAIMS = ("iss", "dest", "aud", "sub", "sid", "jti")
_TIME_CLAIMS = ("exp", "nbf", "iat")
_LAST_MOMENT = 253_402_300_799  # the end of the year 9999, beyond which there is no datetime


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A token that has been verified: the only place that a request's shop is taken from."""

    shop_domain: str
    user_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime
    token_id: str


class _Hs256(jwt.algorithms.HMACAlgorithm):
    """HS256 whatever the secret's length: Shopify chooses it, and a warning would help nobody."""

    def check_key_length(self, key: bytes) -> str | None:  # noqa: ARG002 (PyJWT's signature)
        return None


def _signatures() -> jwt.PyJWS:
    known = jwt.PyJWS(algorithms=[])
    known.register_algorithm("HS256", _Hs256(sha256))
    return known


_SIGNATURES = _signatures()


def read_session_token(raw: str, *, now: datetime) -> SessionToken:
    """Verify a session token with the current secret, then with the one before it.

    Parameters
    ----------
    raw
        The token as it stands behind ``Bearer`` or in ``id_token``.
    now
        The moment to judge its times by, with 10 s of leeway.

    Raises
    ------
    NotVerifiedError
        It is not signed by this app's secret with HS256, is for another app, lacks a claim, is not valid at
        this moment, lives longer than five minutes, or its issuer is another shop than its destination.

    Notes
    -----
    Shopify, "About session tokens". ShopifyAPI's own check takes a token without ``exp``, so it is not used.
    """
    claims = _signed_claims(raw)
    settings = current()
    texts = {name: claims.get(name) for name in _TEXT_CLAIMS}
    if not all(isinstance(text, str) and text for text in texts.values()) or texts["aud"] != settings.api_key:
        raise NotVerifiedError("The session token lacks a claim, or is for another app.")
    times = _checked_times(claims, now.timestamp())
    return SessionToken(
        shop_domain=_shop_of(str(texts["iss"]), str(texts["dest"])),
        user_id=str(texts["sub"]),
        session_id=str(texts["sid"]),
        issued_at=datetime.fromtimestamp(times["iat"], tz=UTC),
        expires_at=datetime.fromtimestamp(times["exp"], tz=UTC),
        token_id=str(texts["jti"]),
    )


def _signed_claims(raw: str) -> dict[str, Any]:
    if len(raw) > _LONGEST_TOKEN:
        raise NotVerifiedError("The session token is too long to be one.")
    for secret in current().secrets:
        try:
            claims = orjson.loads(_SIGNATURES.decode(raw, secret, algorithms=["HS256"]))
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError):
            break
        if isinstance(claims, dict):
            return claims
        break
    raise NotVerifiedError("The session token is not signed by this app's secret.")


def _checked_times(claims: dict[str, Any], now: float) -> dict[str, float]:
    times = {name: claims.get(name) for name in _TIME_CLAIMS}
    if not all(_is_moment(value) for value in times.values()):
        raise NotVerifiedError("The session token does not say when it is valid.")
    begins, ends, issued = (float(times[name] or 0) for name in ("nbf", "exp", "iat"))
    if max(begins, issued) > now + LEEWAY_SECONDS or ends <= now - LEEWAY_SECONDS:
        raise NotVerifiedError("The session token is not valid at this moment.")
    if ends - min(begins, issued) > LONGEST_LIFE_SECONDS:
        raise NotVerifiedError("The session token lives longer than such tokens do.")
    return {"nbf": begins, "exp": ends, "iat": issued}


def _is_moment(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and 0 < value <= _LAST_MOMENT
    )


def _shop_of(issuer: str, destination: str) -> str:
    """Return the shop that both addresses name; they are compared as they are written."""
    host = destination.removeprefix("https://")
    if destination != f"https://{host}" or issuer != f"https://{host}/admin":
        raise NotVerifiedError("The session token's issuer and destination disagree.")
    try:
        return checked_shop_domain(host)
    except InvalidInputError:
        raise NotVerifiedError("The session token's destination is no Shopify store.") from None
