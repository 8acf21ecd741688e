"""The segments page, put together from the newest run and from what there is to tell of the live groups."""

from datetime import datetime
from typing import Any

from flask import request, url_for

from shop_app.clock import utc_now
from shop_app.services.describe_fit import fit_overview
from shop_app.storage import model_fits
from shop_app.storage.engine import transaction
from shop_app.storage.shop_settings import UNKNOWN_CURRENCY
from shop_app.web import segment_charts
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.cut_offs import all_cut_offs
from shop_app.web.formats import Formats, counted
from shop_app.web.freshness_words import freshness_rows
from shop_app.web.grouping_words import fit_notices, grouping_words, start_rows, unpublished_words
from shop_app.web.key_figures import key_figures
from shop_app.web.pages import Field, Link
from shop_app.web.progress import reading_notices
from shop_app.web.push_list import plan_notices
from shop_app.web.rendering import build_frame
from shop_app.web.rfm import renaming_notices, shades, vocabularies
from shop_app.web.segment_pages import SegmentsPage
from shop_app.web.segment_table import SegmentsView, segment_table
from shop_app.web.small_shop import small_shop_notices
from shop_app.web.summaries import HOME, Summary, as_of_badge, read_stability


def segments_page(shop: ChosenShop, summary: Summary, view: SegmentsView) -> SegmentsPage:
    """Write the page; where no groups are live it shows the RFM groups and lets their names be chosen."""
    formats = shop.formats
    is_rfm = summary["grouping"] is None
    overview = fit_overview(shop.id, today=formats.local(utc_now()).date())
    measures = {} if is_rfm else _measures(shop, summary["grouping"]["fit_id"])
    stability = {} if is_rfm else read_stability(shop, summary)
    wide, tall = segment_charts.revenue_treemap(summary, formats)
    return SegmentsPage(
        frame=build_frame("Segments", shop, HOME),
        badges=(as_of_badge(summary, formats),),
        exports=_exports(has_groups=not is_rfm),
        notices=(
            *reading_notices(shop),
            *plan_notices(shop),
            *fit_notices(overview),
            *((*renaming_notices(shop, summary), *small_shop_notices(summary)) if is_rfm else ()),
        ),
        strip=freshness_rows(shop),
        grouping=grouping_words(summary, overview, measures, stability, formats),
        start=start_rows(summary),
        kpis=key_figures(summary, formats),
        treemap_wide=wide,
        treemap_tall=tall,
        treemap_words=f"{formats.short_money(summary['revenue'])} since the first order. "
        "Colour: days since the typical customer's last order.",
        tones=segment_charts.tones(summary),
        shades=shades(view),
        grid=segment_charts.recency_grid(summary, formats, view.shade),
        grid_words=segment_charts.grid_words(summary),
        finding=segment_charts.finding(summary, formats),
        cut_offs=all_cut_offs(summary["edges"], formats) if is_rfm else (),
        cut_off_words=summary["edges"]["source_words"],
        rfm=Link("What the marks mean, and the RFM groups", url_for("rfm.index")),
        table=segment_table(summary, view, formats),
        table_words=f"{counted(summary['customer_count'], 'customer')}, each in exactly one segment",
        table_notes=() if is_rfm else unpublished_words(summary, measures),
        search=view.query,
        kept=_kept_fields(shop, view.fields, without="q"),
        vocabularies=vocabularies(shop) if is_rfm else None,
        footer=_footer(summary, formats),
        footer_links=(Link("Data health", url_for("data_health.index")),),
    )


def _measures(shop: ChosenShop, fit_id: int) -> dict[str, Any]:
    with transaction(shop.id) as connection:
        return model_fits.read_measures(connection, fit_id)


def _kept_fields(shop: ChosenShop, fields: dict[str, str], *, without: str) -> tuple[Field, ...]:
    """Return what a GET form must carry along, the picked shop among it."""
    kept = {name: value for name, value in fields.items() if name != without}
    if "shop" in request.args:
        kept["shop"] = shop.domain
    return tuple(Field(name, value) for name, value in kept.items())


def _footer(summary: Summary, formats: Formats) -> tuple[str, ...]:
    known = summary["currency"] != UNKNOWN_CURRENCY
    currency = f"Figures in {summary['currency']}" if known else "Currency unknown"
    return (
        f"Computed {formats.moment(datetime.fromisoformat(summary['computed_at']))}",
        f"{currency}, days in {summary['timezone']}",
    )


def _exports(*, has_groups: bool) -> tuple[Link, ...]:
    learned = (
        Link("Predictions (CSV)", url_for("exports.predictions"), download="predictions.csv"),
        Link("Definitions (CSV)", url_for("exports.definitions"), download="definitions.csv"),
        Link("Playbook (CSV)", url_for("exports.playbook"), download="playbook.csv"),
    )
    return (
        Link("Segments (CSV)", url_for("exports.segments"), download="segments.csv"),
        Link("Customers (CSV)", url_for("exports.customers"), download="customers.csv"),
        *(learned if has_groups else ()),
        Link("Ledger: every order (CSV)", url_for("exports.ledger"), download="ledger.csv"),
    )
