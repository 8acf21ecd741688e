"""``/destinations``: one card for each destination, with how fresh it is and what can be done about it."""

from collections.abc import Mapping

from flask import url_for

from shop_app.clock import utc_now
from shop_app.services.connect_destination import Kept, list_destinations
from shop_app.services.describe_pushes import PushCard, list_pushes
from shop_app.services.push_choices import read_push_choices
from shop_app.services.push_freshness import Freshness, read_freshness
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.destination_pages import Deed, DestinationCard, DestinationsPage
from shop_app.web.formats import Formats
from shop_app.web.freshness_words import freshness_badge, freshness_strip, freshness_warning
from shop_app.web.pages import Link, Notice
from shop_app.web.rendering import build_frame

PLACE = "destinations.index"
CONSENT = (
    "A label gives nobody the permission to mail a customer. Lists hold only those who have agreed to e-mail, "
    "unless you change that in a destination's settings; Kindred never subscribes anybody."
)
_NOT_SET_UP = Notice("neutral", "Not set up", ())
_OFF = Notice("neutral", "Switched off", ())


def destinations_page(shop: ChosenShop, said: tuple[Notice, ...] = ()) -> DestinationsPage:
    """Write the page of all destinations."""
    found = list_destinations(shop.id)
    fresh = {each.kind: each for each in read_freshness(shop.id, now=utc_now())}
    plans = open_plans(shop)
    is_stopped = read_push_choices(shop.id).everything_stopped
    is_any_connected = any(kept.stored for kept in found)
    return DestinationsPage(
        frame=build_frame("Destinations", shop, PLACE),
        said=said,
        stop_heading="Everything is stopped" if is_stopped else "Stop everything",
        stop_words="Nothing is sent to any destination before you start again."
        if is_stopped
        else "Sends nothing more to any destination, from the next call on, until you start again.",
        stop=_stop(is_stopped=is_stopped) if is_any_connected or is_stopped else None,
        consent_words=CONSENT,
        cards=tuple(destination_card(kept, fresh, plans, shop.formats) for kept in found),
    )


def destination_card(
    kept: Kept, fresh: Mapping[str, Freshness], plans: Mapping[str, PushCard], formats: Formats
) -> DestinationCard:
    """Write one destination's card."""
    kind, name, stored = kept.kind.kind, kept.kind.name, kept.stored
    freshness, plan = fresh.get(kind), plans.get(kind)
    is_red = freshness is not None and freshness.is_red
    return DestinationCard(
        kind=kind,
        name=name,
        badge=_NOT_SET_UP if stored is None else freshness_badge(freshness) if freshness else _OFF,
        account=stored.account_name if stored else "",
        words=_words(kept, freshness) if not is_red else (),
        warning=freshness_warning(freshness) if freshness else None,
        strip=freshness_strip(freshness, formats) if freshness and stored else (),
        notices=tuple(stored.notices) if stored else (),
        plan=Link(f"A plan waits for you: {plan.title}", url_for("pushes.show", push_id=plan.id))
        if plan
        else None,
        settings=Link("Settings" if stored else "Set up", url_for("destinations.show", kind=kind)),
        deeds=_deeds(kept),
    )


def open_plans(shop: ChosenShop) -> dict[str, PushCard]:
    """Return the plan that waits for a person, by destination."""
    return {card.destination: card for card in list_pushes(shop.id) if card.can_decide}


def _words(kept: Kept, freshness: Freshness | None) -> tuple[str, ...]:
    if kept.stored is None:
        return ("Nothing is sent there. Set it up, and see what would be sent before anything is.",)
    return (freshness.words,) if freshness else ()


def _stop(*, is_stopped: bool) -> Deed:
    if is_stopped:
        return Deed(url_for("destinations.start"), "Start again", "Start sending again", "primary")
    return Deed(url_for("destinations.stop"), "Stop everything", "Stop everything")


def _deeds(kept: Kept) -> tuple[Deed, ...]:
    """Return what can be done with a destination that is connected."""
    kind, name, stored = kept.kind.kind, kept.kind.name, kept.stored
    if stored is None:
        return ()
    test = Deed(
        url_for("destinations.test", kind=kind), "Test the connection", f"Test the connection to {name}"
    )
    if stored.is_on:
        return (test, Deed(url_for("destinations.turn_off", kind=kind), "Pause", f"Pause {name}"))
    on = Deed(url_for("destinations.turn_on", kind=kind), "Switch on", f"Switch {name} on", "primary")
    return (test, on)
