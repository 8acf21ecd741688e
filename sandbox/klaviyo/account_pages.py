"""The account's pages for people: lists, segments, profiles with what is written on them, jobs, calls."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask
import orjson
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from sandbox import shopify
from sandbox.klaviyo import accounts, call_log, consent, groups, imports
from sandbox.klaviyo.deeds import DEEDS, DeedRefusedError
from sandbox.klaviyo.interface import current_world
from sandbox.klaviyo.refusals import RefusedError
from sandbox.klaviyo.state import Document

bp = Blueprint("account_pages", __name__)
_LOOK = Path(shopify.__file__).parent / "static"  # one look for all stand-ins
_PAGE = 50
_APP = "kindred"
NOTHING = "\N{EN DASH}"
BUTTONS = {
    "subscribe": "Subscribe",
    "unsubscribe": "Unsubscribe",
    "suppress": "Suppress",
    "click_email": "Click a mail",
    "open_email": "Open a mail",
}


@bp.get("/static/<name>")
def static_file(name: str) -> ResponseReturnValue:
    """Send a style, a script or the icon."""
    if name not in ("admin.css", "admin.js", "icon.svg"):
        flask.abort(404)
    return flask.send_from_directory(_LOOK, name, max_age=0)


@bp.get("/")
def first() -> ResponseReturnValue:
    """Go to the first account."""
    found = current_world().state.accounts()
    return flask.redirect(f"/account/{found[0]}") if found else ("There is no account yet.", 404)


@bp.get("/account/<account>")
def home(account: str) -> ResponseReturnValue:
    """Show an account at a glance: how many of what, its lists and segments, the key to it."""
    state = current_world().state
    jobs = state.things(account, imports.KIND)
    counts = {
        "Profiles": state.count("profiles", account),
        "Lists": state.count("things", account, "AND kind = 'list'"),
        "Segments": state.count("things", account, "AND kind = 'segment'"),
        "Import jobs": len(jobs),
        "Events": state.count("events", account),
    }
    keys = [one for one in accounts.keys(current_world(), account) if accounts.counts(one)]
    return _show(
        "home.html",
        account,
        counts=counts,
        keys=keys,
        lists=_groups(account, "list"),
        segments=_groups(account, "segment"),
        jobs=jobs[:-6:-1],
    )


@bp.get("/account/<account>/<any(lists, segments):kinds>")
def all_groups(account: str, kinds: str) -> ResponseReturnValue:
    """List the lists or the segments with their sizes."""
    return _show("groups.html", account, kinds=kinds, found=_groups(account, kinds.removesuffix("s")))


@bp.get("/account/<account>/<any(lists, segments):kinds>/<key>")
def group(account: str, kinds: str, key: str) -> ResponseReturnValue:
    """Show who is in a list or a segment."""
    state = current_world().state
    found = state.find(account, kinds.removesuffix("s"), key) or flask.abort(404)
    count = groups.size(current_world(), account, key)
    words = f"ORDER BY joined DESC, members.profile LIMIT {_PAGE} OFFSET {_offset()}"
    rows = groups.members(current_world(), account, key, words, [])
    people = [_person(orjson.loads(row[2])) for row in rows]
    return _show("group.html", account, kinds=kinds, group=found, people=people, **_pages(count))


@bp.get("/account/<account>/profiles")
def all_profiles(account: str) -> ResponseReturnValue:
    """List profiles, those changed last first, narrowed by a word if one is given."""
    word, state = request.args.get("q", "").strip().lower(), current_world().state
    where, values = ("AND CAST(body AS TEXT) LIKE ?", [f"%{word}%"]) if word else ("", [])
    count = state.count("profiles", account, where, values)
    rows = state.rows(
        f"SELECT body FROM profiles WHERE account = ? {where} "  # noqa: S608 (our own words)
        f"ORDER BY updated DESC, id LIMIT {_PAGE} OFFSET {_offset()}",
        (account, *values),
    )
    people = [_person(orjson.loads(body)) for (body,) in rows]
    return _show("profiles.html", account, people=people, word=word, **_pages(count))


@bp.get("/account/<account>/profiles/<key>")
def profile(account: str, key: str) -> ResponseReturnValue:
    """Show a profile: what the app wrote beside what others wrote, its groups, its newest events."""
    world = current_world()
    found = world.state.profile(account, key) or flask.abort(404)
    metrics = {one["id"]: one["name"] for one in world.state.things(account, "metric")}
    where = "SELECT body FROM events WHERE account = ? AND profile = ? ORDER BY at DESC LIMIT 12"
    happened = [orjson.loads(body) for (body,) in world.state.rows(where, (account, key))]
    return _show(
        "profile.html",
        account,
        person=_person(found),
        lists=groups.of_profile(world, account, key, "list"),
        segments=groups.of_profile(world, account, key, "segment"),
        events=[
            (one["at"], metrics.get(one["metric"], ""), one["properties"].get("Subject", ""))
            for one in happened
        ],
        buttons=BUTTONS,
    )


@bp.get("/account/<account>/jobs")
def all_jobs(account: str) -> ResponseReturnValue:
    """List import jobs, newest first."""
    found = current_world().state.things(account, imports.KIND)[::-1]
    return _show("jobs.html", account, jobs=found[_offset() : _offset() + _PAGE], **_pages(len(found)))


@bp.get("/account/<account>/jobs/<key>")
def job(account: str, key: str) -> ResponseReturnValue:
    """Show a job and the first rows of it that failed."""
    state = current_world().state
    found = state.find(account, imports.KIND, key) or flask.abort(404)
    where = (
        "SELECT error FROM job_rows WHERE account = ? AND job = ? AND error IS NOT NULL ORDER BY place LIMIT 50"
    )
    errors = [orjson.loads(error) for (error,) in state.rows(where, (account, key))]
    names = {one["id"]: one["name"] for one in state.things(account, "list")}
    return _show("job.html", account, job=found, errors=errors, names=names)


@bp.get("/account/<account>/calls")
def calls(account: str) -> ResponseReturnValue:
    """List the newest calls of the interface."""
    found = call_log.of(current_world()).listed()[:-101:-1]
    return _show("calls.html", account, calls=found)


@bp.post("/account/<account>/do/<deed>")
def do(account: str, deed: str) -> ResponseReturnValue:
    """Do a deed for a button, and come back with a word of what was done."""
    function = DEEDS.get(deed) or flask.abort(404)
    arguments = {name: text for name, text in request.form.items() if text and name != "back"}
    words = f"{deed.replace('_', ' ').capitalize()}: done."
    try:
        function(current_world(), account, **arguments)
    except (DeedRefusedError, RefusedError, TypeError, ValueError) as error:
        words = f"That did not work: {error}"
    current_world().settings.setdefault("notices", {})[account] = words
    back = request.form.get("back", "")
    inside = back.startswith(f"/account/{account}") and "//" not in back
    return flask.redirect(back if inside else f"/account/{account}", 303)


def _show(template: str, account: str, **values: Any) -> str:  # noqa: ANN401 (what the template needs)
    world = current_world()
    owner = world.state.find(account, "account", account) or flask.abort(404)
    others = [world.state.find(one, "account", one) for one in world.state.accounts() if one != account]
    notice = world.settings.setdefault("notices", {}).pop(account, None)
    return flask.render_template(
        template, account=owner, others=others, notice=notice, moment=_moment, is_ours=_is_ours, **values
    )


def _groups(account: str, kind: str) -> list[tuple[Document, int]]:
    """Return lists or segments with their sizes, the app's first."""
    found = current_world().state.things(account, kind)
    found.sort(key=lambda one: (not _is_ours(one["name"]), one["name"]))
    return [(one, groups.size(current_world(), account, one["id"])) for one in found]


def _person(found: Document) -> dict[str, Any]:
    """Return a profile as pages show it."""
    name = " ".join(filter(None, (found["first_name"], found["last_name"])))
    told = sorted(found["properties"].items())
    status = (found["consent"]["email"] or {}).get("consent", "NEVER_SUBSCRIBED")
    return found | {
        "name": name or found["email"] or found["phone_number"] or found["id"],
        "ours": [(key, value) for key, value in told if _is_ours(key)],
        "foreign": [(key, value) for key, value in told if not _is_ours(key)],
        "status": status.replace("_", " ").lower(),
        "reasons": [one["reason"].replace("_", " ").lower() for one in found["consent"]["suppression"]],
        "mailable": consent.may_be_mailed(found),
    }


def _is_ours(name: str) -> bool:
    """Tell whether a name looks like one that the app gave."""
    return name.lower().startswith(_APP)


def _offset() -> int:
    return (max(1, request.args.get("page", 1, type=int)) - 1) * _PAGE


def _pages(count: int) -> dict[str, int]:
    return {"count": count, "page": _offset() // _PAGE + 1, "pages": max(1, -(-count // _PAGE))}


def _moment(seconds: float | None) -> str:
    """Write a moment for people, in UTC."""
    return NOTHING if seconds is None else datetime.fromtimestamp(seconds, tz=UTC).strftime("%-d %b %Y, %H:%M")
