"""One RFM group with its customers; where nothing else is live, these groups are the segments."""

from typing import Any

from flask import request, url_for

from shop_app.services.list_customers import list_customers
from shop_app.web import segment_detail
from shop_app.web.bundles_fit import bundles_that_fit
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.customer_table import CustomersView, customer_table
from shop_app.web.cut_offs import all_cut_offs
from shop_app.web.formats import counted
from shop_app.web.pages import Link
from shop_app.web.rendering import build_frame
from shop_app.web.segment_effect import segment_effect
from shop_app.web.segment_pages import SegmentPage
from shop_app.web.summaries import as_of_badge

Summary = dict[str, Any]
Group = dict[str, Any]


def rfm_group_page(shop: ChosenShop, summary: Summary, group: Group) -> SegmentPage:
    """Show what one RFM group is, how it differs from the store, and who is in it."""
    slug, is_segment = group["slug"], summary["grouping"] is None
    named = {"segment": slug} if is_segment else {"rfm_group": slug}
    view = CustomersView.from_query(request.args, people=summary["customer_count"], **named)
    rows = list_customers(shop.id, **view.query_values())
    above = ("Segments", "segments.index") if is_segment else ("RFM groups", "rfm.index")
    return SegmentPage(
        frame=build_frame(group["name"], shop, above[1]),
        back=Link(above[0], url_for(above[1])),
        heading=group["name"],
        badges=(as_of_badge(summary, shop.formats),),
        export=_export(slug) if is_segment else None,
        description=group["description"],
        advice=group["advice"],
        definition=segment_detail.definition(group, summary, shop.formats),
        small_grid=segment_detail.outline(group, summary),
        cut_offs=all_cut_offs(summary["edges"], shop.formats),
        cut_off_words=summary["edges"]["source_words"],
        figures=segment_detail.figures(group, shop.formats),
        comparisons=segment_detail.comparisons(group, summary, shop.formats),
        table=customer_table(rows, view, summary, shop.formats, caption=f"Customers in {group['name']}"),
        table_words=counted(group["customer_count"], "customer"),
        effect=segment_effect(shop, slug) if is_segment else None,
        fit=bundles_that_fit(shop, slug) if is_segment else None,
    )


def _export(slug: str) -> Link:
    return Link("Export customers", url_for("exports.customers", segment=slug), download=f"{slug}.csv")
