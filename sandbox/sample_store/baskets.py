"""What is in each order."""

from typing import NamedTuple

import numpy as np

from sandbox.sample_store.catalogue import CANDLES, GIFT_CARDS, LINE_COUNT, PRODUCTS, SAMPLE, TEA
from sandbox.sample_store.draws import MYRIAD, Flags, Ints
from sandbox.sample_store.fates import Fate, Fates
from sandbox.sample_store.kinds import BASKETS, LINE_TASTES, Kind
from sandbox.sample_store.planted import DEAD_END, DEAD_END_MYRIADTHS, PAIRS, SEQUENCES
from sandbox.sample_store.store import Block, SampleStore

EMPTY = -1
_PICKS = 6  # own choices; two more places are for what a planted pair or a gift card adds
_PLACES = _PICKS + 2
_FAVOURITE_MYRIADTHS = 6500
_FESTIVE_MYRIADTHS = 5500  # of the orders in November and December hold one thing more
_WHOLESALE_QUANTITIES = np.array([6, 12, 12, 18, 24], dtype=np.int64)


class Baskets(NamedTuple):
    """One row an order, one column a place in it."""

    product: Ints  # position in the catalogue, EMPTY where the place is
    quantity: Ints


def baskets_of(store: SampleStore, block: Block, fates: Fates) -> Baskets:
    """Fill the baskets of a block."""
    product = np.full((len(block), _PLACES), EMPTY, dtype=np.int64)
    size = 1 + store.draws.pick_by_row("basket size", block.key, BASKETS, block.kind)
    rising = np.minimum(block.ordinal // 4, 2) * (block.kind == Kind.RISING)
    festive = (store.calendar.months[block.day] >= 11) & (block.kind != Kind.WHOLESALE)
    festive &= store.draws.chance("something for the feast", block.key, _FESTIVE_MYRIADTHS)
    size = np.minimum(size + rising + festive, _PICKS)
    for place in range(_PICKS):
        picks = _available(store, block, place)
        product[:, place] = np.where(place < size, picks, EMPTY)
    product[:, 0] = _first_place(store, block, product[:, 0])
    _add_partners(store, block, product)
    _add_gift_card(store, block, product)
    _drop_repeats(product)
    _replace_whole(store, block, fates, product)
    return Baskets(product, _quantities(store, block, product))


def _weights() -> Ints:
    """Return how each kind likes each product; a row for each kind."""
    table = np.zeros((len(Kind), len(PRODUCTS)), dtype=np.int64)
    for line in range(LINE_COUNT):
        inside = np.array([product.weight * (product.line == line) for product in PRODUCTS], dtype=np.int64)
        table += LINE_TASTES[:, line, None] * (inside * 100_000 // inside.sum())
    for pair in PAIRS:
        if len(pair.kinds) == 1:  # its own kind likes what begins it, so that there is enough to see
            table[pair.kinds[0], pair.first] = table[pair.kinds[0], pair.first] * 5 // 2
    return table


_ALWAYS = np.array([not product.months and product.line != CANDLES for product in PRODUCTS])
_SOLD_IN: Flags = np.array([[not p.months or month in p.months for p in PRODUCTS] for month in range(1, 13)])
_IS_CANDLE: Flags = np.array([product.line == CANDLES for product in PRODUCTS])
_LIKED: Ints = _weights()
_LIKED_ALWAYS: Ints = _LIKED * _ALWAYS
_FAVOURITES: Ints = (
    np.array([product.weight * (product.line == TEA) for product in PRODUCTS], dtype=np.int64) * _ALWAYS
)


def _available(store: SampleStore, block: Block, place: int) -> Ints:
    """Pick one product for each order, from what was in the shop on that day."""
    wish = store.draws.pick_by_row(f"pick {place}", block.key, _LIKED, block.kind)
    launched = ~_IS_CANDLE[wish] | (block.day >= store.calendar.launch_day)
    there = _SOLD_IN[store.calendar.months[block.day] - 1, wish] & launched
    instead = store.draws.pick_by_row(f"instead {place}", block.key, _LIKED_ALWAYS, block.kind)
    return np.where(there, wish, instead)


def _first_place(store: SampleStore, block: Block, picked: Ints) -> Ints:
    """Put the regulars' favourite tea, the dead end and the planted sequences where they belong."""
    loyal = np.isin(block.kind, (Kind.HABIT, Kind.LAPSING))
    loyal &= store.draws.chance("the usual", block.key, _FAVOURITE_MYRIADTHS)
    favourite = store.draws.pick("favourite", np.maximum(block.person, 0), _FAVOURITES)
    picked = np.where(loyal, favourite, picked)
    stays_away = block.kind == Kind.ONE_AND_DONE
    picked = np.where(
        stays_away & store.draws.chance("dead end", block.key, DEAD_END_MYRIADTHS), DEAD_END, picked
    )
    for number, sequence in enumerate(SEQUENCES):
        picked = np.where(block.marks & (1 << (2 * number)), sequence.first, picked)
        picked = np.where(block.marks & (2 << (2 * number)), sequence.then, picked)
    return picked


def _add_partners(store: SampleStore, block: Block, product: Ints) -> None:
    for number, pair in enumerate(PAIRS):
        kind = np.isin(block.kind, pair.kinds)
        launched = not _IS_CANDLE[pair.second] or (block.day >= store.calendar.launch_day)
        holds = (product == pair.first).any(axis=1) & kind & launched
        adds = holds & store.draws.chance(f"pair {number}", block.key, pair.myriadths)
        product[adds, _PICKS] = pair.second


def _add_gift_card(store: SampleStore, block: Block, product: Ints) -> None:
    card = np.array(GIFT_CARDS)[store.draws.below("which card", block.key, len(GIFT_CARDS))]
    person = np.isin(block.kind, (Kind.ONE_AND_DONE, Kind.HABIT, Kind.GIFT, Kind.RISING, Kind.TILL))
    adds = person & store.draws.chance("adds a card", block.key, 140)
    product[adds, _PICKS + 1] = card[adds]


def _drop_repeats(product: Ints) -> None:
    for place in range(1, _PLACES):
        product[(product[:, :place] == product[:, place : place + 1]).any(axis=1), place] = EMPTY


def _replace_whole(store: SampleStore, block: Block, fates: Fates, product: Ints) -> None:
    """Make the orders that are nothing but a gift card or a free sample."""
    only_card, only_sample = fates.fate == Fate.GIFT_CARD_ONLY, fates.fate == Fate.SAMPLE
    product[only_card | only_sample] = EMPTY
    card = np.array(GIFT_CARDS)[store.draws.below("which card", block.key, len(GIFT_CARDS))]
    product[only_card, 0] = card[only_card]
    product[only_sample, 0] = SAMPLE


def _quantities(store: SampleStore, block: Block, product: Ints) -> Ints:
    """Return one or two of most things, dozens for wholesale, none in empty places."""
    places = block.key[:, None] * _PLACES + np.arange(_PLACES)
    several = np.isin(block.kind, (Kind.HABIT, Kind.LAPSING, Kind.RISING))[:, None]
    quantity = 1 + store.draws.chance("two of it", places, np.where(several, 2600, 1100)).astype(np.int64)
    quantity += store.draws.chance("three of it", places, MYRIAD // 50)
    dozens = _WHOLESALE_QUANTITIES[store.draws.below("dozens", places, _WHOLESALE_QUANTITIES.size)]
    quantity = np.where((block.kind == Kind.WHOLESALE)[:, None], dozens, quantity)
    whole = np.isin(product, (*GIFT_CARDS, SAMPLE))
    return np.where(product == EMPTY, 0, np.where(whole, 1, quantity))
