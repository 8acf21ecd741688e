"""A file's physical lines with their numbers, whatever ends them; what is no line of text is set aside."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shop_app.files.batch import Reject, shown
from shop_app.files.encodings import is_wide, narrow
from shop_app.files.opening import BLOCK_BYTES, ByteReader

LONGEST_LINE = 1 << 20
"""Characters. No order line is a megabyte; a longer one is a damaged file and would only eat memory."""

_CELL_MARK = "\x1f"  # what splitting puts between cells, so it may not be in one
_MOST_NOTES = 100  # lines in another encoding that are each told of


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Lines without their ends; ``lines[0]`` is line ``first_number`` (from 1) of the file."""

    first_number: int
    lines: list[str]
    is_last: bool


class LineReader:
    """The lines of a file, block by block. Unusable ones come as empty lines, and stand in ``rejects``."""

    def __init__(self, path: Path, encoding: str, block_bytes: int = BLOCK_BYTES) -> None:
        self.rejects: list[Reject] = []
        self._bytes = ByteReader(path, block_bytes)
        self._wide = encoding if is_wide(encoding) else None
        self._encoding = "utf-8" if self._wide else encoding
        self._number = 1
        self._carry = b""
        self._skipping = False
        self._notes = 0

    @property
    def bytes_read(self) -> int:
        """Bytes taken from disk so far."""
        return self._bytes.bytes_read

    def blocks(self) -> Iterator[LineBlock]:
        """Yield all lines; the last block says so, and may be empty."""
        raw = narrow(self._bytes, self._wide) if self._wide else self._bytes.blocks()
        for block in raw:
            if piece := self._whole_lines(block):
                yield self._block(piece, is_last=False)
        yield self._last()

    def _whole_lines(self, block: bytes) -> bytes:
        """Return the part up to the last line end and carry the rest, unless that grows past all bounds."""
        if self._skipping:
            block = self._skip(block)
        data = self._carry + block
        cut = 1 + max(data.rfind(b"\n"), data.rfind(b"\r", 0, max(0, len(data) - 1)))
        self._carry = data[cut:]
        if len(self._carry) > LONGEST_LINE:
            self._skipping = True
            shown_head = self._carry[:200].decode("ascii", errors="replace").encode("ascii", errors="replace")
            self._carry = shown_head.ljust(LONGEST_LINE, b".")  # so it is found too long, and rejected
        return data[:cut]

    def _skip(self, block: bytes) -> bytes:
        """Drop what belongs to an endless line, up to its end."""
        ends = [end for end in (block.find(b"\n"), block.find(b"\r")) if end >= 0]
        if not ends:
            return b""
        self._skipping = False
        return block[min(ends) :]

    def _last(self) -> LineBlock:
        rest, self._carry = self._carry, b""
        if self._bytes.damage:
            value = rest[:LONGEST_LINE].decode(self._encoding, errors="replace")
            self._reject(self._number, value, self._bytes.damage)
            rest = b""
        elif rest and self._breaks_off(rest):
            self._reject(
                self._number,
                rest.decode(self._encoding, errors="replace"),
                "the file breaks off in the middle of a character",
            )
            rest = b""
        return self._block(rest, is_last=True)

    def _breaks_off(self, rest: bytes) -> bool:
        try:
            rest.decode(self._encoding)
        except UnicodeDecodeError as error:
            return error.reason == "unexpected end of data" and error.end == len(rest)
        return False

    def _block(self, piece: bytes, *, is_last: bool) -> LineBlock:
        text = self._decoded(piece)
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if _CELL_MARK in text:
            text = text.replace(_CELL_MARK, " ")
        first = self._number
        lines = text.split("\n")
        if not lines[-1]:
            lines.pop()
        if first == 1 and lines:
            lines[0] = lines[0].removeprefix("\ufeff")
        self._set_aside(lines, first, has_zeros="\x00" in text)
        self._number += len(lines)
        return LineBlock(first, lines, is_last)

    def _set_aside(self, lines: list[str], first: int, *, has_zeros: bool) -> None:
        if not has_zeros and max(map(len, lines), default=0) < LONGEST_LINE:
            return
        for index, line in enumerate(lines):
            if len(line) >= LONGEST_LINE:
                self._reject(first + index, line, "the line is longer than a million characters")
                lines[index] = ""
            elif "\x00" in line:
                self._reject(first + index, line, "the line holds zero bytes: the file is damaged here")
                lines[index] = ""

    def _decoded(self, piece: bytes) -> str:
        try:
            return piece.decode(self._encoding)
        except UnicodeDecodeError:
            lines = piece.splitlines(keepends=True)
            return "".join(self._decoded_line(line, self._number + i) for i, line in enumerate(lines))

    def _decoded_line(self, line: bytes, number: int) -> str:
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError:
            text = line.decode("cp1252", errors="replace")
        self._notes += 1
        if self._notes <= _MOST_NOTES:
            further = "; further such lines are not listed" if self._notes == _MOST_NOTES else ""
            reason = f"not all of it is {self._encoding}; row kept, read as well as possible{further}"
            self.rejects.append(Reject(number, "encoding", shown(text.rstrip()), reason, row_kept=True))
        return text

    def _reject(self, number: int, value: str, reason: str) -> None:
        self.rejects.append(Reject(number, "line", shown(value), reason))
