"""Access to Klaviyo by a merchant's consent in place of a private key: authorization code with PKCE.

Only for an installation whose operator has registered an app of their own with Klaviyo. An access token lives
about an hour; a refresh token ends after 90 days without use, with the app's removal, or by revocation. Two
refreshes of one token at once are the usual way to lose it, so whoever refreshes holds a lock for the shop.
"""

import hashlib
import secrets
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import orjson

from shop_app.destinations.errors import BrokenConnectionError
from shop_app.destinations.klaviyo_api import REAL_ORIGIN, WHO, current_origin
from shop_app.destinations.klaviyo_limits import ENDPOINTS
from shop_app.errors import StartRefusedError, TemporaryError
from shop_app.wire import http

SCOPES = tuple(sorted({scope for endpoint in ENDPOINTS.values() for scope in endpoint.scopes}))
"""What is asked for: nothing over consent, and nothing that could delete anybody."""

_REAL_WEB_ORIGIN = "https://www.klaviyo.com"
_LIMITS = http.Limits(connect_seconds=3.0, silence_seconds=15.0, total_seconds=15.0, answer_bytes=64 * 1024)
"""Somebody waits for a page meanwhile."""
_OK, _FIRST_SERVER_ERROR, _TOO_MANY = 200, 500, 429
_USUAL_SECONDS = 3600

_app: list[tuple[str, str]] = []


def configure(client_id: str | None, client_secret: str | None) -> None:
    """Set the app that is registered with Klaviyo, once at a process' start; ``None``: there is none."""
    _app[:] = [(client_id, client_secret)] if client_id and client_secret else []


def is_configured() -> bool:
    """Tell whether a merchant can connect by consent here."""
    return bool(_app)


@dataclass(frozen=True, slots=True)
class Consent:
    """Where a browser is sent, and what has to be kept in the session until it comes back."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Klaviyo gave; ``expires_in_seconds`` counts from the moment of the answer."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_seconds: int


def ask_for_consent(redirect_uri: str) -> Consent:
    """Begin: the state is random and is to be compared when the browser comes back to ``redirect_uri``."""
    client_id, _ = _current()
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge_method": "S256",
        "code_challenge": challenge,
    }
    web = _REAL_WEB_ORIGIN if current_origin() == REAL_ORIGIN else current_origin()
    return Consent(f"{web}/oauth/authorize?{urlencode(query)}", state, verifier)


def exchange_code(code: str, *, verifier: str, redirect_uri: str) -> Tokens:
    """Turn the code that the browser brought into tokens.

    Raises
    ------
    BrokenConnectionError
        The code was used already, is too old, or is none.
    TemporaryError
        No usable answer came.
    """
    fields = {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
    return _ask({"grant_type": "authorization_code", **fields}, kept="")


def refresh(refresh_token: str) -> Tokens:
    """Turn a refresh token into a new pair; the old one is kept where Klaviyo gives none.

    Raises
    ------
    BrokenConnectionError
        The merchant has removed the app, or it was unused for too long: they have to connect anew.
    TemporaryError
        No usable answer came.
    """
    return _ask({"grant_type": "refresh_token", "refresh_token": refresh_token}, kept=refresh_token)


def _ask(fields: dict[str, str], *, kept: str) -> Tokens:
    """``POST /oauth/token`` with the app's id and secret ("Make API calls using OAuth", developer guide)."""
    answer = _post(fields)
    if answer.status == _TOO_MANY or answer.status >= _FIRST_SERVER_ERROR:
        raise TemporaryError(f"Klaviyo's token endpoint answered with status {answer.status}.")
    if answer.status != _OK:
        raise BrokenConnectionError("Klaviyo no longer gives access to this account; connect it anew.")
    try:
        told = orjson.loads(answer.body)
        return Tokens(
            str(told["access_token"]),
            str(told.get("refresh_token") or kept),
            int(told.get("expires_in") or _USUAL_SECONDS),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise TemporaryError("The answer of Klaviyo's token endpoint cannot be read.") from None


def _post(fields: dict[str, str]) -> http.HttpAnswer:
    origin, named = current_origin(), b64encode(":".join(_current()).encode()).decode()
    headers = {
        "Authorization": f"Basic {named}",
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    try:
        return http.call(
            "POST",
            f"{origin}/oauth/token",
            who=WHO,
            host=urlsplit(origin).netloc,
            headers=headers,
            body=urlencode(fields).encode(),
            limits=_LIMITS,
        )
    except http.UnusableAnswerError as error:
        raise TemporaryError(str(error)) from None


def _current() -> tuple[str, str]:
    if not _app:
        raise StartRefusedError(
            "KLAVIYO_CLIENT_ID and KLAVIYO_CLIENT_SECRET are not set, so Klaviyo is connected by a private key."
        )
    return _app[0]
