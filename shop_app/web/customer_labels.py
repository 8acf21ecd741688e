"""Where one customer's labels are: what each destination holds of them, is to hold, and what is held back."""

from flask import url_for

from shop_app.services.push_of_customer import CustomerAt, customer_at_destinations
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.customer_pages import LabelPlace
from shop_app.web.formats import Formats
from shop_app.web.pages import Link, Notice

_STATES = {
    "settled": ("There", "success"),
    "waiting": ("Waits", "warning"),
    "ready": ("On the way", "info"),
    "rejected": ("Refused", "critical"),
    "absent": ("Not known there", "neutral"),
    "nothing": ("Nothing there", "neutral"),
}


def label_places(shop: ChosenShop, customer_id: int) -> tuple[LabelPlace, ...]:
    """Return how a customer stands at every destination that is connected."""
    return tuple(_place(each, shop.formats) for each in customer_at_destinations(shop.id, customer_id))


def _place(at: CustomerAt, formats: Formats) -> LabelPlace:
    words, tone = _STATES[at.state]
    confirmed = f"Last confirmed {formats.moment(at.acknowledged_at)}." if at.acknowledged_at else ""
    differs = at.wanted != at.holds
    return LabelPlace(
        link=Link(at.name, url_for("destinations.show", kind=at.kind)),
        badge=Notice(tone, words, ()),
        words=f"{at.words} {confirmed}".strip(),
        holds=tuple(at.holds),
        wanted=tuple(at.wanted) if differs else (),
        takes_all_back=differs and not at.wanted,
        guards=tuple(f"{each} Until {formats.moment(until)}." if until else each for each, until in at.guards),
    )
