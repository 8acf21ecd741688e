"""From facts to labels: one path for one customer after a change and for a million at night."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from shop_app.services.fit_models import fit_whole_shop, store_fit
from shop_app.services.live_models import LiveModels, find_edges, read_models
from shop_app.services.measure_people import measure_people
from shop_app.services.score_people import score_people, settle
from shop_app.services.segment_choices import SegmentChoices
from shop_app.services.shop_clock import end_of_day
from shop_app.services.shop_summary import SummaryFacts, build_summary
from shop_app.storage import (
    customer_scores,
    due_work,
    orders,
    people,
    push_marks,
    segment_runs,
    shop_settings,
)
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.refresh_lock import lock_refreshes
from shop_app.storage.shop_settings import ShopSettings
from shop_app.storage.signals import read_signals

SUMMARY_WAITS = timedelta(minutes=5)
"""How long the overview may lag behind single customers; a hundred changes in that time cost one sum."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: the people looked at, the rows and labels it changed, the moment it is true for."""

    customer_count: int
    written_count: int
    moved_count: int
    as_of: datetime


def refresh_customers(
    shop_id: int, customer_ids: Iterable[int] | None, *, as_of: datetime, refit: bool = False
) -> Refreshed:
    """Bring these customers' features and labels up to date (everybody's for ``None``).

    ``refit`` takes the shop's measure anew on the way of a full run: the same as
    :func:`~shop_app.services.fit_models.fit_models` before it, in half the time.

    For equal facts, fits, ``as_of`` and segments at the last shop-local midnight the stored rows are the same,
    bit for bit, whether everybody was refreshed at once or one after the other. Refreshes of a shop take
    turns, and time does not run backwards: where rows are true for a later moment already, and the facts reach
    that far, that moment is kept.

    The overview is one answer from one moment: a full run writes it with the rows. After a refresh of single
    customers it falls due (``due_work``, kind ``summary``) and is summed up anew from the rows themselves.
    """
    with transaction(shop_id) as connection:
        lock_refreshes(connection)
        shop = shop_settings.read(connection)
        whom = None if customer_ids is None else _people(connection, customer_ids)
        known_until = customer_scores.newest_as_of(connection, whom)
        moment = _moment(connection, shop, as_of, known_until)
        edges = None if refit else find_edges(connection)
        if edges is None and whom is not None:
            edges = fit_whole_shop(connection, shop_id, shop, as_of=moment)

        measured = measure_people(shop_id, whom, shop, as_of=moment)
        models = read_models(connection, edges or store_fit(connection, measured.features, as_of=moment))
        scores = score(shop_id, whom, measured.features, shop, models, as_of=moment)

        if known_until is not None and known_until > moment:
            customer_scores.forget_after(connection, moment, of=whom)
        if whom is None:
            sums = SummaryFacts(measured.judged, measured.refunds, scores, models, moment)
            written = _write_all(connection, sums, shop)
        else:
            written = customer_scores.write(connection, scores, as_of=moment, of=whom)
            due_work.ensure_due(connection, shop_id, "summary", due_at=moment + SUMMARY_WAITS)
        if push_marks.mark(connection, whom):
            due_work.ensure_due(connection, shop_id, "push", due_at=as_of)
    return Refreshed(scores.height, written.row_count, written.moved_count, moment)


def score(
    shop_id: int,
    whom: list[int] | None,
    features: pl.DataFrame,
    shop: ShopSettings,
    models: LiveModels,
    *,
    as_of: datetime,
) -> pl.DataFrame:
    """Label everybody in ``features``, with what was theirs at the last midnight held against it."""
    settled = settle(customer_scores.read_standing(shop_id, whom), as_of=as_of, timezone=shop.timezone)
    member_tag = SegmentChoices.of(shop).member_tag
    signals = read_signals(shop_id, whom, as_of=as_of, currency=shop.currency, member_tag=member_tag)
    return score_people(features, signals, shop, models, settled=settled, as_of=as_of)


def _write_all(connection: Connection, sums: SummaryFacts, shop: ShopSettings) -> customer_scores.Written:
    """Write everybody's scores, and the overview, which is summed up while the database is busy with them."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        summary = beside.submit(build_summary, sums, shop)
        written = customer_scores.write(connection, sums.scores, as_of=sums.as_of, of=None)
    segment_runs.write(connection, as_of=sums.as_of, timezone=shop.timezone, summary=summary.result())
    return written


def _people(connection: Connection, customer_ids: Iterable[int]) -> list[int]:
    """Return the people of these rows, and the ids themselves: one may have been a person until now."""
    ids = set(customer_ids)
    return sorted(ids.union(people.list_people_of(connection, ids)))


def _moment(
    connection: Connection, shop: ShopSettings, as_of: datetime, known_until: datetime | None
) -> datetime:
    """Return the moment to refresh for: never before one that is stored and that the facts still reach to.

    Whoever waited for a turn chose ``as_of`` before the one ahead did, and would otherwise unmake what that
    one saw. A file that took its latest orders back does take the shop back in time.
    """
    if known_until is None or known_until <= as_of:
        return as_of
    if shop.source == "shopify":
        return known_until
    newest = orders.newest_processed_at(connection, until=known_until)
    return as_of if newest is None else max(as_of, min(known_until, end_of_day(newest, shop.timezone)))
