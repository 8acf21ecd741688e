"""What the templates of the report card may see."""

from dataclasses import dataclass

from markupsafe import Markup

from shop_app.web.pages import Fact, Frame, Link, Notice


@dataclass(frozen=True, slots=True)
class PredictionRow:
    """One prediction: whether it is published, and why not or since what."""

    name: str
    state: str
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class MeasureTable:
    """Figures with their headings; the first column names the row."""

    heading: str
    words: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """``GET /report``."""

    frame: Frame
    back: Link
    badges: tuple[Notice, ...]
    notices: tuple[Notice, ...]
    lead: tuple[str, ...]
    facts: tuple[Fact, ...]
    predictions: tuple[PredictionRow, ...]
    tier_name: str
    tier_words: str
    missing: tuple[str, ...]
    calibration: MeasureTable | None
    chart: Markup
    tables: tuple[MeasureTable, ...]
    stability: tuple[str, ...]
    drift: MeasureTable | None
    drift_words: str
    fairness: Link


@dataclass(frozen=True, slots=True)
class FairnessRow:
    """One group beside all others, by one measure."""

    group: str
    people: str
    here: str
    others: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class FairnessPart:
    """All groups by one measure."""

    heading: str
    words: str
    rows: tuple[FairnessRow, ...]


@dataclass(frozen=True, slots=True)
class FairnessPage:
    """``GET /report/fairness``."""

    frame: Frame
    back: Link
    badges: tuple[Notice, ...]
    words: tuple[str, ...]
    parts: tuple[FairnessPart, ...]
    not_compared: tuple[str, ...]
    note: str
