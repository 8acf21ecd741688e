"""What every customer is to hold at every destination, worked out from the labels: nothing is sent here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop_app.destinations.base import Destination
from shop_app.segments.guards import DATA_SALE, Guard
from shop_app.services.hand_over_labels import hand_over_labels
from shop_app.services.live_models import find_edges, read_models
from shop_app.services.own_segments import list_unconfirmed
from shop_app.services.push_access import built
from shop_app.services.push_choices import PushChoices
from shop_app.services.push_labels import LabelMaker
from shop_app.storage import (
    customer_scores,
    destinations,
    holdouts,
    own_segments,
    push_marks,
    push_states,
    push_subjects,
    shop_settings,
)
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.push_states import Desired, PushState
from shop_app.storage.push_subjects import SubjectRow, Trouble

_PAGE = 2_000
_MARKS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Planned:
    """How many rows were looked at, and how many documents changed at each destination."""

    looked_at: int
    changed: Mapping[str, int]


def plan_pushes(shop_id: int, *, now: datetime, everybody: bool = False, only_marked: bool = False) -> Planned:
    """Bring what destinations are to hold up to date: of those who are marked, or of everybody.

    ``everybody`` looks at all whether or not they are marked, ``only_marked`` at none but single marked ones:
    the mark that stands for everybody is left for later. Killed in the middle, the marks stay. A second call
    finds nothing to change.
    """
    with transaction(shop_id) as connection:
        maker = _label_maker(connection)
        stored = destinations.read_all(connection, shop_id)
        kinds = [built(shop_id, each, now=now) for each in stored]
        marks = push_marks.read(connection, _MARKS_AT_ONCE, but_everybody=only_marked)
        over = push_states.list_guards_over(connection, at=now, limit=_MARKS_AT_ONCE)
    if maker is None or not kinds:
        return Planned(0, {})
    looked_at, changed = 0, dict.fromkeys((kind.kind for kind in kinds), 0)
    for rows in _pages(shop_id, {*marks.customer_ids, *over}, everybody=everybody or marks.everybody):
        with transaction(shop_id) as connection:
            page = _read_page(connection, rows, maker, at=now)
            for kind in kinds:
                changed[kind.kind] += _plan_page(connection, kind, page, maker, at=now)
        looked_at += len(rows)
    with transaction(shop_id) as connection:
        push_marks.clear(connection, marks)
        newest = customer_scores.newest_as_of(connection, None)
        for each in stored:
            if each.planned_at is None and each.settings.get("first_run") == "changes":
                push_states.adopt(connection, each.kind, at=now)
        for kind in kinds:
            destinations.note_planned(connection, kind.kind, at=now, computed_at=newest)
            if everybody or marks.everybody:
                push_states.wait_again(connection, kind.kind, at=now)
    return Planned(looked_at, changed)


def label_maker(shop_id: int) -> LabelMaker | None:
    """Return what labels are made with now, ``None`` before the shop's first fit."""
    with transaction(shop_id) as connection:
        return _label_maker(connection)


def _label_maker(connection: Connection) -> LabelMaker | None:
    edges = find_edges(connection)
    if edges is None:
        return None
    shop = shop_settings.read(connection)
    kept_in = list_unconfirmed(connection)
    live = own_segments.list_live(connection)
    own = {segment.slug: segment.name for segment in live if segment.slug not in kept_in}
    return LabelMaker.of(shop, read_models(connection, edges), PushChoices.of(shop), own)


@dataclass(frozen=True, slots=True)
class _Page:
    """Some rows with all that is known of their persons."""

    rows: Sequence[SubjectRow]
    scores: Mapping[int, Mapping[str, Any]]
    trouble: Mapping[int, Trouble]
    arms: Mapping[tuple[str, int], str]


def _pages(shop_id: int, marked: set[int], *, everybody: bool) -> Iterator[list[SubjectRow]]:
    if everybody:
        after = 0
        while True:
            with transaction(shop_id) as connection:
                rows = push_subjects.list_next(connection, after=after, limit=_PAGE)
            if not rows:
                return
            yield rows
            after = rows[-1].customer_id
    ids = sorted(marked)
    for start in range(0, len(ids), _PAGE):
        with transaction(shop_id) as connection:
            rows = push_subjects.list_some(connection, ids[start : start + _PAGE])
        if rows:
            yield rows


def _read_page(connection: Connection, rows: list[SubjectRow], maker: LabelMaker, *, at: datetime) -> _Page:
    people = sorted({row.person_id for row in rows})
    trouble = push_subjects.read_trouble(connection, people, since=maker.trouble_since(at), until=at)
    arms = holdouts.arms_of(connection, people) if maker.choices.holdouts else {}
    return _Page(rows, customer_scores.read_some(connection, people), trouble, arms)


def _plan_page(
    connection: Connection, kind: Destination, page: _Page, maker: LabelMaker, *, at: datetime
) -> int:
    if kind.per_record:
        gone = [row.customer_id for row in page.rows if not row.is_present]
        hand_over_labels(connection, kind.kind, gone, at=at)
    states = push_states.read_some(connection, kind.kind, [row.customer_id for row in page.rows])
    wanted: list[Desired] = []
    arms: list[tuple[str, int, str]] = []
    for row in page.rows:
        state, is_held = states.get(row.customer_id), _is_held(kind, row)
        if not is_held and state is None:
            continue
        scores = page.scores.get(row.person_id) if is_held else None
        segment = None if scores is None else scores["segment"]
        arm = maker.arm(row.person_id, segment, page.arms)
        if arm is not None and segment is not None:
            arms.append((segment, row.person_id, arm))
        trouble = page.trouble.get(row.person_id, Trouble())
        guards = [] if scores is None else maker.guards(row, segment, trouble, arm, at=at)
        desired = _desired_of(kind, row.customer_id, scores, guards, state, maker)
        if _differs(state, desired):
            wanted.append(desired)
    if arms:
        holdouts.assign(connection, arms, at=at)
    if wanted:
        push_states.write_desired(connection, kind.kind, wanted, at=at)
    return len(wanted)


def _is_held(kind: Destination, row: SubjectRow) -> bool:
    """Tell whether a destination holds this row: every record, or the one row that stands for the person."""
    return row.is_present and (row.shopify_id is not None if kind.per_record else row.is_own)


def _desired_of(
    kind: Destination,
    customer_id: int,
    scores: Mapping[str, Any] | None,
    guards: Sequence[Guard],
    state: PushState | None,
    maker: LabelMaker,
) -> Desired:
    """Return what a row is to hold at a destination, and what keeps it from more."""
    leaves_the_shop = kind.kind != "shopify"
    told = [guard for guard in guards if leaves_the_shop or guard.kind != DATA_SALE]
    labels = maker.labels(scores, told)
    previous = state.desired if state else None
    document = kind.desired(labels, previous=previous)
    if document != previous and labels.segment is not None and scores is not None:
        document = kind.desired(maker.with_reason(labels, scores), previous=previous)
    ends = [guard.until for guard in told if guard.until is not None]
    return Desired(
        customer_id,
        document,
        labels.segment or "",
        [guard.to_json() for guard in told],
        min(ends, default=None),
    )


def _differs(state: PushState | None, desired: Desired) -> bool:
    if state is None:
        return desired.document is not None or bool(desired.guards)
    return state.desired != desired.document or list(state.guards) != list(desired.guards)
