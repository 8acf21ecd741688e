"""The Admin API's address: who may come in, what the engine says, how it is sent."""

from typing import Any

import flask
import orjson
from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from sandbox.shopify import installs, tokens
from sandbox.shopify.calls import Caller
from sandbox.shopify.graph.engine import execute
from sandbox.shopify.world import World

bp = Blueprint("api", __name__)
_NO_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105 (an answer)
_LASTING = "[API] Non-expiring access tokens are no longer accepted for the Admin API."


@bp.post("/admin/api/<version>/graphql.json")
def graphql(version: str) -> ResponseReturnValue:
    """Answer one GraphQL request."""
    world: World = current_app.config["WORLD"]
    caller: Caller = request.environ["shopify.caller"]
    refused = _refusal(world, caller)
    if refused is not None:
        return flask.jsonify(errors=refused[1]), refused[0]
    body = _read_body(caller)
    if body is None:
        return flask.jsonify(errors={"query": "Required parameter missing or invalid"}), 400
    token = caller.token or {}
    tokens.note_use(world, caller.shop, token)
    status, answer, headers = execute(world, caller.shop, token, version, body)
    sent = {"Content-Type": "application/json; charset=utf-8"} | headers
    return flask.Response(orjson.dumps(answer), status, headers=sent)


@bp.route("/admin/api/<version>/<path:_rest>", methods=["GET", "POST", "PUT", "DELETE"])
def rest(version: str, _rest: str) -> ResponseReturnValue:
    """Refuse the REST interface: an app made today has no access to it."""
    del version
    return flask.jsonify(errors="Not Found"), 404


def _refusal(world: World, caller: Caller) -> tuple[int, str] | None:
    """Return why this call may not come in; the rest of the reasons is the engine's to know."""
    if caller.shop and caller.shop not in world.state.shops():
        return 404, "Not Found"
    if caller.token is None or caller.foreign or not tokens.is_live(caller.token):
        return 401, _NO_TOKEN
    if world.settings.get("public_app") and caller.token["kind"] == "offline" and not caller.token["expiresAt"]:
        return 403, _LASTING
    if installs.shop_of(world, caller.shop).get("locked"):
        return 423, "Locked"
    return None


def _read_body(caller: Caller) -> dict[str, Any] | None:
    """Return what is asked; a bare document under the older media type is one, too."""
    if request.mimetype == "application/graphql":
        return {"query": request.get_data(as_text=True)}
    return caller.form if isinstance(caller.form.get("query"), str) else None
