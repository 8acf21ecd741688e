"""What the real one does not have: faults, the call log, a look into the store, deeds on demand."""

from typing import Any

import flask
from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from sandbox.shopify import call_log, delivery_queue, faults, installs, merchant
from sandbox.shopify.webhooks import one_event
from sandbox.shopify.world import World

bp = Blueprint("side_doors", __name__)
_HIDDEN = ("token", "refreshToken")
_PAGE = 1000


@bp.get("/_health")
def health() -> ResponseReturnValue:
    """Say that the stand-in is up, and how many webhooks wait."""
    return flask.jsonify(ok=True, waiting=len(delivery_queue.of(_world())), shops=_world().state.shops())


@bp.get("/_faults")
def list_faults() -> ResponseReturnValue:
    """Return the switches that are on."""
    return flask.jsonify(faults.of(_world()).listed())


@bp.post("/_faults")
def add_fault() -> ResponseReturnValue:
    """Switch a fault on; see :mod:`sandbox.shopify.faults` for the kinds."""
    try:
        return flask.jsonify(faults.switch_on(_world(), _body())), 201
    except (ValueError, TypeError) as error:
        return flask.jsonify(error=str(error)), 400


@bp.delete("/_faults")
@bp.delete("/_faults/<int:number>")
def remove_faults(number: int | None = None) -> ResponseReturnValue:
    """Switch one fault off, or all."""
    faults.of(_world()).remove(number)
    return "", 204


@bp.get("/_calls")
def list_calls() -> ResponseReturnValue:
    """Return the app's calls behind ``?after=`` a number; ``shop``, ``path``, ``operation`` narrow down."""
    names = ("shop", "path", "operation", "status", "kind", "method", "fault")
    wanted = {name: request.args[name] for name in names if name in request.args}
    return flask.jsonify(call_log.of(_world()).listed(after=request.args.get("after", 0, type=int), **wanted))


@bp.delete("/_calls")
def clear_calls() -> ResponseReturnValue:
    """Forget the calls so far."""
    call_log.of(_world()).clear()
    return "", 204


@bp.get("/_store/<shop>/<kind>")
@bp.get("/_store/<shop>/<kind>/<int:number>")
def look(shop: str, kind: str, number: int | None = None) -> ResponseReturnValue:
    """Return documents of a store: one, or those behind ``?after=``, at most ``?limit=``."""
    state = _world().state
    if number is not None:
        document = state.find(shop, kind, number)
        return ("", 404) if document is None else flask.jsonify(_shown(document))
    limit = request.args.get("limit", _PAGE, type=int)
    found: list[dict[str, Any]] = []
    for document in state.each(shop, kind, after=request.args.get("after", -1, type=int)):
        if len(found) == limit:
            break
        found.append(_shown(document))
    return flask.jsonify(found)


@bp.post("/_deeds/<deed>")
def do(deed: str) -> ResponseReturnValue:
    """Do what a merchant or a buyer would: ``{"shop": …}`` and the deed's own arguments; answers its ids."""
    arguments = _body()
    function = merchant.DEEDS.get(deed)
    shop = arguments.pop("shop", None)
    if function is None or not isinstance(shop, str):
        return flask.jsonify(
            error=f"There is no deed {deed!r}, or no shop is given.", deeds=sorted(merchant.DEEDS)
        ), 404
    try:
        with one_event():
            return flask.jsonify(function(_world(), shop, **arguments))
    except (merchant.DeedRefusedError, installs.NoSuchShopError, TypeError) as error:
        return flask.jsonify(error=str(error)), 400


@bp.get("/_settings")
def settings() -> ResponseReturnValue:
    """Return the settings that may be changed while the stand-in runs."""
    return flask.jsonify({name: _world().settings.get(name) for name in _SETTINGS})


@bp.post("/_settings")
def change_settings() -> ResponseReturnValue:
    """Change settings: those of :data:`_SETTINGS`, from the next call on."""
    body = _body()
    if unknown := set(body) - set(_SETTINGS):
        return flask.jsonify(error=f"There is no setting {', '.join(sorted(unknown))}."), 400
    _world().settings.update(body)
    return settings()


_SETTINGS = ("time_scale", "access_token_seconds", "public_app", "legacy_install", "bulk_pause", "bulk_rate")


def _world() -> World:
    world: World = current_app.config["WORLD"]
    return world


def _body() -> dict[str, Any]:
    """Return the JSON object in the body; only JSON, so that no foreign page's form can do a deed."""
    found = request.get_json(silent=True) if request.mimetype == "application/json" else None
    return found if isinstance(found, dict) else {}


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in _HIDDEN}
