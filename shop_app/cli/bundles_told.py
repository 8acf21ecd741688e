"""What `kindred bundles` has to tell: the lists that were asked for, and the bundle that was decided on."""

from typing import TYPE_CHECKING, Any

from shop_app.cli.bundles_choices import plain_choices
from shop_app.cli.bundles_deeds import change, decide, look_anew
from shop_app.clock import utc_now
from shop_app.errors import NotFoundError

if TYPE_CHECKING:
    from shop_app.services.bundle_words import Wording
    from shop_app.services.describe_bundles import Overview

LISTS = ("pairs", "sets", "sequences", "next", "candidates", "live")
"""Every list that can be asked for, in the order in which they are printed."""
_KINDS = {
    "pairs": ("pair", "segment_pair"),
    "sets": ("set",),
    "sequences": ("sequence",),
    "next": ("next", "one_and_done", "category_pair", "suggestion"),
    "candidates": ("blocked", "left_out"),
}
"""Findings that are told with each list beside the candidates themselves, and what they are called there."""
_NAMES = {
    "pair": "pairs",
    "segment_pair": "segment_pairs",
    "set": "sets",
    "sequence": "sequences",
    "next": "next",
    "one_and_done": "one_and_done",
    "category_pair": "category_pairs",
    "suggestion": "suggestions",
    "blocked": "blocked",
    "left_out": "left_out",
}
_COUNTED = {
    "pair": "count",
    "segment_pair": "count",
    "set": "count",
    "sequence": "customers",
    "next": "customers",
}


def is_wanted(name: str, wishes: dict[str, Any], deed: str) -> bool:
    """Tell whether a list was asked for: pairs where nothing else was."""
    if name == "pairs" and not deed and not any(wishes[each] for each in LISTS):
        return True
    return bool(wishes[name])


def told_of(shop: str, deed: str, wishes: dict[str, Any]) -> dict[str, Any]:
    """Look anew where asked to, decide what is to be decided, and return all there is to print."""
    from shop_app.services.bundle_choices import read_bundle_choices
    from shop_app.services.bundle_goods import read_goods
    from shop_app.services.describe_bundles import read_overview
    from shop_app.services.money_words import money_words
    from shop_app.services.open_shop import get_shop_id
    from shop_app.storage import shop_settings
    from shop_app.storage.engine import transaction

    shop_id, now = get_shop_id(shop), utc_now()
    if wishes["changes"]:
        change(shop_id, wishes["changes"])
    if wishes["refresh"]:
        look_anew(shop_id, wishes["least_count"])
    with transaction(shop_id) as connection:
        currency = shop_settings.read(connection).currency
    overview = read_overview(shop_id, now=now)
    wording = read_goods(shop_id).wording(
        overview.segments,
        money=lambda amount: money_words(amount, currency),
        moment=lambda at: f"{at:%Y-%m-%d %H:%M} UTC",
    )
    decided = decide(shop_id, deed, wishes) if deed else None
    return {
        "shop": shop,
        "currency": currency,
        "segment": wishes["segment"],
        "choices": plain_choices(read_bundle_choices(shop_id).to_json()),
        **_told(shop_id, overview, wording, wishes, deed, decided),
    }


def _told(
    shop_id: int,
    overview: "Overview",
    wording: "Wording",
    wishes: dict[str, Any],
    deed: str,
    decided: int | None,
) -> dict[str, Any]:
    from shop_app.services import bundle_stories as stories
    from shop_app.services.describe_bundles import list_candidates
    from shop_app.services.describe_offers import card_of, describe_offer, list_offers

    wanted = [name for name in LISTS if is_wanted(name, wishes, deed)]
    segment = _segment(overview, wishes["segment"])
    shown = describe_offer(shop_id, decided) if decided is not None else None
    candidates = list_candidates(shop_id, segment=segment or None) if "candidates" in wanted else []
    offers = list_offers(shop_id, segment=segment or None) if "live" in wanted else []
    return {
        "run": stories.run_of(overview),
        **_rows(shop_id, wanted, segment, wishes["least_count"] or 1),
        "candidates": [stories.candidate_row(each, wording) for each in candidates],
        "bundles": [card_of(each) for each in offers],
        "bundle": None if shown is None else stories.offer_row(shown, wording),
    }


def _segment(overview: "Overview", given: str | None) -> str:
    known = overview.facts.get("segments", {})
    if given is None or given in known:
        return given or ""
    raise NotFoundError(
        f"segment: there is none called {given}; those looked at are {', '.join(known) or 'none'}."
    )


def _rows(shop_id: int, wanted: list[str], segment: str, least: int) -> dict[str, list[dict[str, Any]]]:
    """Return the findings that were asked for, and the other lists empty."""
    from shop_app.services.describe_bundles import list_rows

    found: dict[str, list[dict[str, Any]]] = {name: [] for name in _NAMES.values()}
    for kind in (kind for name in wanted for kind in _KINDS.get(name, ())):
        if kind != "pair" or not segment:
            rows = list_rows(shop_id, kind, segment=segment, with_goods=True)
            counted = _COUNTED.get(kind)
            found[_NAMES[kind]] = [row for row in rows if counted is None or (row[counted] or 0) >= least]
    return found
