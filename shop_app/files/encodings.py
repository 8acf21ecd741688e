"""Which encoding a file is written in, and its bytes as UTF-8 or an 8-bit encoding, cut at line ends."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from shop_app.errors import InvalidInputError
from shop_app.files.opening import ByteReader, is_gzipped

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MOST_OF_UTF16_ZEROS = 0.3  # every second byte of plain Latin text in UTF-16 is zero
_GOOD_TO_BROKEN = 4  # non-ASCII characters of a UTF-8 file that is a little damaged
_LOOK_BYTES = 1 << 16

WORDS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    "cp1252": "Windows-1252 (Latin)",
}


def detect_encoding(head: bytes, path: Path, forced: str | None) -> str:
    """Return the codec's name: as forced, by byte-order mark, by zero bytes, else UTF-8 or Windows-1252."""
    if forced:
        return _checked(forced, head)
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[start::2].count(0) > _MOST_OF_UTF16_ZEROS * len(head):
            return name
    return "utf-8" if _are_mostly_utf8([head, *_later_looks(path)]) else "cp1252"


def is_wide(encoding: str) -> bool:
    """Tell whether a line end may be more than one byte in this encoding."""
    return "\n".encode(encoding) != b"\n"


def narrow(reader: ByteReader, encoding: str) -> Iterator[bytes]:
    """Yield a wide encoding's blocks again as UTF-8; what is no character becomes the replacement mark."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for block in reader.blocks():
        yield decoder.decode(block).encode("utf-8", errors="replace")
    if decoder.getstate()[0] and not reader.damage:
        reader.damage = "the file breaks off in the middle of a character"


def _checked(name: str, head: bytes) -> str:
    try:
        codec = codecs.lookup(name)
        head[:0].decode(codec.name)
        "\n".encode(codec.name)
    except (LookupError, UnicodeError, TypeError, ValueError):
        raise InvalidInputError(
            f"encoding: {name!r} is not known; use for instance utf-8, utf-16, cp1252 or latin-1.",
            field="encoding",
        ) from None
    return _by_mark(head) if codec.name == "utf-16" else codec.name


def _by_mark(head: bytes) -> str:
    return "utf-16-be" if head.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"


def _are_mostly_utf8(samples: list[bytes]) -> bool:
    """Accept a few broken characters among many good ones: a damaged file is not another encoding."""
    text = "".join(codecs.getincrementaldecoder("utf-8")(errors="replace").decode(part) for part in samples)
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    good = len(text) - len(text.encode("ascii", errors="ignore")) - broken
    return not broken or good > _GOOD_TO_BROKEN * broken


def _later_looks(path: Path) -> list[bytes]:
    """Return two more samples of a plain file: its head alone may be pure ASCII."""
    if is_gzipped(path):
        return []
    looks = []
    size = path.stat().st_size
    with path.open("rb") as file:
        for position in (size // 2, max(0, size - _LOOK_BYTES)):
            file.seek(position)
            look = file.read(_LOOK_BYTES)
            looks.append(look.lstrip(bytes(range(0x80, 0xC0))))  # the rest of a character cut in half
    return looks
