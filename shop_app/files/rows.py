"""A table's rows, streamed in chunks of a bounded size: cleaned cells as text, with their line numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shop_app.files.batch import Reject, shown
from shop_app.files.file_format import Dialect
from shop_app.files.lines import LineBlock, LineReader
from shop_app.files.opening import BLOCK_BYTES
from shop_app.files.quoted_rows import BLANKS
from shop_app.files.splitting import split_lines

CHUNK_ROWS = 15_000
CHUNK_BLOCKS = 8
"""A chunk ends at this many rows or blocks of lines, whichever is first: about 8 MB of text at most."""


@dataclass(slots=True)
class Chunk:
    """``frame``: ``line_no`` and the picked columns, null where empty. Counts run from the file's start."""

    frame: pl.DataFrame
    rejects: list[Reject]
    rows_read: int
    bytes_read: int
    is_last: bool


class RowReader:
    """Streams the picked columns of a table (name → column index, from 0)."""

    def __init__(
        self,
        path: Path,
        encoding: str,
        dialect: Dialect,
        picks: dict[str, int],
        *,
        chunk_rows: int = CHUNK_ROWS,
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        self._lines = LineReader(path, encoding, block_bytes)
        self._dialect = dialect
        self._picks = picks
        self._chunk_rows = chunk_rows
        self._open: list[str] = []  # lines of a row that the last block did not finish
        self._rows_read = 0

    def chunks(self) -> Iterator[Chunk]:
        """Yield all rows; the last chunk says so, and may be empty."""
        frames: list[pl.DataFrame] = []
        rejects: list[Reject] = []
        for block in self._lines.blocks():
            frames.append(self._split(block, rejects))
            if block.is_last or len(frames) >= CHUNK_BLOCKS or sum(map(len, frames)) >= self._chunk_rows:
                yield self._chunk(frames, rejects, is_last=block.is_last)
                frames, rejects = [], []

    def _split(self, block: LineBlock, rejects: list[Reject]) -> pl.DataFrame:
        lines = self._open + block.lines if self._open else block.lines
        first = block.first_number - len(self._open)
        above = min(len(lines), max(0, self._dialect.skipped_lines + 1 - first))
        split = split_lines(
            lines[above:] if above else lines,
            first + above,
            self._dialect,
            self._picks,
            is_last=block.is_last,
        )
        self._open = lines[above + split.line_count :]
        self._rows_read += split.row_count
        rejects += split.rejects
        return split.frame

    def _chunk(self, frames: list[pl.DataFrame], rejects: list[Reject], *, is_last: bool) -> Chunk:
        self._rows_read += sum(1 for reject in self._lines.rejects if not reject.row_kept)
        rejects += self._lines.rejects
        self._lines.rejects = []
        frame = _cleaned(pl.concat(frames) if len(frames) > 1 else frames[0])
        frame = self._without_headers(frame, rejects)
        rejects.sort(key=lambda reject: reject.line_number)
        return Chunk(frame, rejects, self._rows_read, self._lines.bytes_read, is_last)

    def _without_headers(self, frame: pl.DataFrame, rejects: list[Reject]) -> pl.DataFrame:
        """Set aside the header where it comes again, as in files put one behind the other."""
        if not self._dialect.header:
            return frame
        again = frame.select(
            pl.all_horizontal(
                pl.col(name) == self._dialect.header[index] for name, index in self._picks.items()
            ).fill_null(value=False)
        ).to_series()
        if not again.any():
            return frame
        reason = "the header comes again in the middle of the file"
        header = shown(",".join(self._dialect.header))
        rejects += [Reject(line_no, "line", header, reason) for line_no in frame.filter(again)["line_no"]]
        return frame.filter(~again)


def _cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    stripped = frame.with_columns(pl.col(pl.String).str.strip_chars(BLANKS))
    return stripped.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())
