"""The last half of a part: its pieces are taken in, one transaction each."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shop_app.facts import Catalogue, Collections
from shop_app.services import spool
from shop_app.services.backfill_step import Step
from shop_app.services.read_ahead import read_ahead
from shop_app.services.take_facts import ReadyFacts, ready_facts, write_facts
from shop_app.shopify import nodes as read_nodes
from shop_app.shopify.bulk_pieces import Node, missing_pieces, piece_path, read_piece
from shop_app.storage import backfills, catalogue, refetches
from shop_app.storage.backfills import Part
from shop_app.storage.conflicts import starting_over
from shop_app.storage.engine import Connection, transaction

Told = ReadyFacts | Catalogue | Collections

_REFETCHED = {"orders": "order", "customers": "customer", "products": "product"}


@dataclass(frozen=True, slots=True)
class _Ready:
    """A piece, read and made ready; ``broken`` are the numbers of what could not be."""

    told: Told
    told_at: datetime
    count: int
    broken: Sequence[int]
    bad_lines: int


def take_pieces(step: Step, part: Part) -> None:
    """Take in what is left of a part, as long as the step has time; killed anywhere, the next one goes on.

    While the database is busy with one piece, the next two are read and made ready.
    """
    folder = spool.folder_of(step.shop_id, part.backfill_id, part.name) / "pieces"
    if missing_pieces(folder, part.pieces or 0):
        step.change(part, state="reading", bytes_read=0)
        return
    began = step.clock.elapsed_seconds()
    with closing(read_ahead(_ready_pieces(step, part, folder), ahead=2)) as coming:
        for ready in coming:
            part = _take_piece(step, part, ready, began)
            began = step.clock.elapsed_seconds()
            if not step.clock.has_time():
                return
    _finish(step, part)


def _ready_pieces(step: Step, part: Part, folder: Path) -> Iterator[_Ready]:
    for number in range(part.pieces_taken, part.pieces or 0):
        yield _ready_piece(step, part, piece_path(folder, number))


def _ready_piece(step: Step, part: Part, path: Path) -> _Ready:
    """Read a piece; its nodes, which take most of the memory, are gone when this is over."""
    assert part.asked_at is not None  # noqa: S101 (what was cut up was asked for)
    piece = read_piece(path)
    told = told_of(step, part.resource, piece.nodes, piece.children, part.asked_at)
    return _Ready(told, part.asked_at, len(piece.nodes), piece.broken, piece.bad_lines)


def _take_piece(step: Step, part: Part, ready: _Ready, began: float) -> Part:
    """Take one piece and note that it is in, both or neither."""

    def work() -> Part:
        with transaction(step.shop_id) as connection:
            tied = write_told(connection, step, ready.told, ready.told_at)
            if part.resource in _REFETCHED and (ready.broken or tied):
                unclear, resource = [*ready.broken, *tied], _REFETCHED[part.resource]
                now = step.clock.now()
                refetches.ask(connection, step.shop_id, resource, unclear, reason="backfill", at=now)
            backfills.change_part(
                connection,
                part,
                pieces_taken=part.pieces_taken + 1,
                taken_count=part.taken_count + ready.count,
                bad_lines=part.bad_lines + ready.bad_lines,
                work_seconds=part.work_seconds + step.clock.elapsed_seconds() - began,
                stumbles=0,
                error=None,
            )
            step.hold(connection)
            return backfills.find_part(connection, part.backfill_id, part.name)

    return starting_over(work)


def _finish(step: Step, part: Part) -> None:
    with transaction(step.shop_id) as connection:
        forget_untold(connection, step, part)
        backfills.change_part(connection, part, state="done", ended_at=step.clock.now(), next_at=None)
        step.hold(connection)
    spool.empty(step.shop_id, part.backfill_id, part.name)


def forget_untold(connection: Connection, step: Step, part: Part) -> None:
    """Drop from the catalogue what a whole telling of it did not hold: it was deleted unheard."""
    is_whole = part.since is None and part.until is None
    if part.resource in {"products", "collections"} and is_whole and part.asked_at is not None:
        catalogue.forget_untold(connection, part.resource, told_since=part.asked_at, at=step.clock.now())


def write_told(connection: Connection, step: Step, told: Told, told_at: datetime) -> Sequence[int]:
    """Write what was told, and return the orders of which two tellings of one second differ."""
    if isinstance(told, ReadyFacts):
        return write_facts(connection, step.shop_id, told).tied
    if isinstance(told, Catalogue):
        catalogue.take_products(connection, told, at=told_at, currency=step.currency)
    else:
        catalogue.take_collections(connection, told, at=told_at)
    return ()


def told_of(
    step: Step, resource: str, nodes: Sequence[Node], children: Sequence[Node] | None, told_at: datetime
) -> Told:
    """Return what nodes say; ``children`` is ``None`` where they hang below their nodes, as in pages."""
    if resource == "products":
        return read_nodes.products_to_catalogue(nodes, step.currency, told_at, variants=children)
    if resource == "collections":
        return read_nodes.collections_to_catalogue(nodes, members=children)
    if resource == "orders":
        facts = read_nodes.orders_to_facts(nodes, step.currency, told_at, lines=children)
    else:
        facts = read_nodes.customers_to_facts(nodes, told_at)
    return ready_facts(step.shop_id, facts, at=told_at, currency=step.currency, marks_dirty=False)
