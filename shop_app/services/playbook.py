"""What to do with the customers of each group: the recommended plays, and the merchant's changes to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shop_app.errors import InvalidInputError, NotFoundError
from shop_app.segments.playbook import PLAYBOOK, play_for
from shop_app.segments.playbook_edits import PlayError, edit_play, is_review_due
from shop_app.segments.plays import Play
from shop_app.storage import decisions, plays, shop_settings
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.plays import PlayEdit


@dataclass(frozen=True, slots=True)
class KeptPlay:
    """A play as it holds in this shop, and when its changes are due to be looked at."""

    play: Play
    is_edited: bool
    is_review_due: bool


def read_plays(shop_id: int, slugs: tuple[str, ...] = (), *, now: datetime) -> dict[str, KeptPlay]:
    """Return the plays of these archetypes (of all for none) with the merchant's changes in them."""
    with transaction(shop_id) as connection:
        today = now.astimezone(ZoneInfo(shop_settings.read(connection).timezone)).date()
        edits = plays.list_edits(connection)
    return {slug: _kept(slug, edits.get(slug), today) for slug in slugs or tuple(PLAYBOOK)}


def change_play(
    shop_id: int, slug: str, changes: Mapping[str, Any], *, review_at: date, who: str, at: datetime
) -> KeptPlay:
    """Change some of a play's fields; what was changed before stays changed.

    Raises
    ------
    InvalidInputError
        A field cannot be changed so, or the review lies in the past or more than a year ahead.
    NotFoundError
        There is no such play.
    """
    if slug not in PLAYBOOK:
        raise NotFoundError(f"There is no play called {slug}.")
    with transaction(shop_id) as connection:
        today = at.astimezone(ZoneInfo(shop_settings.read(connection).timezone)).date()
        before = plays.list_edits(connection).get(slug)
        together = {**(before.changes if before else {}), **changes}
        play = _edited(play_for(slug), together, review_at, today)
        plays.write(connection, PlayEdit(slug, together, review_at, at, who))
        _note(connection, slug, ", ".join(sorted(changes)), who=who, at=at)
    return KeptPlay(play, is_edited=True, is_review_due=False)


def reset_play(shop_id: int, slug: str, *, who: str, at: datetime) -> None:
    """Go back to the recommended play."""
    with transaction(shop_id) as connection:
        if plays.drop(connection, slug):
            _note(connection, slug, "as recommended", who=who, at=at)


def _kept(slug: str, edit: PlayEdit | None, today: date) -> KeptPlay:
    play = play_for(slug)
    if edit is None:
        return KeptPlay(play, is_edited=False, is_review_due=False)
    edited_at = min(edit.edited_at.date(), edit.review_at - timedelta(days=1))
    try:
        play = edit_play(play, edit.changes, review_at=edit.review_at, edited_at=edited_at)
    except PlayError:  # the recommended play has changed since, and the edit does not fit it any more
        return KeptPlay(play, is_edited=True, is_review_due=True)
    return KeptPlay(play, is_edited=True, is_review_due=is_review_due(play, on=today))


def _edited(play: Play, changes: Mapping[str, Any], review_at: date, today: date) -> Play:
    try:
        return edit_play(play, changes, review_at=review_at, edited_at=today)
    except PlayError as error:
        raise InvalidInputError(str(error), field=error.field) from None


def _note(connection: Connection, slug: str, what: str, *, who: str, at: datetime) -> None:
    decisions.record(connection, Decision(at, who, "play", slug, None, None, what))
