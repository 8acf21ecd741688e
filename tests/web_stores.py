"""Shops to look at: a small one where everything odd happens once, and a busy one of ordinary people."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from tellings import a_customer, a_line, a_refund, an_order, frames, tell

from shop_app.app import create_app
from shop_app.services.fit_segments import fit_segments
from shop_app.services.open_shop import open_shop
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.renew_shop import renew_shop
from shop_app.services.shop_clock import default_as_of
from shop_app.storage import shops
from shop_app.storage.engine import shopless
from shop_app.storage.known_fields import Authority

NOW = datetime(2026, 6, 30, 20, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"

BUSY_BUYERS = 620
"""Enough for every group, for marks of the shop's own, and for a second page."""
GROUPED_BUYERS = 200


class Store:
    """A shop in the database with what a test needs to ask for it."""

    def __init__(self, name, shop_id):
        self.domain = name
        self.shop_id = shop_id

    @property
    def picked(self):
        return {"shop": self.domain}


@pytest.fixture(scope="session")
def small_store(database):
    """Six people: a regular, a returner, one merged by e-mail, a prospect, and two with hostile names."""
    store = _open(f"small web shop {os.getpid()}")
    people = [
        a_customer(
            "ann@example.com", first_name="Ann", last_name="Archer", shopify_id=501, tags="VIP\nwholesale"
        ),
        a_customer("bob@example.com", first_name=HOSTILE, last_name='"Bob" & Sons', shopify_id=502),
        a_customer("c3", email="cat@example.com", first_name="Cat", last_name="Cooper", shopify_id=503),
        a_customer("c4", email="cat@example.com", first_name="Cat", last_name="Cooper", shopify_id=504),
        a_customer("dan@example.com", first_name="Dan", last_name="=SUM(A1)", shopify_id=505),
        a_customer("eve@example.com", first_name="Eve", last_name="Evans", shopify_id=506),
    ]
    orders = [
        _order("#1001", "ann@example.com", 10, 5000),
        _order("#1002", "ann@example.com", 40, 7000, discount=500, discount_codes="SPRING"),
        _order("#1003", "ann@example.com", 70, 3000, cancelled_at=NOW - timedelta(days=69)),
        _order("#1004", "ann@example.com", 75, 2500, test=True),
        _order("#1005", "ann@example.com", 80, 2000, financial_status="pending"),
        _order("#1006", "bob@example.com", 200, 1500),
        _order("#1007", "c3", 20, 4000),
        _order("#1008", "c4", 50, 6000),
        _order("#1009", "dan@example.com", 5, 9000),
        _order("#1010", "dan@example.com", 15, 8000),
    ]
    lines = [a_line(order["order_ref"], total=order["total"]) for order in orders]
    lines[5]["title"] = HOSTILE
    refunds = [
        a_refund("R1", 1000, order_ref="#1002", refunded_at=NOW - timedelta(days=35)),
        a_refund("R2", 8000, order_ref="#1010", refunded_at=NOW - timedelta(days=8)),
    ]
    tell(store.shop_id, frames(people, orders, lines, refunds), at=NOW, authority=Authority.LISTED)
    renew_shop(store.shop_id, now=NOW)
    return store


@pytest.fixture(scope="session")
def busy_store(database):
    """Two and a half years of ordinary customers."""
    return _ordinary(f"busy web shop {os.getpid()}", BUSY_BUYERS, days=900)


@pytest.fixture(scope="session")
def grouped_store(database):
    """Fewer customers and less of a past, which is learned from quickly; the groups are live."""
    store = _ordinary(f"grouped web shop {os.getpid()}", GROUPED_BUYERS, days=420)
    _learn(store)
    return store


@pytest.fixture
def empty_store(shop_id):
    """A shop that was opened and never fed."""
    with shopless() as connection:
        domain = dict(shops.list_active(connection))[shop_id]
    return Store(domain, shop_id)


@pytest.fixture(scope="session")
def local_app(settings, database):
    return create_app(settings, local=True)


@pytest.fixture
def client(local_app):
    """A browser on this machine."""
    return local_app.test_client()


@pytest.fixture
def hosted_client(settings, database):
    """A browser in front of a copy that is not in local mode."""
    return create_app(settings, local=False).test_client()


@pytest.fixture
def same_origin():
    """What a browser says when a page of the app itself asks for a change."""
    return {"Sec-Fetch-Site": "same-origin"}


def _open(name):
    return Store(name, open_shop(name, currency="EUR", timezone="Europe/Berlin", title=name.title()).shop_id)


def _order(name, customer, days_ago, total, **known):
    placed = NOW - timedelta(days=days_ago)
    return (
        an_order(
            name,
            customer_ref=customer,
            processed_at=placed,
            total=total,
            financial_status="paid",
            currency="EUR",
        )
        | known
    )


def an_open_store(kind):
    """Open a shop that is still empty, for a whole file of tests."""
    return _open(f"{kind} web shop {os.getpid()}")


def a_young_store(kind):
    """Make a shop of a few weeks whose groups were learned and are live, for a whole file of tests.

    It has no past to be tried out on, so that learning is done in no time.
    """
    store = an_open_store(kind)
    people = [a_customer(f"y{number}@example.com") for number in range(40)]
    orders = [
        _order(f"#{number}-{turn}", f"y{number}@example.com", number + 9 * turn, 2000 + 100 * number)
        for number in range(40)
        for turn in range(1 + number % 3)
    ]
    lines = [a_line(order["order_ref"], total=order["total"]) for order in orders]
    tell(store.shop_id, frames(people, orders, lines), at=NOW, authority=Authority.LISTED)
    renew_shop(store.shop_id, now=NOW)
    _learn(store)
    return store


def _learn(store):
    as_of = default_as_of(store.shop_id, NOW)
    assert fit_segments(store.shop_id, as_of=as_of, at=NOW).is_live
    refresh_customers(store.shop_id, None, as_of=as_of)


def _ordinary(name, buyers, *, days):
    store = _open(name)
    people = [
        a_customer(f"p{number}@example.com", first_name=f"Person {number}", last_name="Example")
        for number in range(buyers + 30)
    ]
    orders = [order for number in range(buyers) for order in _habits(number, days)]
    lines = [
        a_line(order["order_ref"], f"SKU-{len(order['name']) % 5}", total=order["total"]) for order in orders
    ]
    tell(store.shop_id, frames(people, orders, lines), at=NOW, authority=Authority.LISTED)
    renew_shop(store.shop_id, now=NOW)
    return store


def _habits(number, days):
    """Give one person's orders: a few come often, many once, spread over so many days."""
    wanted = 1 + (number % 7 == 0) * 5 + (number % 3 == 0) * 2 + (number % 11 == 0)
    gap_days = 20 + number % 60
    newest_days = (number * 37) % (days - 100)
    return [
        _order(
            f"#{number}-{place}",
            f"p{number}@example.com",
            min(newest_days + place * gap_days, days),
            2000 + (number * 7919 + place * 613) % 9000,
            discount=300 if (number + place) % 4 == 0 else 0,
        )
        for place in range(wanted)
    ]
