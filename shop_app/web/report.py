"""``/report``: how good the predictions are on this shop's past; ``/report/fairness``: for whom."""

from typing import Any

from flask import Blueprint, Response, url_for

from shop_app.services.describe_fit import newest_report
from shop_app.services.measure_drift import measure_drift
from shop_app.storage.model_fits import FitCard
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.data_health import TIERS
from shop_app.web.fairness_parts import fairness_parts
from shop_app.web.formats import Formats, count, decimal
from shop_app.web.pages import Fact, Link, MessagePage, Notice
from shop_app.web.rendering import build_frame, render
from shop_app.web.report_card import (
    calibration_chart,
    calibration_table,
    group_table,
    origin_table,
    prediction_rows,
    warning_table,
)
from shop_app.web.report_drift import drift_table, drift_words
from shop_app.web.report_figures import baseline_tables, figure_table
from shop_app.web.report_pages import FairnessPage, MeasureTable, ReportPage
from shop_app.web.summaries import HOME, Summary, fits_a_page, nothing_yet, read_stability, read_summary

bp = Blueprint("report", __name__, url_prefix="/report")

Measures = dict[str, Any]


@bp.get("")
def index() -> Response:
    """Show which predictions are published, and what the test on the past said of them."""
    shop = chosen_shop()
    summary = read_summary(shop)
    if summary is None:
        return render("error.html", nothing_yet(shop))
    found = newest_report(shop.id)
    if found is None:
        return render("error.html", _not_tested(shop, summary))
    return render("report/index.html", _page(shop, summary, *found))


@bp.get("/fairness")
def fairness() -> Response:
    """Show whether offers and errors fall on groups of people alike."""
    shop = chosen_shop()
    found = newest_report(shop.id)
    if found is None:
        summary = read_summary(shop)
        return render("error.html", _not_tested(shop, summary) if summary else nothing_yet(shop))
    card, measures = found
    audit = measures.get("fairness") or {}
    page = FairnessPage(
        frame=build_frame("Fairness", shop, "report.index"),
        back=Link("Report card", url_for("report.index")),
        badges=(_badge(card, shop.formats),),
        words=tuple(audit.get("words", ("This version was not audited.",))),
        parts=fairness_parts(audit),
        not_compared=tuple(audit.get("not_compared", ())),
        note="A difference stands out where it is large and beyond chance; of shops that treat all alike one "
        "in twenty sees any. No figure is of fewer than five people.",
    )
    return render("report/fairness.html", page)


def _page(shop: ChosenShop, summary: Summary, card: FitCard, measures: Measures) -> ReportPage:
    report, tier = measures.get("report") or {}, summary["tier"]
    return ReportPage(
        frame=build_frame("Report card", shop, "report.index"),
        back=Link("Segments", url_for(HOME)),
        badges=(_badge(card, shop.formats),),
        notices=(),
        lead=tuple(report.get("words", ())),
        facts=_facts(card, report.get("facts") or {}, shop.formats),
        predictions=prediction_rows(report, measures.get("published") or {}),
        tier_name=TIERS.get(tier["name"], tier["name"]),
        tier_words=tier["words"],
        missing=tuple(tier["missing"]),
        calibration=calibration_table(report),
        chart=calibration_chart(report),
        tables=_tables(report, shop.formats),
        stability=tuple(read_stability(shop, summary).get("words", ())),
        drift=_drift(shop, summary, measures),
        drift_words=drift_words(is_shown=fits_a_page(summary)),
        fairness=Link("Do offers and errors fall on all alike?", url_for("report.fairness")),
    )


def _tables(report: Measures, formats: Formats) -> tuple[MeasureTable, ...]:
    tables = (
        figure_table(report, formats),
        *baseline_tables(report),
        group_table(report),
        origin_table(report, formats),
        warning_table(report),
    )
    return tuple(table for table in tables if table is not None)


def _drift(shop: ChosenShop, summary: Summary, measures: Measures) -> MeasureTable | None:
    reference = measures.get("reference")
    if not reference or not fits_a_page(summary):
        return None
    return drift_table(measure_drift(shop.id, reference), shop.formats)


def _facts(card: FitCard, size: Measures, formats: Formats) -> tuple[Fact, ...]:
    facts = (
        Fact("Knows everything until", formats.date(card.as_of), "and nothing later"),
        Fact("Customers with an order", count(card.customer_count)),
    )
    if not size:
        return facts
    return (
        *facts,
        Fact("Of whom came back", count(size["repeat_buyers"]), _pace(size["repeat_buyers_per_week"])),
        Fact("Weeks of orders", count(int(size["weeks"]))),
    )


def _pace(per_week: float | None) -> str:
    return "" if per_week is None else f"{decimal(per_week)} more a week of late"


def _badge(card: FitCard, formats: Formats) -> Notice:
    return Notice("info", f"Version {card.version}, {formats.date(card.as_of)}", ())


def _not_tested(shop: ChosenShop, summary: Summary) -> MessagePage:
    """Say that nothing was learned yet, what is missing for predictions, and how it comes."""
    return MessagePage(
        frame=build_frame("Report card", shop, "report.index"),
        heading="Nothing to report yet",
        sentences=(
            "Predictions are tested on the shop's own past when its segments are learned for the first time.",
            summary["tier"]["words"],
            *summary["tier"]["missing"],
        ),
        links=(Link("Have them learned", url_for("goals.index")),),
    )
