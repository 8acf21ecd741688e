"""Whatever is decided in whatever order, and whatever goes wrong: Shopify ends up with what was decided."""

import json
import random
from contextlib import suppress
from datetime import timedelta

import pytest
from offer_kills import alive_again, killed_at, until_killed
from offer_shop import NOW, approved, bundle, discounts, everything, kinds, made_products, notes

from shop_app.errors import InvalidInputError, RefusedError
from shop_app.services.decide_bundles import pause_bundle, resume_bundle, retire_bundle

LONG_BEFORE = NOW - timedelta(days=20)
"""The stand-in's clock is the real one, and is never to be behind."""
MOST_AT_ONCE = 3
CREATES = ("CreateAutomaticOffer", "CreateCodeOffer", "CreateBundle")


class History:
    """A shop and what somebody decided for it, by one random number after the other."""

    def __init__(self, shop, store, seed):
        self.shop, self.store, self.chance = shop, store, random.Random(seed)
        self.numbers, self.now = [], LONG_BEFORE

    def goes_on(self, monkeypatch):
        """Let one thing happen, and a worker have its turn, which may be its last."""
        self.chance.choice((self.approve, self.decide, self.decide, self.trouble))()
        with monkeypatch.context() as patch:
            if self.chance.random() < 0.5:
                killed_at(patch, self.chance.randint(1, 5), after=self.chance.choice(("begin", "end")))
            until_killed(self.shop, self.now)
        self.store.no_faults()
        self.now = self.now + timedelta(minutes=self.chance.choice((1, 4, 15)))
        if self.chance.random() < 0.4:
            self.now = alive_again(self.shop, self.store, self.now)

    def approve(self):
        if len([each for each in self.numbers if bundle(self.shop, each).state != "retired"]) < MOST_AT_ONCE:
            form, terms = self.chance.choice(sorted(kinds(self.shop).items()))
            title = f"{form} {len(self.numbers)}"
            with suppress(InvalidInputError):  # another has its code
                self.numbers.append(approved(self.shop, terms, title=title, at=self.now))

    def decide(self):
        if self.numbers:
            deed = self.chance.choice((pause_bundle, resume_bundle, resume_bundle, retire_bundle))
            with suppress(RefusedError):  # it is not in a state for that
                deed(self.shop, self.chance.choice(self.numbers), who="Ann", at=self.now)

    def trouble(self):
        how = self.chance.choice(({"kind": "status", "status": 503}, {"kind": "reset", "after": True}))
        operation = self.chance.choice((*CREATES, "SetMetafields", "StopAutomaticOffer", "DeleteProduct", None))
        self.store.fault(operation=operation, count=self.chance.choice((1, 5)), **how)


@pytest.mark.parametrize("seed", range(5))
def test_shopify_ends_up_with_what_was_decided_and_nothing_else(offers, store, monkeypatch, seed):
    store.world.settings["product_operation_seconds"] = 0.02
    before = everything(store)
    history = History(offers, store, seed)
    history.approve()
    for _ in range(10):
        history.goes_on(monkeypatch)
    history.now = alive_again(offers, store, history.now)
    decided = [bundle(offers, number) for number in history.numbers]
    there = {each["title"]: each["endsAt"] is None for each in discounts(store)}  # none has an end of its own
    there |= {each["title"]: each["status"] == "ACTIVE" for each in made_products(store)}
    assert len(there) == len(discounts(store)) + len(made_products(store))
    live = {each.title for each in decided if each.state == "live"}
    paused = {each.title for each in decided if each.state == "paused"}
    assert {title for title, is_on in there.items() if is_on} == live
    assert {title for title, is_on in there.items() if not is_on} <= paused
    shown = {each["title"] for value in notes(store).values() for each in json.loads(value)}
    assert shown == live
    for each in decided:
        if each.state != "retired":
            retire_bundle(offers, each.id, who="Ann", at=history.now)
    alive_again(offers, store, history.now)
    assert everything(store) == before
