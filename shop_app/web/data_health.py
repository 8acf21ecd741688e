"""``/data-health``: which orders count and why not, what the data is enough for, and what was imported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, url_for

from shop_app.storage import imports
from shop_app.storage.engine import transaction
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.data_health_page import DataHealthPage, ImportRow, VerdictRow
from shop_app.web.formats import NOTHING, Formats, count, counted, percent
from shop_app.web.pages import Fact, Link
from shop_app.web.rendering import build_frame, render
from shop_app.web.summaries import nothing_yet, read_summary

Summary = dict[str, Any]

bp = Blueprint("data_health", __name__)

_NO_RATE = "foreign_currency"
_STATES = {"done": ("Done", "success"), "running": ("Running", "info"), "failed": ("Failed", "critical")}
_KINDS = {
    "shopify_orders": "Shopify orders export",
    "shopify_customers": "Shopify customers export",
    "line_table": "Table of order lines",
}
_NO_IMPORT = {"shopify": "None. This store is read from Shopify itself; no file is needed."}
_WHAT_FOR = {"shopify": "Orders that Shopify does not give out can be added from an export, in a terminal:"}
_NO_TIER = {"name": "", "words": "Nothing is computed yet.", "missing": ()}
TIERS = {"rules_only": "Rules only", "predictions": "Predictions", "full": "Full"}


@bp.get("/data-health")
def index() -> Response:
    """Show what the figures stand on."""
    shop = chosen_shop()
    with transaction(shop.id) as connection:
        newest = imports.list_newest(connection)
    summary = read_summary(shop)
    if summary is None and not newest:
        return render("error.html", nothing_yet(shop))
    return render("data_health/index.html", _page(shop, summary, newest))


def _page(shop: ChosenShop, summary: Summary | None, newest: Sequence[dict[str, Any]]) -> DataHealthPage:
    formats = shop.formats
    tier: dict[str, Any] = summary["tier"] if summary else _NO_TIER
    rows = summary["ledger"] if summary else []
    return DataHealthPage(
        frame=build_frame("Data health", shop, "data_health.index"),
        back=Link("Segments", url_for("segments.index")),
        export=Link("Export the ledger", url_for("exports.ledger"), download="ledger.csv"),
        facts=_facts(summary, formats) if summary else (),
        tier_name=TIERS.get(tier["name"], tier["name"]),
        tier_words=tier["words"],
        missing=tuple(tier["missing"]),
        verdicts=_verdicts(rows, formats),
        totals=_totals(rows, formats),
        ledger_words="Each order has one verdict. The amount is what it brings, or would if it counted.",
        findings=_findings(newest),
        imports=tuple(_import_row(each, formats) for each in newest),
        no_import_words=_NO_IMPORT.get(shop.source, "No file was imported yet."),
        command_words=_WHAT_FOR.get(shop.source, "A newer export of the same store updates what is here:"),
        command=f'kindred import orders.csv --shop "{shop.domain}"',
    )


def _facts(summary: Summary, formats: Formats) -> tuple[Fact, ...]:
    known = sum(row["order_count"] for row in summary["ledger"])
    return (
        Fact("Customers", count(summary["customer_count"]), f"{count(summary['buyer_count'])} with an order"),
        Fact("Orders that count", count(summary["order_count"]), f"of {counted(known, 'order')}"),
        Fact("First order", _day(summary["first_order_at"], formats)),
        Fact("Last order", _day(summary["last_order_at"], formats)),
        Fact(
            "As of",
            _day(summary["as_of"], formats),
            f"computed {_day(summary['computed_at'], formats)}",
        ),
    )


def _verdicts(rows: Sequence[dict[str, Any]], formats: Formats) -> tuple[VerdictRow, ...]:
    total = sum(row["order_count"] for row in rows)
    return tuple(
        VerdictRow(
            words=row["words"],
            counts=row["verdict"] == "counts",
            orders=count(row["order_count"]),
            share=percent(row["order_count"] / total) if total else percent(None),
            amount=NOTHING if row["verdict"] == _NO_RATE else formats.money(row["amount"]),
        )
        for row in rows
    )


def _totals(rows: Sequence[dict[str, Any]], formats: Formats) -> VerdictRow:
    return VerdictRow(
        words="All orders",
        counts=True,
        orders=count(sum(row["order_count"] for row in rows)),
        share="100%",
        amount=formats.money(sum(row["amount"] or 0 for row in rows)),
    )


def _findings(newest: Sequence[dict[str, Any]]) -> tuple[Fact, ...]:
    """Return what the newest report found odd, each with the way out."""
    report: dict[str, Any] = next((row["health"] for row in newest if row["health"]), {})
    return tuple(Fact(each["words"], "", each["advice"]) for each in report.get("findings", ()))


def _import_row(row: dict[str, Any], formats: Formats) -> ImportRow:
    state, tone = _STATES[row["state"]]
    return ImportRow(
        file_name=row["file_name"],
        kind=_KINDS.get(row["kind"], row["kind"]),
        state=state,
        state_tone=tone,
        finished=formats.moment(row["finished_at"] or row["started_at"]),
        counts=_count_words(row["counts"]),
        error=row["error"] or "",
    )


def _count_words(counts: dict[str, Any]) -> tuple[str, ...]:
    """Say what an import brought; a count that is nothing is left unsaid, but for the rejected rows."""
    if not counts:
        return ()
    words = [counted(counts.get("rows", 0), "row"), f"{counted(counts.get('rejects', 0), 'row')} rejected"]
    for noun in ("customer", "order"):
        each = counts.get(f"{noun}s", {})
        words += [
            f"{counted(number, f'{how} {noun}')}"
            for how, number in each.items()
            if number and how in ("new", "updated", "unchanged", "older")
        ]
    if counts.get("refunds"):
        words.append(counted(counts["refunds"], "refund"))
    if counts.get("missing"):
        words.append(f"not in this file: {', '.join(counts['missing'])}")
    return tuple(words)


def _day(text: str | None, formats: Formats) -> str:
    return formats.date(datetime.fromisoformat(text) if text else None)
