"""One scheduled file: written whole or not at all, under a name with its day; old ones are taken away."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from shop_app.errors import KindredError, TemporaryError
from shop_app.services import export_folders
from shop_app.services.export_rows import iter_export
from shop_app.services.export_text import BYTE_ORDER_MARK, FORMATS, OF_PEOPLE, Counted, Rows, file_stem
from shop_app.services.note_access import note_access
from shop_app.services.shop_clock import default_as_of
from shop_app.storage import shop_settings, shops
from shop_app.storage.engine import shopless, transaction
from shop_app.storage.export_schedules import StoredSchedule

KEPT_FILES = 30


@dataclass(frozen=True, slots=True)
class FileShop:
    """What files are named by, and whose clock they go by."""

    id: int
    domain: str
    timezone: str

    @property
    def stem(self) -> str:
        """Return the shop's name in plain letters."""
        return file_stem(self.domain)


def read_shop(shop_id: int) -> FileShop:
    """Return what is needed of a shop to write its files."""
    with shopless() as connection:
        domain = shops.domain_of(connection, shop_id)
    with transaction(shop_id) as connection:
        return FileShop(shop_id, domain, shop_settings.read(connection).timezone)


def write_file(shop: FileShop, stored: StoredSchedule, *, now: datetime) -> tuple[bool, str]:
    """Write the file of this day, in place of an earlier one of the day; return whether, and a sentence."""
    day = f"{now.astimezone(ZoneInfo(shop.timezone)):%Y-%m-%d}"
    try:
        folder = export_folders.checked_folder(shop.id, shop.stem, stored.folder)
        as_of = default_as_of(shop.id, now)
        rows = iter_export(shop.id, stored.kind, segment=stored.segment, as_of=as_of, shared=True)
        export_folders.make(folder)
        path = folder / f"{_prefix(shop, stored)}{day}.{stored.format}"
        count = _write(path, rows, stored.format)
        os.utime(path, (now.timestamp(), now.timestamp()))  # what was erased after this may still be in it
    except TemporaryError:
        raise
    except KindredError as error:
        return False, str(error)
    except OSError as error:
        return False, f"folder: nothing could be written to {stored.folder or 'it'}: {error.strerror}."
    if stored.kind in OF_PEOPLE:
        note_access(shop.id, f"export of {stored.kind} to a file", user_id="schedule", at=now)
    return True, f"{count:,} rows written to {path.name}."


def list_files(shop: FileShop, stored: StoredSchedule) -> list[Path]:
    """Return the files of a schedule that are there, the oldest first."""
    try:
        folder = export_folders.checked_folder(shop.id, shop.stem, stored.folder)
    except KindredError:
        return []  # a folder that the operator has taken off the list is left alone
    return sorted(folder.glob(f"{_prefix(shop, stored)}????-??-??.{stored.format}"))


def tidy(shop: FileShop, stored: StoredSchedule, *, erased_at: datetime | None) -> int:
    """Keep the newest thirty, and remove those of people from before an erasure; count the latter."""
    files = list_files(shop, stored)
    for path in files[:-KEPT_FILES]:
        path.unlink(missing_ok=True)
    if erased_at is None or stored.kind not in OF_PEOPLE:
        return 0
    outdated = [path for path in files[-KEPT_FILES:] if path.stat().st_mtime < erased_at.timestamp()]
    for path in outdated:
        path.unlink(missing_ok=True)
    return len(outdated)


def _prefix(shop: FileShop, stored: StoredSchedule) -> str:
    """Return how the names of a schedule's files begin: no other schedule's do, of whatever shop."""
    return f"{file_stem(shop.domain, stored.kind, stored.segment or '')}-{stored.id}-"


def _write(path: Path, rows: Rows, form: str) -> int:
    """Write beside the file and put the result in its place at the end; return how many rows it holds."""
    counted = Counted(rows)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(BYTE_ORDER_MARK if form == "csv" else "")
            file.writelines(FORMATS[form](counted))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return counted.count
