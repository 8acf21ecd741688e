"""``/customers``: the list, the search, and one customer with the two writes that part and join accounts."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError, NotFoundError
from shop_app.services.describe_customer import describe_customer
from shop_app.services.find_customer import find_customer
from shop_app.services.keep_apart import keep_apart, rejoin
from shop_app.services.list_customers import list_customers
from shop_app.services.note_access import note_access
from shop_app.services.shop_clock import default_as_of
from shop_app.storage import model_fits
from shop_app.storage.engine import transaction
from shop_app.web.admin_links import customer_in_admin
from shop_app.web.callers import user_id
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.customer_detail import customer_page, display_name
from shop_app.web.customer_labels import label_places
from shop_app.web.customer_pages import CustomersPage
from shop_app.web.customer_table import CustomersView, customer_table
from shop_app.web.cut_offs import recency_words
from shop_app.web.formats import counted
from shop_app.web.pages import Link
from shop_app.web.rendering import build_frame, render
from shop_app.web.summaries import nothing_yet, read_summary

Summary = dict[str, Any]

bp = Blueprint("customers", __name__, url_prefix="/customers")

LIST = "customers.index"
_LARGEST_ID = 2**63 - 1


@bp.route("", methods=["GET", "POST"])
def index() -> PlainResponse:
    """List the customers, or go to the one that is searched for.

    The page's own form posts: an e-mail address or phone in a GET would stay in histories and logs.
    """
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None:
        return render("error.html", nothing_yet(shop))
    query = request.values.get("q", "").strip()
    if not query:
        return render("customers/index.html", _list_page(shop, summary))
    try:
        found = find_customer(shop.id, query)
    except (NotFoundError, InvalidInputError) as error:
        return render("customers/index.html", _list_page(shop, summary, query, str(error)))
    return redirect(url_for("customers.show", customer_id=found), 303)


@bp.get("/<int:customer_id>")
def show(customer_id: int) -> Response:
    """Show one customer: who, in which segment and why, and every order with its verdict."""
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None:
        return render("error.html", nothing_yet(shop))
    if customer_id > _LARGEST_ID:
        raise NotFoundError("There is no customer of this id.")
    story = describe_customer(shop.id, customer_id, as_of=datetime.fromisoformat(summary["as_of"]))
    note_access(shop.id, "customer page", user_id=user_id(), at=utc_now(), customer_id=story.customer_id)
    number = request.args.get("page", "1")
    page_number = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1  # noqa: PLR2004
    frame = build_frame(display_name(story), shop, LIST)
    in_shopify = customer_in_admin(shop, story.shopify_id, is_framed=frame.bridge is not None)
    published = _published(shop, summary)
    page = customer_page(story, summary, max(page_number, 1), shop.formats, frame, in_shopify, published)
    page = replace(page, labels=label_places(shop, story.customer_id))
    return render("customers/show.html", page)


@bp.post("/<int:customer_id>/keep-apart")
def part(customer_id: int) -> PlainResponse:
    """Let this account stand for itself; show it."""
    shop = chosen_shop()
    keep_apart(shop.id, customer_id, as_of=default_as_of(shop.id, utc_now()))
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


@bp.post("/<int:customer_id>/rejoin")
def put_together(customer_id: int) -> PlainResponse:
    """Let this account be matched again; show the person it belongs to."""
    shop = chosen_shop()
    rejoin(shop.id, customer_id, as_of=default_as_of(shop.id, utc_now()))
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


def _list_page(shop: ChosenShop, summary: Summary, query: str = "", error: str = "") -> CustomersPage:
    view = CustomersView.from_query(request.args, people=summary["customer_count"])
    rows = list_customers(shop.id, **view.query_values())
    return CustomersPage(
        frame=build_frame("Customers", shop, LIST),
        action=url_for(LIST),
        search=query,
        search_error=error,
        list_heading="Customers in this cell of the grid" if view.cell else "All customers",
        filter_words=_filter_words(view, summary, shop),
        all_link=Link("Show all customers", url_for(LIST)) if view.cell else None,
        table=customer_table(rows, view, summary, shop.formats, caption="Customers"),
    )


def _published(shop: ChosenShop, summary: Summary) -> dict[str, str]:
    """Return of every prediction why it is not published, "" where it is."""
    if summary["grouping"] is None:
        return {}
    with transaction(shop.id) as connection:
        measures = model_fits.read_measures(connection, summary["grouping"]["fit_id"])
    return measures.get("published") or {}


def _filter_words(view: CustomersView, summary: Summary, shop: ChosenShop) -> str:
    if view.cell is None:
        return counted(summary["customer_count"], "customer")
    recency, value = view.cell
    people = counted(_find_cell(view.cell, summary)["customer_count"], "customer")
    since = recency_words(summary, shop.formats)[recency]
    return f"{people} with the last order {since} and mark {value} for orders and spend"


def _find_cell(cell: tuple[int, int], summary: Summary) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for row in summary["grid"] for each in row if (each["recency"], each["value"]) == cell
    )
    return found
