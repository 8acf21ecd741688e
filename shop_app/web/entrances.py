"""What is answered to somebody without a good token: a new one, the admin, or the beginning of an install."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from flask import redirect, request
from werkzeug.wrappers import Response

from shop_app.errors import NotVerifiedError
from shop_app.shopify.config import current, embedded_url
from shop_app.shopify.shop_domain import checked_shop_domain
from shop_app.shopify.signed_query import verify_query
from shop_app.storage import connections, shops
from shop_app.storage.engine import shopless, transaction
from shop_app.web import grant_state
from shop_app.web.callers import SessionNeededError

BOUNCE = "/auth/bounce"
RELOAD = "shopify-reload"

_SECRET_PARAMETERS = {"id_token", "hmac", "session", "timestamp", "code", "state", RELOAD}
"""What Shopify adds to an address that proves something for a minute: it is not carried on."""
_PLACE_PARAMETERS = {"shop", "host", "embedded", "locale"}
"""What Shopify adds that only says where the page is shown."""
_READING = {"GET", "HEAD"}


def without_token(now: datetime) -> Response:
    """Answer a request that has no session token, or a bad one.

    Raises
    ------
    SessionNeededError
        It was asked for by a script (App Bridge then fetches a new token and repeats it), or nothing says
        which shop's admin to go to.
    InvalidInputError
        The shop that it names is none.
    """
    if _is_by_script():
        raise SessionNeededError("There is no session token, or it has ended.")
    if _is_framed():
        return redirect(f"{BOUNCE}?{urlencode(_bounce_query())}", 302)
    named = request.args.get("shop")
    if named is None:
        raise SessionNeededError("Open Kindred in the Shopify admin: Apps, then Kindred.")
    shop = checked_shop_domain(named)
    if _asks_to_install(shop, now):
        return grant_state.ask_for_consent(shop, now)
    own = _own_query()
    return redirect(embedded_url(shop, request.path + (f"?{urlencode(own)}" if own else "")), 302)


def _is_by_script() -> bool:
    return (
        request.method not in _READING
        or "Authorization" in request.headers
        or request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or request.headers.get("Sec-Fetch-Dest", "document") not in ("document", "iframe", "frame")
    )


def _is_framed() -> bool:
    """Tell whether the page is loaded in a frame; Shopify's own mark tells where the browser does not."""
    dest = request.headers.get("Sec-Fetch-Dest")
    if dest is None:
        return request.args.get("embedded") == "1" or "id_token" in request.args
    return dest != "document"


def _bounce_query() -> list[tuple[str, str]]:
    """Return what the bounce page is told: where it is, and which page of ours to load with a fresh token."""
    place = _parameters(lambda name: name in _PLACE_PARAMETERS)
    kept = _parameters(lambda name: name not in _SECRET_PARAMETERS)
    # Put together from our own address and a path: what came from outside cannot lead elsewhere.
    target = current().app_url + request.path + (f"?{urlencode(kept)}" if kept else "")
    return [*place, (RELOAD, target)]


def _own_query() -> list[tuple[str, str]]:
    return _parameters(lambda name: name not in _SECRET_PARAMETERS | _PLACE_PARAMETERS)


def _parameters(is_kept: Callable[[str], bool]) -> list[tuple[str, str]]:
    text = request.query_string.decode("ascii", errors="replace")
    return [pair for pair in parse_qsl(text, keep_blank_values=True) if is_kept(pair[0])]


def _asks_to_install(shop: str, now: datetime) -> bool:
    """Tell whether Shopify sent this browser to install an app that asks for consent itself."""
    try:
        verify_query(request.query_string.decode("ascii", errors="replace"), current().secrets, now=now)
    except NotVerifiedError:
        return False
    with shopless() as connection:
        shop_id = shops.find_id(connection, shop)
    if shop_id is None:
        return True
    with transaction(shop_id) as connection:
        return connections.read_state(connection).state not in ("connected", "frozen")
