"""What the templates of bundles may see."""

from collections.abc import Mapping
from dataclasses import dataclass

from shop_app.web.destination_pages import Deed
from shop_app.web.pages import Choice, Fact, Field, Frame, Link, Notice, Option, SortHeading


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: words, a remark below them, and where they lead; ``tone`` makes a badge of them."""

    text: str
    note: str = ""
    href: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading for each cell; a row's first cell names it. ``nothing`` is said if empty."""

    name: str
    caption: str
    headings: tuple[SortHeading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    nothing: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """The selects above a table."""

    address: str
    kept: tuple[Field, ...]
    selects: tuple[tuple[str, str, tuple[Option, ...]], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How fresh the findings are; ``again`` asks for new ones."""

    words: tuple[str, ...]
    missing: tuple[str, ...]
    again: Deed


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """``GET /bundles``, ``/bundles/pairs`` and ``/bundles/sequences``: tables of what was found."""

    frame: Frame
    heading: str
    said: tuple[Notice, ...]
    look: Look
    lead: str
    tabs: tuple[Link, ...]
    filters: Filters | None
    downloads: tuple[Link, ...]
    tables: tuple[tuple[str, str, Table], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One of two ways to offer the same things, as its buyer meets it."""

    heading: str
    words: str
    facts: tuple[Fact, ...]
    link: Link | None


@dataclass(frozen=True, slots=True)
class OfferForm:
    """The terms that can be chosen; ``errors`` holds a sentence by the name of a field."""

    address: str
    submit: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    kept: tuple[Field, ...]
    segments: tuple[Option, ...]
    is_fixed: bool
    discount_words: str
    whom_words: str


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """``GET /bundles/candidate``."""

    frame: Frame
    back: Link
    heading: str
    badges: tuple[Notice, ...]
    said: tuple[Notice, ...]
    lead: str
    figures: tuple[Fact, ...]
    evidence: tuple[str, ...]
    anyway: tuple[str, ...]
    steps: Table
    parts: Table
    stock_words: tuple[str, ...]
    ways: tuple[Way, ...]
    form: OfferForm


@dataclass(frozen=True, slots=True)
class OffersPage:
    """``GET /bundles/live``: every bundle with its state and what came of it."""

    frame: Frame
    said: tuple[Notice, ...]
    tabs: tuple[Link, ...]
    table: Table
    download: Link


@dataclass(frozen=True, slots=True)
class Approval:
    """What is approved by the button: the terms with this fingerprint; as long as ``problems``, nothing is."""

    problems: tuple[str, ...]
    words: tuple[str, ...]
    address: str
    fingerprint: str
    label: str
    discard: Deed
    change: OfferForm


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a bundle: a verdict, figures, a statement of profit and loss, and a table by segment."""

    verdict: Notice | None
    words: tuple[str, ...]
    figures: tuple[Fact, ...]
    statement: Table
    arms: Table
    segments: Table


@dataclass(frozen=True, slots=True)
class OfferPage:
    """``GET /bundles/live/<id>``; ``scopes`` are what Shopify asks the merchant's leave for first."""

    frame: Frame
    back: Link
    heading: str
    badge: Notice
    said: tuple[Notice, ...]
    state_words: tuple[str, ...]
    terms: tuple[str, ...]
    terms_words: str
    approval: Approval | None
    scopes: str
    deeds: tuple[Deed, ...]
    retire: Link | None
    result: Result | None
    steps: Table
    decisions: Table


@dataclass(frozen=True, slots=True)
class Fit:
    """The bundles that fit a segment, each with a few words."""

    rows: tuple[tuple[Link, str], ...]
    every: Link


@dataclass(frozen=True, slots=True)
class RulesPage:
    """``GET /bundles/rules``."""

    frame: Frame
    said: tuple[Notice, ...]
    address: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    levels: tuple[Choice, ...]
    needs_known_stock: bool
    left_out: Table
