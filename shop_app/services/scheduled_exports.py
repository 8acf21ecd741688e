"""Files written again and again, daily or weekly: what a shop has asked for, and doing it when it is due.

People who were erased are in no new file, and every file that was written before an erasure is removed with it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shop_app.errors import InvalidInputError, KindredError, NotFoundError, RefusedError
from shop_app.services import export_folders
from shop_app.services.at_work import LATE_AGAIN, at_work
from shop_app.services.export_files import FileShop, list_files, read_shop, tidy, write_file
from shop_app.services.export_rows import BY_SEGMENT
from shop_app.services.export_text import FORMATS, WHAT
from shop_app.storage import due_work, export_schedules
from shop_app.storage.engine import transaction
from shop_app.storage.export_schedules import StoredSchedule

DUE = "export-files"
"""What this is called among a shop's work that is due."""
RHYTHMS = ("day", "week")
MOST_SCHEDULES = 20
_LAST_HOUR = 23
_TRY_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ExportSchedule:
    """What is to be written: which export, as what, where to, and when by the shop's clock.

    ``folder`` is a name below the shop's own folder in ``KINDRED_HOME/exports`` ("" for that itself), or a path
    in a folder of the operator's. Weekly files are written on Mondays.
    """

    what: str
    format: str = "csv"
    folder: str = ""
    every: str = "day"
    hour: int = 3
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduledFile:
    """A schedule as it stands: where its files lie, when it is next due, and how it went last."""

    id: int
    schedule: ExportSchedule
    path: str | None
    last_at: datetime | None
    last_words: str
    next_at: datetime
    created_by: str


def add_schedule(shop_id: int, schedule: ExportSchedule, *, created_by: str, now: datetime) -> int:
    """Keep a schedule and return its id; the first file is written at once.

    Raises
    ------
    InvalidInputError
        One of its parts cannot be; ``field`` says which.
    RefusedError
        The shop has enough of them.
    """
    _check(schedule)
    export_folders.checked_folder(shop_id, read_shop(shop_id).stem, schedule.folder)
    values = {
        "kind": schedule.what,
        "format": schedule.format,
        "folder": schedule.folder.strip(),
        "every": schedule.every,
        "hour": schedule.hour,
        "segment": schedule.segment,
        "created_by": created_by,
    }
    with transaction(shop_id) as connection:
        if len(export_schedules.list_all(connection)) >= MOST_SCHEDULES:
            raise RefusedError(f"A shop has {MOST_SCHEDULES} scheduled files at most; remove one first.")
        added = export_schedules.add(connection, shop_id, values)
        due_work.ensure_due(connection, shop_id, DUE, due_at=now)
    return added


def list_schedules(shop_id: int, *, now: datetime) -> list[ScheduledFile]:
    """Return the shop's schedules, the oldest first."""
    shop = read_shop(shop_id)
    return [
        ScheduledFile(
            each.id,
            ExportSchedule(each.kind, each.format, each.folder, each.every, each.hour, each.segment),
            _path_of(shop, each),
            each.last_at,
            each.last_words,
            _next_at(each, shop.timezone) or now,
            each.created_by,
        )
        for each in _stored(shop_id)
    ]


def remove_schedule(shop_id: int, schedule_id: int) -> int:
    """Drop a schedule with the files that it has written, and count these: they hold people's data.

    Raises
    ------
    NotFoundError
        The shop has none of this id.
    """
    with transaction(shop_id) as connection:
        removed = export_schedules.remove(connection, schedule_id)
    if removed is None:
        raise NotFoundError(f"There is no scheduled file with the id {schedule_id}.")
    return _remove_files(read_shop(shop_id), removed)


def remove_all_files(shop_id: int) -> None:
    """Remove every file that was written for a shop: before its schedules are forgotten."""
    for stored in _stored(shop_id):
        _remove_files(read_shop(shop_id), stored)
    export_folders.remove_shop(shop_id)


def forget_erased(shop_id: int, *, now: datetime) -> None:
    """Remove the files that may hold somebody who was erased, and have them written anew without."""
    with transaction(shop_id) as connection:
        erased_at = export_schedules.newest_erasure(connection)
        stored = export_schedules.list_all(connection)
    if not stored:
        return
    shop = read_shop(shop_id)
    for each in stored:
        if tidy(shop, each, erased_at=erased_at):
            with transaction(shop_id) as connection:
                export_schedules.write_again(connection, each.id)
                due_work.ensure_due(connection, shop_id, DUE, due_at=now)


def export_files_due(shop_id: int, *, now: datetime) -> None:
    """Write the files that are due, and say when the next one is; what failed is tried again in an hour."""
    with at_work(shop_id, DUE, now, next_at=None, again_after=LATE_AGAIN) as work:
        write_files(shop_id, now=now)
        dates = [each.next_at for each in list_schedules(shop_id, now=now)]
        work.next_at = min((moment if moment > now else now + _TRY_AGAIN for moment in dates), default=None)


def write_files(shop_id: int, *, now: datetime, all_of_them: bool = False) -> list[str]:
    """Write the files that are due, or all, and return a sentence for each; one that fails stops no other."""
    shop, said = read_shop(shop_id), []
    with transaction(shop_id) as connection:
        erased_at = export_schedules.newest_erasure(connection)
    for stored in _stored(shop_id):
        next_at = _next_at(stored, shop.timezone)
        if not all_of_them and next_at is not None and next_at > now:
            continue
        is_written, words = write_file(shop, stored, now=now)
        tidy(shop, stored, erased_at=erased_at)
        with transaction(shop_id) as connection:
            export_schedules.note(connection, stored.id, words, done_at=now if is_written else None)
        said.append(words)
    return said


def _stored(shop_id: int) -> list[StoredSchedule]:
    with transaction(shop_id) as connection:
        return export_schedules.list_all(connection)


def _next_at(stored: StoredSchedule, timezone: str) -> datetime | None:
    """Return the first full hour asked for after the last file; ``None`` where there was none: now."""
    if stored.last_at is None:
        return None
    zone = ZoneInfo(timezone)
    first = stored.last_at.astimezone(zone).date()
    days = (first + timedelta(days=number) for number in range(9))
    moments = (
        datetime.combine(day, time(stored.hour), tzinfo=zone).astimezone(UTC)
        for day in days
        if stored.every == "day" or day.weekday() == 0
    )
    return next(moment for moment in moments if moment > stored.last_at)


def _path_of(shop: FileShop, stored: StoredSchedule) -> str | None:
    try:
        return str(export_folders.checked_folder(shop.id, shop.stem, stored.folder))
    except KindredError:
        return None


def _remove_files(shop: FileShop, stored: StoredSchedule) -> int:
    files = list_files(shop, stored)
    for path in files:
        path.unlink(missing_ok=True)
    return len(files)


def _check(schedule: ExportSchedule) -> None:
    """Refuse what cannot be, naming the part."""
    choices = (
        ("what", schedule.what, WHAT),
        ("format", schedule.format, tuple(FORMATS)),
        ("every", schedule.every, RHYTHMS),
    )
    for field, value, allowed in choices:
        if value not in allowed:
            raise InvalidInputError(f"{field} must be one of {', '.join(allowed)}, not {value!r}.", field=field)
    if not 0 <= schedule.hour <= _LAST_HOUR:
        raise InvalidInputError(
            f"hour must be a full hour from 0 to {_LAST_HOUR}, not {schedule.hour}.", field="hour"
        )
    if schedule.segment is not None and schedule.what not in BY_SEGMENT:
        raise InvalidInputError(
            "segment: only customers and predictions can be exported by segment.", field="segment"
        )
