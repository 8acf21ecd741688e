"""The columns of an order itself: who, when, how it was paid and what became of it."""

import numpy as np
import polars as pl

from sandbox.sample_store import regions
from sandbox.sample_store.baskets import EMPTY
from sandbox.sample_store.bills import NO_CODE, SHIPPING_METHODS
from sandbox.sample_store.cells import choose, money, only, shielded, times, yes_no
from sandbox.sample_store.draws import Flags, Ints
from sandbox.sample_store.fates import SOURCES, Channel, Fate
from sandbox.sample_store.kinds import Kind
from sandbox.sample_store.seasons import WELCOME_CODE
from sandbox.sample_store.store import FIRST_ORDER_NUMBER
from sandbox.sample_store.telling import Told

TEST_GATEWAY = "(for testing) Bogus Gateway"
_STATUSES = {
    Fate.CANCELLED_AND_REFUNDED: "refunded",
    Fate.CANCELLED_AND_VOIDED: "voided",
    Fate.REFUNDED: "refunded",
    Fate.PARTLY_REFUNDED: "partially_refunded",
    Fate.PENDING: "pending",
    Fate.AUTHORIZED: "authorized",
    Fate.VOIDED: "voided",
    Fate.EXPIRED: "expired",
    Fate.PARTLY_PAID: "partially_paid",
}
_STATUS_OF_FATE = [_STATUSES.get(fate, "paid") for fate in Fate]
_NEVER_PAID = (Fate.CANCELLED_AND_VOIDED, Fate.PENDING, Fate.AUTHORIZED, Fate.VOIDED, Fate.EXPIRED)
_NOT_SENT = (*_NEVER_PAID, Fate.CANCELLED_AND_REFUNDED)
_GATEWAYS = (
    *("Shopify Payments", "PayPal Express Checkout", "Shop Pay Installments", "gift_card"),
    *("Cash", "Bank Deposit", "manual", "marketplace_payments", TEST_GATEWAY),
)
_DAY = 86_400


def describe(told: Told) -> dict[str, pl.Series]:
    """Return the cells of a block's orders, but for addresses and lines."""
    return {**_who_and_when(told), **_sums(told), **_payment(told), **_remarks(told), **_till(told)}


def fulfilled(told: Told) -> tuple[Flags, Flags]:
    """Return which orders were sent by the store's end, and which of these only in part."""
    sent_at = _sent_at(told)
    sent = (sent_at < told.store.ends_at) & ~np.isin(told.fates.fate, _NOT_SENT)
    several = (told.baskets.product != EMPTY).sum(axis=1) > 1
    part = sent & several & told.store.draws.chance("in part", told.block.key, 120)
    return sent, part


def _sent_at(told: Told) -> Ints:
    block = told.block
    later = told.store.draws.between("sent after", block.key, _DAY // 2, 3 * _DAY)
    return block.created + np.where(told.fates.channel == Channel.POS, 1, later)


def _who_and_when(told: Told) -> dict[str, pl.Series]:
    block, fate = told.block, told.fates.fate
    sent, part = fulfilled(told)
    reads = told.of_buyers(told.store.people.subscribed(block.person[told.named]))
    status = choose(["unfulfilled", "fulfilled", "partial"], sent.astype(np.int64) + part)
    paid_at = block.created + told.store.draws.below("pays after", block.key, 9)
    return {
        "Name": told.name,
        "Email": told.email,
        "Financial Status": choose(_STATUS_OF_FATE, fate),
        "Paid at": times(paid_at, ~np.isin(fate, _NEVER_PAID)),
        "Fulfillment Status": status,
        "Fulfilled at": times(_sent_at(told), sent & ~part),
        "Accepts Marketing": yes_no(reads),
        "Created at": times(block.created),
        "Cancelled at": times(told.fates.cancelled_at, told.fates.cancelled_at > 0),
        "Id": pl.Series(told.order_id).cast(pl.Utf8),
        "Phone": order_phone(told),
    }


def order_phone(told: Told) -> pl.Series:
    """Return the phone left with an order: by most who have one, by all who left nothing else."""
    who = np.maximum(told.block.person, 0)
    left = told.fates.phone_only | told.store.draws.chance("leaves phone", told.block.key, 7000)
    return only(shielded(told.store.people.phone(who)), left & told.named)


def _sums(told: Told) -> dict[str, pl.Series]:
    bills = told.bills
    codes = [*(offer.code for offer in told.store.calendar.offers), WELCOME_CODE]  # WELCOME is -1, the last
    code = choose(codes, np.where(bills.code < 0, len(codes) - 1, bills.code))
    cells = {
        "Currency": yes_no(bills.euro, "EUR", "USD"),
        "Subtotal": money(bills.subtotal),
        "Shipping": money(bills.shipping),
        "Taxes": money(bills.taxes.sum(axis=1)),
        "Total": money(bills.total),
        "Discount Code": only(code, bills.code != NO_CODE),
        "Discount Amount": money(bills.discount),
        "Shipping Method": only(choose(SHIPPING_METHODS, bills.shipped_by), bills.shipped_by > 0),
        "Refunded Amount": money(bills.refunded),
        "Outstanding Balance": money(bills.outstanding),
    }
    region = np.where(told.fates.channel == Channel.POS, regions.HOME, buyers_region(told))
    for column in range(regions.TAX_RATES.shape[1]):
        taxed = bills.taxes[:, column] > 0
        name = choose([names[column] for names in regions.TAX_NAMES], region)
        cells[f"Tax {column + 1} Name"] = only(name, taxed)
        cells[f"Tax {column + 1} Value"] = only(money(bills.taxes[:, column]), taxed)
    return cells


def buyers_region(told: Told) -> Ints:
    """Return where the buyers live, the nameless at home."""
    region = np.full(len(told.block), regions.HOME, dtype=np.int64)
    region[told.named] = told.store.people.region(told.block.person[told.named])
    return region


def _payment(told: Told) -> dict[str, pl.Series]:
    block, draws, fates = told.block, told.store.draws, told.fates
    way = draws.pick("gateway", block.key, (820, 140, 25, 15))
    way = np.where(fates.channel == Channel.POS, np.where(draws.chance("cash", block.key, 3500), 4, 0), way)
    way = np.where((fates.fate == Fate.PENDING) | (block.kind == Kind.WHOLESALE), 5, way)
    way = np.where((fates.channel == Channel.DRAFT) & (block.kind != Kind.WHOLESALE), 6, way)
    way = np.where(fates.channel == Channel.MARKETPLACE, 7, way)
    way = np.where(block.kind == Kind.STAFF, 8, way)
    number = pl.Series(draws.bits("reference", block.key) * 1000 + 17).cast(pl.Utf8)
    charged = (told.bills.total > 0) & (way != 5)
    reference = only("c" + number + ".1", charged)
    on_account = block.kind == Kind.WHOLESALE
    return {
        "Payment Method": only(choose(_GATEWAYS, way), told.bills.total > 0),
        "Payment Reference": reference,
        "Payment ID": reference,
        "Payment References": reference,
        "Payment Terms Name": only("Net 30", on_account),
        "Next Payment Due At": times(block.created + 30 * _DAY, on_account & (told.bills.outstanding > 0)),
    }


def _remarks(told: Told) -> dict[str, pl.Series]:
    """Return notes, tags and the like; Shopify writes two quotes where attributes or tags are empty."""
    block, draws = told.block, told.store.draws
    present = is_present(told)
    notes = (
        "Please leave it with the neighbour,\nblue door on the left.",
        'Ring twice. The bell says "Moss".',
    )
    note = choose(notes, draws.below("which note", block.key, len(notes)))
    words = ("With love from all of us", "Happy Christmas, and put the kettle on", "For the best of mothers")
    message = (
        "gift message: " + choose(words, draws.below("message", block.key, len(words))) + "\nwrapping: plain"
    )
    tags = np.where(block.kind == Kind.WHOLESALE, 1, present * 2 * draws.chance("tags gift", block.key, 6000))
    return {
        "Notes": only(note, draws.chance("note", block.key, 120) & told.named),
        "Note Attributes": only(message, present).fill_null(""),
        "Tags": choose(["", "wholesale, net-30", "gift"], tags),
        "Risk Level": choose(["Low", "Medium", "High"], draws.pick("risk", block.key, (985, 12, 3))),
        "Source": choose(SOURCES, told.fates.channel),
    }


def is_present(told: Told) -> Flags:
    """Return what goes to somebody else's address: most of the gift buyers' orders, a few of the others'."""
    present = told.store.draws.chance(
        "present", told.block.key, np.where(told.block.kind == Kind.GIFT, 8800, 350)
    )
    carried = (told.fates.channel == Channel.WEB) & (told.block.kind != Kind.STAFF)
    gift: Flags = present & carried
    return gift


def _till(told: Told) -> dict[str, pl.Series]:
    pos = told.fates.channel == Channel.POS
    clerk = choose(["Marit at the till", "Saturday help"], told.store.draws.below("clerk", told.block.key, 2))
    receipt = "1-" + pl.Series(told.block.number + FIRST_ORDER_NUMBER).cast(pl.Utf8)
    return {
        "Employee": only(clerk, pos),
        "Location": only("Alder Hook Shop", pos),
        "Device ID": only("1", pos),
        "Receipt Number": only(receipt, pos),
    }
