"""What the effect of a segment's campaigns is measured against: a control group, and how it was before."""

from typing import Any

from flask import url_for

from shop_app.segments.guards import CONTROL, TREATMENT
from shop_app.services.push_choices import read_push_choices
from shop_app.services.push_labels import UNLABELLED
from shop_app.storage import destinations, holdouts, segment_baselines
from shop_app.storage.engine import transaction
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.destination_pages import Effect
from shop_app.web.formats import Formats, count, counted, percent
from shop_app.web.pages import Fact, Link

_UNKNOWN = "unknown"
_RATIOS = {
    "conversion_ratio": ("Ordered", "of its customers"),
    "retention_ratio": ("Ordered again", "of those who had ordered before"),
    "opens_ratio": ("Opened an e-mail", "of those who were sent any"),
    "clicks_ratio": ("Clicked in one", "of those who were sent any"),
}


def segment_effect(shop: ChosenShop, slug: str) -> Effect | None:
    """Tell a segment's control group and its figures from before its first push, where labels go anywhere."""
    if slug in UNLABELLED:  # nobody is ever told of it
        return None
    share = read_push_choices(shop.id).holdouts.get(slug, 0)
    with transaction(shop.id) as connection:
        arms = holdouts.count(connection).get(slug, {})
        baseline = segment_baselines.read_all(connection).get(slug)
        goes_anywhere = destinations.has_any(connection)
    if not goes_anywhere and baseline is None and not share:
        return None
    links = [Link("Change the control group", url_for("sending.index"))]
    if baseline is not None:
        links.append(Link("The push they were kept for", url_for("pushes.show", push_id=baseline.push_id)))
    return Effect(
        words=_control_words(share, arms),
        baseline_words=_baseline_words(baseline, shop.formats),
        baseline=_baseline(baseline.measures, shop.formats) if baseline else (),
        links=tuple(links),
    )


def _control_words(share: int, arms: dict[str, int]) -> tuple[str, ...]:
    if not share:
        return ("No control group: what campaigns do here cannot be told from what happens anyway.",)
    words = f"Control group: {share} %, drawn by lot and left without labels."
    if not arms:
        return (words,)
    inside, outside = (arms.get(arm, 0) for arm in (CONTROL, TREATMENT))
    return (words, f"So far {counted(inside, 'customer')} in it, and {count(outside)} not.")


def _baseline_words(baseline: segment_baselines.Baseline | None, formats: Formats) -> str:
    if baseline is None:
        return "Its figures of before are kept when the first push for it is approved."
    span = counted(baseline.measures.get("span_days", 0), "day")
    return f"Before its first push, in the {span} until {formats.date(baseline.frozen_at)}:"


def _baseline(measures: dict[str, Any], formats: Formats) -> tuple[Fact, ...]:
    """Return the kept figures; what was not known then is called unknown, never zero."""
    revenue = measures.get("revenue_per_customer")
    return (
        Fact("Customers", count(measures.get("customers", 0)), "when it was approved"),
        Fact("Revenue", _UNKNOWN if revenue is None else formats.money(revenue), "per customer"),
        *(
            Fact(name, _UNKNOWN if measures.get(key) is None else percent(measures[key]), note)
            for key, (name, note) in _RATIOS.items()
        ),
    )
