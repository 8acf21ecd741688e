"""What the files do not say: hidden kinds, planted patterns, who is whom, and what each order really is.

For tests and judges. Nothing of it may reach the app.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sandbox.sample_store import catalogue, regions
from sandbox.sample_store.cells import choose, only
from sandbox.sample_store.draws import MYRIAD, Ints
from sandbox.sample_store.fates import Channel, Fate
from sandbox.sample_store.kinds import HABITS, Kind
from sandbox.sample_store.people import SHOP_PHONE
from sandbox.sample_store.planted import DEAD_END, PAIRS, SEQUENCES, PlantedPair, PlantedSequence
from sandbox.sample_store.seasons import Calendar, Occasion
from sandbox.sample_store.store import STAFF, Block
from sandbox.sample_store.telling import Told, customer_ids, tell

if TYPE_CHECKING:
    from sandbox.sample_store.store import SampleStore

_PEOPLE_AT_ONCE = 100_000
_REASONS = {
    Fate.TEST: "test",
    Fate.CANCELLED_AND_REFUNDED: "cancelled",
    Fate.CANCELLED_AND_VOIDED: "cancelled",
    Fate.PENDING: "unpaid",
    Fate.AUTHORIZED: "unpaid",
    Fate.VOIDED: "unpaid",
    Fate.EXPIRED: "unpaid",
    Fate.SAMPLE: "zero",
    Fate.GIFT_CARD_ONLY: "gift_card_only",
    Fate.REFUNDED: "fully_refunded",
}


class Truth:
    """The hidden side of one store.

    Attributes
    ----------
    pairs, sequences
        What was planted among the products.
    dead_end_sku
        The first purchase of many who never came back.
    customers
        One row a person: ``person``, ``kind``, ``customer_id``, ``email``, ``phone``, ``second_customer_id``,
        ``second_email`` (null for most; a second entry that was never used is in no file),
        ``writes_odd_case``, ``shares_phone``, ``country``, ``order_count`` (whatever became of the orders).
    duplicates
        The rows of ``customers`` whose person is in the books twice, or types the address in several ways.
    orders
        One row an order, newest first: ``name``, ``order_id``, ``person`` (null: nobody, or the staff),
        ``kind``, ``created_at``, ``fate``, ``verdict`` (why it does not count, or ``counts``), ``channel``,
        ``phone_only``, ``second_email``, ``discount``, ``total``, ``refunded``, ``outstanding`` (cents of
        ``currency``).
    """

    def __init__(self, store: "SampleStore") -> None:
        self._store = store
        self.pairs: tuple[PlantedPair, ...] = PAIRS
        self.sequences: tuple[PlantedSequence, ...] = SEQUENCES
        self.dead_end_sku = catalogue.PRODUCTS[DEAD_END].sku

    @cached_property
    def customers(self) -> pl.DataFrame:
        """Return every person."""
        return pl.concat(self.customer_blocks())

    @cached_property
    def duplicates(self) -> pl.DataFrame:
        """Return the people who do not look like one."""
        return self.customers.filter(pl.col("second_email").is_not_null() | pl.col("writes_odd_case"))

    @cached_property
    def orders(self) -> pl.DataFrame:
        """Return every order."""
        return pl.concat([self._no_orders(), *self.order_blocks()])

    def customer_blocks(self) -> Iterator[pl.DataFrame]:
        """Yield ``customers`` in portions; at least one, if only of no rows."""
        bought = self._store.orders.person[self._store.orders.person >= 0]
        counts = np.bincount(bought, minlength=self._store.customers).astype(np.int64)
        for begin in range(0, max(self._store.customers, 1), _PEOPLE_AT_ONCE):
            who = np.arange(begin, min(begin + _PEOPLE_AT_ONCE, self._store.customers), dtype=np.int64)
            yield self._people(who, counts[who])

    def order_blocks(self) -> Iterator[pl.DataFrame]:
        """Yield ``orders`` in portions."""
        for block in self._store.blocks():
            yield _orders(tell(self._store, block))

    def to_json(self) -> dict[str, Any]:
        """Return what was planted, in plain values."""
        calendar = self._store.calendar
        return {
            "shop": {
                "name": catalogue.SHOP_NAME,
                "currency": catalogue.CURRENCY,
                "timezone": catalogue.TIMEZONE,
            },
            "made_from": {
                "customers": self._store.customers,
                "seed": self._store.seed,
                "from": str(calendar.start),
                "until": str(self._store.until),
            },
            "kinds": {kind.slug: HABITS[kind].words for kind in Kind},
            "category_of_vendor": dict(zip(catalogue.VENDORS[:5], catalogue.LINE_NAMES[:5], strict=True)),
            "pairs": [_pair(pair) for pair in self.pairs],
            "sequences": [_sequence(sequence) for sequence in self.sequences],
            "dead_end_sku": self.dead_end_sku,
            "launched": {catalogue.VENDORS[catalogue.CANDLES]: str(calendar.date_of(calendar.launch_day))},
            "renamed": {catalogue.RENAMED_SKU: str(calendar.date_of(calendar.rename_day))},
            "offers": [_offer(calendar, offer) for offer in calendar.offers],
            "phone_of_nobody": f"+{SHOP_PHONE}",
        }

    def _people(self, who: Ints, counts: Ints) -> pl.DataFrame:
        store, people = self._store, self._store.people
        two = people.two_mails(who)
        none = np.zeros(who.size, dtype=np.bool_)
        return pl.DataFrame(
            {
                "person": who,
                "kind": choose([kind.slug for kind in Kind], store.kinds[who]),
                "customer_id": customer_ids(store, who, none),
                "email": people.email(who),
                "phone": people.phone(who),
                "second_customer_id": only(pl.Series(customer_ids(store, who, ~none)), two),
                "second_email": only(people.email(who, second=True), two),
                "writes_odd_case": people.odd_case(who),
                "shares_phone": people.shares_phone(who),
                "country": choose([region.country for region in regions.REGIONS], people.region(who)),
                "order_count": counts,
            }
        )

    def _no_orders(self) -> pl.DataFrame:
        nothing = Block(*(np.zeros(0, dtype=np.int64) for _ in Block._fields))
        return _orders(tell(self._store, nothing))


def _orders(told: Told) -> pl.DataFrame:
    block, fates, bills = told.block, told.fates, told.bills
    created = (pl.Series(block.created).cast(pl.Int64) * 1_000_000).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame(
        {
            "name": told.name,
            "order_id": told.order_id,
            "person": only(pl.Series(block.person), told.named),
            "kind": choose([kind.slug for kind in Kind], block.kind),
            "created_at": created,
            "fate": choose([fate.slug for fate in Fate], fates.fate),
            "verdict": _verdict(told),
            "channel": choose([channel.name.lower() for channel in Channel], fates.channel),
            "phone_only": fates.phone_only,
            "second_email": told.second_mail,
            "discount": bills.discount,
            "total": bills.total,
            "refunded": bills.refunded,
            "outstanding": bills.outstanding,
            "currency": choose([catalogue.CURRENCY, "EUR"], bills.euro.astype(np.int64)),
        }
    )


def _verdict(told: Told) -> pl.Series:
    """Return the first reason that holds why an order is no purchase in the shop's currency by somebody."""
    reason = choose([_REASONS.get(fate, "counts") for fate in Fate], told.fates.fate)
    frame = pl.DataFrame({"reason": reason, "euro": told.bills.euro, "nobody": told.block.person < 0})
    staff = pl.Series(told.block.person == STAFF)
    known = pl.when("euro").then(pl.lit("foreign_currency")).otherwise(pl.lit("counts"))
    other = pl.when(pl.col("nobody") & ~staff).then(pl.lit("no_customer")).otherwise(known)
    return frame.select(pl.when(pl.col("reason") != "counts").then("reason").otherwise(other)).to_series()


def _offer(calendar: Calendar, offer: Occasion) -> dict[str, Any]:
    return {
        "code": offer.code,
        "percent": offer.percent,
        "occasion": offer.name,
        "from": str(calendar.date_of(offer.first_day)),
        "to": str(calendar.date_of(offer.last_day)),
    }


def _pair(pair: PlantedPair) -> dict[str, Any]:
    return {
        "first_sku": pair.first_sku,
        "first": catalogue.PRODUCTS[pair.first].title,
        "second_sku": pair.second_sku,
        "second": catalogue.PRODUCTS[pair.second].title,
        "chance_ratio": pair.myriadths / MYRIAD,
        "kinds": [kind.slug for kind in pair.kinds],
    }


def _sequence(sequence: PlantedSequence) -> dict[str, Any]:
    return {
        "first_sku": sequence.first_sku,
        "first": catalogue.PRODUCTS[sequence.first].title,
        "then_sku": sequence.then_sku,
        "then": catalogue.PRODUCTS[sequence.then].title,
        "within_days": sequence.within_days,
        "chance_ratio": sequence.myriadths / MYRIAD,
        "kinds": [kind.slug for kind in sequence.kinds],
    }
