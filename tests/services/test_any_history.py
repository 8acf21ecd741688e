"""A shop's history as a machine: whatever happens in whatever order, and wherever a worker dies, one end."""

from contextlib import contextmanager, suppress

import polars as pl
import pytest
from deliveries import Sender, an_id, connect, hosted_app
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event
from stored_rows import a_shop
from tellings import rows
from webhook_bodies import a_customer_body, a_line_body, an_order_body, minute

from shop_app.facts import CUSTOMER_SCHEMA, LINE_SCHEMA, ORDER_SCHEMA, REFUND_SCHEMA, Facts
from shop_app.services.erase import erase_due
from shop_app.services.take_facts import take_facts
from shop_app.storage import engine, erasure_ledger

ORDERS, PEOPLE = 3, 2
LATER = minute(5_000)
SHOP = {}


class KilledError(BaseException):
    """The worker is gone; nothing in it is told."""


@contextmanager
def killed_at_commit(number):
    """Let the process die just before this commit from now on; all before it are done."""
    left = [number]

    def die(_connection):
        left[0] -= 1
        if left[0] < 0:
            raise KilledError

    database = engine._state["engine"]
    event.listen(database, "commit", die)
    try:
        with suppress(KilledError):
            yield
    finally:
        event.remove(database, "commit", die)


class History(RuleBasedStateMachine):
    """What the store knows on one side, what the app has been told on the other."""

    @initialize()
    def open_shop(self):
        self.shop_id = a_shop()
        connect(self.shop_id)
        self.sender = Sender(SHOP["app"], self.shop_id)
        self.orders = [an_id() for _ in range(ORDERS)]
        self.people = [an_id() for _ in range(PEOPLE)]
        self.versions = dict.fromkeys(range(ORDERS), 0)
        self.deleted, self.erased = set(), set()
        self.untold, self.told = [], []
        self.answered = set()

    def truth(self, number):
        version = self.versions[number]
        return {"version": version, "total": 100 * version, "owner": self.people[(number + version) % PEOPLE]}

    def body(self, number, version):
        owner = self.people[(number + version) % PEOPLE]
        return an_order_body(
            self.orders[number],
            updated_at=minute(version),
            total=f"{version}.00",
            customer=owner,
            email=f"c{owner}@example.com",
            lines=[a_line_body(place, price=f"{version}.00") for place in range(1, version % 3 + 1)],
        )

    def send(self, topic, body, at, mark):
        self.sender.send(topic, body, at=at, Webhook_Id=mark)
        self.answered.add(mark)

    @rule(number=st.integers(0, ORDERS - 1))
    def something_is_bought_or_changed(self, number):
        if number not in self.deleted:
            self.versions[number] += 1
            version = self.versions[number]
            mark = f"{self.orders[number]}-{version}"
            self.untold.append(("orders/updated", self.body(number, version), minute(version), mark))

    @rule(number=st.integers(0, PEOPLE - 1), version=st.integers(1, 4))
    def a_customer_changes(self, number, version):
        body = a_customer_body(self.people[number], updated_at=minute(version), first_name=f"Ann {version}")
        mark = f"{self.people[number]}-{version}"
        self.untold.append(("customers/update", body, minute(version), mark))

    @rule(number=st.integers(0, ORDERS - 1))
    def an_order_is_deleted(self, number):
        if self.versions[number]:
            self.deleted.add(number)
            mark = f"{self.orders[number]}-gone"
            self.untold.append(("orders/delete", {"id": self.orders[number]}, minute(900), mark))

    @rule(place=st.integers(0, 50))
    def one_of_the_waiting_webhooks_comes(self, place):
        if self.untold:
            webhook = self.untold.pop(place % len(self.untold))
            self.told.append(webhook)
            self.send(*webhook)

    @rule(place=st.integers(0, 50))
    def one_comes_again(self, place):
        if self.told:
            self.send(*self.told[place % len(self.told)])

    @rule()
    def a_worker_works(self):
        self.sender.drain()

    @rule(commit=st.integers(0, 6))
    def a_worker_works_and_is_killed(self, commit):
        with killed_at_commit(commit):
            self.sender.drain()

    @rule(number=st.integers(0, ORDERS - 1))
    def the_backfill_reads_an_order_as_it_is_now(self, number):
        known = self.truth(number)
        if known["version"] and number not in self.deleted:
            with engine.transaction(self.shop_id) as connection:
                take_facts(connection, self.shop_id, self.read(number, known), at=minute(600), currency="EUR")

    def read(self, number, known):
        ref, order = f"customer:{known['owner']}", f"order:{self.orders[number]}"
        version = known["version"]
        person = {"customer_ref": ref, "shopify_id": known["owner"], "email": f"c{known['owner']}@example.com"}
        head = {
            "order_ref": order,
            "row_no": 1,
            "shopify_id": self.orders[number],
            "customer_ref": ref,
            "name": f"#{self.orders[number] % 10_000}",
            "processed_at": minute(-60 * 24),
            "test": False,
            "financial_status": "paid",
            "currency": "EUR",
            "total": known["total"],
            "channel": "web",
            "known_at": minute(version),
            "told_at": minute(600),
        }
        line = {"order_ref": order, "quantity": 1.0, "unit_price": known["total"], "discount": 0}
        lines = [
            line | {"row_no": place, "product_ref": f"variant:{place + 20}", "total": known["total"]}
            for place in range(1, version % 3 + 1)
        ]
        return Facts(
            pl.DataFrame([person], schema=CUSTOMER_SCHEMA),
            pl.DataFrame([head], schema=ORDER_SCHEMA),
            pl.DataFrame(lines, schema=LINE_SCHEMA),
            pl.DataFrame(schema=REFUND_SCHEMA),
        )

    @rule(number=st.integers(0, PEOPLE - 1))
    def a_customer_is_erased(self, number):
        if self.versions[0] and not self.erased:
            self.erased.add(self.people[number])
            body = {
                "shop_domain": self.sender.domain,
                "customer": {"id": self.people[number], "email": None, "phone": None},
                "orders_to_redact": [],
            }
            self.untold.append(("customers/redact", body, minute(100), f"{self.people[number]}-erase"))

    @invariant()
    def what_was_answered_is_kept_once(self):
        if hasattr(self, "answered"):
            kept = [row["webhook_id"] for row in rows(self.shop_id, "SELECT webhook_id FROM webhook_inbox")]
            assert sorted(kept) == sorted(self.answered)

    def teardown(self):
        if not hasattr(self, "answered"):
            return
        for webhook in [*self.untold, *self.told[:2]]:
            self.send(*webhook)
        self.sender.drain(LATER)
        erase_due(self.shop_id, now=LATER)
        self.sender.drain(LATER)
        self.check()

    def check(self):
        kept = rows(
            self.shop_id,
            "SELECT o.shopify_id AS number, o.total, c.shopify_id AS owner, "
            "(SELECT count(*) FROM line_items l WHERE l.order_id = o.id) AS lines "
            "FROM orders o LEFT JOIN customers c ON c.id = o.customer_id",
        )
        expected = {}
        for number, version in self.versions.items():
            if version and number not in self.deleted:
                known = self.truth(number)
                owner = None if known["owner"] in self.erased else known["owner"]
                expected[self.orders[number]] = (known["total"], owner, version % 3)
        assert {row["number"]: (row["total"], row["owner"], row["lines"]) for row in kept} == expected
        people = {row["shopify_id"] for row in rows(self.shop_id, "SELECT shopify_id FROM customers")}
        assert people & self.erased == set()
        states = {row["state"] for row in rows(self.shop_id, "SELECT DISTINCT state FROM webhook_inbox")}
        assert states <= {"done"}


@pytest.mark.timeout(240)
def test_whatever_happens_in_whatever_order_and_wherever_a_worker_dies_the_end_is_the_same(
    database, settings_of_servers, tmp_path
):
    erasure_ledger.keep_in(tmp_path)
    SHOP["app"] = hosted_app(settings_of_servers)
    few = settings(
        max_examples=10,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(History, settings=few)


@pytest.fixture
def settings_of_servers(request):
    """The run's servers; Hypothesis has a name of its own for ``settings`` in this file."""
    return request.getfixturevalue("settings")
