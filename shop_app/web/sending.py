"""``/destinations/choices``: how much may be sent without a person, when, to whom not, and control groups."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError
from shop_app.services.push_choices import PushChoices, change_push_choices, read_push_choices
from shop_app.services.push_labels import UNLABELLED
from shop_app.web.callers import user_id
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.destination_pages import ChoicesPage, HoldoutField
from shop_app.web.formats import count, counted
from shop_app.web.pages import Notice, Option
from shop_app.web.rendering import build_frame, render
from shop_app.web.sending_form import HOLDOUT, HOURS, ChoicesRefusedError, SendingForm
from shop_app.web.summaries import read_summary

bp = Blueprint("sending", __name__, url_prefix="/destinations/choices")

_HOLDOUT_WORDS = (
    "A control group is drawn by lot and gets no label anywhere, so that the effect of what you send can be "
    "measured. Whoever has been in one stays in it. 0 is no control group, 50 the most."
)
_NO_SEGMENTS = "There are no segments yet. Once there are, each can have a control group here."
_SAVED = Notice("success", "Saved", ("Everybody's labels are compared anew with it.",))


@bp.get("")
def index() -> Response:
    """Show the choices."""
    shop = chosen_shop()
    said = (_SAVED,) if request.args.get("done") == "saved" else ()
    choices = read_push_choices(shop.id)
    return render("destinations/choices.html", _page(shop, choices, SendingForm.of(choices), said))


@bp.post("")
def save() -> PlainResponse:
    """Keep the choices."""
    shop, form = chosen_shop(), SendingForm.read(request.form)
    before = read_push_choices(shop.id)
    try:
        changes = form.changes(before, list(_segments(shop)))
        change_push_choices(shop.id, changes, who=user_id(), at=utc_now())
    except InvalidInputError as error:
        errors = error.errors if isinstance(error, ChoicesRefusedError) else {error.field or "": str(error)}
        said = Notice("critical", "Nothing was saved", ("The fields below say what cannot be used.",))
        page = replace(_page(shop, before, form, (said,), errors), errors=errors)
        return render("destinations/choices.html", page, 400)
    return redirect(url_for("sending.index", done="saved", _anchor="said"), 303)


def _page(
    shop: ChosenShop,
    choices: PushChoices,
    form: SendingForm,
    said: tuple[Notice, ...],
    errors: Mapping[str, str] | None = None,
) -> ChoicesPage:
    segments = _segments(shop)
    wrong = errors or {}
    return ChoicesPage(
        frame=build_frame("Limits and control groups", shop, "sending.index"),
        said=said,
        save_url=url_for("sending.save"),
        limit_words=_limit_words(shop, choices),
        values=form.texts,
        quiet_from=_hours(form.texts["quiet_from"]),
        quiet_to=_hours(form.texts["quiet_to"]),
        no_discounts=form.no_discounts,
        holdouts=tuple(
            HoldoutField(
                f"{HOLDOUT}{slug}", name, form.holdouts.get(slug, "0"), wrong.get(f"{HOLDOUT}{slug}", "")
            )
            for slug, name in segments.items()
        ),
        holdout_words=_HOLDOUT_WORDS if segments else _NO_SEGMENTS,
        errors=wrong,
    )


def _segments(shop: ChosenShop) -> dict[str, str]:
    """Return the segments that are labels, by slug."""
    summary = read_summary(shop)
    found = summary["segments"] if summary else ()
    return {each["slug"]: each["name"] for each in found if each["slug"] not in UNLABELLED}


def _limit_words(shop: ChosenShop, choices: PushChoices) -> str:
    """Say in one sentence what may happen without a person, in customers of this shop."""
    summary = read_summary(shop)
    share = f"{choices.approve_ratio * 100:g} % of customers or {count(choices.approve_count)}"
    words = f"At most {share}, whichever is fewer, change at a destination within 24 hours without you."
    if summary is None or not summary["customer_count"]:
        return words
    most = choices.most_unapproved(summary["customer_count"])
    if not most:
        return f"{words} In your shop that is nobody: every change waits for you."
    return f"{words} In your shop that is {counted(most, 'customer')}; more than that wait for you."


def _hours(chosen: str) -> tuple[Option, ...]:
    return tuple(Option(str(hour), f"{hour:02}:00", str(hour) == chosen) for hour in range(HOURS))
