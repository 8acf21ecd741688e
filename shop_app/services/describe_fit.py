"""What there is to tell of the fits: the live one, one that waits, all of them, and what was decided."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from shop_app.errors import NotFoundError
from shop_app.services.ask_for_fit import FIT_NOW
from shop_app.services.live_models import SEGMENTATION
from shop_app.services.segment_choices import SegmentChoices
from shop_app.storage import decisions, due_work, model_fits, shop_settings
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import shopless, transaction
from shop_app.storage.model_fits import FitCard


@dataclass(frozen=True, slots=True)
class FitStory:
    """One fit in full: what it is, what it found, what was measured, and what was decided about it."""

    card: FitCard
    goal: str
    method: str
    groups: tuple[dict[str, Any], ...]
    measures: dict[str, Any]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class FitOverview:
    """Where a shop stands: its choices, the live fit, the one that waits for a person, the newest one."""

    choices: SegmentChoices
    live: FitCard | None
    waiting: FitCard | None
    newest: FitCard | None
    history: tuple[FitCard, ...]
    is_due: bool
    review_due: bool


def fit_overview(shop_id: int, *, today: date) -> FitOverview:
    """Return where a shop stands with its fits; ``is_due`` while a worker is at it, or is about to be."""
    with transaction(shop_id) as connection:
        choices = SegmentChoices.of(shop_settings.read(connection))
        cards = model_fits.list_cards(connection, SEGMENTATION)
    with shopless() as connection:
        is_due = FIT_NOW in due_work.list_of_shop(connection, shop_id)
    live = next((card for card in cards if card.state == "live"), None)
    waiting = next((card for card in cards if card.state == "validated"), None)
    if waiting and live and waiting.id < live.id:
        waiting = None
    return FitOverview(
        choices=choices,
        live=live,
        waiting=waiting,
        newest=cards[0] if cards else None,
        history=tuple(cards),
        is_due=is_due,
        review_due=bool(live and live.review_at and live.review_at <= today),
    )


def describe_fit(shop_id: int, fit_id: int) -> FitStory:
    """Tell everything of one fit.

    Raises
    ------
    NotFoundError
        There is no such fit in this shop.
    """
    with transaction(shop_id) as connection:
        fit, card = model_fits.find(connection, fit_id), model_fits.find_card(connection, fit_id)
        if fit is None or card is None or fit.kind != SEGMENTATION:
            raise NotFoundError(f"There is no fit {fit_id} in this shop.")
        grouping = fit.parameters["grouping"]
        return FitStory(
            card=card,
            goal=grouping["goal"],
            method=grouping["method"],
            groups=tuple(grouping["groups"]),
            measures=model_fits.read_measures(connection, fit_id),
            decisions=tuple(decisions.list_newest(connection, kind="fit", about=f"version {card.version}")),
        )


def newest_report(shop_id: int) -> tuple[FitCard, dict[str, Any]] | None:
    """Return the report card of the live fit, else of the newest one; ``None`` before the first fit."""
    with transaction(shop_id) as connection:
        cards = model_fits.list_cards(connection, SEGMENTATION)
        card = next((each for each in cards if each.state == "live"), cards[0] if cards else None)
        if card is None:
            return None
        return card, model_fits.read_measures(connection, card.id)
