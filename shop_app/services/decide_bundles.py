"""A person decides on an offer: it is made, paused, resumed, taken down; or the draft is thrown away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shop_app.errors import InvalidInputError, NotFoundError, RefusedError
from shop_app.services.check_terms import check_terms
from shop_app.services.draft_bundles import KIND
from shop_app.storage import bundles, decisions, due_work
from shop_app.storage.bundles import Bundle
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import Connection, transaction

DUE = "bundles-live"
"""The kind of ``due_work`` that brings Shopify in step with what was decided."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody decided, and why in words where that is said of the offer."""

    state: str
    who: str
    at: datetime
    note: str
    reason: str = ""


_STATE_WORDS = {
    "draft": "it is a draft",
    "approved": "it is approved already",
    "live": "it is live",
    "paused": "it is paused",
    "retired": "it is retired",
}


def approve_bundle(
    shop_id: int, bundle_id: int, *, who: str, at: datetime, fingerprint: str, note: str = ""
) -> Bundle:
    """Let an offer be made in Shopify, exactly as it was shown.

    Parameters
    ----------
    fingerprint
        :attr:`Bundle.fingerprint` of the title and terms that ``who`` has seen.

    Raises
    ------
    NotFoundError
        There is no such bundle.
    RefusedError
        It is no draft, or was changed since it was shown.
    InvalidInputError
        Something speaks against it (margin, stock, your rules …); ``field`` names the term.
    """
    draft = _found(shop_id, bundle_id)
    if problems := check_terms(shop_id, draft.title, draft.terms, at=at, bundle_id=bundle_id):
        raise InvalidInputError(problems[0].words, field=problems[0].field)
    with transaction(shop_id) as connection:
        current = _locked(connection, bundle_id, ("draft",), "approved")
        if fingerprint != current.fingerprint or current.fingerprint != draft.fingerprint:
            raise RefusedError("It was changed since it was shown: look at it again, then approve it.")
        return _decide(connection, shop_id, current, _Wish("approved", who, at, note))


def discard_draft(shop_id: int, bundle_id: int, *, who: str, at: datetime, note: str = "") -> Bundle:
    """Throw a draft away; it stays in the list of what was decided.

    Raises
    ------
    NotFoundError, RefusedError
        There is no such bundle, or it is no draft any more.
    """
    with transaction(shop_id) as connection:
        current = _locked(connection, bundle_id, ("draft",), "discarded")
        bundles.decide(
            connection, bundle_id, "retired", who=who, at=at, note=note, reason="Thrown away as a draft."
        )
        bundles.settle(connection, bundle_id)
        _note(connection, current, "discarded", who=who, at=at, note=note)
        return _again(connection, bundle_id)


def pause_bundle(shop_id: int, bundle_id: int, *, who: str, at: datetime, note: str = "") -> Bundle:
    """Let nobody use an offer for the time being; it stays in Shopify, switched off.

    Raises
    ------
    NotFoundError, RefusedError
        There is no such bundle, or it is neither approved nor live.
    """
    with transaction(shop_id) as connection:
        current = _locked(connection, bundle_id, ("approved", "live"), "paused")
        reason = f"Paused by {who}." if who else "Paused by hand."
        return _decide(connection, shop_id, current, _Wish("paused", who, at, note, reason))


def resume_bundle(shop_id: int, bundle_id: int, *, who: str, at: datetime, note: str = "") -> Bundle:
    """Let a paused offer go on, or try again at once what stands in trouble.

    What was deleted by hand in Shopify is made anew; what keeps an offer from approval keeps it from this too.

    Raises
    ------
    NotFoundError, RefusedError
        There is no such bundle, it is a draft or retired, or it is over.
    InvalidInputError
        Something speaks against it (margin, stock, your rules …); ``field`` names the term.
    """
    before = _found(shop_id, bundle_id)
    if before.state == "paused":
        if before.paused_for == "uses":
            raise RefusedError("It was used as often as was agreed. Draft another one to offer it again.")
        if problems := check_terms(shop_id, before.title, before.terms, at=at, bundle_id=bundle_id):
            raise InvalidInputError(problems[0].words, field=problems[0].field)
    with transaction(shop_id) as connection:
        current = _locked(connection, bundle_id, ("approved", "live", "paused"), "resumed")
        if current.state == "paused" and before.state != "paused":
            raise RefusedError("It has just paused itself: look at it again, then decide.")
        if current.paused_for == "gone":
            kept = {name: value for name, value in current.remote.items() if name == "titles"}
            bundles.write_remote(connection, bundle_id, kept)
        state = "approved" if current.live_from is None else "live"
        return _decide(connection, shop_id, current, _Wish(state, who, at, note))


def retire_bundle(shop_id: int, bundle_id: int, *, who: str, at: datetime, note: str = "") -> Bundle:
    """Take an offer down for good, with everything of it that we made in Shopify: the undo of an approval.

    Raises
    ------
    NotFoundError, RefusedError
        There is no such bundle, it is a draft, or it is retired already.
    """
    with transaction(shop_id) as connection:
        current = _locked(connection, bundle_id, ("approved", "live", "paused"), "retired")
        reason = f"Retired by {who}." if who else "Retired by hand."
        return _decide(connection, shop_id, current, _Wish("retired", who, at, note, reason))


def _decide(connection: Connection, shop_id: int, current: Bundle, wish: _Wish) -> Bundle:
    bundles.decide(
        connection, current.id, wish.state, who=wish.who, at=wish.at, note=wish.note, reason=wish.reason
    )
    _note(connection, current, wish.state, who=wish.who, at=wish.at, note=wish.note)
    due_work.ensure_due(connection, shop_id, DUE, due_at=wish.at)
    return _again(connection, current.id)


def _locked(connection: Connection, bundle_id: int, states: Sequence[str], deed: str) -> Bundle:
    current = bundles.lock(connection, bundle_id)
    if current is None:
        raise NotFoundError(f"There is no offer {bundle_id}.")
    if current.state not in states:
        raise RefusedError(f"Offer {bundle_id} cannot be {deed}: {_STATE_WORDS[current.state]}.")
    return current


def _found(shop_id: int, bundle_id: int) -> Bundle:
    with transaction(shop_id) as connection:
        found = bundles.find(connection, bundle_id)
    if found is None:
        raise NotFoundError(f"There is no offer {bundle_id}.")
    return found


def _again(connection: Connection, bundle_id: int) -> Bundle:
    found = bundles.find(connection, bundle_id)
    assert found is not None  # noqa: S101 (locked by the caller)
    return found


def _note(connection: Connection, bundle: Bundle, to_state: str, *, who: str, at: datetime, note: str) -> None:
    about = f"{bundle.title} ({bundle.id})"
    decisions.record(connection, Decision(at, who, KIND, about, bundle.state, to_state, note))
