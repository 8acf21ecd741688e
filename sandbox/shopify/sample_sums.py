"""What the sample store's orders come to in the store's own currency, and when things happened to them."""

from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.sample_store import order_cells
from sandbox.sample_store.baskets import EMPTY
from sandbox.sample_store.catalogue import CARDS, LINES
from sandbox.sample_store.draws import Flags, Ints
from sandbox.sample_store.fates import Channel, Fate
from sandbox.sample_store.telling import Told
from sandbox.shopify.documents import PERCENT_OF_SHOP_CURRENCY

_LINES, _PLACES, _STEP = 14_000_000_000_000, 8, 512
_DAY = 86_400
_CANCELLED = (Fate.CANCELLED_AND_REFUNDED, Fate.CANCELLED_AND_VOIDED)
_REFUNDED = (Fate.REFUNDED, Fate.PARTLY_REFUNDED)


class Column(NamedTuple):
    """What a block's orders come to in the store's currency, and when things happened to them."""

    subtotal: list[int]
    total: list[int]
    tax: list[int]
    shipping: list[int]
    discount: list[int]
    refunded: list[int]
    outstanding: list[int]
    created: list[str]
    updated: list[str]
    cancelled: list[str | None]
    refunded_at: list[str | None]
    price: list[list[int]]
    line_discount: list[list[int]]


def in_shop_currency(told: Told, amount: Ints) -> Ints:
    """Return amounts in the store's currency; some buyers paid in euros."""
    euro = told.bills.euro if amount.ndim == 1 else told.bills.euro[:, None]
    return np.where(euro, (amount * PERCENT_OF_SHOP_CURRENCY["EUR"] + 50) // 100, amount)


def reckon(told: Told) -> Column:
    """Reckon sums and times of a block.

    What a buyer paid in euros is turned sum by sum, as the real one does, so such sums may differ by a cent;
    total, what was kept and what is owed always agree with the customers export.
    """
    bills, fate = told.bills, told.fates.fate
    total, kept = in_shop_currency(told, bills.total), in_shop_currency(told, bills.kept)
    gone = total - kept
    back = bills.refunded > 0
    created, updated, refunded_at = moments(told)
    cancelled = np.isin(fate, _CANCELLED)
    return Column(
        subtotal=in_shop_currency(told, bills.subtotal).tolist(),
        total=total.tolist(),
        tax=in_shop_currency(told, bills.taxes.sum(axis=1)).tolist(),
        shipping=in_shop_currency(told, bills.shipping).tolist(),
        discount=in_shop_currency(told, bills.discount).tolist(),
        refunded=np.where(back, gone, 0).tolist(),
        outstanding=np.where(back | cancelled, 0, gone).tolist(),
        created=stamps(created),
        updated=stamps(updated),
        cancelled=_known(stamps(told.fates.cancelled_at), cancelled),
        refunded_at=_known(stamps(refunded_at), back),
        price=in_shop_currency(told, bills.price).tolist(),
        line_discount=in_shop_currency(told, line_discounts(told)).tolist(),
    )


def moments(told: Told) -> tuple[Ints, Ints, Ints]:
    """Return when each order was placed, last changed, and refunded (some days after it was placed)."""
    block, draws, fates = told.block, told.store.draws, told.fates
    known_at = block.created + draws.between("known after", block.key, 1200, 40 * 3600)
    known_at += np.where(np.isin(fates.fate, _REFUNDED), 4 * _DAY, 0)
    refunded_at = np.where(fates.cancelled_at > 0, fates.cancelled_at, known_at)
    pos = fates.channel == Channel.POS
    sent_at = block.created + np.where(pos, 1, draws.between("sent after", block.key, _DAY // 2, 3 * _DAY))
    sent, _ = order_cells.fulfilled(told)
    updated = np.maximum(block.created + 2, np.where(sent, sent_at, 0))
    updated = np.maximum(updated, np.where(told.bills.refunded > 0, refunded_at, fates.cancelled_at))
    return block.created, updated, refunded_at


def line_discounts(told: Told) -> Ints:
    """Return each line's discount, its own and its share of the order's: what is left over goes to the last."""
    bills, baskets = told.bills, told.baskets
    there = baskets.product != EMPTY
    amounts = bills.price * baskets.quantity - bills.line_discount
    open_to_code = np.where(there & (LINES[baskets.product] != CARDS), amounts, 0)
    off = bills.discount - bills.line_discount.sum(axis=1)
    upto = np.cumsum(open_to_code, axis=1) * off[:, None] // np.maximum(open_to_code.sum(axis=1), 1)[:, None]
    share = np.diff(upto, axis=1, prepend=0)
    discounts: Ints = bills.line_discount + np.where(there, share, 0)
    return discounts


def stamps(instants: Ints) -> list[str]:
    """Return seconds since 1970 as ``2026-11-01T10:00:00Z``."""
    moments = (pl.Series(instants).cast(pl.Int64) * 1_000).cast(pl.Datetime("ms"))
    return moments.dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_list()


def line_numbers(told: Told) -> list[list[int]]:
    """Return the numbers of the lines: one for each place in each basket."""
    places = told.block.number[:, None] * _PLACES + np.arange(_PLACES)
    tails = told.store.draws.below("line id", places, _STEP)
    return (_LINES + places * _STEP + tails).tolist()


def _known(cells: list[str], known: Flags) -> list[str | None]:
    return [cell if there else None for cell, there in zip(cells, known.tolist(), strict=True)]
