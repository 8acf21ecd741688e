"""What is asked of a file, and what was found out about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shop_app.files.batch import shown

WHITESPACE = " "  # as a delimiter: any run of blanks
FIXED_WIDTH = "fixed"  # as a delimiter: the same character positions in each line


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user said about a file; ``None`` is found out."""

    mapping: Mapping[str, str] | None = None
    encoding: str | None = None
    delimiter: str | None = None
    date_order: str | None = None
    decimal: str | None = None
    timezone: str = "UTC"
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How lines fall into cells. ``spans`` are the positions of a fixed-width file, the last one open."""

    delimiter: str
    width: int
    quote: str = '"'
    escape: str | None = None
    spans: tuple[tuple[int, int | None], ...] = ()
    skipped_lines: int = 0
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DateFormat:
    """Which patterns the times of a column follow, tried in this order; ``epoch`` counts from 1970."""

    patterns: tuple[str, ...]
    order: str | None = None
    epoch: str | None = None
    has_offsets: bool = False


@dataclass(frozen=True, slots=True)
class LineRules:
    """How the amounts, orders and customers of a line-item table are to be understood."""

    amount: str = "price"  # 'price' (quantity times unit price) or 'total' (the line's own total)
    discount: str = "none"  # 'none', 'amount' or 'share' (0 to 1 of quantity times unit price)
    customer: str = "none"  # 'id', 'email', 'phone', 'name' or 'none'
    has_credit_notes: bool = False


@dataclass(frozen=True, slots=True)
class FileFormat:
    """Everything needed to read a file, and the sentences that say so."""

    kind: str
    encoding: str
    dialect: Dialect
    columns: Mapping[str, int]
    times: Mapping[str, DateFormat] = field(default_factory=dict)
    decimal: str = "."
    rules: LineRules = field(default_factory=LineRules)
    sentences: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def label(self, name: str) -> str:
        """Return what the file itself calls a field."""
        index = self.columns.get(name)
        if index is None:
            return name
        header = self.dialect.header
        return shown(header[index]) if header and header[index] else f"column {index + 1}"
