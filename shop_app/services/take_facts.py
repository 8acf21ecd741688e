"""What Shopify told of a shop, on its way into the tables: the one door for bulk files, pages and webhooks."""

from dataclasses import dataclass
from datetime import datetime

from shop_app.facts import Facts
from shop_app.storage.engine import Connection
from shop_app.storage.intake import Intake, ReadyPart, Taken, ready_part
from shop_app.storage.known_fields import Authority
from shop_app.storage.staging import Origin

SOURCE = "shopify"


@dataclass(frozen=True, slots=True)
class ReadyFacts:
    """Facts on the doorstep: hashed, folded and sorted, in the order in which they are to go in."""

    origin: Origin
    parts: tuple[ReadyPart, ...]


def ready_facts(
    shop_id: int, facts: Facts, *, at: datetime, currency: str, marks_dirty: bool = True
) -> ReadyFacts:
    """Do all that needs no database, which another thread may do while the database is busy.

    ``at`` is when this was told, for rows whose ``told_at`` does not say. Rows of ``customers`` with a
    ``known_at`` are the customer's own record and are believed above every file; those without were gleaned
    from an order. ``marks_dirty`` has those noted whose facts change, so that their labels follow.
    """
    origin = Origin(source=SOURCE, rank=1, at=at, currency=currency, whole_orders=True, marks_dirty=marks_dirty)
    is_own = facts.customers["known_at"].is_not_null()
    own, gleaned = facts.customers.filter(is_own), facts.customers.filter(~is_own)
    none = (facts.orders.clear(), facts.lines.clear(), facts.refunds.clear())
    told = [((own, *none), Authority.LIVE)] if own.height else []
    told.append(((gleaned, facts.orders, facts.lines, facts.refunds), Authority.GLEANED))
    parts = (
        ready_part([frames], shop_id=shop_id, authority=authority, origin=origin) for frames, authority in told
    )
    return ReadyFacts(origin, tuple(parts))


def write_facts(connection: Connection, shop_id: int, ready: ReadyFacts) -> Taken:
    """Write whole orders and customers, each where it is newer than what is kept, in the caller's transaction.

    What was deleted or erased stays away.
    """
    intake = Intake(connection, shop_id, ready.origin)
    for part in ready.parts:
        intake.add(part)
    return intake.finish()


def take_facts(connection: Connection, shop_id: int, facts: Facts, *, at: datetime, currency: str) -> Taken:
    """Make facts ready and write them: :func:`ready_facts`, then :func:`write_facts`."""
    return write_facts(connection, shop_id, ready_facts(shop_id, facts, at=at, currency=currency))
