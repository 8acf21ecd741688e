"""What the templates of the versions of groups may see."""

from dataclasses import dataclass

from shop_app.web.pages import Fact, Frame, Link, Notice


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One thing that was looked at before a version may be used."""

    name: str
    state: str
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The version that waits for somebody: what it would change, and which checks did not pass."""

    heading: str
    words: str
    moved: str
    checks: tuple[CheckRow, ...]
    passed: str
    link: Link


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version among all."""

    link: Link
    badge: Notice
    learned: str
    live_from: str
    customers: str
    owner: str
    note: str


@dataclass(frozen=True, slots=True)
class FitsPage:
    """``GET /fits``; ``review_url`` only where somebody is to look at the segments."""

    frame: Frame
    said: tuple[Notice, ...]
    review_words: str
    review_url: str
    waiting: Waiting | None
    rows: tuple[VersionRow, ...]
    nothing_words: str
    nothing_link: Link


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that may be decided about a version; ``href`` takes the POST."""

    href: str
    heading: str
    words: str
    button: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class WayRow:
    """One way of grouping in the competition."""

    name: str
    is_chosen: bool
    explained: str
    more_than_rfm: str
    customers_agreement: str
    time_agreement: str
    sizes: str
    words: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of a version; ``link`` leads to it while the version is in use."""

    name: str
    link: Link | None
    sizes: str
    description: str
    definition: tuple[str, ...]
    drivers: tuple[str, ...]
    fit_words: str
    micro_segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountRow:
    """One number of clusters that was tried."""

    count: str
    is_chosen: bool
    customers_agreement: str
    time_agreement: str
    smallest: str
    words: str


@dataclass(frozen=True, slots=True)
class CountTable:
    """The numbers of clusters that were tried for one way, or for one state of its lifecycle."""

    heading: str
    rows: tuple[CountRow, ...]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One line of the log."""

    at: str
    who: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class FitPage:
    """``GET /fits/<id>``."""

    frame: Frame
    back: Link
    heading: str
    badges: tuple[Notice, ...]
    said: tuple[Notice, ...]
    words: str
    facts: tuple[Fact, ...]
    deeds: tuple[Deed, ...]
    checks: tuple[CheckRow, ...]
    ways_words: str
    ways: tuple[WayRow, ...]
    groups: tuple[GroupRow, ...]
    dimensions: tuple[str, ...]
    left_out: tuple[Fact, ...]
    counts: tuple[CountTable, ...]
    steadiness: tuple[str, ...]
    outliers: str
    missing: tuple[str, ...]
    decisions: tuple[DecisionRow, ...]
