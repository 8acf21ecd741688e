"""The token endpoint: how a session token, a code, a refresh token or a secret becomes an access token."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from shop_app.errors import KindredError, NotVerifiedError, TemporaryError
from shop_app.shopify.config import api_origin, current
from shop_app.shopify.scopes import REQUIRED_SCOPES
from shop_app.shopify.token_request import post_form

_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 (a name)
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
_LONGEST_SECONDS = 400 * 86_400
_LONGEST_TOKEN = 4096
_ASK_LATER = {408, 425, 429}
_SERVER_FAULTS = 500
_OK = 200


class GrantDeadError(KindredError):
    """Shopify does not accept what stands for the shop's consent; a person opening the app repairs it."""


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What the endpoint gave; lengths count from the moment of the answer, ``None``: without an end."""

    access_token: str = field(repr=False)
    expires_in_seconds: int | None
    refresh_token: str | None = field(repr=False)
    refresh_expires_in_seconds: int | None
    scopes: tuple[str, ...]


def exchange_session_token(shop_domain: str, raw_session_token: str) -> TokenGrant:
    """Turn a session token that has been verified into an expiring offline token.

    Raises
    ------
    NotVerifiedError
        Shopify does not take the session token (it may just have expired).
    GrantDeadError
        The app is not installed in this shop, or its key or secret is wrong.
    TemporaryError
        No usable answer came; whether a token was made is unknown, and asking again does no harm.
    """
    return _ask(
        shop_domain,
        {
            "grant_type": _EXCHANGE,
            "subject_token": raw_session_token,
            "subject_token_type": _ID_TOKEN,
            "requested_token_type": _OFFLINE,
            "expiring": "1",
        },
    )


def refresh(shop_domain: str, refresh_token: str) -> TokenGrant:
    """Turn a refresh token into a new pair; after :class:`TemporaryError` the same one may be sent again.

    Raises
    ------
    GrantDeadError
        The refresh token is used up, too old or revoked.
    TemporaryError
        No usable answer came.
    """
    return _ask(shop_domain, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def exchange_code(shop_domain: str, code: str) -> TokenGrant:
    """Turn the code of an authorization-code grant into an expiring offline token.

    Raises
    ------
    GrantDeadError
        The code was used already or is none.
    TemporaryError
        No usable answer came.
    """
    return _ask(shop_domain, {"code": code, "expiring": "1"})


def client_credentials(shop_domain: str) -> TokenGrant:
    """Ask for a day's token by key and secret alone: for an app in the shop's own organisation.

    Raises
    ------
    GrantDeadError
        The shop is not in the app's organisation, the app is not installed, or key or secret are wrong.
    TemporaryError
        No usable answer came.
    """
    return _ask(shop_domain, {"grant_type": "client_credentials"})


def authorize_url(shop_domain: str, state: str) -> str:
    """Return where the browser asks the merchant for consent, as ShopifyAPI writes it."""
    import shopify  # loads an HTTP stack of its own, and few processes ever need this

    settings = current()
    session = shopify.Session(shop_domain, settings.api_version)
    session.api_key = settings.api_key  # on this object alone: the class would share it with everybody
    redirect_uri = f"{settings.app_url}/auth/callback"
    written = urlsplit(str(session.create_permission_url(list(REQUIRED_SCOPES), redirect_uri, state)))
    return f"{api_origin(shop_domain)}{written.path}?{written.query}"


def _ask(shop_domain: str, fields: dict[str, str]) -> TokenGrant:
    settings = current()
    secrets = {"client_id": settings.api_key, "client_secret": settings.api_secret}
    status, answer = post_form(shop_domain, "/admin/oauth/access_token", secrets | fields)
    if status != _OK:
        raise _refusal(status, answer)
    return _read_grant(answer)


def _refusal(status: int, answer: object) -> KindredError:
    """Tell what a refusal means; of its text only Shopify's own error code is read."""
    code = answer.get("error") if isinstance(answer, dict) else None
    if status >= _SERVER_FAULTS or status in _ASK_LATER or not isinstance(code, str):
        return TemporaryError(f"Shopify's token endpoint answered with status {status}.")
    if code == "invalid_subject_token":
        return NotVerifiedError("Shopify does not take the session token.")
    known = code if code.isascii() and code.isidentifier() else "a reason unknown"
    return GrantDeadError(f"Shopify refused to give an access token ({known}).")


def _read_grant(answer: object) -> TokenGrant:
    if not isinstance(answer, dict):
        raise _unreadable()
    refresh_token = answer.get("refresh_token")
    return TokenGrant(
        access_token=_token(answer.get("access_token")),
        expires_in_seconds=_seconds(answer.get("expires_in")),
        refresh_token=None if refresh_token is None else _token(refresh_token),
        refresh_expires_in_seconds=_seconds(answer.get("refresh_token_expires_in")),
        scopes=_scopes(answer.get("scope")),
    )


def _token(value: object) -> str:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        raise _unreadable()
    if not 0 < len(value) <= _LONGEST_TOKEN:
        raise _unreadable()
    return value


def _seconds(value: Any) -> int | None:  # noqa: ANN401 (whatever JSON holds)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LONGEST_SECONDS:
        raise _unreadable()
    return value


def _scopes(value: object) -> tuple[str, ...]:
    if not isinstance(value, str):
        raise _unreadable()
    return tuple(sorted({scope.strip() for scope in value.split(",") if scope.strip()}))


def _unreadable() -> TemporaryError:
    return TemporaryError("Shopify's token endpoint answered with something that is no token.")
