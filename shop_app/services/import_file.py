"""One file into one shop: read, judged and written as a whole, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from shop_app.errors import InvalidInputError, KindredError, RefusedError
from shop_app.files.batch import Batch, Reject
from shop_app.files.opening import check_file
from shop_app.files.reading import read_batches
from shop_app.segments.money import minor_digits
from shop_app.services.import_findings import Findings
from shop_app.services.plan_import import ImportOptions, ImportPlan, fingerprint, plan_import
from shop_app.services.read_ahead import read_ahead
from shop_app.services.reject_file import RejectFile, default_rejects_path
from shop_app.storage import imports, orders, shop_settings, table_statistics
from shop_app.storage.engine import shopless, transaction
from shop_app.storage.intake import Intake, ReadyPart, Taken, ready_part
from shop_app.storage.shop_settings import UNKNOWN_CURRENCY

_ROWS_A_PART = 50_000
"""Lines and customers: enough that the database joins well, few enough that three parts fit in memory."""

_MANY_ROWS = 5_000
"""From so many on, the database should hear of it at once: what follows reads them all."""


class Progress(Protocol):
    """Told how far an import is: bytes of the file, rows, and one word for what is being done."""

    def __call__(self, done_bytes: int, total_bytes: int, rows: int, phase: str) -> None:
        """Take note."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of it; ``state`` is ``done``, or ``unchanged`` for a file that was taken in before."""

    state: str
    file_name: str
    kind: str
    finished_at: datetime
    counts: dict[str, Any]
    sentences: tuple[str, ...] = ()
    rejects_path: Path | None = None


def import_file(
    path: Path, shop_id: int, options: ImportOptions, *, at: datetime, progress: Progress | None = None
) -> ImportReport:
    """Take one file's facts into a shop, in one transaction.

    Raises
    ------
    InvalidInputError
        The file cannot be read, something about it must be said by the user, or no row of it can be used.
    RefusedError
        Another import into this shop is running.
    """
    check_file(path)
    rejects = _reject_file(path, options)
    with _Note(shop_id, at) as note, transaction(shop_id) as connection:
        if not imports.hold_shop(connection, shop_id):
            raise RefusedError("Another import into this shop is running; start this one when it is done.")
        shop = shop_settings.read(connection)
        known = fingerprint(path, options, shop)
        if done := imports.find_done(connection, known.content, known.reading):
            return ImportReport("unchanged", path.name, done["kind"], done["finished_at"], done["counts"])
        plan = plan_import(path, shop_id, options, shop, known, at=at)
        import_id = note.begin(plan)

        intake = Intake(connection, shop_id, plan.origin)
        findings = _take_in(plan, intake, rejects, progress)
        counts = _counts(plan, findings, intake.taken)

        if shop.currency == UNKNOWN_CURRENCY and plan.origin.currency != UNKNOWN_CURRENCY:
            shop_settings.write_currency(connection, plan.origin.currency)
            if minor_digits(plan.origin.currency) == minor_digits(UNKNOWN_CURRENCY):
                orders.name_currency(connection, unknown=UNKNOWN_CURRENCY, currency=plan.origin.currency)
        imports.finish(connection, import_id, at=at, counts=counts)
    if intake.taken.told >= _MANY_ROWS:
        with shopless() as connection:
            table_statistics.count_facts(connection)
    return ImportReport(
        "done", path.name, plan.file.kind, at, counts, tuple(plan.file_format.sentences), rejects.keep()
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Some batches of a file, ready to be taken in, and what is to be said about them."""

    ready: ReadyPart
    rejects: list[Reject]
    rows_read: int
    bytes_read: int
    complete: bool


class _Note:
    """The row that says an import is running: written apart from the facts, marked if they are not kept."""

    def __init__(self, shop_id: int, at: datetime) -> None:
        self._shop_id = shop_id
        self._at = at
        self._import_id: int | None = None

    def __enter__(self) -> Self:
        return self

    def begin(self, plan: ImportPlan) -> int:
        """Write the row, and clear up after imports that were stopped; the caller holds the shop."""
        with transaction(self._shop_id) as connection:
            imports.fail_stale(connection, at=self._at)
            self._import_id = imports.begin(connection, self._shop_id, plan.file, at=self._at)
        return self._import_id

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or self._import_id is None:
            return
        # Another error's words may hold a cell of the file; its kind does not.
        words = str(error) if isinstance(error, KindredError) else type(error).__name__
        with transaction(self._shop_id) as connection:
            imports.fail(connection, self._import_id, at=self._at, error=words)


def _reject_file(path: Path, options: ImportOptions) -> RejectFile:
    target = options.rejects_path or default_rejects_path(path)
    if target.resolve() == path.resolve():
        raise InvalidInputError("--rejects names the file itself; name another one.", field="rejects")
    return RejectFile(target)


def _take_in(plan: ImportPlan, intake: Intake, rejects: RejectFile, progress: Progress | None) -> Findings:
    """Read the file to its end; rows that cannot be used go to the reject file."""
    tell = _teller(plan.path, progress)
    findings = Findings()
    try:
        with closing(read_ahead(_ready_parts(plan, findings))) as coming:
            for part in coming:
                rejects.write(part.rejects)
                intake.add(part.ready)
                if part.complete:
                    intake.settle()
                tell(part.bytes_read, part.rows_read, "reading")
        tell(None, findings.rows, "writing")
        intake.finish()
    except BaseException:
        rejects.discard()
        raise
    _refuse_useless(plan, findings, intake.taken, rejects)
    return findings


def _ready_parts(plan: ImportPlan, findings: Findings) -> Iterator[_Part]:
    """Read, look over and hash: all that can be done while the database works on the part before."""
    for batches in _large_enough(_batches(plan)):
        for batch in batches:
            findings.add(batch)
        pieces = [(batch.customers, batch.orders, batch.lines, batch.refunds) for batch in batches]
        yield _Part(
            ready_part(pieces, shop_id=plan.shop_id, authority=plan.authority, origin=plan.origin),
            [reject for batch in batches for reject in batch.rejects],
            batches[-1].rows_read,
            batches[-1].bytes_read,
            batches[-1].complete,
        )


def _batches(plan: ImportPlan) -> Iterator[Batch]:
    return read_batches(
        plan.path,
        plan.file_format,
        currency=plan.origin.currency,
        timezone=plan.read.timezone,
        latest=plan.latest,
    )


def _large_enough(batches: Iterator[Batch]) -> Iterator[list[Batch]]:
    """Put small batches together: the database takes in a few large parts faster than many small ones."""
    waiting: list[Batch] = []
    enough = 1  # the first batch goes at once: the database has nothing to do yet
    for batch in batches:
        waiting.append(batch)
        if sum(each.lines.height + each.customers.height for each in waiting) >= enough:
            yield waiting
            waiting, enough = [], _ROWS_A_PART
    if waiting:
        yield waiting


def _teller(path: Path, progress: Progress | None) -> Callable[[int | None, int, str], None]:
    total = path.stat().st_size

    def tell(done: int | None, rows: int, phase: str) -> None:
        if progress is not None:
            progress(total if done is None else min(done, total), total, rows, phase)

    return tell


def _refuse_useless(plan: ImportPlan, findings: Findings, taken: Taken, rejects: RejectFile) -> None:
    """Refuse a file of which nothing at all could be used, and say where the reasons are."""
    if taken.told:
        return
    if not findings.rows_left_out:
        raise InvalidInputError(f"{plan.path.name} holds no rows below its header.", field="file")
    reason, count = findings.by_reason.most_common(1)[0]
    raise InvalidInputError(
        f"None of the {findings.rows:,} rows of {plan.path.name} can be used; {count:,} times the reason is "
        f"“{reason}”. Every row with its reason is in {rejects.keep()}.",
        field="file",
    )


def _counts(plan: ImportPlan, findings: Findings, taken: Taken) -> dict[str, Any]:
    return {
        "rows": findings.rows,
        "lines": taken.lines,
        "rejects": findings.rows_left_out,
        "cells_left_out": findings.cells_left_out,
        "customers": {"new": taken.customers_new, "updated": taken.customers_updated},
        "orders": asdict(taken.orders),
        "refunds": taken.refunds,
        "missing": list(plan.file_format.missing),
        "repeated_rows": findings.repeated_rows,
        "conflicting_titles": findings.conflicting_titles,
    }
