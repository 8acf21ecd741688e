"""``/destinations/<kind>``: its settings, what Kindred made there, and how to leave it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from shop_app.clock import utc_now
from shop_app.services.connect_destination import Kept, read_destination
from shop_app.services.push_freshness import read_freshness
from shop_app.services.push_groups import list_groups
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.destination_cards import PLACE, destination_card, open_plans
from shop_app.web.destination_form import setting_fields
from shop_app.web.destination_pages import ConfirmPage, Deed, DestinationPage, GroupRow
from shop_app.web.formats import counted
from shop_app.web.pages import Link, Notice
from shop_app.web.rendering import build_frame

_ROLES = {"segment": "Segment", "list": "List", "definition": "Definition of a metafield"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page says about what was sent: a message, what was tried, a sentence for each wrong field."""

    said: tuple[Notice, ...] = ()
    tried: Mapping[str, Any] | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


def destination_page(shop: ChosenShop, kind: str, answer: Answer | None = None) -> DestinationPage:
    """Write one destination's page, with what was tried on its settings in vain."""
    answer = answer or Answer()
    kept = read_destination(shop.id, kind)
    fresh = {each.kind: each for each in read_freshness(shop.id, now=utc_now())}
    card = destination_card(kept, fresh, open_plans(shop), shop.formats)
    groups = sorted(list_groups(shop.id, kind), key=lambda each: (each.role == "definition", each.name))
    return DestinationPage(
        frame=build_frame(kept.kind.name, shop, PLACE),
        back=_back(),
        heading=kept.kind.name,
        said=answer.said,
        card=card if kept.stored else None,
        form_words=_form_words(kept),
        save_url=url_for("destinations.save", kind=kind),
        save_text="Test and save",
        fields=setting_fields(kept, answer.tried, answer.errors),
        groups=tuple(GroupRow(each.name, _ROLES.get(each.role, each.role), each.remote_id) for each in groups),
        groups_words=_groups_words(kept, len(groups)),
        leave_words=_leave_words(kept),
        leave=_leave(kept),
    )


def take_back_page(shop: ChosenShop, kind: str) -> ConfirmPage:
    """Write the step before everything that we wrote is taken back."""
    name = read_destination(shop.id, kind).kind.name
    return ConfirmPage(
        frame=build_frame(f"Take everything back from {name}", shop, PLACE),
        back=_back(kind, name),
        heading=f"Take everything back from {name}?",
        sentences=(
            f"Every label that Kindred has written to {name} is removed from every customer.",
            "What others wrote there stays as it is.",
            "Sending is paused, and what waits to be sent is put aside.",
            "To label customers again, switch the destination on and approve a plan.",
        ),
        deed=Deed(url_for("destinations.take_back", kind=kind), "Take everything back", "", "primary"),
        others=(Link("Leave everything as it is", url_for("destinations.show", kind=kind)),),
    )


def disconnect_page(shop: ChosenShop, kind: str) -> ConfirmPage:
    """Write the step before a destination and its keys are forgotten."""
    name = read_destination(shop.id, kind).kind.name
    return ConfirmPage(
        frame=build_frame(f"Disconnect {name}", shop, PLACE),
        back=_back(kind, name),
        heading=f"Disconnect {name}?",
        sentences=(
            f"Kindred forgets its keys and settings for {name}, and sends nothing there any more.",
            "What it wrote there stays. Kindred no longer knows what that was, and cannot take it back later.",
            "If it is to go, take everything back first, and disconnect once that is done.",
        ),
        deed=Deed(url_for("destinations.leave", kind=kind), "Disconnect", f"Disconnect {name}", "primary"),
        others=(
            Link("Take everything back first", url_for("destinations.ask_take_back", kind=kind)),
            Link("Stay connected", url_for("destinations.show", kind=kind)),
        ),
    )


def _back(kind: str = "", name: str = "") -> Link:
    if kind:
        return Link(name, url_for("destinations.show", kind=kind))
    return Link("Destinations", url_for(PLACE))


def _form_words(kept: Kept) -> str:
    if kept.stored is None:
        return (
            "They are tried before they are kept. Nothing is sent before you switch it on and approve a plan."
        )
    return f"They are tried before they are kept. Connected to {kept.stored.account_name}."


def _groups_words(kept: Kept, how_many: int) -> str:
    if how_many:
        return f"{counted(how_many, 'thing')} that Kindred made and keeps; nothing else there is touched."
    if kept.stored is None:
        return ""
    return "Nothing yet. What is needed is made before the first labels are sent."


def _leave_words(kept: Kept) -> tuple[str, ...]:
    if kept.stored is None:
        return ()
    return (
        "Taking back removes every label that Kindred has written there.",
        "Disconnecting forgets the keys; what was written stays.",
    )


def _leave(kept: Kept) -> tuple[Link, ...]:
    if kept.stored is None:
        return ()
    kind = kept.kind.kind
    return (
        Link("Take back everything we wrote", url_for("destinations.ask_take_back", kind=kind)),
        Link("Disconnect", url_for("destinations.ask_leave", kind=kind)),
    )
