"""Tables whose columns stand at the same character positions in each line."""

import re
from collections.abc import Sequence

Spans = tuple[tuple[int, int | None], ...]

_FEWEST_COLUMNS = 3
_FEWEST_LINES = 3


def find_spans(lines: Sequence[str]) -> Spans:
    """Return the columns' positions, the last one open to the right; nothing where there are none.

    Where every line has a blank a column may end. Two blanks or more are sure; a single one is believed
    only if there are too few sure ones, because short texts may share a blank by chance.
    """
    if len(lines) < _FEWEST_LINES or any("\t" in line for line in lines):
        return ()
    height = max(map(len, lines))
    inked = bytearray(height)
    for line in lines:
        for match in re.finditer(r"\S+", line):
            inked[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    for gap in (2, 1):
        spans = _runs(inked, gap)
        if len(spans) >= _FEWEST_COLUMNS:
            return (*spans[:-1], (spans[-1][0], None))
    return ()


def slice_line(line: str, spans: Spans) -> list[str]:
    """Cut one line at the columns' positions."""
    return [line[start:end].strip() for start, end in spans]


def _runs(inked: bytearray, gap: int) -> list[tuple[int, int]]:
    """Return stretches with ink that are parted by at least ``gap`` blank positions."""
    pattern = rb"\x01(?:\x00{0,%d}\x01)*" % (gap - 1)
    runs = [match.span() for match in re.finditer(pattern, bytes(inked))]
    return [(start, runs[i + 1][0] if i + 1 < len(runs) else end) for i, (start, end) in enumerate(runs)]
