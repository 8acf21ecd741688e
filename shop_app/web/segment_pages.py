"""What the templates of the segments pages may see."""

from dataclasses import dataclass

from markupsafe import Markup

from shop_app.web.bundles_pages import Fit
from shop_app.web.customer_pages import CustomerTable
from shop_app.web.destination_pages import Effect, StripRow
from shop_app.web.pages import CutOff, Fact, Field, Frame, Link, Notice, Option, SortHeading


@dataclass(frozen=True, slots=True)
class Kpi:
    """One key figure with its meaning, its course and how it moved."""

    key: str
    label: str
    definition: str
    value: str
    sparkline: Markup
    delta: str
    delta_tone: str
    note: str


@dataclass(frozen=True, slots=True)
class Tone:
    """One colour of the legend in words."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may end in a link."""

    text: str
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One more figure in a table, with what its column is called."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment in the table; ``predicted`` holds the figures that this shop publishes."""

    link: Link
    description: str
    tone: int
    customers: str
    customer_share: str
    revenue: str
    revenue_share: str
    shares: Markup
    average_order: str
    recency: str
    predicted: tuple[Cell, ...]
    export: Link | None


@dataclass(frozen=True, slots=True)
class SegmentTable:
    """Segments, or RFM groups, with their totals; ``empty_words`` says why there is no row."""

    headings: tuple[SortHeading, ...]
    rows: tuple[SegmentRow, ...]
    customers: str
    revenue: str
    average_order: str
    recency: str
    predicted: tuple[Cell, ...]
    empty_words: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """The choice of names for the groups; ``href`` takes the POST."""

    href: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class GroupingWords:
    """What the live groups are made for and how, and how steady they are."""

    facts: tuple[Fact, ...]
    sentences: tuple[str, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class StartRow:
    """One of the groups to begin with."""

    link: Link
    why: str


@dataclass(frozen=True, slots=True)
class SegmentsPage:
    """``GET /``; ``grouping`` where groups are live, else the vocabulary's names can be chosen here."""

    frame: Frame
    badges: tuple[Notice, ...]
    exports: tuple[Link, ...]
    notices: tuple[Notice, ...]
    strip: tuple[StripRow, ...]
    grouping: GroupingWords | None
    start: tuple[StartRow, ...]
    kpis: tuple[Kpi, ...]
    treemap_wide: Markup
    treemap_tall: Markup
    treemap_words: str
    tones: tuple[Tone, ...]
    shades: tuple[Link, ...]
    grid: Markup
    grid_words: str
    finding: Sentence | None
    cut_offs: tuple[CutOff, ...]
    cut_off_words: str
    rfm: Link
    table: SegmentTable
    table_words: str
    table_notes: tuple[str, ...]
    search: str
    kept: tuple[Field, ...]
    vocabularies: Vocabularies | None
    footer: tuple[str, ...]
    footer_links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class RfmPage:
    """``GET /rfm``."""

    frame: Frame
    back: Link
    badges: tuple[Notice, ...]
    notices: tuple[Notice, ...]
    words: str
    shades: tuple[Link, ...]
    grid: Markup
    grid_words: str
    finding: Sentence | None
    cut_offs: tuple[CutOff, ...]
    cut_off_words: str
    table: SegmentTable
    table_words: str
    vocabularies: Vocabularies


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of a group beside the whole store."""

    measure: str
    here: str
    store: str
    words: str


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """One RFM group: ``GET /rfm/<slug>``, and ``GET /segments/<slug>`` where these are the segments."""

    frame: Frame
    back: Link
    heading: str
    badges: tuple[Notice, ...]
    export: Link | None
    description: str
    advice: str
    definition: tuple[str, ...]
    small_grid: Markup
    cut_offs: tuple[CutOff, ...]
    cut_off_words: str
    figures: tuple[Fact, ...]
    comparisons: tuple[Comparison, ...]
    table: CustomerTable
    table_words: str
    effect: Effect | None
    fit: Fit | None
