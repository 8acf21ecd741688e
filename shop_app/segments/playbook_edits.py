"""The merchant's changes to a play: checked field by field, and each to be looked at again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from shop_app.segments.plays import (
    CHANNELS,
    EXCLUSIONS,
    KPIS,
    NEVER_DISCOUNTED,
    NEVER_LIFTED,
    OFFERS,
    STEP_KINDS,
    Exclusion,
    Play,
    PlayEdit,
    Step,
)

DEEPEST_RATIO = 0.5
LONGEST_REVIEW_DAYS = 366
# A change that nobody looks at for more than a year is no longer a decision but a leftover.
LONGEST_TEXT = 500
MOST_LINES = 12


class PlayError(ValueError):
    """A change to a play cannot be taken; ``field`` says which one, the sentence why and what would do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence


def edit_play(play: Play, changes: Mapping[str, Any], *, review_at: date, edited_at: date) -> Play:
    """Change some of a play's fields.

    Parameters
    ----------
    play
        As it is now.
    changes
        New values by field name, as plain values: ``steps`` are mappings with ``after_days``, ``kind`` and
        ``words``, ``exclusions`` mappings with ``slug`` and ``days``. A value equal to the present one is no
        change and gets no review date.
    review_at
        When the changes are to be looked at again: after ``edited_at``, within a year.
    edited_at
        The shop's day of the change.

    Returns
    -------
    Play
        With an edit in ``edits`` for every field that changed.

    Raises
    ------
    PlayError
        A field does not exist or may not be changed, or its value does not do.
    """
    _check_review(review_at, edited_at)
    if unknown := sorted(set(changes) - set(_READERS)):
        raise PlayError(unknown[0], f"cannot be changed; these can: {', '.join(_READERS)}.")
    read = {name: _READERS[name](name, value) for name, value in changes.items()}
    changed = {name: value for name, value in read.items() if value != getattr(play, name)}
    kept = tuple(edit for edit in play.edits if edit.field not in changed)
    added = tuple(PlayEdit(name, edited_at, review_at) for name in changed)
    edited = replace(play, **changed, edits=(*kept, *added))
    _check_together(edited)
    return edited


def is_review_due(play: Play, *, on: date) -> bool:
    """Tell whether one of the merchant's changes is to be looked at again on this day."""
    return play.review_at is not None and play.review_at <= on


def _check_review(review_at: date, edited_at: date) -> None:
    if not edited_at < review_at <= edited_at + timedelta(days=LONGEST_REVIEW_DAYS):
        raise PlayError("review_at", f"must be a day after {edited_at} and within a year of it.")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        raise PlayError(name, f"must be text of 1 to {LONGEST_TEXT} characters.")
    return value.strip()


def _texts(name: str, value: object) -> tuple[str, ...]:
    return tuple(_text(f"{name}[{place}]", item) for place, item in enumerate(_rows(name, value)))


def _rows(name: str, value: object) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) > MOST_LINES:
        raise PlayError(name, f"must be a list of at most {MOST_LINES}.")
    return list(value)


def _whole(low: int, high: int) -> Callable[[str, object], int]:
    def read(name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise PlayError(name, f"must be a whole number from {low} to {high}.")
        return value

    return read


def _days_or_none(name: str, value: object) -> int | None:
    return None if value is None else _whole(1, 90)(name, value)


def _depth(name: str, value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= DEEPEST_RATIO:
        raise PlayError(name, f"must be a share from 0 to {DEEPEST_RATIO}, such as 0.15 for 15 %.")
    return float(value)


def _one_of(known: Iterable[str]) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in known:
            raise PlayError(name, f"must be one of {', '.join(known)}.")
        return value

    return read


def _channels(name: str, value: object) -> tuple[str, ...]:
    rows = _rows(name, value)
    if not rows or any(row not in list(CHANNELS) or rows.count(row) > 1 for row in rows):
        raise PlayError(name, f"must name one or more of {', '.join(CHANNELS)}, each once.")
    return tuple(rows)


def _steps(name: str, value: object) -> tuple[Step, ...]:
    rows = _rows(name, value)
    if not rows:
        raise PlayError(name, "must have at least one step.")
    steps = tuple(_step(f"{name}[{place}]", row) for place, row in enumerate(rows))
    days = [step.after_days for step in steps]
    if days != sorted(set(days)):
        raise PlayError(name, "must each come on a later day than the one before.")
    return steps


def _step(name: str, row: object) -> Step:
    row = _mapping(name, row, ("after_days", "kind", "words"))
    return Step(
        _whole(0, 365)(f"{name}.after_days", row.get("after_days")),
        _one_of(STEP_KINDS)(f"{name}.kind", row.get("kind")),
        _text(f"{name}.words", row.get("words")),
    )


def _exclusions(name: str, value: object) -> tuple[Exclusion, ...]:
    found = tuple(_exclusion(f"{name}[{place}]", row) for place, row in enumerate(_rows(name, value)))
    slugs = [exclusion.slug for exclusion in found]
    if missing := [slug for slug in NEVER_LIFTED if slug not in slugs]:
        raise PlayError(
            name, f"must keep {', '.join(missing)}: whoever {EXCLUSIONS[missing[0]]} is never written to."
        )
    if len(set(slugs)) < len(slugs):
        raise PlayError(name, "must name each exclusion once.")
    return found


def _exclusion(name: str, row: object) -> Exclusion:
    row = _mapping(name, row, ("slug", "days"))
    slug = _one_of(EXCLUSIONS)(f"{name}.slug", row.get("slug"))
    if "{days}" not in EXCLUSIONS[slug]:
        return Exclusion(slug)
    return Exclusion(slug, _whole(1, 180)(f"{name}.days", row.get("days")))


def _mapping(name: str, row: object, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(row, Mapping) or not set(row) <= set(keys):
        raise PlayError(name, f"must have the keys {', '.join(keys)} and no others.")
    return row


_READERS: dict[str, Callable[[str, object], Any]] = {
    "purpose": _text,
    "message": _text,
    "steps": _steps,
    "offer": _one_of(OFFERS),
    "max_depth_ratio": _depth,
    "offer_ends_days": _days_or_none,
    "channels": _channels,
    "pause_days": _whole(1, 90),
    "most_messages_30d": _whole(0, 30),
    "kpi": _one_of(KPIS),
    "exclusions": _exclusions,
    "not_to_do": _texts,
}


def _check_together(play: Play) -> None:
    """Refuse what each field allows and the whole does not."""
    has_offer_step = any(step.kind == "offer" for step in play.steps)
    if play.slug in NEVER_DISCOUNTED and play.offer != "never":
        raise PlayError(
            "offer", f"must stay never: {play.name} buy at full price, a discount only costs margin."
        )
    if play.offer == "never":
        if play.max_depth_ratio > 0:
            raise PlayError("max_depth_ratio", "must be 0 where there is never an offer.")
        if has_offer_step:
            raise PlayError(
                "steps", "must hold no offer where there is never one; set offer, or make it a message."
            )
        return
    if play.max_depth_ratio == 0:
        raise PlayError("max_depth_ratio", "must be above 0 where there are offers, or set offer to never.")
    if play.offer_ends_days is None:
        raise PlayError("offer_ends_days", "must say after how many days an offer ends.")
