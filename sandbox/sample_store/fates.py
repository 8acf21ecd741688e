"""What becomes of an order after it was placed, and through which door it came."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from sandbox.sample_store import regions
from sandbox.sample_store.draws import MYRIAD, Flags, Ints
from sandbox.sample_store.kinds import Kind
from sandbox.sample_store.store import Block, SampleStore

_DAY = 86_400


class Fate(IntEnum):
    """Exactly one for each order."""

    PLAIN = 0
    CANCELLED_AND_REFUNDED = 1
    CANCELLED_AND_VOIDED = 2
    REFUNDED = 3
    PARTLY_REFUNDED = 4
    PENDING = 5
    AUTHORIZED = 6
    VOIDED = 7
    EXPIRED = 8
    PARTLY_PAID = 9
    GIFT_CARD_ONLY = 10
    SAMPLE = 11
    TEST = 12

    @property
    def slug(self) -> str:
        """Return the word used in the truth files."""
        return self.name.lower()


class Channel(IntEnum):
    """The door an order came through."""

    WEB = 0
    POS = 1
    DRAFT = 2
    MARKETPLACE = 3


SOURCES = ("web", "pos", "shopify_draft_order", "7041189")  # the last is the marketplace app's number


class Fates(NamedTuple):
    """How each order of a block went."""

    fate: Ints
    channel: Ints
    cancelled_at: Ints  # seconds since 1970; 0 where it was not
    phone_only: Flags  # bought at the till, gave a phone and no e-mail address


# columns: as in Fate, without PLAIN; rows: web, till, wholesale
_ODDS: Ints = np.array(
    [
        [125, 80, 175, 225, 40, 60, 25, 10, 0, 70, 45],
        [0, 0, 90, 110, 0, 0, 0, 0, 0, 0, 0],
        [60, 40, 60, 260, 3000, 0, 0, 0, 500, 0, 0],
    ],
    dtype=np.int64,
)
_TABLE: Ints = np.column_stack([MYRIAD - _ODDS.sum(axis=1), _ODDS])


def fates_of(store: SampleStore, block: Block) -> Fates:
    """Say how each order went, as far as it was known at the store's last second."""
    channel = _channels(store, block)
    row = np.where(block.kind == Kind.WHOLESALE, 2, (channel == Channel.POS).astype(np.int64))
    fate = store.draws.pick_by_row("fate", block.key, _TABLE, row)
    christmas = (store.calendar.months[block.day] == 12) & (block.kind == Kind.GIFT) & (fate == Fate.PLAIN)
    fate = np.where(christmas & store.draws.chance("a card instead", block.key, 300), Fate.GIFT_CARD_ONLY, fate)
    fate = np.where((block.marks > 0) & np.isin(fate, (Fate.GIFT_CARD_ONLY, Fate.SAMPLE)), Fate.PLAIN, fate)
    fate = np.where(block.kind == Kind.STAFF, Fate.TEST, fate)
    known_at = block.created + store.draws.between("known after", block.key, 1200, 40 * 3600)
    known_at += np.where(np.isin(fate, (Fate.REFUNDED, Fate.PARTLY_REFUNDED)), 4 * _DAY, 0)
    fate = _as_known(fate, known_at, block, store.ends_at)
    cancelled = np.isin(fate, (Fate.CANCELLED_AND_REFUNDED, Fate.CANCELLED_AND_VOIDED))
    phone_only = (channel == Channel.POS) & store.draws.chance("phone only", block.key, 4500)
    phone_only &= _own_phone(store, block)
    return Fates(fate, channel, np.where(cancelled, known_at, 0), phone_only)


def _as_known(fate: Ints, known_at: Ints, block: Block, ends_at: int) -> Ints:
    """Undo what lies after the store's end, and what was settled long before it."""
    later = (known_at >= ends_at) & (fate <= Fate.PARTLY_REFUNDED)
    age = ends_at - block.created
    captured = (fate == Fate.AUTHORIZED) & (age > 7 * _DAY)
    settled = (block.kind == Kind.WHOLESALE) & (fate == Fate.PENDING) & (age > 40 * _DAY)
    return np.where(later | captured | settled, Fate.PLAIN, fate)


def _channels(store: SampleStore, block: Block) -> Ints:
    """Return the doors: neighbours come in at times, wholesale is written up by the staff."""
    named = block.person >= 0
    neighbour = named.copy()
    neighbour[named] = store.people.region(block.person[named]) == regions.HOME
    at_till = neighbour & store.draws.chance("comes in", block.key, 2200) & (block.kind != Kind.BARGAIN)
    channel = np.where(at_till | (block.kind == Kind.TILL), Channel.POS, Channel.WEB)
    elsewhere = store.draws.pick("door", block.key, (9640, 60, 300))
    passing = np.isin(block.kind, (Kind.ONE_AND_DONE, Kind.GIFT))
    channel = np.where((channel == Channel.WEB) & (elsewhere == 1), Channel.DRAFT, channel)
    channel = np.where((channel == Channel.WEB) & (elsewhere == 2) & passing, Channel.MARKETPLACE, channel)
    channel = np.where(block.kind == Kind.STAFF, Channel.WEB, channel)
    return np.where(block.kind == Kind.WHOLESALE, Channel.DRAFT, channel)


def _own_phone(store: SampleStore, block: Block) -> Flags:
    """Return whose buyer can be told by the phone alone."""
    named = block.person >= 0
    found = np.zeros(len(block), dtype=np.bool_)
    who = block.person[named]
    found[named] = store.people.has_phone(who) & ~store.people.shares_phone(who)
    return found
