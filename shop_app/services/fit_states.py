"""The life of a fit: draft, validated, approved, live, retired; who moved it on, when, and why."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from shop_app.errors import NotFoundError, RefusedError
from shop_app.services.live_models import SEGMENTATION
from shop_app.services.segment_choices import REVIEWS, SegmentChoices
from shop_app.services.shop_clock import default_as_of
from shop_app.services.soon import promise_refresh, refresh_soon
from shop_app.storage import decisions, model_fits, shop_settings
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.model_fits import FitCard, ModelFit
from shop_app.storage.refresh_lock import lock_refreshes

NEXT = {
    "draft": ("validated", "retired"),
    "validated": ("approved", "retired"),
    "approved": ("live", "retired"),
    "live": ("retired",),
    "retired": (),
}
PROGRAM = "Kindred"
"""Who decided where no person did."""

_STATE_WORDS = {
    "draft": "it has not passed its checks",
    "approved": "it is approved already",
    "live": "it is live already",
    "retired": "it is retired",
}


def move_on(
    connection: Connection, fit: ModelFit, state: str, *, who: str, at: datetime, note: str
) -> ModelFit:
    """Move a fit that is not to be live yet to its next state, and note down who did.

    Raises
    ------
    RefusedError
        That state does not follow on its present one.
    """
    if state not in NEXT[fit.state]:
        raise RefusedError(f"A fit that is {fit.state} cannot become {state}.")
    model_fits.set_state(connection, fit.id, state)
    _note(connection, fit, fit.state, state, who=who, at=at, note=note)
    return replace(fit, state=state)


def go_live(
    connection: Connection, fit: ModelFit, *, live_from: datetime, who: str, at: datetime, note: str
) -> None:
    """Score with an approved fit from ``live_from`` on; the one before is retired.

    It is to be looked at by a person after the time that the merchant has chosen.
    """
    if fit.state != "approved":
        raise RefusedError(f"A fit that is {fit.state} cannot become live.")
    before = model_fits.find_live(connection, fit.kind)
    model_fits.make_live(connection, fit, live_from=live_from)
    if before is not None:
        words = f"Version {fit.version} took its place."
        _note(connection, before, "live", "retired", who=who, at=at, note=words)
    _note(connection, fit, "approved", "live", who=who, at=at, note=note)
    choices = SegmentChoices.of(shop_settings.read(connection))
    review_at = _next_review(choices, at)
    model_fits.write_care(connection, fit.id, owner=choices.owner, note=note, review_at=review_at)


def approve_fit(shop_id: int, fit_id: int, *, who: str, at: datetime, note: str = "") -> FitCard:
    """Let a validated fit go live because a person says so; labels follow.

    Raises
    ------
    NotFoundError
        There is no such fit.
    RefusedError
        It has not passed its checks, is live already, is retired, or a newer one was validated since.
    """
    as_of = default_as_of(shop_id, at)
    with transaction(shop_id) as connection:
        lock_refreshes(connection)
        fit = _waiting(connection, fit_id)
        fit = move_on(connection, fit, "approved", who=who, at=at, note=note)
        go_live(connection, fit, live_from=as_of, who=who, at=at, note=note)
        promise_refresh(connection, shop_id, as_of=as_of)
    refresh_soon(shop_id, as_of=as_of)
    return _card(shop_id, fit_id)


def reject_fit(shop_id: int, fit_id: int, *, who: str, at: datetime, note: str = "") -> FitCard:
    """Put a fit that is not live aside; nothing changes for anybody."""
    with transaction(shop_id) as connection:
        fit = _found(connection, fit_id)
        if fit.state not in ("draft", "validated"):
            raise RefusedError(f"Version {fit.version} cannot be put aside: {_STATE_WORDS[fit.state]}.")
        move_on(connection, fit, "retired", who=who, at=at, note=note)
    return _card(shop_id, fit_id)


def restore_fit(shop_id: int, fit_id: int, *, who: str, at: datetime, note: str = "") -> FitCard:
    """Go back to a fit that was live before: the same parameters as a new version, live at once.

    Raises
    ------
    NotFoundError
        There is no such fit.
    RefusedError
        It was never live, or it is live now.
    """
    as_of = default_as_of(shop_id, at)
    with transaction(shop_id) as connection:
        lock_refreshes(connection)
        old, card = _found(connection, fit_id), model_fits.find_card(connection, fit_id)
        if old.state != "retired" or card is None or card.live_from is None:
            raise RefusedError(f"Version {old.version} cannot be gone back to: it is not one that was live.")
        words = f"The same as version {old.version}."
        fit = model_fits.add_draft(
            connection,
            kind=old.kind,
            as_of=old.as_of,
            customer_count=old.customer_count,
            parameters=old.parameters,
            measures=model_fits.read_measures(connection, fit_id),
            reason=words,
        )
        for state in ("validated", "approved"):
            fit = move_on(connection, fit, state, who=who, at=at, note=words)
        go_live(connection, fit, live_from=as_of, who=who, at=at, note=note or words)
        promise_refresh(connection, shop_id, as_of=as_of)
    refresh_soon(shop_id, as_of=as_of)
    return _card(shop_id, fit.id)


def review_segments(shop_id: int, *, who: str, at: datetime, note: str = "") -> FitCard:
    """Note down that a person has looked at the live segments, and when they are to be looked at next."""
    with transaction(shop_id) as connection:
        fit = model_fits.find_live(connection, SEGMENTATION)
        if fit is None:
            raise RefusedError("No segments are live yet, so there is nothing to review.")
        choices = SegmentChoices.of(shop_settings.read(connection))
        card = model_fits.find_card(connection, fit.id)
        model_fits.write_care(
            connection,
            fit.id,
            owner=choices.owner,
            note=card.note if card else "",
            review_at=_next_review(choices, at),
        )
        _note(connection, fit, "live", "live", who=who, at=at, note=note or "Looked at.")
    return _card(shop_id, fit.id)


def _next_review(choices: SegmentChoices, at: datetime) -> date:
    return (at + timedelta(days=REVIEWS[choices.review])).date()


def _waiting(connection: Connection, fit_id: int) -> ModelFit:
    fit = _found(connection, fit_id)
    if fit.state != "validated":
        raise RefusedError(f"Version {fit.version} cannot be approved: {_STATE_WORDS[fit.state]}.")
    newest = next(card for card in model_fits.list_cards(connection, SEGMENTATION) if card.state == "validated")
    if newest.id != fit.id:
        raise RefusedError(f"Version {fit.version} is out of date: version {newest.version} waits as well.")
    return fit


def _found(connection: Connection, fit_id: int) -> ModelFit:
    fit = model_fits.find(connection, fit_id)
    if fit is None or fit.kind != SEGMENTATION:
        raise NotFoundError(f"There is no fit {fit_id} in this shop.")
    return fit


def _card(shop_id: int, fit_id: int) -> FitCard:
    with transaction(shop_id) as connection:
        card = model_fits.find_card(connection, fit_id)
    if card is None:
        raise NotFoundError(f"There is no fit {fit_id} in this shop.")
    return card


def _note(
    connection: Connection, fit: ModelFit, before: str, after: str, *, who: str, at: datetime, note: str
) -> None:
    subject = f"version {fit.version}"
    decisions.record(connection, Decision(at, who, "fit", subject, before, after, note))
