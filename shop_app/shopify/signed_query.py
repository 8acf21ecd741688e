"""The queries that Shopify signs when it sends a browser here: checked over the raw text of the address."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from shop_app.errors import NotVerifiedError

LONGEST_AGE_SECONDS = 90
"""After this a signed query is refused; ShopifyAPI itself would take one that is a day old."""

_CLOCKS_APART_SECONDS = 10
_MOST_PARAMETERS = 50


def verify_query(raw_query: str, secrets: Sequence[str], *, now: datetime) -> dict[str, str]:
    """Return the parameters of a query that Shopify has signed within the last 90 seconds.

    Parameters
    ----------
    raw_query
        What stands behind the question mark, as it came.
    secrets
        The app's secret, and while it is being changed the one before it.

    Raises
    ------
    NotVerifiedError
        A parameter is doubled or ambiguous, the signature does not fit, or it is too old.

    Notes
    -----
    The signature is ShopifyAPI's own reckoning (Shopify, "Authorization code grant": the parameters but
    ``hmac``, sorted, joined by ``&``). It is given what was read strictly here.
    """
    parameters = read_query(raw_query)
    given = parameters.pop("hmac", "")
    fits = [hmac.compare_digest(sign_query(parameters, secret), given) for secret in secrets]
    if not any(fits):
        raise NotVerifiedError("The address is not signed by Shopify.")
    _check_age(parameters.get("timestamp", ""), now)
    return parameters


def read_query(raw_query: str) -> dict[str, str]:
    """Return the parameters, each of which stands there once; what can be read in two ways is refused."""
    pairs = [pair.partition("=") for pair in raw_query.split("&")] if raw_query else []
    read = [(_plain(name), _plain(value)) for name, equals, value in pairs if equals]
    names = [name for name, _ in read]
    if len(read) != len(pairs) or len(set(names)) != len(names) or len(names) > _MOST_PARAMETERS:
        raise NotVerifiedError("The address has a parameter twice, or one that is none.")
    return dict(read)


def is_in_order(raw_query: str) -> bool:
    """Tell whether the parameters stand as Shopify writes them: by name."""
    names = list(read_query(raw_query))
    return names == sorted(names)


def sign_query(parameters: dict[str, str], secret: str) -> str:
    """Return the hexadecimal signature of parameters."""
    import shopify  # loads an HTTP stack of its own, and few processes ever need this

    # The library keeps the secret on the class; a class of this call's own keeps two secrets apart.
    signing: Any = type("Signing", (shopify.Session,), {"secret": secret})
    return str(signing.calculate_hmac(parameters))


def _plain(text: str) -> str:
    try:
        plain = unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise NotVerifiedError("The address holds bytes that are no text.") from None
    # A separator inside a value could be taken for the next parameter by whoever joins them again.
    if not plain.isascii() or not plain.isprintable() or "&" in plain:
        raise NotVerifiedError("The address holds a character that Shopify does not sign.")
    return plain


def _check_age(timestamp: str, now: datetime) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):  # noqa: PLR2004 (seconds till 33658)
        raise NotVerifiedError("The address does not say when it was signed.")
    age_seconds = now.timestamp() - int(timestamp)
    if not -_CLOCKS_APART_SECONDS <= age_seconds <= LONGEST_AGE_SECONDS:
        raise NotVerifiedError("The address was signed too long ago.")
