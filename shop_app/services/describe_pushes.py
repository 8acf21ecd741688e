"""What is said of pushes: a list of them, one with its exact differences, and what would be sent next."""

from dataclasses import replace
from datetime import datetime

from shop_app.destinations import registry
from shop_app.errors import NotFoundError, RefusedError
from shop_app.services.arrange_pushes import why_a_plan
from shop_app.services.decide_pushes import plan_again
from shop_app.services.plan_pushes import label_maker, plan_pushes
from shop_app.services.push_stories import (
    Move,
    NameChange,
    Namer,
    PushCard,
    PushStory,
    RowStory,
    card_of,
    customers_words,
    name_of,
    read_names,
    rows_of,
    story_of,
)
from shop_app.storage import destinations, push_states, push_work, pushes
from shop_app.storage.destinations import StoredDestination
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.pushes import Push

__all__ = [
    "Move",
    "NameChange",
    "PushCard",
    "PushStory",
    "RowStory",
    "describe_push",
    "dry_run",
    "list_push_rows",
    "list_pushes",
]


def list_pushes(
    shop_id: int, *, kind: str | None = None, before_id: int | None = None, limit: int = 25
) -> list[PushCard]:
    """Return pushes, newest first: of one destination, or of all."""
    with transaction(shop_id) as connection:
        found = pushes.list_newest(connection, destination=kind, before_id=before_id, limit=limit)
        counts = pushes.count_rows(connection, [push.id for push in found])
    return [card_of(push, counts[push.id]) for push in found]


def describe_push(shop_id: int, push_id: int) -> PushStory:
    """Tell everything of one push.

    Raises
    ------
    NotFoundError
        There is no such push.
    """
    name = read_names(shop_id)
    with transaction(shop_id) as connection:
        return story_of(connection, shop_id, _found(connection, push_id), name)


def list_push_rows(
    shop_id: int,
    push_id: int,
    *,
    segment: str | None = None,
    state: str | None = None,
    after_id: int = 0,
    limit: int = 50,
) -> list[RowStory]:
    """Return the next customers of a push: all, or those who come to a segment or are in a state.

    Raises
    ------
    NotFoundError
        There is no such push.
    """
    name = read_names(shop_id)
    with transaction(shop_id) as connection:
        _found(connection, push_id)
        states = None if state is None else [state]
        rows = pushes.list_rows(
            connection, push_id, segment=segment, states=states, after_id=after_id, limit=limit
        )
        return rows_of(connection, shop_id, rows, name)


def dry_run(shop_id: int, *, now: datetime, kind: str | None = None) -> list[PushStory]:
    """Compare everything with what is there and tell what would be sent; nothing is.

    What needs a decision becomes the destination's open plan, made anew. What would flow without asking is
    told and left to the worker. A destination where nothing differs is told as such.

    Raises
    ------
    NotFoundError
        The destination is not connected.
    RefusedError
        The shop has no segments yet.
    """
    if label_maker(shop_id) is None:
        raise RefusedError("This shop has no segments yet; `kindred refresh` works them out.")
    with transaction(shop_id) as connection:
        kinds = [each.kind for each in destinations.read_all(connection, shop_id)]
    if kind is not None and kind not in kinds:
        raise NotFoundError(f"{registry.kind_of(kind).name} is not connected yet.")
    plan_pushes(shop_id, now=now)
    name = read_names(shop_id)
    return [_ahead(shop_id, each, name, now=now) for each in kinds if kind in (None, each)]


def _ahead(shop_id: int, kind: str, name: Namer, *, now: datetime) -> PushStory:
    with transaction(shop_id) as connection:
        stored = destinations.find(connection, shop_id, kind)
        if stored is None:
            raise NotFoundError(f"{name_of(kind)} is not connected any more.")
        waiting = push_states.count_waiting(connection, kind)
        asks = bool(waiting) and why_a_plan(connection, stored, waiting, now=now) != ""
        if not asks:
            return _looked_ahead(connection, shop_id, stored, name, now=now)
    plan_id = plan_again(shop_id, kind, at=now)
    if plan_id is None:  # whoever waited has been sent on in this moment
        with transaction(shop_id) as connection:
            return _looked_ahead(connection, shop_id, stored, name, now=now)
    return describe_push(shop_id, plan_id)


def _looked_ahead(
    connection: Connection,
    shop_id: int,
    stored: StoredDestination,
    name: Namer,
    *,
    now: datetime,
) -> PushStory:
    """Tell what would flow by making a push of it and taking that back at once."""
    tried = connection.begin_nested()
    push_id = pushes.begin(connection, stored.kind, "flow", at=now)
    taken = push_work.take_waiting(connection, push_id, stored.kind, at=now, runs=False)
    story = story_of(connection, shop_id, _found(connection, push_id), name)
    tried.rollback()
    title, state, why = f"Nothing differs at {name_of(stored.kind)}.", "nothing", ""
    if taken:
        title = f"Ready for {name_of(stored.kind)}: {customers_words(taken)}"
        state, why = "ahead", "Few enough to be sent without asking you."
        if not stored.is_on:
            why = f"Nothing is sent while this destination is paused. {stored.reason}".strip()
    card = replace(story.card, id=0, title=title, state=state, why=why, can_undo=False, can_decide=False)
    return replace(story, card=card)


def _found(connection: Connection, push_id: int) -> Push:
    push = pushes.find(connection, push_id)
    if push is None:
        raise NotFoundError(f"There is no push {push_id}; `kindred push --list` shows them.")
    return push
