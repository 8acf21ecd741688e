"""OAuth: a merchant's consent in the browser, codes with PKCE, tokens, refreshing and revoking.

The app has to be registered first (deed ``register_app``). A code counts once and for five minutes; an access
token lives for ``access_token_seconds``; a refresh token stays the same until it is revoked.
"""

import hashlib
import secrets
from base64 import b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

import flask
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from sandbox.klaviyo import accounts
from sandbox.klaviyo.interface import current_world
from sandbox.klaviyo.operations import EVERY_SCOPE
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import World, now

bp = Blueprint("oauth", __name__)
_APP, _CODE, _REFRESH = ("", "oauth_app"), ("", "oauth_code"), ("", "oauth_refresh")
_CODE_SECONDS = 300


def register_app(world: World, client_id: str, client_secret: str, redirect_uris: list[str]) -> None:
    """Note an app as its developer registered it; an earlier one of the same id makes way for it."""
    app = {"id": client_id, "created": now(), "secret": client_secret, "redirect_uris": redirect_uris}
    world.state.put(*_APP, app)


@bp.get("/oauth/authorize")
def ask() -> ResponseReturnValue:
    """Show the merchant what an app asks for."""
    app, wrong = _asked()
    if wrong:
        return flask.render_template("consent.html", wrong=wrong), 400
    owners = [current_world().state.find(one, "account", one) for one in current_world().state.accounts()]
    scopes = request.args["scope"].split()
    return flask.render_template("consent.html", app=app, owners=owners, scopes=scopes, wrong="")


@bp.post("/oauth/authorize")
def agree() -> ResponseReturnValue:
    """Send the browser back with a code, or with a refusal."""
    app, wrong = _asked()
    account = request.form.get("account", "")
    if wrong or current_world().state.find(account, "account", account) is None:
        return flask.render_template("consent.html", wrong=wrong or "There is no such account."), 400
    told = {"state": request.args["state"]}
    if request.form.get("answer") != "allow":
        return _back(told | {"error": "access_denied"})
    code = {
        "id": secrets.token_urlsafe(24),
        "created": now(),
        "app": app["id"],
        "account": account,
        "scopes": request.args["scope"].split(),
        "challenge": request.args["code_challenge"],
        "redirect_uri": request.args["redirect_uri"],
    }
    current_world().state.put(*_CODE, code)
    return _back(told | {"code": code["id"]})


@bp.post("/oauth/token")
def token() -> ResponseReturnValue:
    """Give tokens for a code, or a fresh access token for a refresh token."""
    world, app = current_world(), _caller()
    if app is None:
        return _refused("invalid_client", 401)
    kind = request.form.get("grant_type")
    if kind == "authorization_code":
        return _for_code(world, app)
    if kind != "refresh_token":
        return _refused("unsupported_grant_type")
    known = world.state.find(*_REFRESH, request.form.get("refresh_token", ""))
    if known is None or known["app"] != app["id"]:
        return _refused("invalid_grant")
    return _tokens(world, known)


@bp.post("/oauth/revoke")
def revoke() -> ResponseReturnValue:
    """End a refresh token and the access tokens that came of it; one that is unknown is let be."""
    world, app = current_world(), _caller()
    if app is None:
        return _refused("invalid_client", 401)
    known = world.state.find(*_REFRESH, request.form.get("token", ""))
    if known is not None and known["app"] == app["id"]:
        world.state.delete(*_REFRESH, known["id"])
        accounts.revoke_keys(world, known["account"], known["name"])
    return "", 200


def _asked() -> tuple[Document, str]:
    """Return the app that asks, and what is wrong with its question."""
    asked = request.args
    app = current_world().state.find(*_APP, asked.get("client_id", ""))
    if app is None:
        return {}, "There is no app of this client_id."
    if asked.get("redirect_uri") not in app["redirect_uris"]:
        return app, "The app has not registered this redirect_uri."
    if asked.get("response_type") != "code" or not asked.get("state"):
        return app, "response_type must be code, and a state must be given."
    if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
        return app, "A code_challenge with the method S256 must be given."
    scopes = asked.get("scope", "").split()
    unknown = [one for one in scopes if one not in EVERY_SCOPE]
    return (
        app,
        "" if scopes and not unknown else f"These scopes are unknown: {', '.join(unknown) or 'none given'}.",
    )


def _back(told: dict[str, str]) -> ResponseReturnValue:
    return flask.redirect(f"{request.args['redirect_uri']}?{urlencode(told)}", 303)


def _caller() -> Document | None:
    """Return the app that signs a call with its id and secret."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        client_id, _, secret = b64decode(encoded).decode().partition(":")
    except ValueError:
        return None
    app = current_world().state.find(*_APP, client_id) if scheme == "Basic" else None
    return app if app and secrets.compare_digest(app["secret"].encode(), secret.encode()) else None


def _for_code(world: World, app: Document) -> ResponseReturnValue:
    with world.state.together():
        code = world.state.find(*_CODE, request.form.get("code", ""))
        if code is not None:
            world.state.delete(*_CODE, code["id"])
    verifier = request.form.get("code_verifier", "")
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if (
        code is None
        or code["created"] + _CODE_SECONDS < now()
        or code["app"] != app["id"]
        or code["redirect_uri"] != request.form.get("redirect_uri")
        or code["challenge"] != challenge
    ):
        return _refused("invalid_grant")
    name = f"OAuth {world.state.next_number('consent')}"
    kept = {name: code[name] for name in ("app", "account", "scopes")}
    known = kept | {"id": secrets.token_urlsafe(32), "created": now(), "name": name}
    world.state.put(*_REFRESH, known)
    return _tokens(world, known)


def _tokens(world: World, known: dict[str, Any]) -> ResponseReturnValue:
    lives = world.settings["access_token_seconds"]
    made = accounts.make_key(
        world, known["account"], scopes=known["scopes"], name=known["name"], app=known["app"], lives=lives
    )
    return flask.jsonify(
        access_token=made["id"],
        refresh_token=known["id"],
        token_type="bearer",  # noqa: S106 (a kind, not a secret)
        expires_in=int(lives),
        scope=" ".join(known["scopes"]),
    )


def _refused(error: str, status: int = 400) -> ResponseReturnValue:
    return flask.jsonify(error=error), status
