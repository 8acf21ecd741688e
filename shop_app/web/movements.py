"""``/movements``: who went from which segment to which between two days, on the screen and as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request, url_for

from shop_app.errors import InvalidInputError, RefusedError
from shop_app.segments.money import minor_digits
from shop_app.services.compare_days import compare_days
from shop_app.services.shop_clock import end_of_date
from shop_app.web.callers import download_route
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.exports import csv_download, csv_name
from shop_app.web.formats import capital, count, counted, day_words
from shop_app.web.movement_pages import Movements, MovementsPage
from shop_app.web.movement_story import Found, movements_story
from shop_app.web.pages import Field, Link, Notice
from shop_app.web.rendering import build_frame, render
from shop_app.web.summaries import HOME, Summary, fits_a_page, nothing_yet, read_summary

bp = Blueprint("movements", __name__)

USUAL_DAYS = timedelta(days=30)
AT_ONCE_UP_TO = 5_000
"""Customers up to whom two days are compared before anybody asks; beyond, it takes seconds."""


@dataclass(frozen=True, slots=True)
class Days:
    """The two days that are compared, and the last one that can be."""

    start: date
    end: date
    newest: date


@bp.get("/movements")
def index() -> Response:
    """Compare two days: those chosen, else the newest one and the one thirty days before."""
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None:
        return render("error.html", nothing_yet(shop))
    usual = _usual_days(shop, summary)
    try:
        days = _read_days(usual)
        found = _compare(shop, summary, days) if _is_wanted(summary) else None
    except InvalidInputError as error:
        page = _page(shop, summary, usual, None, {error.field or "from": _sentence(error)})
        return render("movements/index.html", page, 400)
    return render("movements/index.html", _page(shop, summary, days, found, {}))


@bp.get("/movements.csv")
@download_route
def table() -> Response:
    """Send every flow between two days as a file; sums tell of nobody."""
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None or not fits_a_page(summary):
        raise RefusedError(f"Use `{_command(shop, None)} --json`: this takes longer than a page may.")
    days = _read_days(_usual_days(shop, summary))
    found = _compare(shop, summary, days)
    as_of = datetime.fromisoformat(found["to"])
    return csv_download(_rows(found), csv_name(shop, "movements", as_of))


def _page(
    shop: ChosenShop, summary: Summary, days: Days, found: Found | None, errors: dict[str, str]
) -> MovementsPage:
    return MovementsPage(
        frame=build_frame("Movements", shop, "movements.index"),
        back=Link("Segments", url_for(HOME)),
        notices=_notices(found),
        action=url_for("movements.index"),
        kept=(Field("shop", shop.domain),) if "shop" in request.args else (),
        start=_shown("from", days.start),
        end=_shown("to", days.end),
        errors={"from": errors.get("from", ""), "to": errors.get("to", "")},
        can_compare=fits_a_page(summary),
        words=_words(summary, days),
        command="" if fits_a_page(summary) else _command(shop, days),
        found=_story(shop, found, days) if found else None,
    )


def _story(shop: ChosenShop, found: Found, days: Days) -> Movements:
    query: dict[str, Any] = {"from": days.start.isoformat(), "to": days.end.isoformat()}
    export = Link("Export movements", url_for("movements.table", **query), download="movements.csv")
    return movements_story(found, (days.start, days.end), export, shop.formats)


def _usual_days(shop: ChosenShop, summary: Summary) -> Days:
    newest = shop.formats.local(datetime.fromisoformat(summary["as_of"])).date()
    return Days(newest - USUAL_DAYS, newest, newest)


def _read_days(usual: Days) -> Days:
    start, end = _read_day("from", usual.start), _read_day("to", usual.end)
    if end > usual.newest:
        newest = day_words(usual.newest)
        raise InvalidInputError(f"to: give {newest} or a day before it: nothing newer is known.", field="to")
    return Days(start, end, usual.newest)


def _read_day(name: str, usual: date) -> date:
    text = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else usual
    except ValueError:
        raise InvalidInputError(f"{name}: give a day, such as 2026-03-31.", field=name) from None


def _shown(name: str, usual: date) -> str:
    """Return what stands in a field of days: a text that is no day cannot."""
    try:
        return _read_day(name, usual).isoformat()
    except InvalidInputError:
        return ""


def _compare(shop: ChosenShop, summary: Summary, days: Days) -> Found:
    """Compare the ends of the two days; the newest one may still be going on."""
    start, end = (end_of_date(day, shop.formats.timezone) for day in (days.start, days.end))
    return compare_days(shop.id, start, min(end, datetime.fromisoformat(summary["as_of"])))


def _is_wanted(summary: Summary) -> bool:
    is_asked = "from" in request.args or "to" in request.args
    return fits_a_page(summary) and (is_asked or summary["customer_count"] <= AT_ONCE_UP_TO)


def _words(summary: Summary, days: Days) -> str:
    people = summary["customer_count"]
    if not fits_a_page(summary):
        return f"Comparing the days of {count(people)} customers takes longer than a page may. In a terminal:"
    if people > AT_ONCE_UP_TO:
        return f"Comparing two days of {counted(people, 'customer')} takes some seconds."
    return f"Any two days from the first order until {day_words(days.newest)}, each worked out as it was then."


def _notices(found: Found | None) -> tuple[Notice, ...]:
    if not found or not found["with_todays_groups"]:
        return ()
    sentence = "Today's segments were used for both days, because they are younger than the earlier one."
    return (Notice("info", "Compared by today's segments", (sentence,)),)


def _command(shop: ChosenShop, days: Days | None) -> str:
    since = days.start.isoformat() if days else "2026-01-31"
    return f'kindred moves --shop "{shop.domain}" --from {since}'


def _sentence(error: InvalidInputError) -> str:
    return capital(str(error).removeprefix(f"{error.field}: "))


def _rows(found: Found) -> Iterator[dict[str, Any]]:
    currency, names = found["currency"], found["names"]
    digits = minor_digits(currency)
    for flow in found["flows"]:
        yield {
            "from": flow["from"],
            "from_name": names.get(flow["from"], ""),
            "to": flow["to"],
            "to_name": names.get(flow["to"], ""),
            "customer_count": flow["customer_count"],
            "total_spent": Decimal(flow["amount"]).scaleb(-digits),
            "spent_between": Decimal(flow["added"]).scaleb(-digits),
            "currency": currency,
        }
