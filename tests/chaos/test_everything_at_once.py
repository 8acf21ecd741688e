"""One run in which everything goes wrong at once; afterwards the app knows what the store knows, to the cent.

Real processes, killed without a word; what must hold at the end is reckoned by :mod:`oracle`, which uses
nothing of the app. The seed is printed with a failure and replays the same schedule.
"""

import os
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import oracle
from patience import eventually
from stack import CLIENT_ID, OTHER, SAMPLE, SECRET, Stack, ask

SECONDS = float(os.environ.get("KINDRED_CHAOS_SECONDS", "40"))
SEED = int(os.environ.get("KINDRED_CHAOS_SEED", "20261125"))
CUSTOMERS = 150
LEAST = {"orders": 400, "deliveries": 100, "kills": 10, "deeds": 80}
"""A run that did less than this has shown nothing."""

DEEDS = {
    "place_order": 50,
    "refund_order": 12,
    "cancel_order": 4,
    "edit_order": 6,
    "edit_customer": 10,
    "create_customer": 6,
    "change_consent": 5,
    "delete_order": 2,
    "merge_customers": 1,
    "edit_product": 3,
    "start_checkout": 3,
}


class Storm:
    """What is done to the product, by one row of chances."""

    def __init__(self, stack, seed):
        self.stack, self.chance = stack, random.Random(seed)
        self.done = Counter()

    def deeds(self, how_many):
        names = self.chance.choices(list(DEEDS), weights=list(DEEDS.values()), k=how_many)
        for name in names:
            shop = self.chance.choice((SAMPLE, SAMPLE, OTHER))
            status, _ = ask(f"{self.stack.origin}/_deeds/{name}", {"shop": shop})
            self.done["deeds"] += status == 200

    def restart(self, name):
        self.stack.kill(name)
        time.sleep(self.chance.uniform(0.1, 0.8))
        self.stack.start(name)
        self.done["kills"] += 1

    def restart_server(self, name):
        self.stack.kill_server(name)
        self.done["kills"] += 1

    def trouble(self):
        kind, words = self.chance.choice(
            (
                ("status", {"status": 503, "count": 3}),
                ("throttle", {"count": 5}),
                ("reset", {"count": 2}),
                ("latency", {"seconds": 0.5, "count": 5}),
                ("html", {"count": 1}),
                ("kill_tokens", {"which": "access"}),
            )
        )
        self.stack.faults(kind=kind, **words)
        self.done["faults"] += 1

    def strike(self):
        """Do one bad thing; the web's own master dies as readily as a worker."""
        chosen = self.chance.choices(
            ("web", "worker", "heavy", "beat", "sandbox", "redis", "postgres", "trouble"),
            weights=(4, 6, 5, 2, 1, 1, 1, 5),
        )[0]
        if chosen == "trouble":
            self.trouble()
        elif chosen in {"redis", "postgres"}:
            self.restart_server(chosen)
        else:
            self.restart(chosen)


@pytest.fixture(scope="module")
def after_the_storm():
    """The stack when all faults are off again and everything has come to rest."""
    sys.stdout.write(f"seed {SEED}\n")
    with Stack(customers=CUSTOMERS) as stack:
        stack.start("sandbox", "web")
        stack.wait_until_ready()
        stack.start("worker", "heavy", "beat")
        storm = Storm(stack, SEED)
        for shop in (OTHER, SAMPLE):  # the storm begins while the larger one is being read
            stack.deed("open_app", shop=shop)
            eventually(lambda of=shop: oracle.documents(stack.home.stand_in_state, of, "webhook_subscription"))
        for kind, words in (("duplicate_webhooks", {"rate": 0.1}), ("reorder_webhooks", {"rate": 0.3})):
            stack.faults(kind=kind, seconds=1.0, **words)
        stack.faults(kind="corrupt_signature", rate=0.02)
        until = time.monotonic() + SECONDS
        erased = []
        while time.monotonic() < until:
            storm.deeds(storm.chance.randint(3, 8))
            storm.strike()
            if len(erased) < 2 and time.monotonic() > until - SECONDS / 2:
                erased.append(erase_somebody(stack))
            time.sleep(storm.chance.uniform(0.2, 0.8))
        stack.calm()
        stack.let_an_hour_pass()
        come_to_rest(stack)
        stack.let_fall_due("changes", "compare")  # and a night
        time.sleep(1)
        come_to_rest(stack)
        yield stack, storm, erased


def come_to_rest(stack):
    """Wait until nothing is under way; what still is after a minute is told by the tests."""
    with suppress(AssertionError):
        eventually(lambda: not waiting(stack) or stack.ring(), seconds=60, every=1)


def erase_somebody(stack):
    orders = oracle.documents(stack.home.stand_in_state, SAMPLE, "order")
    people = {
        person["id"]: person for person in oracle.documents(stack.home.stand_in_state, SAMPLE, "customer")
    }
    owner = next(
        order["customerId"]
        for order in reversed(orders)
        if order["customerId"] and (people.get(order["customerId"]) or {}).get("email")
    )
    stack.deed("request_erasure", shop=SAMPLE, customer_id=owner)
    return {name: people[owner][name] for name in ("id", "email", "phone", "lastName")}


def waiting(stack):
    """Return what is still under way, on either side."""
    found = {}
    for shop in (SAMPLE, OTHER):
        with suppress(Exception):  # a database that is just coming back
            rest = oracle.left_over(stack.settings.database_owner_url, shop)
            found |= {f"{shop} {name}": count for name, count in rest.items() if count}
        undelivered = [
            one
            for one in oracle.documents(stack.home.stand_in_state, shop, "webhook_delivery")
            if one["status"] == "waiting"
        ]
        if undelivered:
            found[f"{shop} undelivered"] = len(undelivered)
    return found


def differences(told, kept):
    return [(name, told[name], kept[name]) for name in told if told[name] != kept[name]]


def numbers(erased):
    return {person["id"] for person in erased}


def test_the_run_did_enough_to_show_anything(after_the_storm):
    stack, storm, _ = after_the_storm
    orders = sum(len(oracle.told_orders(stack.home.stand_in_state, shop)) for shop in (SAMPLE, OTHER))
    kept = sum(len(oracle.deliveries(stack.settings.database_owner_url, shop)) for shop in (SAMPLE, OTHER))
    done = {**storm.done, "orders": orders, "deliveries": kept}
    assert {name: done.get(name, 0) for name, least in LEAST.items() if done.get(name, 0) < least} == {}


def test_everything_comes_to_rest_by_itself(after_the_storm):
    stack = after_the_storm[0]
    why = {shop: oracle.why_still(stack.settings.database_owner_url, shop) for shop in (SAMPLE, OTHER)}
    assert waiting(stack) == {}, why


@pytest.mark.parametrize("shop", [SAMPLE, OTHER])
def test_every_order_is_as_the_store_has_it(after_the_storm, shop):
    stack, _, erased = after_the_storm
    told = oracle.told_orders(stack.home.stand_in_state, shop, erased=numbers(erased))
    kept = oracle.kept_orders(stack.settings.database_owner_url, shop)
    assert {number for number in told if number not in kept} == set()
    assert {number for number in kept if number not in told} == set()
    assert [
        (number, *differences(told[number], kept[number])) for number in told if told[number] != kept[number]
    ] == []


@pytest.mark.parametrize("shop", [SAMPLE, OTHER])
def test_every_customer_is_as_the_store_has_them(after_the_storm, shop):
    stack, _, erased = after_the_storm
    told = oracle.told_customers(stack.home.stand_in_state, shop, erased=numbers(erased))
    kept = oracle.kept_customers(stack.settings.database_owner_url, shop)
    assert kept == told


@pytest.mark.parametrize("shop", [SAMPLE, OTHER])
def test_what_customers_are_labelled_by_adds_up_to_what_their_orders_brought(after_the_storm, shop):
    stack, _, erased = after_the_storm
    told = oracle.told_orders(stack.home.stand_in_state, shop, erased=numbers(erased))
    assert oracle.scored_sums(stack.settings.database_owner_url, shop) == oracle.counted_sums(told)


@pytest.mark.parametrize("shop", [SAMPLE, OTHER])
def test_every_delivery_that_was_taken_is_kept_once(after_the_storm, shop):
    stack, _, _ = after_the_storm
    kept = oracle.deliveries(stack.settings.database_owner_url, shop)
    taken = {
        one["webhookId"]
        for one in oracle.documents(stack.home.stand_in_state, shop, "webhook_delivery")
        if one["status"] == "delivered" and one["topic"] != "shop/redact"
    }
    assert taken - {row["webhook_id"] for row in kept} == set()
    assert Counter(row["state"] for row in kept if row["state"] in {"dead", "quarantined"}) == {}


def test_no_log_tells_a_person_a_token_or_a_secret(after_the_storm):
    stack, _, erased = after_the_storm
    people = oracle.documents(stack.home.stand_in_state, SAMPLE, "customer")[:50]
    tokens = [
        value
        for shop in (SAMPLE, OTHER)
        for token in oracle.documents(stack.home.stand_in_state, shop, "token")
        for value in (token["token"], token.get("refreshToken"))
        if value
    ]
    secrets = [person["email"] for person in [*people, *erased] if person["email"]] + tokens + [SECRET]
    logs = {name: stack.log(name) for name in ("web", "worker", "heavy", "beat")}
    assert CLIENT_ID  # the key itself is public
    assert [(name, secret) for name, text in logs.items() for secret in secrets if secret in text] == []


def test_whoever_was_erased_is_in_no_table_any_more(after_the_storm):
    stack, _, erased = after_the_storm
    assert len(erased) == 2
    kept = oracle.kept_customers(stack.settings.database_owner_url, SAMPLE)
    assert numbers(erased) & set(kept) == set()
    orders = oracle.kept_orders(stack.settings.database_owner_url, SAMPLE)
    assert {order["customer"] for order in orders.values()} & numbers(erased) == set()
