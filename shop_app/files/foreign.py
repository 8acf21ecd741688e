"""Files that are no text table: recognised by their first bytes, refused with the way out."""

from shop_app.errors import InvalidInputError

_SAVE_AS_CSV = "Open it and save it as CSV (UTF-8), then import that."
_UNPACK = "Unpack it and import the file inside (.csv or .csv.gz)."
_EXPORT = "Export the orders as CSV and import that."

_BY_FIRST_BYTES = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook or other Office document", _SAVE_AS_CSV),
    (b"%PDF", "a PDF document", _EXPORT),
    (b"\x89PNG", "a PNG picture", _EXPORT),
    (b"\xff\xd8\xff", "a JPEG picture", _EXPORT),
    (b"GIF8", "a GIF picture", _EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"ARROW1", "an Arrow file", _EXPORT),
    (b"\x89HDF", "an HDF5 file", _EXPORT),
    (b"{\\rtf", "a rich text document", _SAVE_AS_CSV),
    (b"\x7fELF", "a program", _EXPORT),
    (b"MZ\x90\x00", "a program", _EXPORT),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"\x1f\x8b", "a gzip file inside a gzip file", _UNPACK),
)

_CONTROL_BYTES = bytes(range(9)) + bytes(range(14, 32))
_MOST_CONTROL_BYTES = 0.1  # of the first bytes; a table damaged by a few stray bytes stays below


def refuse_foreign(head: bytes, name: str) -> None:
    """Raise :class:`InvalidInputError` where the first bytes are not those of a text table."""
    if not head.strip(b"\x00"):
        raise _refusal(name, "empty or holds only zero bytes", "Export it again.")
    for magic, what, way_out in _BY_FIRST_BYTES:
        if head.startswith(magic):
            raise _refusal(name, what, way_out)
    if head.startswith(b"PK\x03\x04"):
        raise _zip_refusal(head, name)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not text:
        raise _refusal(name, "a file of blanks only", "Export it again.")
    if text.startswith((b"{", b"[")):
        raise _refusal(name, "a JSON file", _EXPORT)
    if text.startswith(b"<"):
        raise _refusal(name, "a web page or XML file", _EXPORT)


def refuse_binary(head: bytes, name: str) -> None:
    """Raise :class:`InvalidInputError` where too many bytes of an 8-bit text are none of a text."""
    controls = len(head) - len(head.translate(None, _CONTROL_BYTES))
    if controls > _MOST_CONTROL_BYTES * len(head):
        raise _refusal(name, "a binary file, not a table in text form", _EXPORT)


def _zip_refusal(head: bytes, name: str) -> InvalidInputError:
    if b"[Content_Types].xml" in head or b"xl/" in head:
        return _refusal(name, "an Excel workbook", _SAVE_AS_CSV)
    if b"opendocument" in head:
        return _refusal(name, "an OpenDocument sheet", _SAVE_AS_CSV)
    return _refusal(name, "a zip archive", _UNPACK)


def _refusal(name: str, what: str, way_out: str) -> InvalidInputError:
    return InvalidInputError(f"{name} is {what}. {way_out}", field="file")
