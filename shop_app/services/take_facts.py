"""What Shopify told of a shop, on its way into the tables: the one door for bulk files, pages and webhooks."""

from datetime import datetime

from shop_app.facts import Facts
from shop_app.storage.engine import Connection
from shop_app.storage.intake import Intake, Taken, ready_part
from shop_app.storage.known_fields import Authority
from shop_app.storage.staging import Origin

SOURCE = "shopify"


def take_facts(
    connection: Connection,
    shop_id: int,
    facts: Facts,
    *,
    at: datetime,
    currency: str,
    marks_dirty: bool = True,
) -> Taken:
    """Write whole orders and customers, each where it is newer than what is kept, in the caller's transaction.

    ``at`` is when this was told, for rows whose ``told_at`` does not say. Rows of ``customers`` with a
    ``known_at`` are the customer's own record and are believed above every file; those without were gleaned
    from an order. What was deleted or erased stays away. Those whose facts changed are marked dirty.
    """
    origin = Origin(source=SOURCE, rank=1, at=at, currency=currency, whole_orders=True, marks_dirty=marks_dirty)
    intake = Intake(connection, shop_id, origin)
    is_own = facts.customers["known_at"].is_not_null()
    own, gleaned = facts.customers.filter(is_own), facts.customers.filter(~is_own)
    if own.height:
        nothing = (facts.orders.clear(), facts.lines.clear(), facts.refunds.clear())
        intake.add(ready_part([(own, *nothing)], shop_id=shop_id, authority=Authority.LIVE, origin=origin))
    intake.add(
        ready_part(
            [(gleaned, facts.orders, facts.lines, facts.refunds)],
            shop_id=shop_id,
            authority=Authority.GLEANED,
            origin=origin,
        )
    )
    return intake.finish()
