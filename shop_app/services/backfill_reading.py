"""The middle of a part: its file is fetched, byte by byte, checked against Shopify's counts, and cut up."""

from pathlib import Path

from shop_app.services import spool
from shop_app.services.backfill_step import Step
from shop_app.services.backfill_trouble import ask_again, give_up
from shop_app.shopify import bulk_operations, config
from shop_app.shopify.bulk_file import FileRefusedError, LinkDeadError, Wanted, fetch
from shop_app.shopify.bulk_operations import BulkOperation
from shop_app.shopify.bulk_pieces import Cut, count_pieces, cut
from shop_app.storage.backfills import Part

_NOTE_EVERY_BYTES = 4 << 20


def read_file(step: Step, part: Part) -> None:
    """Fetch what is missing of a part's file and cut it; stopped in the middle, it goes on from there.

    The link is asked for each time: it is a key to the file, so it is kept nowhere.
    """
    assert part.bulk_id is not None  # noqa: S101 (what is read was asked for)
    found = bulk_operations.poll(step.api, part.bulk_id)
    if found is None or not found.is_complete or found.url is None:
        ask_again(step, part, "Shopify has thrown the file away.")
        return
    folder = spool.folder_of(step.shop_id, part.backfill_id, part.name)
    try:
        is_whole = _fetch(step, part, found, folder / "file.jsonl")
    except LinkDeadError:
        ask_again(step, part, "The link to Shopify's file has expired.")
    except FileRefusedError as error:
        give_up(step, part, str(error))
    else:
        if is_whole:
            _cut(step, part, folder)


def _fetch(step: Step, part: Part, found: BulkOperation, target: Path) -> bool:
    began, noted = step.clock.elapsed_seconds(), target.stat().st_size if target.exists() else 0

    def may_go_on(size: int) -> bool:
        nonlocal noted
        if size - noted >= _NOTE_EVERY_BYTES:
            noted = size
            step.change(part, bytes_read=size, stumbles=0, error=None)
        return step.clock.has_time()

    wanted = Wanted(found.url or "", found.file_bytes, plain_http=not config.current().is_real)
    is_whole = fetch(wanted, target, may_go_on=may_go_on)
    step.change(
        part,
        bytes_read=target.stat().st_size,
        work_seconds=part.work_seconds + step.clock.elapsed_seconds() - began,
        stumbles=0,
        error=None,
    )
    return is_whole


def _cut(step: Step, part: Part, folder: Path) -> None:
    source = folder / "file.jsonl"
    pieces = part.pieces or count_pieces(source.stat().st_size)
    done = cut(source, folder / "pieces", pieces=pieces, may_go_on=step.clock.has_time)
    if done is None:
        return
    why = _not_as_counted(done, part)
    if why:
        ask_again(step, part, why)
        return
    source.unlink()
    step.change(part, state="taking", pieces=pieces, next_at=None)


def _not_as_counted(done: Cut, part: Part) -> str:
    """Say in what a file is not the one that Shopify counted; empty where it is."""
    if part.object_count is not None and done.lines != part.object_count:
        return f"The file holds {done.lines:,} objects, and Shopify counted {part.object_count:,}."
    if part.root_count and done.roots != part.root_count:
        return f"The file holds {done.roots:,} {part.resource}, and Shopify counted {part.root_count:,}."
    if done.strays:
        return f"{done.strays:,} lines of the file cannot be read."
    return ""
