"""The token endpoint with all its grants, and the page on which a store's owner agrees."""

import hmac as digests
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import flask
from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from sandbox.shopify import installs, sessions, tokens
from sandbox.shopify.calls import Caller, shop_in
from sandbox.shopify.state import Document
from sandbox.shopify.tokens import OAuthRefusal
from sandbox.shopify.world import World

_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 (the name of a type)
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
_ONLINE = "urn:shopify:params:oauth:token-type:online-access-token"
_CODE_SECONDS = 60
bp = Blueprint("oauth", __name__)


@bp.post("/admin/oauth/access_token")
def access_token() -> ResponseReturnValue:
    """Hand out a token for whatever grant is asked for, or refuse as Shopify does."""
    world: World = current_app.config["WORLD"]
    caller: Caller = request.environ["shopify.caller"]
    try:
        _check_client(world, caller.form)
        answer = _grant(world, caller)
    except OAuthRefusal as refusal:
        return _refused(refusal)
    return flask.jsonify(answer), {"Cache-Control": "no-store"}


def _grant(world: World, caller: Caller) -> Document:
    form = caller.form
    grant = form.get("grant_type")
    if grant == _EXCHANGE:
        return _exchange(world, _known_shop(world, caller.shop), form)
    if grant == "refresh_token":
        return _refresh(world, caller.shop, form)
    if grant == "client_credentials":
        return _client_credentials(world, _known_shop(world, caller.shop))
    if grant in (None, "", "authorization_code") and "code" in form:
        return _redeem_code(world, caller.shop, form)
    raise OAuthRefusal("unsupported_grant_type", "The grant type is not supported.")


def _check_client(world: World, form: dict[str, Any]) -> None:
    if form.get("client_id") != world.app.client_id:
        raise OAuthRefusal("invalid_request", "Could not find Shopify API application with this client_id.")
    given = str(form.get("client_secret") or "")
    valid = [secret for secret in (world.app.client_secret, world.app.old_client_secret) if secret]
    if not any(digests.compare_digest(given.encode(), secret.encode()) for secret in valid):
        raise OAuthRefusal("invalid_client", "Client authentication failed.", 401)


def _known_shop(world: World, shop: str) -> str:
    """Return the store, once it is known to exist and to have the app."""
    try:
        installed = installs.is_installed(world, shop)
    except installs.NoSuchShopError:
        raise OAuthRefusal("invalid_request", "The shop could not be found.", 404) from None
    if not installed:
        raise OAuthRefusal("app_not_installed", "The application is not installed on this shop.")
    return shop


def _exchange(world: World, shop: str, form: dict[str, Any]) -> Document:
    subject, kind = str(form.get("subject_token") or ""), form.get("subject_token_type")
    wanted = form.get("requested_token_type") or _OFFLINE
    expiring = _flag(form.get("expiring"))
    if wanted not in (_OFFLINE, _ONLINE) or kind not in (_ID_TOKEN, _OFFLINE):
        raise OAuthRefusal("invalid_request", "The token type is not supported.")
    if kind == _OFFLINE:
        return _migrate(world, shop, subject, expiring=expiring)
    claims = sessions.read_id_token(world, subject)
    if claims is None or urlsplit(str(claims["dest"])).hostname != shop:
        raise OAuthRefusal("invalid_subject_token", "The subject token is invalid or expired.")
    if wanted == _ONLINE:
        return _online(tokens.issue(world, shop, "online", seconds=tokens.DAY_TOKEN_SECONDS))
    return _offline(
        world, tokens.issue_offline(world, shop, expiring=_expiring_or_refused(world, expiring=expiring))
    )


def _migrate(world: World, shop: str, subject: str, *, expiring: bool) -> Document:
    """Turn an offline token without an end into a chain; there is no way back."""
    found = tokens.find(world, subject)
    fits = found is not None and found[0] == shop and found[1]["token"] == subject and tokens.is_live(found[1])
    if not fits or found is None or found[1]["kind"] != "offline" or found[1]["expiresAt"] or not expiring:
        raise OAuthRefusal("invalid_subject_token", "The subject token is invalid or expired.")
    with world.state.together():
        new = tokens.issue_offline(world, shop, expiring=True)
        tokens.retire(world, shop, found[1])
    return _offline(world, new)


def _refresh(world: World, shop: str, form: dict[str, Any]) -> Document:
    given = str(form.get("refresh_token") or "")
    found = tokens.find(world, given)
    if found is not None and (found[0] != shop or found[1]["refreshToken"] != given):
        raise OAuthRefusal("invalid_grant", "The refresh token is invalid, expired or was already used.")
    return _offline(world, tokens.refresh(world, given)[1])


def _client_credentials(world: World, shop: str) -> Document:
    document = installs.shop_of(world, shop)
    if document.get("sameOrganization") is False:
        raise OAuthRefusal("shop_not_permitted", "Client credentials cannot be performed on this shop.")
    token = tokens.issue(world, shop, "client_credentials", seconds=tokens.DAY_TOKEN_SECONDS)
    return _written(token) | {"expires_in": tokens.DAY_TOKEN_SECONDS}


def _redeem_code(world: World, shop: str, form: dict[str, Any]) -> Document:
    found = _codes(world).pop(str(form.get("code")), None)
    if found is None or found["shop"] != shop or found["until"] < time.time():
        raise OAuthRefusal("invalid_request", "The authorization code was not found or was already used")
    if found["per_user"]:
        return _online(tokens.issue(world, shop, "online", seconds=tokens.DAY_TOKEN_SECONDS))
    expiring = _expiring_or_refused(world, expiring=_flag(form.get("expiring")))
    return _offline(world, tokens.issue_offline(world, shop, expiring=expiring))


def _expiring_or_refused(world: World, *, expiring: bool) -> bool:
    """Return the wish; a public app (a setting of the stand-in) must wish for tokens that expire."""
    if world.settings.get("public_app") and not expiring:
        raise OAuthRefusal("invalid_request", "Non-expiring access tokens are no longer accepted for this app.")
    return expiring


def _written(token: Document) -> Document:
    return {"access_token": token["token"], "scope": ",".join(token["scopes"])}


def _offline(world: World, token: Document) -> Document:
    if token["refreshToken"] is None:
        return _written(token)
    return _written(token) | {
        "expires_in": tokens.access_seconds(world),
        "refresh_token": token["refreshToken"],
        "refresh_token_expires_in": tokens.REFRESH_SECONDS,
    }


def _online(token: Document) -> Document:
    scope = ",".join(token["scopes"])
    more = {"associated_user_scope": scope, "associated_user": sessions.USER}
    return _written(token) | {"expires_in": tokens.DAY_TOKEN_SECONDS} | more


def _flag(given: object) -> bool:
    return str(given or "0") in ("1", "true", "True")


def _refused(refusal: OAuthRefusal) -> ResponseReturnValue:
    """Answer in JSON where that was asked for, else with the page that a person would see."""
    if "json" in request.headers.get("Accept", ""):
        body = {"error": refusal.error, "error_description": refusal.description}
        return flask.jsonify(body), refusal.status
    words = f"Oauth error {refusal.error}: {refusal.description}"
    return flask.render_template("refusal.html", words=words), refusal.status


@bp.get("/admin/oauth/authorize")
@bp.get("/store/<store>/oauth/authorize")
def ask(store: str = "") -> ResponseReturnValue:
    """Ask the owner; send an app that has all it asks for straight back with a code."""
    world: World = current_app.config["WORLD"]
    if not _named_shop(store):
        return flask.render_template(
            "which_store.html", shops=[installs.shop_of(world, one) for one in world.state.shops()]
        )
    try:
        shop, scopes = _check_request(world, store)
    except OAuthRefusal as refusal:
        return _refused(refusal)
    agreed = set(tokens.granted_scopes(world, shop)) if installs.is_installed(world, shop) else set()
    if agreed and agreed >= set(scopes):
        return flask.redirect(_back(world, shop))
    return flask.render_template(
        "consent.html", shop=installs.shop_of(world, shop), scopes=scopes, action=request.url
    )


@bp.post("/admin/oauth/authorize")
@bp.post("/store/<store>/oauth/authorize")
def agree(store: str = "") -> ResponseReturnValue:
    """Install the app with the scopes it asked for, and send the browser back with a code."""
    world: World = current_app.config["WORLD"]
    try:
        shop, scopes = _check_request(world, store)
    except OAuthRefusal as refusal:
        return _refused(refusal)
    installs.install(world, shop, scopes=scopes)
    return flask.redirect(_back(world, shop))


def _check_request(world: World, store: str) -> tuple[str, list[str]]:
    """Return store and scopes of a request for consent, which is then known to be the app's own."""
    asked = request.args
    shop = _named_shop(store)
    if shop not in world.state.shops():
        raise OAuthRefusal("invalid_request", "The shop could not be found.", 404)
    if asked.get("client_id") != world.app.client_id:
        raise OAuthRefusal("invalid_request", "Could not find Shopify API application with this client_id.")
    if asked.get("redirect_uri") not in world.app.redirect_urls:
        raise OAuthRefusal("invalid_request", "The redirect_uri is not whitelisted")
    scopes = [scope for scope in asked.get("scope", "").split(",") if scope] or list(world.app.scopes)
    return shop, scopes


def _named_shop(store: str) -> str:
    """Return the store that is asked: by host or address as in the real admin, else where the browser was last.

    One host serves all stores here, and an app that writes the real address names its store by host alone.
    """
    named = f"{store}.myshopify.com" if store else request.args.get("shop", "")
    return (
        shop_in(request.headers.get("Host", "")) or shop_in(named) or shop_in(request.cookies.get("shop", ""))
    )


def _back(world: World, shop: str) -> str:
    """Return the app's address with code, state and all, signed."""
    code = secrets.token_hex(16)
    until = time.time() + _CODE_SECONDS
    per_user = "per-user" in request.args.getlist("grant_options[]")
    _codes(world)[code] = {"shop": shop, "until": until, "per_user": per_user}
    parameters = {"code": code, "host": sessions.host_of(world, shop), "shop": shop}
    parameters |= {"state": request.args.get("state", ""), "timestamp": str(int(time.time()))}
    target = request.args["redirect_uri"]
    return f"{target}{'&' if '?' in target else '?'}{sessions.sign_query(world, parameters)}"


def _codes(world: World) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = world.settings.setdefault("oauth_codes", {})
    return found
