"""What every destination's tests share: the harness that joins one to its stand-in, and how labels get there.

A new destination is `harness_<kind>.py` beside this file, with one subclass of `Harness` in it; the laws in
`test_every_destination.py` then hold for it too.
"""

import importlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from shop_app.destinations.base import Contact, Done, Group, Job, Labels, Outcome, Row
from shop_app.destinations.documents import difference

AT_RISK = Labels(
    segment="at-risk",
    segment_name="At risk",
    others=("no-discounts",),
    may_mail=True,
    rfm="Cannot lose them",
    churn_risk_90d=0.42,
    value_365d="123.40",
    next_order_from="2026-12-01",
    next_order_to="2026-12-20",
    reason="No order for 80 days, where 30 are usual.",
    as_of="2026-11-30",
)
LOYAL = replace(
    AT_RISK,
    segment="loyal",
    segment_name="Loyal",
    others=(),
    rfm="Loyal",
    churn_risk_90d=0.08,
    value_365d="410.00",
    reason="Orders every month.",
)
UNSURE = replace(LOYAL, churn_risk_90d=None, value_365d=None, next_order_from=None, next_order_to=None)
NOTHING = Labels(segment=None)
GROUPS = (Group("at-risk", "At risk"), Group("loyal", "Loyal"))

OK = Outcome("ok")
_PATIENCE_SECONDS = 60.0


class Harness(ABC):
    """A destination connected to its stand-in; what is not answered here, each destination answers.

    `known` are customers that are there, four at least; `secrets` may stand in no text that a person could see.
    """

    known: tuple[int, ...] = ()
    unknown: int = 0
    secrets: tuple[str, ...] = ()
    account_id: str = ""
    knows_customers = True
    """False: the other side takes every customer that it is told of, so nobody is ever absent."""
    reads_back = True
    """False: nothing can be read from the other side, so `read_back` says what is known already."""
    keeps_groups = True
    """False: nothing stands there by itself."""
    knows_repeats = False
    """True: what is sent twice is known there for a repeat, so a lost answer may be told as nothing done."""
    tells_figures = True
    """False: it tells of segments and labels only, and a figure by itself changes nothing."""

    @abstractmethod
    def __init__(self, folder: Path) -> None:
        """Start the stand-in, with customers and with things of others' in it, and connect `destination`."""

    @abstractmethod
    def stop(self) -> None:
        """Stop the stand-in."""

    @abstractmethod
    def contact(self, customer_id: int) -> Contact:
        """By what this customer is found there."""

    @abstractmethod
    def foreign(self) -> object:
        """Everything there that is not ours, comparable as it stands; no moments of change."""

    @abstractmethod
    def ours(self) -> object:
        """Everything there that is ours, read beside the destination."""

    @abstractmethod
    def write_foreign(self, customer_id: int, number: int) -> None:
        """Let somebody else change something of their own at this customer."""

    @abstractmethod
    def spoil(self, row: Row) -> Row:
        """Return the row such that the other side cannot take it, though it takes all others."""

    @abstractmethod
    def refuse_us(self) -> None:
        """Let our key be good no more."""

    @abstractmethod
    def ask_for_patience(self, times: int) -> None:
        """Let so many calls be answered with: later."""

    @abstractmethod
    def lose_answers(self, times: int) -> None:
        """Let so many writing calls have their effect and no answer."""

    @abstractmethod
    def heal(self) -> None:
        """Let nothing go wrong any more, but for a key that is good no more."""

    @abstractmethod
    def writes(self) -> int:
        """Count the writing calls that had an effect or may have had one."""

    def row(self, customer_id: int, before, after, **more) -> Row:
        """A row that owns what it held before and what it is about to get, which is noted down beforehand."""
        named = [part for each in (before, after) for part in (each or {}).values() if isinstance(part, list)]
        owned = frozenset(name for part in named for name in part) - more.get("foreign", frozenset())
        return Row(customer_id, before, after, self.contact(customer_id), **({"owned": owned} | more))


def found_harnesses():
    """Every harness there is, by kind."""
    files = sorted(Path(__file__).parent.glob("harness_*.py"))
    return {
        path.stem.removeprefix("harness_"): _harness_in(importlib.import_module(path.stem)) for path in files
    }


def _harness_in(module) -> Callable[[Path], Harness]:
    (found,) = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Harness) and each.__module__ == module.__name__
    ]
    return found


def bring(harness, rows, groups=()):
    """Do every step for these rows, as the dispatcher does; return what became of each."""
    destination = harness.destination
    ids = destination.find([row for row in rows if row.remote_id is None])
    outcomes = {number: Outcome("absent") for number, remote_id in ids.items() if remote_id is None}
    left = [replace(row, remote_id=row.remote_id or ids.get(row.customer_id)) for row in rows]
    left = [row for row in left if row.customer_id not in outcomes]
    for step in destination.steps(left):
        told = do_step(destination, step, left, groups)
        outcomes |= told
        left = [row for row in left if told[row.customer_id] == OK]
    return {row.customer_id: OK for row in left} | outcomes


def do_step(destination, step, rows, groups=()):
    """Submit and poll until every row has its outcome."""
    outcomes, left, until = {}, list(rows), time.monotonic() + _PATIENCE_SECONDS
    while left:
        receipt = destination.submit(step, left, groups)
        while isinstance(receipt, Job):
            assert time.monotonic() < until
            time.sleep(min(receipt.poll_after_seconds, 0.05))
            receipt = destination.poll(step, receipt.key, left, groups)
        assert isinstance(receipt, Done)
        assert set(receipt.outcomes) <= {row.customer_id for row in left}
        outcomes |= receipt.outcomes
        left = [row for row in left if row.customer_id not in outcomes]
        assert time.monotonic() < until
    return outcomes


def wants(harness, labels, before=None):
    """The document that the destination makes of labels."""
    return harness.destination.desired(labels, previous=before)


def same(left, right):
    """Tell whether two documents say the same."""
    return difference(left, right).is_empty


def reads(harness, rows, groups=()):
    """What is read back, as documents by customer."""
    return harness.destination.read_back(rows, groups) if harness.reads_back else {}


def is_as_wanted(harness, rows, groups=()):
    """Tell whether what is read back is what the rows want, for each of them."""
    if not harness.reads_back:
        return True
    found = reads(harness, rows, groups)
    return all(row.customer_id in found and same(found[row.customer_id], row.after) for row in rows)


def rows_for(harness, labels, numbers, before=None):
    """Rows that bring these customers to labels."""
    return [harness.row(number, before, wants(harness, labels, before)) for number in numbers]
