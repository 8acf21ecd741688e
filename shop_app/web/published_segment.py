"""One published segment: what defines it and sets it apart, what to do, who came and went, who is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from shop_app.charts.dots import effect_dot
from shop_app.clock import utc_now
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.rules import value_words
from shop_app.services.describe_fit import FitStory, describe_fit
from shop_app.services.list_customers import list_customers
from shop_app.services.playbook import KeptPlay, read_plays
from shop_app.storage import membership_changes
from shop_app.storage.engine import transaction
from shop_app.web import segment_detail
from shop_app.web.bundles_fit import bundles_that_fit
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.customer_table import CustomersView, customer_table
from shop_app.web.fit_words import method_name
from shop_app.web.formats import NOTHING, Formats, count, counted, percent
from shop_app.web.group_pages import DriverRow, FlowRow, Flows, GroupPage, PlayForm
from shop_app.web.pages import Fact, Link
from shop_app.web.play_changes import step_count
from shop_app.web.rendering import build_frame
from shop_app.web.segment_effect import segment_effect
from shop_app.web.segment_play import play_form, play_part, written_fields
from shop_app.web.segment_table import RISK, VALUE
from shop_app.web.summaries import HOME, Summary, as_of_badge

Segment = dict[str, Any]

FLOW_DAYS = 30
_WHOLE_FROM = 10


@dataclass(frozen=True, slots=True)
class PlayTry:
    """What was sent to change a play, and why it was not taken, by field."""

    fields: MultiDict[str, str]
    errors: Mapping[str, str]


def group_page(shop: ChosenShop, summary: Summary, segment: Segment, tried: PlayTry | None = None) -> GroupPage:
    """Write the page of one published segment, with what was tried on its play in vain."""
    formats, slug = shop.formats, segment["slug"]
    fit = describe_fit(shop.id, summary["grouping"]["fit_id"])
    group = next((each for each in fit.groups if each["slug"] == slug), None)
    play = read_play(shop, slug)
    view = CustomersView.from_query(request.args, people=summary["customer_count"], segment=slug)
    rows = list_customers(shop.id, **view.query_values())
    return GroupPage(
        frame=build_frame(segment["name"], shop, HOME),
        back=Link("Segments", url_for(HOME)),
        heading=segment["name"],
        badges=(as_of_badge(summary, formats),),
        export=Link("Export customers", url_for("exports.customers", segment=slug), download=f"{slug}.csv"),
        description=segment["description"],
        definition=_definition(group),
        definition_words=f"Version {fit.card.version}, by {_lower(method_name(fit.method))}.",
        made=Link("How this version was made and checked", url_for("fits.show", fit_id=fit.card.id)),
        figures=_figures(segment, formats),
        drivers=_drivers(group, formats),
        drivers_words="The dot stands left of the line where they have less than the store's average, and "
        "right of it where they have more.",
        comparisons=segment_detail.comparisons(segment, summary, formats),
        play=play_part(play),
        form=_form(shop, slug, play, tried),
        micro_segments=tuple(
            f"{each['words']} {counted(each['customer_count'], 'customer')} today."
            for each in fit.measures.get("micro_segments", ())
            if each["group"] == slug
        ),
        flows=_flows(shop, summary, fit, slug),
        table=customer_table(rows, view, summary, formats, caption=f"Customers in {segment['name']}"),
        table_words=counted(segment["customer_count"], "customer"),
        effect=segment_effect(shop, slug),
        fit=bundles_that_fit(shop, slug),
    )


def read_play(shop: ChosenShop, slug: str) -> KeptPlay:
    """Return what to do with a segment: a learned group is called by its archetype, which its play is for."""
    return read_plays(shop.id, (slug,), now=utc_now())[slug]


def _form(shop: ChosenShop, slug: str, play: KeptPlay, tried: PlayTry | None) -> PlayForm:
    today = shop.formats.local(utc_now()).date()
    fields = tried.fields if tried else written_fields(play.play, today)
    return play_form(
        fields,
        tried.errors if tried else {},
        step_count=step_count(fields, play.play),
        action=url_for("segments.change", slug=slug),
        reset_action=url_for("segments.reset", slug=slug) if play.is_edited else "",
    )


def _definition(group: Segment | None) -> tuple[str, ...]:
    if group is None:
        return ("No order of theirs counts. The ledger on the data health page says why.",)
    return (*group["definition"], *((group["fit_words"],) if group["fit_words"] else ()))


def _figures(segment: Segment, formats: Formats) -> tuple[Fact, ...]:
    figures = segment_detail.figures(segment, formats)
    if segment[RISK] is not None:
        figures += (Fact("Churn risk", percent(segment[RISK]), "do not order in the next 90 days"),)
    if segment[VALUE] is not None:
        words = "expected in 365 days, on average"
        figures += (Fact("Expected value", formats.short_money(segment[VALUE]), words),)
    return figures


def _drivers(group: Segment | None, formats: Formats) -> tuple[DriverRow, ...]:
    return tuple(_driver(driver, formats) for driver in (group or {"drivers": ()})["drivers"])


def _driver(driver: Mapping[str, Any], formats: Formats) -> DriverRow:
    here, store = (_amount(driver, name, formats) for name in ("group_value", "store_value"))
    side = "more" if driver["effect"] > 0 else "less"
    return DriverRow(
        words=driver["words"],
        here=here,
        store=store,
        dot=effect_dot(driver["effect"], f"{driver['label']}: {side} than the store's average"),
    )


def _amount(driver: Mapping[str, Any], name: str, formats: Formats) -> str:
    """Write an average in its feature's unit; of texts it is a share."""
    feature, value = FEATURES[driver["feature"]], driver[name]
    if feature.unit == "text":
        return percent(value)
    if feature.unit not in ("share", "probability"):
        value = round(value) if abs(value) >= _WHOLE_FROM else round(value, 1)
    return value_words(value, feature, formats.short_money)


def _flows(shop: ChosenShop, summary: Summary, fit: FitStory, slug: str) -> Flows:
    """Count who came and went of late, but not when everybody was called by this version's names at once."""
    as_of = datetime.fromisoformat(summary["as_of"])
    since = as_of - timedelta(days=FLOW_DAYS)
    live_from = fit.card.live_from
    words = f"In the last {FLOW_DAYS} days"
    if live_from is not None and live_from > since:
        since, words = live_from, f"Since this version went live on {shop.formats.date(live_from)}"
    with transaction(shop.id) as connection:
        moves = membership_changes.count_moves(connection, slug, since=since)
    names = {segment["slug"]: segment["name"] for segment in summary["segments"]}
    came, went = (sum(pair[place] for pair in moves.values()) for place in (0, 1))
    return Flows(
        words=f"{words} {counted(came, 'customer')} came and {count(went)} went.",
        rows=_flow_rows(moves, names),
        empty_words="" if moves else f"{words} nobody came and nobody went.",
    )


def _flow_rows(moves: Mapping[str | None, tuple[int, int]], names: Mapping[str, str]) -> tuple[FlowRow, ...]:
    def name(slug: str | None) -> str:
        return "New, or merged with somebody" if slug is None else names.get(slug, "A segment of before")

    totals: dict[str, list[int]] = {}
    for slug, (came, went) in moves.items():
        total = totals.setdefault(name(slug), [0, 0])
        total[0] += came
        total[1] += went
    return tuple(FlowRow(text, _people(came), _people(went)) for text, (came, went) in totals.items())


def _people(number: int) -> str:
    return count(number) if number else NOTHING


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
