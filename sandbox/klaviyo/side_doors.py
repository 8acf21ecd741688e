"""What the real one does not have: faults, the call log, a look into an account, deeds on demand."""

from typing import Any

import flask
import orjson
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from sandbox.klaviyo import accounts, call_log, faults, groups, windows
from sandbox.klaviyo.deeds import DEEDS, DeedRefusedError
from sandbox.klaviyo.interface import current_world
from sandbox.klaviyo.refusals import RefusedError
from sandbox.klaviyo.world import DEFAULTS

bp = Blueprint("side_doors", __name__)
_PAGE = 1000
_TABLES = {"profile": "profiles", "event": "events"}


@bp.get("/_health")
def health() -> ResponseReturnValue:
    """Say that the stand-in is up, and whose accounts it has."""
    return flask.jsonify(ok=True, accounts=current_world().state.accounts())


@bp.get("/_faults")
def list_faults() -> ResponseReturnValue:
    """Return the switches that are on."""
    return flask.jsonify(faults.of(current_world()).listed())


@bp.post("/_faults")
def add_fault() -> ResponseReturnValue:
    """Switch a fault on; see :mod:`sandbox.klaviyo.faults` for the kinds."""
    try:
        return flask.jsonify(faults.switch_on(current_world(), _body())), 201
    except (ValueError, TypeError) as error:
        return flask.jsonify(error=str(error)), 400


@bp.delete("/_faults")
@bp.delete("/_faults/<int:number>")
def remove_faults(number: int | None = None) -> ResponseReturnValue:
    """Switch one fault off, or all."""
    faults.of(current_world()).remove(number)
    return "", 204


@bp.get("/_calls")
def list_calls() -> ResponseReturnValue:
    """Return the app's calls behind ``?after=`` a number; further words narrow down."""
    names = ("account", "path", "operation", "status", "method", "fault", "key", "consent")
    wanted = {name: request.args[name] for name in names if name in request.args}
    after = request.args.get("after", 0, type=int)
    return flask.jsonify(call_log.of(current_world()).listed(after=after, **wanted))


@bp.delete("/_calls")
def clear_calls() -> ResponseReturnValue:
    """Forget the calls so far."""
    call_log.of(current_world()).clear()
    return "", 204


@bp.get("/_store/<kind>")
@bp.get("/_store/<kind>/<key>")
def look(kind: str, key: str | None = None) -> ResponseReturnValue:
    """Return what an account holds of a kind, by id: those behind ``?after=``, at most ``?limit=``; or one.

    Kinds are ``profile``, ``event``, ``list``, ``segment``, ``metric``, ``import_job``, ``account``;
    ``member`` is who is in the group ``key``; ``job_row`` the rows of the job ``key``.
    """
    account, state = _account(), current_world().state
    if kind == "member" and key is not None:
        rows = groups.members(current_world(), account, key, "ORDER BY members.profile", [])
        return flask.jsonify([row[1] for row in rows])
    if kind == "job_row" and key is not None:
        where = "SELECT place, profile, error FROM job_rows WHERE account = ? AND job = ? ORDER BY place"
        told = [
            {"place": place, "profile": profile, "error": orjson.loads(error) if error else None}
            for place, profile, error in state.rows(where, (account, key))
        ]
        return flask.jsonify(told)
    table = _TABLES.get(kind)
    where, values = ("account = ?", [account]) if table else ("account = ? AND kind = ?", [account, kind])
    if key is not None:
        found = state.rows(f"SELECT body FROM {table or 'things'} WHERE {where} AND id = ?", (*values, key))  # noqa: S608 (our own words)
        return flask.jsonify(orjson.loads(found[0][0])) if found else ("", 404)
    after, limit = request.args.get("after", ""), request.args.get("limit", _PAGE, type=int)
    found = state.rows(
        f"SELECT body FROM {table or 'things'} WHERE {where} AND id > ? ORDER BY id LIMIT ?",  # noqa: S608 (our own words)
        (*values, after, limit),
    )
    return flask.jsonify([orjson.loads(body) for (body,) in found])


@bp.get("/_keys")
def list_keys() -> ResponseReturnValue:
    """Return the keys of an account, secrets and all: there is nothing behind them but this stand-in."""
    return flask.jsonify(accounts.keys(current_world(), _account()))


@bp.post("/_deeds/<deed>")
def do(deed: str) -> ResponseReturnValue:
    """Do what a merchant or a shopper would; ``account`` is the first one unless it is given."""
    arguments = _body()
    account = arguments.pop("account", None) or _account()
    function = DEEDS.get(deed)
    if function is None:
        return flask.jsonify(error=f"There is no deed {deed!r}.", deeds=sorted(DEEDS)), 404
    try:
        return flask.jsonify(function(current_world(), account, **arguments))
    except (DeedRefusedError, RefusedError, TypeError, ValueError) as error:
        return flask.jsonify(error=str(error)), 400


@bp.get("/_settings")
def settings() -> ResponseReturnValue:
    """Return the settings that may be changed while the stand-in runs."""
    return flask.jsonify({name: current_world().settings.get(name) for name in DEFAULTS})


@bp.post("/_settings")
def change_settings() -> ResponseReturnValue:
    """Change settings, from the next call on; rate windows begin anew."""
    body = _body()
    wrong = [name for name in body if name not in DEFAULTS or not _fits(DEFAULTS[name], body[name])]
    if wrong:
        return flask.jsonify(error=f"These cannot be set so: {', '.join(sorted(wrong))}."), 400
    current_world().settings.update(body)
    windows.of(current_world()).clear()
    return settings()


def _fits(default: object, value: object) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _account() -> str:
    found = request.args.get("account") or next(iter(current_world().state.accounts()), "")
    return found if current_world().state.find(found, "account", found) else flask.abort(404)


def _body() -> dict[str, Any]:
    """Return the JSON object in the body; only JSON, so that no foreign page's form can do a deed."""
    found = request.get_json(silent=True) if request.mimetype == "application/json" else None
    return found if isinstance(found, dict) else {}
