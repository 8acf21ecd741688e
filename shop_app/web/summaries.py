"""A shop's stored overview, which most pages are written from, and what is said as long as there is none."""

from datetime import datetime
from typing import Any

from flask import url_for

from shop_app.services.segment_stability import segment_stability
from shop_app.storage import segment_runs
from shop_app.storage.engine import transaction
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.formats import Formats, counted
from shop_app.web.pages import Link, MessagePage, Notice
from shop_app.web.rendering import build_frame

Summary = dict[str, Any]

HOME = "segments.index"
ON_A_PAGE_UP_TO = 50_000
"""Customers; what is worked out of more of them takes longer than a page may."""
_PREDICTED = ("churn_probability_90d", "predicted_clv_365d")


def read_summary(shop: ChosenShop) -> Summary | None:
    """Return the newest run of a shop, or ``None`` before the first.

    One that an earlier version of Kindred has stored knows of no groups but the RFM ones.
    """
    with transaction(shop.id) as connection:
        summary = segment_runs.read_newest(connection)
    if summary is not None and "grouping" not in summary:
        unknown = dict.fromkeys(_PREDICTED)
        summary["segments"] = [{**unknown, **group} for group in summary["segments"]]
        summary |= {"grouping": None, "rfm_groups": summary["segments"]}
    return summary


def fits_a_page(summary: Summary) -> bool:
    """Tell whether something can be worked out of everybody while somebody waits for a page."""
    return bool(summary["customer_count"] <= ON_A_PAGE_UP_TO)


def read_stability(shop: ChosenShop, summary: Summary) -> dict[str, Any]:
    """Return how steady the segments are; nothing of a large shop, where it takes longer than a page may."""
    stored: dict[str, Any] | None = summary.get("stability")
    if stored is None and fits_a_page(summary):
        stored = segment_stability(shop.id)
    return stored or {}


def as_of_badge(summary: Summary, formats: Formats) -> Notice:
    """Say of which day the figures are."""
    return Notice("info", f"As of {formats.date(datetime.fromisoformat(summary['as_of']))}", ())


def nothing_yet(shop: ChosenShop) -> MessagePage:
    """Say that nothing was computed yet, and how to get there."""
    if shop.source == "shopify":
        return MessagePage(
            frame=build_frame("Segments", shop, HOME),
            heading="No segments yet",
            sentences=(
                f"The history of {shop.title} is being read from Shopify.",
                "Segments and customers appear here as soon as the last year's orders are in.",
            ),
            links=(Link("See how far it is", url_for("progress.index")),),
        )
    return MessagePage(
        frame=build_frame("Segments", shop, HOME),
        heading="No segments yet",
        sentences=(
            f"{shop.title} has no computed segments. They appear after the first import of an order file.",
        ),
        command=f"kindred import orders.csv --shop {_quoted(shop.domain)}",
        links=(Link("Data health", url_for("data_health.index")),),
    )


def no_buyer_yet(shop: ChosenShop, summary: Summary) -> MessagePage:
    """Say that there are customers, and no order that counts."""
    is_shopify = shop.source == "shopify"
    people = f"{shop.title}: {counted(summary['customer_count'], 'customer')}"
    has_orders = any(row["order_count"] for row in summary["ledger"])
    return MessagePage(
        frame=build_frame("Segments", shop, HOME),
        heading="No order counts yet" if has_orders else "No order yet",
        sentences=(
            f"{people}, and not one order that counts." if has_orders else f"{people}, and no order so far.",
            *(("The data health page says why, order by order.",) if has_orders else ()),
            *(("The first order that counts brings the first segments.",) if is_shopify else ()),
        ),
        command="" if is_shopify else f"kindred import orders.csv --shop {_quoted(shop.domain)}",
        links=(
            Link("See why no order counts", url_for("data_health.index"))
            if has_orders
            else Link("See the customers", url_for("customers.index")),
        ),
    )


def _quoted(domain: str) -> str:
    return f'"{domain}"' if " " in domain else domain
