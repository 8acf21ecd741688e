"""A file's bytes: checked, unpacked where they are gzipped, counted, and hashed."""

import hashlib
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from shop_app.errors import InvalidInputError

GZIP = b"\x1f\x8b"

BLOCK_BYTES = 1 << 20
_PACKED_BYTES = 1 << 16


def check_file(path: Path) -> None:
    """Raise :class:`InvalidInputError` unless this is a file with something in it that may be read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a directory" if stat.S_ISDIR(status.st_mode) else "not an ordinary file"
            raise InvalidInputError(f"{path} is {what}; give the path of one order file.", field="file")
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise InvalidInputError(f"There is no file {path}; check the path.", field="file") from None
    except PermissionError:
        raise InvalidInputError(
            f"{path} may not be read by this user; change its permissions or copy it.", field="file"
        ) from None
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{path} cannot be opened: {error}.", field="file") from None
    if status.st_size == 0:
        raise InvalidInputError(f"{path} is empty (0 bytes); export it again.", field="file")


def content_hash(path: Path) -> bytes:
    """Return the digest by which the same file is known when it comes again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).digest()


def is_gzipped(path: Path) -> bool:
    """Tell by the first bytes, whatever the file is called."""
    with path.open("rb") as file:
        return file.read(len(GZIP)) == GZIP


class ByteReader:
    """Blocks of a file's plain bytes.

    ``bytes_read`` counts what was taken from disk (packed, if it is so); ``damage`` says after the last
    block why there are no more, where that is not the file's proper end.
    """

    def __init__(self, path: Path, block_bytes: int = BLOCK_BYTES) -> None:
        self.bytes_read = 0
        self.damage: str | None = None
        self._path = path
        self._block_bytes = block_bytes

    def blocks(self) -> Iterator[bytes]:
        """Yield the content block by block, no block empty."""
        gzipped = is_gzipped(self._path)
        try:
            with self._path.open("rb") as file:
                yield from self._unpacked(file) if gzipped else self._plain(file)
        except OSError as error:
            self.damage = f"the file could not be read on from here ({error.strerror})"

    def _plain(self, file: BinaryIO) -> Iterator[bytes]:
        while block := self._take(file, self._block_bytes):
            yield block

    def _unpacked(self, file: BinaryIO) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(wbits=31)
        packed = b""
        while packed := packed or self._take(file, _PACKED_BYTES):
            if unpacker.eof:
                if not packed.startswith(GZIP[: len(packed)]):
                    return  # padding after the end
                unpacker = zlib.decompressobj(wbits=31)  # gzip files put one behind the other are one file
            try:
                block = unpacker.decompress(packed, self._block_bytes)
            except zlib.error:
                self.damage = "the compressed file is damaged from here on"
                return
            if block:
                yield block
            packed = unpacker.unconsumed_tail or unpacker.unused_data
        yield from self._rest(unpacker)

    def _rest(self, unpacker: "zlib._Decompress") -> Iterator[bytes]:
        if rest := unpacker.flush():
            yield rest
        if not unpacker.eof:
            self.damage = "the compressed file breaks off here"

    def _take(self, file: BinaryIO, size: int) -> bytes:
        taken = file.read(size)
        self.bytes_read += len(taken)
        return taken
