"""What the template of a published segment may see."""

from dataclasses import dataclass

from markupsafe import Markup

from shop_app.web.bundles_pages import Fit
from shop_app.web.customer_pages import CustomerTable
from shop_app.web.destination_pages import Effect
from shop_app.web.pages import Choice, Fact, Frame, Link, Notice, Option
from shop_app.web.segment_pages import Comparison


@dataclass(frozen=True, slots=True)
class DriverRow:
    """One thing that sets the group apart, in words, in figures, and as a dot beside the average."""

    words: str
    here: str
    store: str
    dot: Markup


@dataclass(frozen=True, slots=True)
class FlowRow:
    """How many came from, or went to, one other segment."""

    name: str
    came: str
    went: str


@dataclass(frozen=True, slots=True)
class Flows:
    """Who came and who went; ``empty_words`` where nobody did."""

    words: str
    rows: tuple[FlowRow, ...]
    empty_words: str


@dataclass(frozen=True, slots=True)
class PlayPart:
    """What to do with these customers, in sentences."""

    purpose: str
    message: str
    steps: tuple[str, ...]
    rules: tuple[Fact, ...]
    exclusions: tuple[str, ...]
    not_to_do: tuple[str, ...]
    review: str
    is_review_due: bool


@dataclass(frozen=True, slots=True)
class StepFields:
    """The fields of one step; the last, empty one adds another."""

    number: int
    after_days: str
    kinds: tuple[Option, ...]
    words: str
    days_error: str
    words_error: str


@dataclass(frozen=True, slots=True)
class ExclusionFields:
    """The fields of one exclusion; ``is_fixed`` where it may not be lifted."""

    slug: str
    words: str
    is_chosen: bool
    is_fixed: bool
    days: str
    days_error: str


@dataclass(frozen=True, slots=True)
class PlayForm:
    """The fields that change a play, with what is wrong in them by field."""

    is_open: bool
    action: str
    reset_action: str
    purpose: str
    message: str
    steps: tuple[StepFields, ...]
    offers: tuple[Option, ...]
    depth_percent: str
    offer_ends_days: str
    channels: tuple[Choice, ...]
    pause_days: str
    most_messages: str
    kpis: tuple[Option, ...]
    exclusions: tuple[ExclusionFields, ...]
    not_to_do: str
    review_at: str
    error: str
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class GroupPage:
    """``GET /segments/<slug>`` of a published group; ``play`` is missing where there is nothing to do."""

    frame: Frame
    back: Link
    heading: str
    badges: tuple[Notice, ...]
    export: Link
    description: str
    definition: tuple[str, ...]
    definition_words: str
    made: Link
    figures: tuple[Fact, ...]
    drivers: tuple[DriverRow, ...]
    drivers_words: str
    comparisons: tuple[Comparison, ...]
    play: PlayPart
    form: PlayForm
    micro_segments: tuple[str, ...]
    flows: Flows
    table: CustomerTable
    table_words: str
    effect: Effect | None
    fit: Fit | None
