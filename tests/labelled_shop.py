"""A shop of five labelled buyers with a destination that is only written down: nothing is ever sent from it."""

from datetime import UTC, datetime, timedelta

from stored_rows import a_customer, an_order, together

from shop_app.services.plan_pushes import plan_pushes
from shop_app.services.refresh_customers import refresh_customers
from shop_app.storage import destinations, push_marks, push_states, sync_marks
from shop_app.storage.engine import transaction
from shop_app.storage.push_states import Settled

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
BUYERS = 5


def a_labelled_shop(shop_id):
    """Fill an empty shop, label everybody, and connect a paused destination that needs no approval."""
    with together(shop_id):
        for number in range(1, BUYERS + 1):
            buyer = a_customer(
                shop_id,
                email=f"ann{number}@example.com",
                first_name=f"Ann{number}",
                shopify_id=shop_id * 1000 + number,
                tags=["vip-2019", "Wholesale"],
            )
            an_order(shop_id, buyer, at=NOW - timedelta(days=40 * number), total=1000 * number)
    refresh_customers(shop_id, None, as_of=NOW)
    with transaction(shop_id) as connection:
        for resource in ("customers", "orders"):
            sync_marks.advance(connection, resource, NOW, at=NOW)
        destinations.write_settings(
            connection, shop_id, "shopify", settings={}, secrets={}, account=("1", "Tea"), at=NOW
        )
        destinations.need_approval(connection, "shopify", needed=False)
        push_marks.mark(connection, None)
    return shop_id


def with_all_labels_there(shop_id):
    """Switch the destination on and let everything that is wanted be there, and confirmed."""
    with transaction(shop_id) as connection:
        destinations.set_state(connection, "shopify", "on")
    plan_pushes(shop_id, now=NOW)
    with transaction(shop_id) as connection:
        ids = push_states.list_ids(connection, "shopify", after=0, limit=100)
        states = push_states.read_some(connection, "shopify", ids)
        there = [Settled(each, state.desired, (), state.segment) for each, state in states.items()]
        push_states.settle(connection, "shopify", there, at=NOW)
        destinations.note_sent(connection, "shopify", at=NOW)
        destinations.note_acknowledged(connection, "shopify", at=NOW)
    return shop_id
