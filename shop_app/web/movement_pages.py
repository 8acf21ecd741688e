"""What the template of the movements page may see."""

from dataclasses import dataclass

from markupsafe import Markup

from shop_app.web.pages import Fact, Field, Frame, Link, Notice


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One segment on both days."""

    name: str
    before: str
    after: str
    change: str
    came: str
    went: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """Some customers who went the same way, with what they have spent."""

    start: str
    end: str
    customers: str
    amount: str
    added: str


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """How many went from the row's segment to the column's; ``stays`` where both are the same."""

    text: str
    stays: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """Where everybody of one segment went, and how many they are."""

    name: str
    cells: tuple[MatrixCell, ...]
    total: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """All flows between two days: rows are the earlier, columns the later one."""

    columns: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    totals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Movements:
    """What a comparison found."""

    heading: str
    facts: tuple[Fact, ...]
    words: tuple[str, ...]
    chart: Markup
    shares: tuple[ShareRow, ...]
    moves: tuple[MoveRow, ...]
    moves_words: str
    matrix: Matrix
    export: Link


@dataclass(frozen=True, slots=True)
class MovementsPage:
    """``GET /movements``; ``found`` is missing until days are chosen, or where a page would take too long."""

    frame: Frame
    back: Link
    notices: tuple[Notice, ...]
    action: str
    kept: tuple[Field, ...]
    start: str
    end: str
    errors: dict[str, str]
    can_compare: bool
    words: str
    command: str
    found: Movements | None
