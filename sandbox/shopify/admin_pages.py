"""The app in its frame: installing it, loading it, handing it ID tokens, what App Bridge asks of the admin."""

from urllib.parse import parse_qsl, urlsplit

import flask
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from sandbox.shopify import installs, sessions
from sandbox.shopify.store_view import current_world, domain_of, show

bp = Blueprint("admin_pages", __name__)
_RESERVED = frozenset(("embedded", "hmac", "host", "id_token", "locale", "session", "shop", "timestamp"))


@bp.get("/store/<store>/apps/<client_id>")
@bp.get("/store/<store>/apps/<client_id>/")
@bp.get("/store/<store>/apps/<client_id>/<path:path>")
def app_frame(store: str, client_id: str, path: str = "") -> ResponseReturnValue:
    """Show the app in its frame, or the page on which the owner agrees to it first."""
    world, shop = current_world(), domain_of(store)
    _known_app(client_id)
    if not installs.is_installed(world, shop) or installs.missing_scopes(world, shop):
        return _ask_to_install(shop)
    own = {name: value for name, value in request.args.items() if name not in _RESERVED}
    return show(
        "frame.html",
        shop,
        frame_url=_frame_url(shop, f"/{path}", own),
        frame_name=f"frame://{shop}/main?host={sessions.host_of(world, shop)}&locale={sessions.LOCALE}",
        here=f"/store/{store}/apps/{client_id}",
        app_origin=_origin_of(world.app.app_url),
    )


@bp.post("/store/<store>/apps/<client_id>/_install")
def install(store: str, client_id: str) -> ResponseReturnValue:
    """Let the owner agree, then go to the app."""
    world, shop = current_world(), domain_of(store)
    _known_app(client_id)
    if world.settings.get("legacy_install") and not installs.is_installed(world, shop):
        answer = flask.redirect(f"{world.app.app_url}/?{sessions.install_query(world, shop)}", 303)
        answer.set_cookie("shop", shop, samesite="Lax", httponly=True)  # for the page of consent
        return answer
    installs.install(world, shop)
    return flask.redirect(f"/store/{store}/apps/{client_id}", 303)


@bp.get("/store/<store>/oauth/install")
def install_link(store: str) -> ResponseReturnValue:
    """Show what an install link leads to: the app's own page of consent, or that of its optional scopes."""
    world, shop = current_world(), domain_of(store)
    _known_app(request.args.get("client_id", ""))
    wanted = _optional(request.args.get("optional_scopes", "").split(","))
    if not wanted or not installs.is_installed(world, shop):
        return _ask_to_install(shop)
    return show("install.html", shop, scopes=wanted, action=request.full_path, kind="optional")


@bp.post("/store/<store>/oauth/install")
def grant_link(store: str) -> ResponseReturnValue:
    """Grant the optional scopes of a link, then go to the app."""
    world, shop = current_world(), domain_of(store)
    _known_app(request.args.get("client_id", ""))
    installs.grant(world, shop, _optional(request.args.get("optional_scopes", "").split(",")))
    return flask.redirect(f"/store/{store}/apps/{world.app.client_id}", 303)


@bp.post("/store/<store>/apps/<client_id>/_token")
def id_token(store: str, client_id: str) -> ResponseReturnValue:
    """Hand the page around the frame a fresh ID token."""
    shop = _installed_shop(store, client_id)
    return flask.jsonify(token=sessions.mint_id_token(current_world(), shop))


@bp.post("/store/<store>/apps/<client_id>/_frame")
def frame_url(store: str, client_id: str) -> ResponseReturnValue:
    """Hand the page around the frame a freshly signed address of a path of the app."""
    shop = _installed_shop(store, client_id)
    parts = urlsplit(str((request.get_json(silent=True) or {}).get("path") or "/"))
    own = {name: value for name, value in parse_qsl(parts.query) if name not in _RESERVED}
    return flask.jsonify(url=_frame_url(shop, "/" + parts.path.lstrip("/"), own))


@bp.post("/store/<store>/apps/<client_id>/_scopes")
def scopes(store: str, client_id: str) -> ResponseReturnValue:
    """Tell, grant or take back scopes, as App Bridge's ``shopify.scopes`` asks."""
    world, shop = current_world(), _installed_shop(store, client_id)
    asked = request.get_json(silent=True) or {}
    named = [str(scope) for scope in asked.get("scopes") or []]
    if asked.get("deed") == "grant":
        installs.grant(world, shop, _optional(named))
    elif asked.get("deed") == "revoke":
        installs.revoke(world, shop, named)
    granted = installs.shop_of(world, shop)["grantedScopes"]
    return flask.jsonify(
        granted=granted, required=list(world.app.scopes), optional=list(world.app.optional_scopes)
    )


def _ask_to_install(shop: str) -> ResponseReturnValue:
    world = current_world()
    kind = "update" if installs.is_installed(world, shop) else "install"
    wanted = installs.missing_scopes(world, shop) if kind == "update" else list(world.app.scopes)
    action = f"/store/{sessions.store_name(shop)}/apps/{world.app.client_id}/_install"
    return show("install.html", shop, scopes=wanted, action=action, kind=kind)


def _installed_shop(store: str, client_id: str) -> str:
    shop = domain_of(store)
    _known_app(client_id)
    if not installs.is_installed(current_world(), shop):
        flask.abort(403)
    return shop


def _known_app(client_id: str) -> None:
    if client_id != current_world().app.client_id:
        flask.abort(404)


def _optional(named: list[str]) -> list[str]:
    """Return the scopes among these that the app may ask for at run time."""
    return [scope for scope in named if scope in current_world().app.optional_scopes]


def _frame_url(shop: str, path: str, own: dict[str, str]) -> str:
    world = current_world()
    return f"{world.app.app_url}{path}?{sessions.frame_query(world, shop, own)}"


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
