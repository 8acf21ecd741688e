"""What the template of the activity page may see."""

from dataclasses import dataclass

from shop_app.web.pages import Fact, Frame, Link, Notice


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic of the last day, and what became of its deliveries."""

    topic: str
    applied: str
    waiting: str
    stuck: str
    newest: str


@dataclass(frozen=True, slots=True)
class StuckRow:
    """One delivery that was not applied: no word of what is in it."""

    id: str
    topic: str
    state: str
    tone: str
    reason: str
    concerns: str
    received: str
    can_be_replayed: bool


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One thing that is looked after regularly, and how it was the last time."""

    name: str
    state: str
    tone: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """``GET /activity``."""

    frame: Frame
    notices: tuple[Notice, ...]
    facts: tuple[Fact, ...]
    topics: tuple[TopicRow, ...]
    nothing_came: str
    stuck: tuple[StuckRow, ...]
    stuck_words: str
    replay_url: str
    can_replay_all: bool
    checks: tuple[CheckRow, ...]
    progress: Link | None
    baskets: tuple[Fact, ...]
