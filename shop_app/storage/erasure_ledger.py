"""The ledger of erasures: a file beside the database, so that a restored backup can be told what to forget.

One JSON object a line, only ever appended to. It names nobody: people stand there by the keyed hashes that a
restored database can be searched by, and nothing else can.
"""

import fcntl
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shop_app.errors import StartRefusedError

FILE_NAME = "erasures.jsonl"

_OURS_ALONE = 0o600
_places: list[Path] = []


@dataclass(frozen=True, slots=True)
class Entry:
    """One erasure: of a person by (kind, hash) pairs, or of a whole shop (none)."""

    at: datetime
    shop_domain: str
    kind: str
    request_key: bytes
    subjects: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """All entries, oldest first, and how many lines could not be read."""

    entries: tuple[Entry, ...]
    unreadable_count: int


def keep_in(home: Path) -> None:
    """Say in which folder (``KINDRED_HOME``) this process keeps the ledger, once at its start."""
    _places[:] = [home / FILE_NAME]


def append(entry: Entry) -> None:
    """Write an erasure down, on the disk itself, before anything is erased.

    Raises
    ------
    StartRefusedError
        Nobody has said where the ledger is, or it cannot be written.
    """
    line = json.dumps(_plain(entry), separators=(",", ":")).encode() + b"\n"
    path = _place()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not path.exists()
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _OURS_ALONE)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            _write(file, line)
        finally:
            os.close(file)
        if is_new:
            _sync_folder(path.parent)
    except OSError as error:
        raise StartRefusedError(f"{path}: the ledger cannot be written ({error.strerror}).") from None


def read() -> Ledger:
    """Return everything that was ever written down; a line cut off by a crash is counted, not believed."""
    path = _place()
    if not path.exists():
        return Ledger((), 0)
    read = [_entry(line) for line in path.read_bytes().splitlines() if line.strip()]
    entries = tuple(entry for entry in read if entry is not None)
    return Ledger(entries, len(read) - len(entries))


def _place() -> Path:
    if not _places:
        raise StartRefusedError("This process was not told where the ledger of erasures is.")
    return _places[0]


def _write(file: int, line: bytes) -> None:
    """Append one line, after a crash in the middle of the last one on a line of its own."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        line = b"\n" + line
    while line:
        line = line[os.write(file, line) :]
    os.fsync(file)


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _plain(entry: Entry) -> dict[str, object]:
    return {
        "v": 1,
        "at": entry.at.isoformat(),
        "shop": entry.shop_domain,
        "kind": entry.kind,
        "request": entry.request_key.hex(),
        "subjects": [[kind, found.hex()] for kind, found in entry.subjects],
    }


def _entry(line: bytes) -> Entry | None:
    try:
        told = json.loads(line)
        return Entry(
            at=datetime.fromisoformat(told["at"]),
            shop_domain=str(told["shop"]),
            kind=str(told["kind"]),
            request_key=bytes.fromhex(told["request"]),
            subjects=tuple((str(kind), bytes.fromhex(found)) for kind, found in told["subjects"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
