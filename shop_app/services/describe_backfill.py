"""How far the reading of a shop's history is: counts, speed, time left, and what stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shop_app.storage import backfills
from shop_app.storage.backfills import Backfill, Part
from shop_app.storage.engine import transaction

_WEIGHTS = {"orders": 3.0, "customers": 1.0, "products": 2.0, "collections": 5.0}
"""How much work one object is, roughly, against one customer."""

_UNKNOWN_COUNT = 20
_ASKED, _FETCHED = 0.15, 0.3
"""Which share of a part is over once Shopify has put it together, and once it is fetched."""

_MANY_ENOUGH = 200
"""From so many objects on, their speed says something about the rest."""


@dataclass(frozen=True, slots=True)
class PartProgress:
    """How far one part is; ``ratio`` goes from 0 to 1, ``expected`` is ``None`` where nobody knows.

    ``gathered`` is how many objects Shopify has put together so far, while it is at it.
    """

    name: str
    resource: str
    state: str
    method: str
    taken: int
    expected: int | None
    gathered: int | None
    ratio: float
    bad_lines: int
    error: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill is; ``objects_per_second`` and ``seconds_left`` are ``None`` while nobody can tell."""

    state: str
    reason: str
    started_at: datetime
    first_segments_at: datetime | None
    finished_at: datetime | None
    is_catching_up: bool
    ratio: float
    taken: int
    expected: int | None
    objects_per_second: float | None
    seconds_left: float | None
    error: str | None
    parts: tuple[PartProgress, ...]


def describe_backfill(shop_id: int) -> Progress | None:
    """Return how far the newest reading of a shop is, or ``None`` where there never was one."""
    with transaction(shop_id) as connection:
        backfill = backfills.find_newest(connection)
        if backfill is None:
            return None
        parts = [each for each in backfills.list_parts(connection, backfill.id) if each.state != "split"]
    return _progress(backfill, parts)


def _progress(backfill: Backfill, parts: Sequence[Part]) -> Progress:
    shown = tuple(_part(each) for each in parts)
    weights = [_weight(each) for each in parts]
    done = sum(weight * each.ratio for weight, each in zip(weights, shown, strict=True))
    counts = [each.expected for each in shown if each.resource != "collections"]
    speed = _speed(parts)
    return Progress(
        state=backfill.state,
        reason=backfill.reason,
        started_at=backfill.started_at,
        first_segments_at=backfill.first_segments_at,
        finished_at=backfill.finished_at,
        is_catching_up=backfill.state == "running" and not any(each.is_open for each in parts),
        ratio=1.0 if backfill.state == "done" else min(done / sum(weights), 0.99) if weights else 0.0,
        taken=sum(each.taken for each in shown),
        expected=None if None in counts else sum(count or 0 for count in counts),
        objects_per_second=speed,
        seconds_left=_seconds_left(backfill, parts, shown, speed),
        error=backfill.error,
        parts=shown,
    )


def _part(part: Part) -> PartProgress:
    known = part.root_count if part.root_count is not None else part.expected_count
    return PartProgress(
        name=part.name,
        resource=part.resource,
        state=part.state,
        method=part.method,
        taken=part.taken_count,
        expected=part.taken_count if part.state == "done" else known,
        gathered=part.object_count if part.state == "asked" else None,
        ratio=_ratio(part, known),
        bad_lines=part.bad_lines,
        error=part.error,
        until=part.until,
    )


def _ratio(part: Part, known: int | None) -> float:
    if part.state == "done":
        return 1.0
    if part.method == "pages":
        return min(part.taken_count / known, 0.99) if known else 0.0
    if part.state == "taking":
        return _FETCHED + (1 - _FETCHED) * part.pieces_taken / max(part.pieces or 1, 1)
    if part.state == "reading":
        return _ASKED + (_FETCHED - _ASKED) * min(part.bytes_read / max(part.file_bytes or 1, 1), 1.0)
    if part.state == "asked":
        return _ASKED * min((part.object_count or 0) / max(known or 1, 1), 1.0)
    return 0.0


def _weight(part: Part) -> float:
    known = part.root_count if part.root_count is not None else part.expected_count
    return _WEIGHTS[part.resource] * max(_UNKNOWN_COUNT if known is None else known, 1)


def _speed(parts: Sequence[Part]) -> float | None:
    taken, seconds = sum(each.taken_count for each in parts), sum(each.work_seconds for each in parts)
    return taken / seconds if taken >= _MANY_ENOUGH and seconds > 0 else None


def _seconds_left(
    backfill: Backfill, parts: Sequence[Part], shown: Sequence[PartProgress], speed: float | None
) -> float | None:
    """Return how long what is left takes at the speed so far; orders weigh more than what came before them."""
    if backfill.state != "running" or speed is None:
        return None
    weights = [_WEIGHTS[each.resource] for each in parts]
    done = sum(weight * each.taken_count for weight, each in zip(weights, parts, strict=True))
    seconds = sum(each.work_seconds for each in parts)
    left = sum(
        weight * max((each.expected or 0) - each.taken, 0)
        for weight, each in zip(weights, shown, strict=True)
        if each.state not in {"done", "failed"}
    )
    return left * seconds / done if done else None
