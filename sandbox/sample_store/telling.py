"""A block of orders told in full, and in whose name each stands in the shop's books."""

from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.sample_store.baskets import Baskets, baskets_of
from sandbox.sample_store.bills import Bills, bills_of
from sandbox.sample_store.draws import Flags, Ints
from sandbox.sample_store.fates import Fates, fates_of
from sandbox.sample_store.kinds import Kind
from sandbox.sample_store.store import FIRST_ORDER_NUMBER, STAFF, Block, SampleStore

STAFF_EMAIL = "checkout.test@example.com"
_ORDER_IDS = 5_600_000_000_000
_PRIMARY_IDS = 7_100_000_000_000
_SECOND_IDS = 8_300_000_000_000
_STAFF_ID = 7_099_999_000_001
_ID_STEP = 32_768
_SECOND_MAIL_MYRIADTHS = 4000
_ODD_CASE_MYRIADTHS = 4000


class Told(NamedTuple):
    """All that is known of the orders of a block."""

    store: SampleStore
    block: Block
    fates: Fates
    baskets: Baskets
    bills: Bills

    @property
    def named(self) -> Flags:
        """Return whose buyer is in the shop's books."""
        named: Flags = self.block.person >= 0
        return named

    @property
    def second_mail(self) -> Flags:
        """Return what was bought under the buyer's second e-mail address."""
        draws, block = self.store.draws, self.block
        two = self.of_buyers(self.store.people.two_mails(block.person[self.named]))
        return two & (block.ordinal > 0) & draws.chance("as the other", block.key, _SECOND_MAIL_MYRIADTHS)

    @property
    def customer_id(self) -> Ints:
        """Return Shopify's number of the customer the order belongs to, 0 for the nameless."""
        person = np.maximum(self.block.person, 0)
        ids = customer_ids(self.store, person, self.second_mail)
        ids = np.where(self.block.person == STAFF, _STAFF_ID, ids)
        return np.where(self.block.kind == Kind.TILL, 0, ids)

    @property
    def order_id(self) -> Ints:
        """Return Shopify's number of the order; later orders have higher ones."""
        return (
            _ORDER_IDS + self.block.number * _ID_STEP + self.store.draws.below("id", self.block.key, _ID_STEP)
        )

    @property
    def name(self) -> pl.Series:
        """Return the order's name, ``#1001`` for the first."""
        return "#" + pl.Series(self.block.number + FIRST_ORDER_NUMBER).cast(pl.Utf8)

    @property
    def email(self) -> pl.Series:
        """Return the address as it was typed; null at the till without one."""
        who = np.maximum(self.block.person, 0)
        people = self.store.people
        mail = people.email(who, second=True).zip_with(pl.Series(self.second_mail), people.email(who))
        odd = people.odd_case(who) & self.store.draws.chance("shouts", self.block.key, _ODD_CASE_MYRIADTHS)
        mail = mail.str.to_titlecase().zip_with(pl.Series(odd), mail)
        known = self.named & ~self.fates.phone_only
        staff = pl.lit(STAFF_EMAIL)
        test = pl.Series(self.block.person == STAFF)
        return pl.select(pl.when(pl.Series(known)).then(mail).when(test).then(staff)).to_series()

    def of_buyers(self, flags: Flags) -> Flags:
        """Spread what is known of the named buyers over all orders, false for the nameless."""
        spread = np.zeros(len(self.block), dtype=np.bool_)
        spread[self.named] = flags
        return spread


def tell(store: SampleStore, block: Block) -> Told:
    """Tell a block in full."""
    fates = fates_of(store, block)
    baskets = baskets_of(store, block, fates)
    return Told(store, block, fates, baskets, bills_of(store, block, fates, baskets))


def customer_ids(store: SampleStore, person: Ints, second: Flags) -> Ints:
    """Return Shopify's numbers of people's entries in the books, of the second entry where ``second``."""
    tail = person * _ID_STEP + store.draws.below("customer id", person, _ID_STEP)
    return tail + np.where(second, _SECOND_IDS, _PRIMARY_IDS)


def staff_id() -> int:
    """Return Shopify's number of the entry that test orders stand under."""
    return _STAFF_ID
