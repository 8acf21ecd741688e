"""``/bundles/live``: every bundle with its state and what came of it, those that wait for somebody first."""

from flask import request, url_for

from shop_app.clock import utc_now
from shop_app.services.bundle_words import FORMS, STATES, VERDICTS
from shop_app.services.describe_bundles import Overview, read_overview
from shop_app.services.describe_offers import list_offers
from shop_app.storage.bundles import Bundle
from shop_app.web.bundles_look import EVERYBODY, first_of
from shop_app.web.bundles_pages import Cell, OffersPage, Table
from shop_app.web.bundles_tables import plain_headings
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.formats import NOTHING, Formats, count, percent
from shop_app.web.pages import Link, Notice
from shop_app.web.rendering import build_frame

PLACE = "bundles_live.index"
TONES = {
    "draft": "warning",
    "approved": "info",
    "live": "success",
    "paused": "warning",
    "retired": "neutral",
}
_SHOWN = 100
_OVER = ("retired",)


def offers_page(shop: ChosenShop, said: tuple[Notice, ...]) -> OffersPage:
    """Write the page: what is under way, or everything that ever was."""
    overview = read_overview(shop.id, now=utc_now())
    is_over = request.args.get("show") == "retired"
    states = _OVER if is_over else tuple(state for state in STATES if state not in _OVER)
    found = list_offers(shop.id, states=states)
    return OffersPage(
        frame=build_frame("Live bundles", shop, PLACE),
        said=said,
        tabs=(
            Link("Drafts, live and paused", url_for(PLACE), is_current=not is_over),
            Link("Retired", url_for(PLACE, show="retired"), is_current=is_over),
        ),
        table=Table(
            name="Bundles",
            caption="Bundles that were made, the newest first",
            headings=plain_headings(
                "Bundle", "State*", "For*", "Orders with it", "Margin so far", "Spent more, each", "Verdict*"
            ),
            rows=tuple(_row(each, overview, shop.formats) for each in found[:_SHOWN]),
            nothing="Nothing was retired."
            if is_over
            else "No bundle was made yet. Choose a candidate, set its terms, and the draft waits for you here.",
            words=first_of(min(len(found), _SHOWN), len(found), ""),
        ),
        download=Link("Export bundles", url_for("exports.bundles"), download="bundles.csv"),
    )


def offer_badge(bundle: Bundle) -> Notice:
    """Return an offer's state; one that something is to be known of is not shown as if all were well."""
    tone = TONES[bundle.state]
    if bundle.trouble:
        tone = "critical" if bundle.failures else "warning"
    return Notice(tone, STATES[bundle.state], ())


def _row(bundle: Bundle, overview: Overview, formats: Formats) -> tuple[Cell, ...]:
    result, terms = bundle.result, bundle.terms
    badge = offer_badge(bundle)
    attach = result.get("attach_ratio")
    extra, low, high = (result.get(name) for name in ("extra", "extra_low", "extra_high"))
    account = result.get("account") or {}
    return (
        Cell(bundle.title, FORMS[terms.form], url_for("bundles_live.show", bundle_id=bundle.id)),
        Cell(badge.heading, bundle.trouble or bundle.reason, tone=badge.tone),
        Cell(overview.segments.get(terms.segment, terms.segment) if terms.segment else EVERYBODY),
        Cell(
            NOTHING if result.get("orders") is None else count(result["orders"]),
            "" if attach is None else f"{percent(attach)} of orders that could",
        ),
        Cell(formats.money(account.get("margin"))),
        Cell(formats.money(extra), "" if low is None else f"{formats.money(low)} to {formats.money(high)}"),
        Cell(VERDICTS.get(str(result.get("verdict", "")), NOTHING)),
    )
