"""What the template of the data health page may see."""

from dataclasses import dataclass

from shop_app.web.pages import Fact, Frame, Link


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One verdict of the ledger."""

    words: str
    counts: bool
    orders: str
    share: str
    amount: str


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One file that was imported."""

    file_name: str
    kind: str
    state: str
    state_tone: str
    finished: str
    counts: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class DataHealthPage:
    """``GET /data-health``."""

    frame: Frame
    back: Link
    export: Link
    facts: tuple[Fact, ...]
    tier_name: str
    tier_words: str
    missing: tuple[str, ...]
    verdicts: tuple[VerdictRow, ...]
    totals: VerdictRow
    ledger_words: str
    findings: tuple[Fact, ...]
    imports: tuple[ImportRow, ...]
    no_import_words: str
    command_words: str
    command: str
