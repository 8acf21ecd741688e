"""What the templates of the customer pages may see, and every table of customers."""

from dataclasses import dataclass

from markupsafe import Markup

from shop_app.web.pages import Fact, Frame, Link, Notice, SortHeading


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer in a list."""

    link: Link
    email: str
    segment: str
    tone: int
    orders: str
    spent: str
    average_order: str
    last_order: str
    recency: str
    marks: str


@dataclass(frozen=True, slots=True)
class CustomerTable:
    """A page of customers with what sorts it and what comes next."""

    caption: str
    tells_segment: bool
    headings: tuple[SortHeading, ...]
    rows: tuple[CustomerRow, ...]
    empty_words: str
    first: Link | None
    following: Link | None


@dataclass(frozen=True, slots=True)
class CustomersPage:
    """``GET /customers``."""

    frame: Frame
    action: str
    search: str
    search_error: str
    list_heading: str
    filter_words: str
    all_link: Link | None
    table: CustomerTable


@dataclass(frozen=True, slots=True)
class Mark:
    """One of the three marks with its reason."""

    name: str
    mark: int
    words: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order in the timeline; ``reason`` stands where it does not count."""

    name: str
    at: str
    amount: str
    counts: bool
    reason: str
    items: tuple[str, ...]
    refunds: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """One of the accounts or addresses that are taken for one person."""

    name: str
    details: str
    why: str
    action: str
    action_text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A move from one segment to another."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of the customer, their habits, and what is not published yet, with why."""

    facts: tuple[Fact, ...]
    habits: tuple[Fact, ...]
    missing: tuple[str, ...]
    report: Link


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """The customer at one destination; ``wanted`` only where that is not what it ``holds``."""

    link: Link
    badge: Notice
    words: str
    holds: tuple[str, ...]
    wanted: tuple[str, ...]
    takes_all_back: bool
    guards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """``GET /customers/<id>``; ``rfm_group`` where it is not the segment itself."""

    frame: Frame
    back: Link
    in_shopify: Link | None
    heading: str
    segment: Link
    tone: int
    since: str
    reason: str
    why: tuple[str, ...]
    moves: tuple[str, ...]
    own_segments: tuple[str, ...]
    rfm_group: Link | None
    outlook: Outlook | None
    marks: tuple[Mark, ...]
    kpis: tuple[Fact, ...]
    details: tuple[Fact, ...]
    timeline: Markup
    timeline_words: str
    orders: tuple[OrderLine, ...]
    pages: tuple[Link, ...]
    loose_refunds: tuple[str, ...]
    identities: tuple[Identity, ...]
    changes: tuple[Change, ...]
    labels: tuple[LabelPlace, ...] = ()
