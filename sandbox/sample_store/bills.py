"""What each order costs: prices, discounts, shipping, taxes, refunds; whole cents throughout.

Shopify's sums hold for every order: subtotal = lines - discount; total = subtotal + shipping + taxes; the
discount holds the lines' own discounts too.
"""

from typing import NamedTuple

import numpy as np

from sandbox.sample_store import regions
from sandbox.sample_store.baskets import EMPTY, Baskets
from sandbox.sample_store.catalogue import CANDLES, CARDS, LINES, PRICES
from sandbox.sample_store.draws import Flags, Ints
from sandbox.sample_store.fates import Channel, Fate, Fates
from sandbox.sample_store.kinds import Kind
from sandbox.sample_store.seasons import (
    CODE_PERCENT,
    LAUNCH_OFFER_DAYS,
    LAUNCH_OFFER_PERCENT,
    SALE_PERCENT,
    WELCOME_PERCENT,
)
from sandbox.sample_store.store import Block, SampleStore

SHIPPING_METHODS = ("", "Standard", "Express", "International", "Wholesale freight")
NO_CODE, WELCOME = -2, -1  # other codes: the position of the offer in the calendar
_WHOLESALE_PERCENT = 70
_FREE_FROM = 5000
_FREE_FROM_WHOLESALE = 50_000


class Bills(NamedTuple):
    """Cents; one row an order, matrices with one column a place in the basket or one a tax."""

    price: Ints
    line_discount: Ints
    code: Ints
    discount: Ints
    subtotal: Ints
    shipping: Ints
    shipped_by: Ints  # position in SHIPPING_METHODS
    taxes: Ints
    total: Ints
    refunded: Ints
    outstanding: Ints
    euro: Flags

    @property
    def kept(self) -> Ints:
        """Return what the shop was paid and did not give back."""
        return self.total - self.refunded - self.outstanding


def bills_of(store: SampleStore, block: Block, fates: Fates, baskets: Baskets) -> Bills:
    """Reckon the bills of a block."""
    there = baskets.product != EMPTY
    whole = (block.kind == Kind.WHOLESALE)[:, None]
    price = PRICES[baskets.product] * np.where(whole, _WHOLESALE_PERCENT, 100) // 100 * there
    lines = price * baskets.quantity
    line_discount = _launch_offer(store, block, baskets, lines)
    card = there & (LINES[baskets.product] == CARDS)
    open_to_code = (lines * ~card).sum(axis=1) - line_discount.sum(axis=1)
    code, percent = _codes(store, block, fates)
    code = np.where(open_to_code > 0, code, NO_CODE)
    off = np.where(code == NO_CODE, 0, (open_to_code * percent + 50) // 100)
    discount = off + line_discount.sum(axis=1)
    subtotal = lines.sum(axis=1) - discount
    shipping, shipped_by = _shipping(store, block, fates, subtotal, (lines * ~card).sum(axis=1))
    taxes = _taxes(store, block, fates, subtotal - (lines * card).sum(axis=1))
    total = subtotal + shipping + taxes.sum(axis=1)
    refunded = _refunds(fates, price[:, 0], lines.sum(axis=1), subtotal, total)
    return Bills(
        *(price, line_discount, code, discount, subtotal, shipping, shipped_by, taxes, total, refunded),
        outstanding=_outstanding(fates, total),
        euro=_in_euros(store, block, fates),
    )


def _launch_offer(store: SampleStore, block: Block, baskets: Baskets, lines: Ints) -> Ints:
    """Return the discount that candles had by themselves when they were new."""
    age = block.day - store.calendar.launch_day
    now = (age >= 0) & (age < LAUNCH_OFFER_DAYS) & (block.kind != Kind.WHOLESALE)
    candle = (baskets.product != EMPTY) & (LINES[baskets.product] == CANDLES)
    return np.where(now[:, None] & candle, (lines * LAUNCH_OFFER_PERCENT + 50) // 100, 0)


def _codes(store: SampleStore, block: Block, fates: Fates) -> tuple[Ints, Ints]:
    """Return who used which code, and its percent: bargain hunters always one, others at times."""
    offer = store.calendar.offer_of_day[block.day]
    percents = np.array([one.percent for one in store.calendar.offers] + [0], dtype=np.int64)
    sale = percents[offer] == SALE_PERCENT
    hunter = block.kind == Kind.BARGAIN
    private = ~np.isin(block.kind, (Kind.WHOLESALE, Kind.TILL, Kind.STAFF)) & (
        fates.channel != Channel.MARKETPLACE
    )
    takes = private & store.draws.chance("takes the code", block.key, np.where(sale, 6000, 600))
    takes = (offer >= 0) & (takes | hunter)
    new = private & (block.ordinal == 0) & store.draws.chance("welcome", block.key, 900)
    welcome = ~takes & (hunter | new)
    code = np.where(takes, offer, np.where(welcome, WELCOME, NO_CODE))
    percent = np.where(takes, np.where(sale, SALE_PERCENT, CODE_PERCENT), WELCOME_PERCENT)
    return code, percent


def _shipping(store: SampleStore, block: Block, fates: Fates, subtotal: Ints, goods: Ints) -> tuple[Ints, Ints]:
    """Return what sending costs, and by which of the methods it went."""
    whole, abroad = block.kind == Kind.WHOLESALE, ~regions.DOMESTIC[_region(store, block)]
    hurry = store.draws.chance("in a hurry", block.key, 450)
    method = np.select([whole, abroad, hurry], [4, 3, 2], 1)
    standard = np.where(subtotal >= _FREE_FROM, 0, 595)
    freight = np.where(subtotal >= _FREE_FROM_WHOLESALE, 0, 2500)
    cents = np.select([whole, abroad, hurry], [freight, 1800, 1495], standard)
    carried = (fates.channel != Channel.POS) & (goods > 0)
    return np.where(carried, cents, 0), np.where(carried, method, 0)


def _taxes(store: SampleStore, block: Block, fates: Fates, taxable: Ints) -> Ints:
    """Return up to three taxes, each rounded by itself; at the till always those of the shop's own place."""
    where = np.where(fates.channel == Channel.POS, regions.HOME, _region(store, block))
    due = np.where(block.kind == Kind.WHOLESALE, 0, taxable)
    return (due[:, None] * regions.TAX_RATES[where] + 50_000) // 100_000


def _refunds(fates: Fates, first_price: Ints, lines: Ints, subtotal: Ints, total: Ints) -> Ints:
    """Return what was given back: all, or one piece of the first line less its share of the discount."""
    piece = first_price * subtotal // np.maximum(lines, 1)
    piece = np.where(piece < total, piece, total // 2)
    everything = np.isin(fates.fate, (Fate.CANCELLED_AND_REFUNDED, Fate.REFUNDED))
    return np.where(everything, total, np.where(fates.fate == Fate.PARTLY_REFUNDED, piece, 0))


def _outstanding(fates: Fates, total: Ints) -> Ints:
    unpaid = np.isin(fates.fate, (Fate.PENDING, Fate.AUTHORIZED, Fate.VOIDED, Fate.EXPIRED))
    half = total - total // 2
    return np.where(unpaid, total, np.where(fates.fate == Fate.PARTLY_PAID, half, 0))


def _in_euros(store: SampleStore, block: Block, fates: Fates) -> Flags:
    euro = regions.IN_EUROS[_region(store, block)] & (fates.channel == Channel.WEB) & (block.person >= 0)
    chosen: Flags = euro & store.draws.chance("pays in euros", block.person, 3500)
    return chosen


def _region(store: SampleStore, block: Block) -> Ints:
    """Return where the buyers live; the nameless at home."""
    region = np.full(len(block), regions.HOME, dtype=np.int64)
    named = block.person >= 0
    region[named] = store.people.region(block.person[named])
    return region
