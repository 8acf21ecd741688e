"""What the templates of pushes may see."""

from dataclasses import dataclass

from shop_app.web.destination_pages import Deed
from shop_app.web.pages import Choice, Fact, Field, Frame, Link, Notice, Option


@dataclass(frozen=True, slots=True)
class PushRow:
    """One push among all; ``undo`` where it can be taken back."""

    link: Link
    badge: Notice
    made: str
    decided: str
    customers: str
    note: str
    undo: Link | None


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A plan that waits for somebody."""

    heading: str
    words: str
    link: Link


@dataclass(frozen=True, slots=True)
class PushesPage:
    """``GET /pushes``; ``filters`` show those of one destination alone."""

    frame: Frame
    said: tuple[Notice, ...]
    plans: tuple[PlanCard, ...]
    filters: tuple[Link, ...]
    rows: tuple[PushRow, ...]
    nothing_words: str
    nothing_link: Link
    first: Link | None
    following: Link | None


@dataclass(frozen=True, slots=True)
class PushProgress:
    """How far a push is; it is fetched again while it is being sent. ``percent`` is empty where it is not."""

    refresh_url: str
    refresh_seconds: str
    announcement: str
    badge: Notice
    words: str
    details: tuple[str, ...]
    percent: str
    facts: tuple[Fact, ...]
    undo: Link | None
    reload: Link | None


@dataclass(frozen=True, slots=True)
class PushProgressPage:
    """``GET /pushes/<id>/live``."""

    progress: PushProgress


@dataclass(frozen=True, slots=True)
class MoveRow:
    """So many customers from one segment to another."""

    from_name: str
    to_name: str
    customers: str


@dataclass(frozen=True, slots=True)
class NameRow:
    """How many customers get and lose a tag, or come into and leave a list."""

    name: str
    part: str
    added: str
    removed: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What a push does to one customer; ``dropped`` are keys whose values are taken away."""

    link: Link
    move: str
    added: str
    removed: str
    values: tuple[str, ...]
    dropped: tuple[str, ...]
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What can be decided about a plan, and what happens then."""

    next_words: tuple[str, ...]
    approve: Deed
    choose: Deed | None
    segments: tuple[Choice, ...]
    segments_error: str
    reject: Deed
    reject_words: str
    again: Deed
    again_words: str


@dataclass(frozen=True, slots=True)
class PushPage:
    """``GET /pushes/<id>``; ``decision`` while it waits for somebody.

    ``tells_left_out`` only while it goes on: who is held back is known of today alone.
    """

    frame: Frame
    back: Link
    heading: str
    said: tuple[Notice, ...]
    consent_words: str
    progress: PushProgress
    decision: Decision | None
    moves: tuple[MoveRow, ...]
    names: tuple[NameRow, ...]
    untouched_words: str
    tells_left_out: bool
    left_out: tuple[str, ...]
    rows: tuple[ChangeRow, ...]
    rows_words: str
    all_rows: Link
    download: Link


@dataclass(frozen=True, slots=True)
class PushRowsPage:
    """``GET /pushes/<id>/rows``."""

    frame: Frame
    back: Link
    heading: str
    words: str
    action: str
    kept: tuple[Field, ...]
    segments: tuple[Option, ...]
    states: tuple[Option, ...]
    rows: tuple[ChangeRow, ...]
    download: Link
    first: Link | None
    following: Link | None
