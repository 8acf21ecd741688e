import random

import pytest
from battery import AT_RISK, LOYAL, NOTHING, OK, UNSURE, bring, do_step, is_as_wanted, rows_for, wants
from harness_shopify import ShopifyHarness


@pytest.fixture
def shopify(tmp_path):
    harness = ShopifyHarness(tmp_path, customers=6)
    yield harness
    harness.stop()


class Merchant:
    """Writes tags by hand, and remembers whose is which: theirs, and ours as they are noted down."""

    words = ("Kindred:VIP", "kindred:at-risk!", "KINDRED:LOYAL", "at-risk", "kindred", "Äpfel")

    def __init__(self, harness, seed):
        self.harness, self.draws = harness, random.Random(seed)
        self.theirs = {number: set(harness.tags(number)) for number in harness.known}
        self.owned = {number: set() for number in harness.known}
        self.held = dict.fromkeys(harness.known)

    def writes(self):
        number, word = self.draws.choice(self.harness.known), self.draws.choice(self.words)
        if word.casefold() not in {tag.casefold() for tag in self.theirs[number] | self.owned[number]}:
            self.harness.store.deed("edit_customer", customer_id=number, add_tags=[word])
            self.theirs[number].add(word)
        elif word in self.theirs[number]:
            self.harness.store.deed("edit_customer", customer_id=number, remove_tags=[word])
            self.theirs[number].discard(word)

    def row(self, number):
        """A row as it is sent out: what was taken away is known to be gone, what is wanted is noted down."""
        before, theirs = self.held[number], self.theirs[number]
        if before:
            there = {tag.casefold() for tag in self.harness.tags(number)}
            before = before | {"tags": [tag for tag in before["tags"] if tag in there]}
        after = wants(self.harness, self.draws.choice([AT_RISK, LOYAL, UNSURE, NOTHING]), before)
        wanted, spelt = set((after or {}).get("tags", ())), {tag.casefold() for tag in theirs}
        noted = frozenset(self.owned[number] | (wanted - theirs))
        self.owned[number] |= wanted - spelt
        self.held[number] = after
        return self.harness.row(number, before, after, owned=noted, foreign=frozenset(theirs))

    def finds(self, row):
        """Tell whether theirs are there as they wrote them, and ours as they are wanted."""
        number = row.customer_id
        self.owned[number] &= set((row.after or {}).get("tags", ()))
        return set(self.harness.tags(number)) == self.theirs[number] | self.owned[number]


@pytest.mark.parametrize("seed", range(6))
def test_others_may_write_between_any_two_steps(shopify, seed):
    """The merchant's tags stay byte for byte, even where they begin as ours do or are spelt like ours."""
    merchant = Merchant(shopify, seed)
    for _ in range(5):
        merchant.writes()
        rows = [merchant.row(number) for number in shopify.known]
        for step in shopify.destination.steps(rows):
            assert set(do_step(shopify.destination, step, rows).values()) == {OK}
            merchant.writes()
        assert [row.customer_id for row in rows if not merchant.finds(row)] == []


def test_a_tag_that_the_merchant_took_away_is_not_read_back(shopify):
    rows = rows_for(shopify, AT_RISK, [1, 2])
    bring(shopify, rows)
    shopify.store.deed("edit_customer", customer_id=1, remove_tags=["kindred:at-risk"])
    assert shopify.destination.read_back(rows, ())[1]["tags"] == ["kindred:no-discounts"]
    again = shopify.row(1, {"tags": ["kindred:no-discounts"]}, rows[0].after)
    assert bring(shopify, [again]) == {1: OK}
    assert is_as_wanted(shopify, rows)
