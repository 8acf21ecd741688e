"""The smallest plausible change that would move a customer, found by scoring the changed customer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from shop_app.segments.imagined_orders import Change, imagine, rounded_up, usual_amount, usual_discount

Label = Callable[[pl.DataFrame], pl.DataFrame]

SILENCES = tuple(range(7, 365, 7))
DELAYS = tuple(range(7, 92, 7))
# Whole weeks, up to a year of silence and up to three months within which an order may come.
LONG_SILENCE_DAYS = 91
# Up to three months of silence are the nearer danger; past them a refund of the last order is.
WITHOUT_ORDERS = "prospects"
_NOTHING = Change("none")


@dataclass(frozen=True, slots=True)
class Move:
    """A change that puts the customer into another segment.

    Attributes
    ----------
    change
        The smallest of those tried.
    segment
        Where they would be.
    until
        The last day, of those tried in weekly steps up to three months, on which a (first) order still does it;
        ``None`` for silence and refunds.
    words
        One sentence.
    """

    change: Change
    segment: str
    until: date | None
    words: str

    def to_json(self) -> dict[str, Any]:
        """Give plain values."""
        until = self.until.isoformat() if self.until else None
        return {"change": self.change.to_json(), "segment": self.segment, "until": until, "words": self.words}


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What would move a customer: by ordering (``up``), by staying away or giving back (``down``)."""

    segment: str
    up: Move | None
    down: Move | None

    @property
    def words(self) -> tuple[str, ...]:
        """Say both directions, and where nothing that was tried moves the customer."""
        up = self.up.words if self.up else "No single order that was tried would move this customer."
        if self.segment == WITHOUT_ORDERS:
            return (up,)
        down = self.down.words if self.down else "Neither a year without an order nor a refund would move them."
        return (up, down)

    def to_json(self) -> dict[str, Any]:
        """Give plain values."""
        moves = {"up": self.up, "down": self.down}
        said = {name: move.to_json() if move else None for name, move in moves.items()}
        return {"segment": self.segment, **said, "words": list(self.words)}


@dataclass(frozen=True, slots=True)
class MoveWords:
    """How segments, money and days are written.

    Attributes
    ----------
    names
        The segments' names by slug.
    money
        Turns minor units into text for people.
    timezone
        The shop's: days are its own.
    """

    names: Mapping[str, str]
    money: Callable[[int], str]
    timezone: str


def find_moves(
    orders: pl.DataFrame, label: Label, *, as_of: datetime, words: MoveWords, usual_value: int = 0
) -> Counterfactual:
    """Find the nearest change in either direction.

    Parameters
    ----------
    orders
        The counted orders of one customer, as :func:`~shop_app.segments.features.build_features` takes them,
        with ``goods_total``; empty for somebody without one.
    label
        Scores a frame of such orders, of many imagined customers (``customer_id`` 1, 2, …), at ``as_of``, and
        returns ``customer_id`` and ``segment``. Everything that is not an order (tags, signals, the settled
        segment) is the customer's own for each of them. Who is not in the answer has no order that counts.
    as_of
        The moment looked from; aware.
    words
        How things are written.
    usual_value
        What an order of this shop usually brings, minor units: for somebody without an order.

    Returns
    -------
    Counterfactual
        Every move in it was scored: the changed customer is in the segment named.

    Notes
    -----
    Changes upwards are tried in this order: an order as usual; one at full price, for who mostly buys with a
    discount; one of one and a half, two, and three times the usual value; two orders two weeks apart.
    Downwards: silence of one to thirteen weeks, a refund of the last order, silence of up to a year. All are
    scored in one call, about 140 customers: a call costs more than another customer in it.
    """
    if orders.is_empty():
        return _for_a_prospect(orders, label, as_of=as_of, words=words, usual_value=usual_value)
    ways = _orders_tried(orders)
    delayed = [replace(way, wait_days=days) for way in ways for days in DELAYS]
    falls = _by_nearness(orders.height)
    segments = _scored(orders, label, [_NOTHING, *ways, *delayed, *falls], as_of)
    own = segments[_NOTHING]
    up, down = (_first_moved(changes, segments, own) for changes in (ways, falls))
    return Counterfactual(
        own,
        _move_up(up, segments, as_of=as_of, words=words) if up else None,
        _move_down(down, segments[down], words) if down else None,
    )


def _for_a_prospect(
    orders: pl.DataFrame, label: Label, *, as_of: datetime, words: MoveWords, usual_value: int
) -> Counterfactual:
    first = Change("first_order", amount=rounded_up(max(usual_value, 1)))
    segment = _scored(orders, label, [first], as_of)[first]
    if segment == WITHOUT_ORDERS:
        return Counterfactual(WITHOUT_ORDERS, None, None)
    about = f" of about {words.money(first.amount)}" if usual_value > 0 else ""
    said = f"A first order{about} that counts would move this customer to {_name(segment, words)}."
    return Counterfactual(WITHOUT_ORDERS, Move(first, segment, None, said), None)


def _orders_tried(orders: pl.DataFrame) -> list[Change]:
    usual = usual_amount(orders)
    off = usual_discount(orders, usual)
    at_full_price = [Change("full_price", amount=rounded_up(usual + off))] if off else []
    larger = [Change("order", rounded_up(usual * halves // 2), off * halves // 2) for halves in (3, 4, 6)]
    return [Change("order", usual, off), *at_full_price, *larger, Change("pair", usual, off)]


def _by_nearness(order_count: int) -> list[Change]:
    """Put short silences first, then the refund, then the long ones; the only order is given back last."""
    silences = [Change("silence", wait_days=days) for days in SILENCES]
    after = LONG_SILENCE_DAYS // 7 if order_count > 1 else len(SILENCES)
    return [*silences[:after], Change("refund"), *silences[after:]]


def _scored(
    orders: pl.DataFrame, label: Label, changes: Sequence[Change], as_of: datetime
) -> dict[Change, str]:
    found = dict(label(imagine(orders, changes, as_of=as_of)).select("customer_id", "segment").rows())
    return {change: found.get(number) or WITHOUT_ORDERS for number, change in enumerate(changes, start=1)}


def _first_moved(changes: Iterable[Change], segments: Mapping[Change, str], own: str) -> Change | None:
    return next((change for change in changes if segments[change] != own), None)


def _move_up(up: Change, segments: Mapping[Change, str], *, as_of: datetime, words: MoveWords) -> Move:
    """Find the last week in which the order still leads there, all weeks before it as well."""
    target, days = segments[up], 0
    while days < DELAYS[-1] and segments[replace(up, wait_days=days + 7)] == target:
        days += 7
    today = as_of.astimezone(ZoneInfo(words.timezone)).date()
    until = today + timedelta(days=days)
    by = _by_words(until, today) if days < DELAYS[-1] else ""
    said = f"{_order_words(up, by, words)} would move this customer to {_name(target, words)}."
    return Move(up, target, until, said)


def _by_words(until: date, today: date) -> str:
    if until == today:
        return "today"
    year = f" {until.year}" if until.year != today.year else ""
    return f"by {until.day} {until:%B}{year}"


def _order_words(change: Change, by: str, words: MoveWords) -> str:
    about = f"about {words.money(change.amount)}"
    if change.kind == "pair":
        first = f", the first {by}," if by else ""
        return f"Two orders of {about} within two weeks{first}"
    at_full_price = " at full price" if change.kind == "full_price" else ""
    return f"An order of {about}{at_full_price}{f' {by}' if by else ''}"


def _move_down(down: Change, segment: str, words: MoveWords) -> Move:
    name = _name(segment, words)
    if down.kind == "refund":
        said = f"A full refund of their last order would move them to {name}."
    else:
        weeks = down.wait_days // 7
        said = f"Without an order for {weeks} more {'week' if weeks == 1 else 'weeks'}, they become {name}."
    return Move(down, segment, None, said)


def _name(slug: str, words: MoveWords) -> str:
    return words.names.get(slug, slug)
