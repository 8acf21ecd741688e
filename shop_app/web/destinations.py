"""``/destinations``: where labels go; ``/destinations/<kind>``: one of them, set up, tried, paused or left."""

from collections.abc import Callable

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.destinations.base import Connected
from shop_app.errors import InvalidInputError, KindredError, NotFoundError, NotVerifiedError
from shop_app.services.connect_destination import (
    check_destination,
    disconnect,
    pause,
    read_destination,
    save_destination,
    switch_on,
)
from shop_app.services.decide_pushes import clean_up
from shop_app.services.push_choices import change_push_choices
from shop_app.web.callers import user_id
from shop_app.web.chosen_shop import chosen_shop
from shop_app.web.destination_cards import destinations_page
from shop_app.web.destination_detail import Answer, destination_page, disconnect_page, take_back_page
from shop_app.web.destination_form import read_values
from shop_app.web.pages import Notice
from shop_app.web.rendering import render

bp = Blueprint("destinations", __name__, url_prefix="/destinations")

BY_HAND = "You paused it."

_DONE = {
    "on": ("Switched on", "What is to be sent is compared anew, and waits for you before anything goes out."),
    "paused": ("Paused", "Nothing more is sent there. Labels go on being worked out."),
    "stopped": ("Everything is stopped", "Nothing is sent to any destination before you start again."),
    "started": ("Started again", "What has gathered meanwhile is compared anew."),
    "left": ("Disconnected", "Its keys are forgotten. What was written there stays."),
}


@bp.get("")
def index() -> Response:
    """Show every destination."""
    done = _DONE.get(request.args.get("done", ""))
    said = (Notice("success", done[0], (done[1],)),) if done else ()
    return render("destinations/index.html", destinations_page(chosen_shop(), said))


@bp.post("/stop")
def stop() -> PlainResponse:
    """Send nothing more anywhere."""
    change_push_choices(chosen_shop().id, {"everything_stopped": True}, who=user_id(), at=utc_now())
    return _done("stopped")


@bp.post("/start")
def start() -> PlainResponse:
    """Let everything be sent again that is switched on."""
    change_push_choices(chosen_shop().id, {"everything_stopped": False}, who=user_id(), at=utc_now())
    return _done("started")


@bp.get("/<kind>")
def show(kind: str) -> Response:
    """Show one destination with its settings."""
    return render("destinations/show.html", destination_page(chosen_shop(), kind))


@bp.post("/<kind>")
def save(kind: str) -> Response:
    """Try settings, keep them, and say whose account answered."""
    shop = chosen_shop()
    values = read_values(read_destination(shop.id, kind).kind.schema, request.form)
    try:
        _, connected = save_destination(shop.id, kind, values, who=user_id(), at=utc_now())
    except InvalidInputError as error:
        errors = {error.field or "": str(error)}
        answer = Answer((_refusal("Nothing was saved", error),), values, errors)
        return render("destinations/show.html", destination_page(shop, kind, answer), 400)
    except (NotFoundError, NotVerifiedError):
        raise
    except KindredError as error:
        answer = Answer((_refusal("Nothing was saved", error),), values)
        return render("destinations/show.html", destination_page(shop, kind, answer), 409)
    answer = Answer(said=_answered("Saved", connected))
    return render("destinations/show.html", destination_page(shop, kind, answer))


@bp.post("/<kind>/test")
def test(kind: str) -> Response:
    """Find out whether a destination still lets us in, and say whose account answers."""
    shop = chosen_shop()
    try:
        connected = check_destination(shop.id, kind, at=utc_now())
    except (NotFoundError, NotVerifiedError):
        raise
    except KindredError as error:
        answer = Answer((_refusal("It does not let Kindred in", error),))
        return render("destinations/show.html", destination_page(shop, kind, answer), 409)
    answer = Answer(said=_answered("The connection works", connected))
    return render("destinations/show.html", destination_page(shop, kind, answer))


@bp.post("/<kind>/on")
def turn_on(kind: str) -> PlainResponse:
    """Let changes be sent there."""
    shop = chosen_shop()
    return _decided(lambda: switch_on(shop.id, kind, who=user_id(), at=utc_now()), "on")


@bp.post("/<kind>/pause")
def turn_off(kind: str) -> PlainResponse:
    """Send nothing more there, from the next call on."""
    shop = chosen_shop()
    return _decided(lambda: pause(shop.id, kind, reason=BY_HAND, who=user_id(), at=utc_now()), "paused")


@bp.get("/<kind>/disconnect")
def ask_leave(kind: str) -> Response:
    """Say what disconnecting means, before it is done."""
    return render("destinations/confirm.html", disconnect_page(chosen_shop(), kind))


@bp.post("/<kind>/disconnect")
def leave(kind: str) -> PlainResponse:
    """Forget a destination and its keys."""
    shop = chosen_shop()
    return _decided(lambda: disconnect(shop.id, kind, who=user_id(), at=utc_now()), "left")


@bp.get("/<kind>/take-back")
def ask_take_back(kind: str) -> Response:
    """Say what taking everything back means, before it is done."""
    return render("destinations/confirm.html", take_back_page(chosen_shop(), kind))


@bp.post("/<kind>/take-back")
def take_back(kind: str) -> PlainResponse:
    """Take back everything that we wrote there; show how far that is."""
    back = clean_up(chosen_shop().id, kind, who=user_id(), at=utc_now())
    return redirect(url_for("pushes.show", push_id=back.push.id, done="taken-back", _anchor="said"), 303)


def _decided(deed: Callable[[], None], done: str) -> PlainResponse:
    """Do something that a destination's other side may refuse, and say what came of it."""
    try:
        deed()
    except (NotFoundError, NotVerifiedError):
        raise
    except KindredError as error:
        said = (_refusal("Not done", error),)
        return render("destinations/index.html", destinations_page(chosen_shop(), said), 409)
    return _done(done)


def _done(what: str) -> PlainResponse:
    return redirect(url_for("destinations.index", done=what, _anchor="said"), 303)


def _answered(heading: str, connected: Connected) -> tuple[Notice, ...]:
    works = Notice("success", heading, (f"{connected.account_name} answered.",))
    return (works, *(Notice("warning", "To be known", (words,)) for words in connected.warnings))


def _refusal(heading: str, error: KindredError) -> Notice:
    return Notice("critical", heading, (str(error),))
