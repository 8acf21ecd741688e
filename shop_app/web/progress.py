"""``/progress``: how far the first reading of a shop is, and what can be looked at already."""

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import NotFoundError
from shop_app.services.backfill_shop import retry_backfill
from shop_app.services.describe_backfill import Progress, describe_backfill
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.formats import Formats, count, counted
from shop_app.web.pages import Link, Notice
from shop_app.web.progress_page import ProgressPage
from shop_app.web.reading_steps import reading_steps
from shop_app.web.rendering import build_frame, render

bp = Blueprint("progress", __name__)

_REFRESH_SECONDS = 3
_TOLD_ABOVE = ("reconnect", "frozen")
"""What every page says above all else, so that it need not be said once more as what is waited for."""
_A_MINUTE, _AN_HOUR = 60, 3600


@bp.get("/progress")
def index() -> Response:
    """Show how far the reading is."""
    return render_progress(chosen_shop())


@bp.get("/progress/live")
def live() -> Response:
    """Return the part of the page that changes, for whoever looks at it."""
    shop = chosen_shop()
    return render("progress/_live.html", _page(shop, describe_backfill(shop.id)))


@bp.post("/progress/retry")
def retry() -> PlainResponse:
    """Ask Shopify anew for what has failed."""
    retry_backfill(chosen_shop().id, utc_now())
    return redirect(url_for("progress.index"), 303)


def render_progress(shop: ChosenShop) -> Response:
    """Show how far the reading of this shop is, at whatever address that was asked for."""
    return render("progress/index.html", _page(shop, describe_backfill(shop.id)))


def reading_notices(shop: ChosenShop) -> tuple[Notice, ...]:
    """Say above the segments what they stand on while the rest is still being read."""
    progress = describe_backfill(shop.id) if shop.source == "shopify" else None
    if progress is None or progress.state not in {"running", "failed"} or progress.first_segments_at is None:
        return ()
    if progress.state == "failed":
        again = Link("See what failed, and try again", url_for("progress.index"))
        words = (progress.error,) if progress.error else ()
        return (Notice("critical", "Some of the history could not be read", words, (again,)),)
    done = f"{_percent(progress.ratio)} percent is in."
    sentences = (based_on(progress, shop.formats), done)
    far = Link("See how far it is", url_for("progress.index"))
    return (Notice("info", "First segments, while the rest is being read", sentences, (far,)),)


def based_on(progress: Progress, formats: Formats) -> str:
    """Say what the first segments are made of."""
    older = next((part for part in progress.parts if part.name.startswith("orders-older")), None)
    if older is None or older.until is None or older.state == "done":
        return "They stand on every order that has been read so far."
    return f"They stand on orders since {formats.date(older.until)}; older ones are still coming in."


def _page(shop: ChosenShop, progress: Progress | None) -> ProgressPage:
    if progress is None:
        if shop.source != "shopify":
            raise NotFoundError("The figures of this store come from files, so nothing is read from Shopify.")
        return _about_to_begin(shop)
    going_on = progress.state == "running"
    ready = progress.first_segments_at is not None
    percent = _percent(progress.ratio)
    return ProgressPage(
        frame=build_frame("Reading the store", shop),
        heading="Reading the store",
        refresh_url=url_for("progress.live") if going_on else "",
        refresh_seconds=str(_REFRESH_SECONDS),
        announcement=_announcement(progress, percent),
        notices=_notices(progress, shop),
        percent=str(percent),
        summary=_summary(progress, percent),
        details=_details(progress),
        steps=reading_steps(progress, shop.formats),
        ready=Link("See the segments" if not going_on else "See the first segments", url_for("segments.index"))
        if ready
        else None,
        reload=Link("Reload", url_for("progress.index")) if going_on else None,
        retry_url=url_for("progress.retry") if progress.state == "failed" else "",
    )


def _about_to_begin(shop: ChosenShop) -> ProgressPage:
    return ProgressPage(
        frame=build_frame("Reading the store", shop),
        heading="Reading the store",
        refresh_url=url_for("progress.live"),
        refresh_seconds=str(_REFRESH_SECONDS),
        announcement="About to begin",
        notices=(),
        percent="0",
        summary="About to begin",
        details=("Kindred asks Shopify for products, customers and orders in a moment.",),
        steps=(),
        ready=None,
        reload=Link("Reload", url_for("progress.index")),
        retry_url="",
    )


def _notices(progress: Progress, shop: ChosenShop) -> tuple[Notice, ...]:
    if progress.state == "done":
        return (Notice("success", "Everything is in", ("From here on every change arrives by itself.",)),)
    if progress.state == "failed":
        return (
            Notice(
                "critical",
                "Some of it could not be read",
                ("What is in stays in. Below is what went wrong; Retry asks Shopify anew for those parts.",),
            ),
        )
    if progress.state == "stopped":
        return (Notice("warning", "The reading was stopped", ("It begins anew when the app is opened.",)),)
    is_told = shop.connection.state in _TOLD_ABOVE
    waits = (
        (Notice("warning", "Waiting for Shopify", (progress.error,)),) if progress.error and not is_told else ()
    )
    if progress.first_segments_at is None:
        return waits
    return (*waits, Notice("success", "Your first segments are ready", (based_on(progress, shop.formats),)))


def _summary(progress: Progress, percent: int) -> str:
    if progress.state == "done":
        return "All of the store's history is read"
    if progress.is_catching_up:
        return "Nearly done: catching up with what has changed meanwhile"
    return f"{percent} percent of the store's history is read"


def _details(progress: Progress) -> tuple[str, ...]:
    """Return what is worth a line below the bar: how much, how fast, how long still, and that one may go."""
    if progress.state == "done":
        return (f"{count(progress.taken)} products, collections, customers and orders are in.",)
    of = f" of about {count(progress.expected)}" if progress.expected else ""
    lines = [f"{count(progress.taken)}{of} products, customers and orders are in."]
    if progress.state != "running":
        return tuple(lines)
    if progress.objects_per_second is not None:
        lines.append(f"About {count(progress.objects_per_second)} a second while reading.")
    if progress.seconds_left is not None:
        lines.append(f"Left: {_duration(progress.seconds_left)}, as far as can be told.")
    lines.append("You may leave this page; the reading goes on.")
    return tuple(lines)


def _announcement(progress: Progress, percent: int) -> str:
    """Return what a screen reader is told; in tens, so that it does not talk all the time."""
    if progress.state != "running":
        return {"done": "Everything is in", "failed": "Some of it could not be read"}.get(progress.state, "")
    ready = "First segments are ready. " if progress.first_segments_at else ""
    return f"{ready}{percent // 10 * 10} percent is read"


def _percent(ratio: float) -> int:
    return int(100 * ratio)


def _duration(seconds: float) -> str:
    if seconds < _A_MINUTE:
        return "under a minute"
    if seconds < _AN_HOUR:
        return f"about {counted(round(seconds / _A_MINUTE), 'minute')}"
    return f"about {counted(round(seconds / _AN_HOUR), 'hour')}"
