"""Before every request: who is asking. The shop comes from a verified token; nothing else can name it."""

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError, NotVerifiedError, TemporaryError
from shop_app.services.install_shop import OpenedShop, open_from_admin
from shop_app.services.shop_access import look_at_frozen_soon
from shop_app.shopify.oauth import GrantDeadError
from shop_app.shopify.session_token import SessionToken, read_session_token
from shop_app.shopify.shop_domain import checked_shop_domain
from shop_app.storage import connections, shops
from shop_app.storage.connections import ConnectionState
from shop_app.storage.engine import shopless, transaction
from shop_app.web import entrances, local_mode, signed_links
from shop_app.web.callers import (
    Caller,
    NoLoginError,
    SessionNeededError,
    StrangerError,
    download_route,
    public_reason,
    public_route,
    takes_signed_links,
)

if TYPE_CHECKING:
    from shop_app.settings import Settings

__all__ = ["download_route", "install", "public_route"]

_BEARER = "Bearer "
_READING = {"GET", "HEAD"}
_AT_WORK = ("connected", "frozen", "reconnect")


def install(app: Flask) -> None:
    """Ask at every route of this app who is calling, but for those that are marked as public."""
    app.before_request(_ask_who_is_calling)


def _ask_who_is_calling() -> Response | None:
    is_local = current_app.config["LOCAL_MODE"]
    if is_local:
        local_mode.refuse_foreign_requests()
    settings: Settings = current_app.config["SETTINGS"]
    shopify = settings.shopify
    if request.endpoint is None:
        if shopify is not None and _comes_from_admin():
            _show_in_frame()
        return None
    if public_reason(request.endpoint):
        return None
    if is_local and (shopify is None or not _comes_from_admin()):
        local_mode.refuse_changes_from_elsewhere()
        return None
    if shopify is None:
        raise NoLoginError(
            "The Shopify login is not set up, and a store's figures are shown only to somebody who is "
            "logged in through Shopify. To look at a store on your own machine, run `kindred up` there."
        )
    return _ask_for_token(utc_now())


def _show_in_frame() -> None:
    """Let the admin of the shop that an address names frame the words that there is no page at it."""
    with suppress(InvalidInputError):
        g.frame_shop = checked_shop_domain(request.args.get("shop", ""))


def _comes_from_admin() -> bool:
    """Tell a request from the admin's frame from one that a person made in this machine's browser."""
    return (
        "Authorization" in request.headers
        or request.headers.get("Sec-Fetch-Dest") == "iframe"
        or not {"id_token", "embedded", signed_links.PARAMETER}.isdisjoint(request.args)
    )


def _ask_for_token(now: datetime) -> Response | None:
    if signed_links.PARAMETER in request.args and takes_signed_links(request.endpoint or ""):
        g.caller = _still_there(signed_links.read(now), now)
        return None
    raw = _given_token()
    if raw is None:
        return entrances.without_token(now)
    try:
        token = read_session_token(raw, now=now)
    except NotVerifiedError:
        return entrances.without_token(now)
    g.frame_shop = token.shop_domain
    _refuse_another_shop(token)
    try:
        g.caller = Caller(_shop_of(token, raw, now), token.shop_domain, token.user_id)
    except NotVerifiedError:
        return entrances.without_token(now)
    return None


def _given_token() -> str | None:
    """Return the token that came: in the header, or in the address of a page that the admin loads."""
    header = request.headers.get("Authorization")
    if header is not None:
        return header.removeprefix(_BEARER) if header.startswith(_BEARER) else None
    return request.args.get("id_token") if request.method in _READING else None


def _refuse_another_shop(token: SessionToken) -> None:
    for given in request.args.getlist("shop"):
        try:
            named = checked_shop_domain(given)
        except InvalidInputError:
            named = ""
        if named != token.shop_domain:
            raise StrangerError("The address names another shop than the session token.")


def _shop_of(token: SessionToken, raw: str, now: datetime) -> int:
    """Return the token's shop; a page that is loaded anew installs the app, or mends its connection."""
    with shopless() as connection:
        shop_id = shops.find_id(connection, token.shop_domain)
    state = ConnectionState("") if shop_id is None else _read_state(shop_id)
    if state.uninstalled_at is not None and token.issued_at < state.uninstalled_at:
        raise SessionNeededError("This session token is from before the app was uninstalled.")
    if shop_id is None or state.state not in _AT_WORK:
        return open_from_admin(token, raw, now).shop_id
    if not _is_page_load():
        return shop_id
    if state.state == "frozen":
        look_at_frozen_soon(shop_id, now)
    return _looked_after(shop_id, token, raw, now).shop_id


def _looked_after(shop_id: int, token: SessionToken, raw: str, now: datetime) -> OpenedShop:
    """Mend the connection if need be; where that fails there is still everything to be looked at."""
    try:
        return open_from_admin(token, raw, now)
    except (GrantDeadError, TemporaryError):
        return OpenedShop(shop_id)


def _still_there(found: Caller, now: datetime) -> Caller:
    """Refuse a link of a shop that has thrown the app out since it was handed out."""
    state = _read_state(found.shop_id)
    if state.state not in _AT_WORK or signed_links.is_older_than(state.uninstalled_at, now):
        raise StrangerError("This link has ended.")
    return found


def _read_state(shop_id: int) -> ConnectionState:
    with transaction(shop_id) as connection:
        return connections.read_state(connection)


def _is_page_load() -> bool:
    return "id_token" in request.args or "X-Shopify-Bounce" in request.headers
