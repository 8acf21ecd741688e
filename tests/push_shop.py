"""A shop of sixteen buyers with tags of the merchant's own, connected to the stand-in as a destination."""

from datetime import UTC, datetime, timedelta

from tellings import one, rows

from sandbox.shopify import documents
from shop_app.services import connect_destination as connecting
from shop_app.services.decide_pushes import approve_push
from shop_app.services.push_due import push_due
from shop_app.services.read_changes import read_changes_since
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.refresh_dirty import refresh_dirty
from shop_app.services.resolve_people import resolve_people
from shop_app.storage import due_work
from shop_app.storage.engine import shopless

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
CUSTOMERS = 16


def a_push_shop(store, customers=CUSTOMERS, destination="shopify", consent=None):
    """Connect the store, fill it, label everybody, and set Shopify up as a destination that is paused."""
    found = store.connect(NOW)
    store.product(7)
    agreed = documents.make_consent(consent or "NOT_SUBSCRIBED", "2026-06-01T10:00:00Z")
    for number in range(1, customers + 1):
        store.customer(number, tags=["vip-2019", "Wholesale"], emailMarketing=agreed)
        for order in range(1 + number % 4):
            day = 1 + (number + 7 * order) % 28
            store.order(
                number * 100 + order, customer=number, at=f"2026-{1 + number % 5:02}-{day:02}T10:00:00Z"
            )
    read_changes_since(found, LONG_AGO, NOW)
    resolve_people(found)
    refresh_customers(found, None, as_of=NOW)
    if destination is not None:
        connecting.save_destination(found, destination, {}, who="Ann", at=NOW)
    return found


def told(shop_id, since, until):
    """Read what changed in the store meanwhile, and label whom it concerns."""
    read_changes_since(shop_id, since, until)
    refresh_dirty(shop_id, now=until)


def pushed(shop_id, now):
    """Send what may be sent, as often as a worker would within half a minute; return the moment of the last."""
    for _ in range(20):
        push_due(shop_id, now=now)
        with shopless() as connection:
            due = due_work.list_of_shop(connection, shop_id)["push"]
        if due - now > timedelta(seconds=30):
            break
        now = max(now, due)
    return now


def tags(store):
    return {each["id"]: sorted(each["tags"]) for each in store.world.state.each(store.domain, "customer")}


def ours(store):
    return {number: [tag for tag in held if tag.startswith("kindred:")] for number, held in tags(store).items()}


def foreign(store):
    return {
        number: [tag for tag in held if not tag.startswith("kindred:")] for number, held in tags(store).items()
    }


def wanted(shop_id):
    """The tags that the labels in the database stand for."""
    return {
        row["shopify_id"]: sorted(row["tags"])
        for row in rows(
            shop_id,
            "SELECT c.shopify_id, ARRAY['kindred:' || s.segment] AS tags FROM customer_scores s "
            "JOIN customers c ON c.id = s.customer_id",
        )
    }


def the_plan(shop_id):
    return one(shop_id, "SELECT * FROM pushes WHERE state = 'open'")


def sent(shop_id, store):
    connecting.switch_on(shop_id, "shopify", who="Ann", at=NOW)
    pushed(shop_id, NOW)
    approve_push(shop_id, the_plan(shop_id)["id"], who="Ann", at=NOW)
    pushed(shop_id, NOW)


def without_spared(held):
    return {number: [tag for tag in names if tag != "kindred:no-discounts"] for number, names in held.items()}


def settled(shop_id):
    """Tell whether nothing is under way any more."""
    left = one(shop_id, "SELECT count(*) AS n FROM push_states WHERE state IN ('waiting', 'ready')")["n"]
    return left + one(shop_id, "SELECT count(*) AS n FROM push_jobs")["n"] == 0
