"""The customers export: one row an entry in the shop's books, oldest entries first."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from sandbox.sample_store.address_cells import address_of
from sandbox.sample_store.cells import choose, money, only, shielded, yes_no
from sandbox.sample_store.draws import Flags, Ints
from sandbox.sample_store.fates import Fate
from sandbox.sample_store.kinds import Kind
from sandbox.sample_store.regions import REGIONS
from sandbox.sample_store.store import SampleStore
from sandbox.sample_store.telling import STAFF_EMAIL, Told, customer_ids, staff_id

_COLUMNS = (
    "Customer ID|First Name|Last Name|Email|Accepts Email Marketing|Default Address Company|"
    "Default Address Address1|Default Address Address2|Default Address City|"
    "Default Address Province Code|Default Address Country Code|Default Address Zip|"
    "Default Address Phone|Phone|Accepts SMS Marketing|Total Spent|Total Orders|Note|Tax Exempt|Tags"
)
HEADER = _COLUMNS.split("|")
EURO_PERCENT = 108  # what a hundred euros are in the shop's own currency, for "Total Spent"
_PEOPLE_AT_ONCE = 50_000


class Spending:
    """What every entry in the books has ordered and spent; filled while the orders are written."""

    def __init__(self, store: SampleStore) -> None:
        self.orders = np.zeros((2, store.customers), dtype=np.int64)  # under the first and the second address
        self.cents = np.zeros((2, store.customers), dtype=np.int64)
        self.test_orders = 0

    def add(self, told: Told) -> None:
        """Count a block: cancelled orders are orders but bring nothing, test orders are neither."""
        bills, fate = told.bills, told.fates.fate
        own = np.where(bills.euro, (bills.kept * EURO_PERCENT + 50) // 100, bills.kept)
        own = np.where(np.isin(fate, (Fate.CANCELLED_AND_REFUNDED, Fate.CANCELLED_AND_VOIDED)), 0, own)
        entry, who = told.second_mail[told.named].astype(np.int64), told.block.person[told.named]
        np.add.at(self.orders, (entry, who), 1)
        np.add.at(self.cents, (entry, who), own[told.named])
        self.test_orders += int((fate == Fate.TEST).sum())


def customer_rows(store: SampleStore, spending: Spending) -> Iterator[pl.DataFrame]:
    """Yield the rows of the export in portions, all cells text or null."""
    for second in (False, True):
        entry = int(second)
        for begin in range(0, store.customers, _PEOPLE_AT_ONCE):
            who = np.arange(begin, min(begin + _PEOPLE_AT_ONCE, store.customers), dtype=np.int64)
            there = spending.orders[entry, who] > 0
            if not second:
                there |= (store.kinds[who] == Kind.PROSPECT) & (prospect_day(store, who) <= _last_day(store))
            who = who[there]
            yield _rows(store, who, spending.orders[entry, who], spending.cents[entry, who], second=second)
    if spending.test_orders:
        yield _staff_row()


def prospect_day(store: SampleStore, who: Ints) -> Ints:
    """Return the day on which people without an order signed up."""
    return store.draws.below("signs up", who, store.calendar.days)


def _last_day(store: SampleStore) -> int:
    return store.calendar.day_of(store.until)


def _rows(store: SampleStore, who: Ints, orders: Ints, cents: Ints, *, second: bool) -> pl.DataFrame:
    people, home = store.people, address_of(store, who)
    first, last = people.names(who)
    phone = shielded(people.phone(who))
    bought = orders > 0
    texted = people.has_phone(who) & store.draws.chance("texts", who, 2500)
    whole = store.kinds[who] == Kind.WHOLESALE
    cells = {
        "Customer ID": shielded(pl.Series(customer_ids(store, who, np.full(who.size, second))).cast(pl.Utf8)),
        "First Name": first.str.slice(0, 1) + "." if second else first,
        "Last Name": last,
        "Email": people.email(who, second=second),
        "Accepts Email Marketing": yes_no(people.subscribed(who)),
        "Default Address Company": home.cells["company"],
        "Default Address Address1": home.cells["address1"],
        "Default Address Address2": home.cells["address2"],
        "Default Address City": home.cells["city"],
        "Default Address Province Code": _province(home.region),
        "Default Address Country Code": _country(home.region),
        "Default Address Zip": shielded(home.cells["zip"]),
        "Default Address Phone": phone,
    }
    cells = {name: only(cell, bought) if name.startswith("Default") else cell for name, cell in cells.items()}
    cells |= {
        "Phone": phone,
        "Accepts SMS Marketing": yes_no(texted),
        "Total Spent": money(cents),
        "Total Orders": pl.Series(orders).cast(pl.Utf8),
        "Note": only("Prefers to be called before delivery.", store.draws.chance("known", who, 60)),
        "Tax Exempt": yes_no(whole),
        "Tags": _tags(store, who, whole, bought),
    }
    return pl.DataFrame(cells).select(HEADER)


def _tags(store: SampleStore, who: Ints, whole: Flags, bought: Flags) -> pl.Series:
    """Return tags; the tea club has half of the habit buyers, and some others too."""
    often = np.where(store.kinds[who] == Kind.HABIT, 5000, 600)
    club = store.draws.chance("club", who, often) & bought & ~whole
    reads = store.people.subscribed(who)
    return choose(
        ["", "newsletter", "tea-club", "newsletter, tea-club", "wholesale"],
        np.where(whole, 4, reads + 2 * club),
    )


def _province(region: Ints) -> pl.Series:
    return choose([one.province for one in REGIONS], region).replace("", None)


def _country(region: Ints) -> pl.Series:
    return choose([one.country for one in REGIONS], region)


def _staff_row() -> pl.DataFrame:
    cells = {
        "Customer ID": f"'{staff_id()}",
        "First Name": "Checkout",
        "Last Name": "Test",
        "Email": STAFF_EMAIL,
    }
    cells |= {"Accepts Email Marketing": "no", "Accepts SMS Marketing": "no", "Total Spent": "0.00"}
    cells |= {"Total Orders": "0", "Tax Exempt": "no", "Tags": "staff"}
    return pl.DataFrame({name: [cells.get(name)] for name in HEADER}, schema=dict.fromkeys(HEADER, pl.Utf8))
