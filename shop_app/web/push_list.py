"""``/pushes``: every push with who decided on it, first of all the plans that wait for somebody."""

from flask import request, url_for

from shop_app.destinations import registry
from shop_app.services.describe_pushes import PushCard, list_pushes
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.formats import NOTHING, count
from shop_app.web.pages import Link, Notice
from shop_app.web.push_detail import PLACE, decided_words
from shop_app.web.push_pages import PlanCard, PushesPage, PushRow
from shop_app.web.push_words import push_badge
from shop_app.web.rendering import build_frame

_A_PAGE = 25
_MOST_DIGITS = 18


def pushes_page(shop: ChosenShop, said: tuple[Notice, ...]) -> PushesPage:
    """Write the page, of one destination where the address names it."""
    kind, before = _kind(), _before()
    cards = list_pushes(shop.id, kind=kind, before_id=before, limit=_A_PAGE + 1)
    shown = cards[:_A_PAGE]
    plans = [card for card in list_pushes(shop.id) if card.can_decide and kind in (None, card.destination)]
    return PushesPage(
        frame=build_frame("Pushes", shop, PLACE),
        said=said,
        plans=tuple(_plan(card) for card in plans),
        filters=_filters(kind),
        rows=tuple(_row(card, shop) for card in shown),
        nothing_words="Nothing was sent yet. Set a destination up, and the first plan waits for you here.",
        nothing_link=Link("Set up a destination", url_for("destinations.index")),
        first=Link("Newest pushes", url_for(PLACE, destination=kind)) if before else None,
        following=Link("Older pushes", url_for(PLACE, destination=kind, before=shown[-1].id))
        if len(cards) > _A_PAGE
        else None,
    )


def plan_notices(shop: ChosenShop) -> tuple[Notice, ...]:
    """Say on the page of segments which plans wait for somebody."""
    return tuple(
        Notice(
            "warning",
            f"A plan for {card.destination_name} waits for you",
            (card.why or "Nothing of it is sent before you approve it.",),
            (Link("Look at it and decide", url_for("pushes.show", push_id=card.id)),),
        )
        for card in list_pushes(shop.id)
        if card.can_decide
    )


def _plan(card: PushCard) -> PlanCard:
    return PlanCard(
        heading=card.title,
        words=card.why or "Nothing of it is sent before you approve it.",
        link=Link("Look closer and decide", url_for("pushes.show", push_id=card.id)),
    )


def _row(card: PushCard, shop: ChosenShop) -> PushRow:
    total, sent = sum(card.counts.values()), card.counts.get("sent", 0)
    return PushRow(
        link=Link(card.title, url_for("pushes.show", push_id=card.id)),
        badge=push_badge(card),
        made=shop.formats.moment(card.made_at),
        decided=decided_words(card, shop.formats),
        customers=f"{count(sent)} of {count(total)}" if total else NOTHING,
        note=card.note or NOTHING,
        undo=Link("Undo", url_for("pushes.ask_undo", push_id=card.id)) if card.can_undo else None,
    )


def _filters(chosen: str | None) -> tuple[Link, ...]:
    every = Link("All destinations", url_for(PLACE), is_current=chosen is None)
    kinds = registry.KINDS.items()
    return (
        every,
        *(Link(kind.name, url_for(PLACE, destination=name), is_current=name == chosen) for name, kind in kinds),
    )


def _kind() -> str | None:
    given = request.args.get("destination")
    return given if given in registry.KINDS else None


def _before() -> int | None:
    given = request.args.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS else None
