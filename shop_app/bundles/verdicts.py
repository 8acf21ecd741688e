"""What to do with an offer that has run: carry it to more segments, keep it, or take it down, and why."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from shop_app.bundles.before_after import BeforeAfter
from shop_app.bundles.effect import (
    BETTER,
    NO_DIFFERENCE,
    TOO_EARLY,
    WORSE,
    Effect,
)
from shop_app.bundles.profit import ProfitAndLoss

SCALE, KEEP, RETIRE = "scale", "keep", "retire"
LEAST_USES = 10
PATIENCE_DAYS = 45
# Sources that propose such tests run them for 30 to 45 days.


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in words; ``amount`` (minor units) belongs behind them, ``None`` where there is none."""

    words: str
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A recommendation: ``scale``, ``keep`` or ``retire``, with its reasons and the segments to carry it to."""

    word: str
    reasons: tuple[Reason, ...]
    scale_to: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain values, as they are kept and shown."""
        return asdict(self)


def recommend(
    account: ProfitAndLoss,
    *,
    days_live: int,
    effect: Effect | None = None,
    past: BeforeAfter | None = None,
    related: Collection[str] = (),
) -> Verdict:
    """Say what to do with an offer. A loss or a measured harm outweighs everything; hope alone scales nothing.

    Parameters
    ----------
    account
        What it earned so far.
    days_live
        How long it has been live, 0 or more.
    effect
        The measurement against a control group; ``None`` where there was none.
    past
        The comparison with its customers' own past; never a reason to scale or to retire.
    related
        Segments that it could be carried to: :func:`related_segments`.

    Returns
    -------
    Verdict
        ``scale`` only for an offer that a control group showed to bring more, at a profit.
    """
    earned = Reason("After the goods and other costs it has left:", account.margin)
    measured = _measured(effect, past)
    word = "" if effect is None else effect.verdict
    if account.order_count and account.margin < 0 and word != WORSE:
        return Verdict(RETIRE, (Reason("It is sold at a loss:", account.margin), *measured))
    if word in (WORSE, TOO_EARLY):
        return Verdict(RETIRE if word == WORSE else KEEP, (*measured, earned))
    if account.use_count < LEAST_USES:
        return _hardly_used(account, days_live, measured)
    if word == BETTER and account.uncosted_order_count < account.order_count:
        return Verdict(SCALE, (*measured, earned), tuple(related))
    if word == BETTER:
        measured += (Reason("What its goods cost is not known, so neither is whether more of it would pay."),)
    if word == NO_DIFFERENCE and _gives_away(account):
        words = "Most of the discount went to people who would have paid in full:"
        return Verdict(RETIRE, (*measured, Reason(words, account.discount_to_anyway), earned))
    return Verdict(KEEP, (*measured, earned))


def related_segments(
    by_segment: pl.DataFrame, first: str, rest: str, *, taken: Collection[str], most: int = 3
) -> tuple[str, ...]:
    """Return the segments in which a pair is found as well and which do not have the offer yet.

    Parameters
    ----------
    by_segment
        ``segment``, ``a``, ``b``, ``count``, ``is_found``, ``is_enough``: the pairs of every segment.
    first, rest
        The keys of the pair, in either order.
    taken
        Segments that have the offer; "" among them is everybody, and then there is nowhere left.
    most
        How many to name at most, those first that bought the pair most often.
    """
    if "" in taken:
        return ()
    pair = [first, rest]
    both = pl.col("a").is_in(pair) & pl.col("b").is_in(pair) & (pl.col("a") != pl.col("b"))
    free = ~pl.col("segment").is_in(list(taken))
    fits = by_segment.filter(both, free, pl.col("is_found"), pl.col("is_enough"))
    ordered = fits.sort(["count", "segment"], descending=[True, False])
    return tuple(ordered["segment"].unique(maintain_order=True).head(most))


def _measured(effect: Effect | None, past: BeforeAfter | None) -> tuple[Reason, ...]:
    if effect is not None:
        return (Reason(effect.words),)
    if past is None or past.difference is None:
        return (Reason("There was no control group, so whether it changed anything is not known."),)
    words = "Whether its customers paid more or less since it began than before cannot be told from chance."
    if (past.low or 0) > 0 or (past.high or 0) < 0:
        words = f"Its customers paid {'more' if past.difference > 0 else 'less'} since it began than before."
    return (Reason(f"{words} {past.caveat}"),)


def _hardly_used(account: ProfitAndLoss, days_live: int, measured: tuple[Reason, ...]) -> Verdict:
    if days_live < PATIENCE_DAYS:
        waiting = f"It was used {account.use_count} times in {days_live} days: give it {PATIENCE_DAYS}."
        return Verdict(KEEP, (Reason(waiting), *measured))
    return Verdict(
        RETIRE, (Reason(f"It was used only {account.use_count} times in {days_live} days."), *measured)
    )


def _gives_away(account: ProfitAndLoss) -> bool:
    return account.discount_to_anyway is not None and account.discount_to_anyway * 2 > account.discount > 0
