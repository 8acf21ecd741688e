"""The state of an authorization-code grant: made for one browser and one shop, good for ten minutes, once."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import redirect, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from shop_app.errors import NotVerifiedError
from shop_app.shopify.config import current
from shop_app.shopify.oauth import authorize_url
from shop_app.storage.encryption import signing_key

_LIFE = timedelta(minutes=10)


class StateRefusedError(NotVerifiedError):
    """The browser that comes back is not the one that was sent, or it took too long."""


@dataclass(frozen=True, slots=True)
class GrantState:
    """A state that fits the browser and the shop that it comes back with."""

    shop_domain: str
    issued_at: datetime


def ask_for_consent(shop_domain: str, now: datetime) -> Response:
    """Send the browser to the merchant's consent, with the state in a cookie that only we can have made."""
    nonce = secrets.token_urlsafe(24)
    response = redirect(authorize_url(shop_domain, nonce), 302)
    signed = _signer().dumps({"nonce": nonce, "shop": shop_domain, "at": now.timestamp()})
    response.set_cookie(
        _cookie_name(),
        signed,
        max_age=_LIFE,
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",  # it has to come along when Shopify sends the browser back
        path="/",
    )
    return response


def read_state(given: str, shop_domain: str, now: datetime) -> GrantState:
    """Return the state of a browser that comes back; it is bound to the shop too.

    Raises
    ------
    StateRefusedError
        The browser has none, another, an old one, or one for another shop.
    """
    known = _known()
    try:
        nonce, shop, at = str(known["nonce"]), str(known["shop"]), float(known["at"])
    except (KeyError, TypeError, ValueError):
        raise _refused() from None
    issued_at = datetime.fromtimestamp(at, tz=UTC)
    is_it = hmac.compare_digest(nonce.encode(), given.encode()) and shop == shop_domain
    if not is_it or not issued_at <= now <= issued_at + _LIFE:
        raise _refused()
    return GrantState(shop, issued_at)


def forget_state(response: Response) -> Response:
    """Take the cookie away: whatever came of it, a state serves once."""
    response.delete_cookie(_cookie_name(), secure=_is_secure(), httponly=True, samesite="Lax", path="/")
    return response


def _known() -> dict[str, Any]:
    try:
        known = _signer().loads(request.cookies.get(_cookie_name(), ""))
    except BadSignature:
        return {}
    return known if isinstance(known, dict) else {}


def _refused() -> StateRefusedError:
    return StateRefusedError("This installation was begun in another browser, or too long ago. Begin it again.")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(signing_key("install state"))


def _is_secure() -> bool:
    return current().app_url.startswith("https://")


def _cookie_name() -> str:
    """Return the name; its prefix binds the cookie to this very host, and is only for secure ones."""
    return "__Host-kindred-install" if _is_secure() else "kindred-install"
