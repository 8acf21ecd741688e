"""What has come of each bundle: who used it, what it earned, and whether it changed anything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from shop_app.bundles.before_after import before_after
from shop_app.bundles.cannibalisation import Anyway
from shop_app.bundles.effect import Effect, Plan, measure_effect
from shop_app.bundles.profit import profit_and_loss
from shop_app.bundles.segment_results import results_by_segment
from shop_app.bundles.terms import Form
from shop_app.bundles.usage import attach_rate
from shop_app.bundles.verdicts import recommend, related_segments
from shop_app.services.at_work import LATE_AGAIN, at_work
from shop_app.services.basket_frames import BasketFrames, read_basket_frames
from shop_app.services.bundle_choices import BundleChoices
from shop_app.services.bundle_result import result_of
from shop_app.services.foresee_effect import WINDOW_DAYS
from shop_app.services.offer_uses import end_of, orders_of_discounts, uses_of
from shop_app.services.push_choices import PushChoices
from shop_app.services.shop_clock import default_as_of, next_midnight
from shop_app.storage import basket_findings, bundle_arms, bundles, customer_scores, shop_settings
from shop_app.storage.bundles import Bundle
from shop_app.storage.engine import transaction
from shop_app.storage.shop_settings import ShopSettings

DUE = "bundles-result"
"""The kind of ``due_work`` that measures what has come of bundles."""

_KEPT = timedelta(days=WINDOW_DAYS + 14)
"""So long after its end an offer is looked at once more each night: returns come late."""
_EARLIEST_DAYS = 14
_PERCENT = 100


def measure_bundles_due(shop_id: int, *, now: datetime) -> None:
    """Measure every bundle that is or was live of late; next after the shop's midnight."""
    with at_work(shop_id, DUE, now, next_at=None, again_after=LATE_AGAIN) as work:
        with transaction(shop_id) as connection:
            timezone = shop_settings.read(connection).timezone
        if measure_bundles(shop_id, as_of=default_as_of(shop_id, now), at=now):
            work.next_at = next_midnight(now, timezone)


def measure_bundles(shop_id: int, *, as_of: datetime, at: datetime) -> int:
    """Measure every bundle that is or was live of late as of a moment; return how many those are."""
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
        running = [
            bundle
            for bundle in bundles.list_bundles(connection, states=("live", "paused", "retired"))
            if bundle.live_from is not None and (bundle.ended_at is None or bundle.ended_at > as_of - _KEPT)
        ]
    if not running:
        return 0
    frames = _frames(shop_id, shop, running, as_of=as_of)
    discounted = orders_of_discounts(shop_id, running, frames, as_of=as_of)
    for bundle in running:
        result = measure_bundle(shop_id, shop, bundle, frames, discounted, as_of=as_of)
        with transaction(shop_id) as connection:
            bundles.write_result(connection, bundle.id, result, at=at)
    return len(running)


def _frames(shop_id: int, shop: ShopSettings, running: Sequence[Bundle], *, as_of: datetime) -> BasketFrames:
    """Read the baskets; what an offer speaks of stays in them, be it a present or left out since."""
    merchandise = BundleChoices.of(shop).merchandise
    offered = {item_id for bundle in running for item_id in bundle.terms.item_ids}
    kept = replace(merchandise, kept_item_ids=merchandise.kept_item_ids | offered)
    return read_basket_frames(shop_id, shop, level="variant", left_out=kept, as_of=as_of)


def measure_bundle(
    shop_id: int,
    shop: ShopSettings,
    bundle: Bundle,
    frames: BasketFrames,
    discounted: pl.DataFrame,
    *,
    as_of: datetime,
) -> dict[str, Any]:
    """Return what has come of one bundle since it went live, as plain values.

    It is measured on those who were in its segment when it began, against those of them who were left out by
    lot; without a control group against their own past, with the caveat in words. So is the attach rate: of the
    orders of those who could use it from the beginning. In its first two weeks an offer is compared with no
    past: days differ more than offers make. ``discounted`` comes from
    :func:`~shop_app.services.offer_uses.orders_of_discounts`.
    """
    assert bundle.live_from is not None  # noqa: S101 (only what was live is measured)
    ended = end_of(bundle, as_of)
    lines, usage = uses_of(shop_id, bundle, frames, as_of=as_of)
    if bundle.terms.form is Form.FIXED:
        usage = usage.join(discounted, on="order_id", how="anti")
    stated = bundle.facts.get("cannibalised")
    account = profit_and_loss(usage, cannibalised=Anyway(**stated) if stated else None)
    people, has_control = _people(shop_id, bundle, frames.orders)
    days_live = max((as_of - bundle.live_from).days, 0)
    spent, before = _spent(people, frames.orders, bundle.live_from, as_of=as_of)
    effect, past = None, None
    if has_control:
        effect = _effect(people, spent, before, shop, bundle, days_live)
    elif days_live >= _EARLIEST_DAYS:
        past = before_after(before, spent)
    by_segment = results_by_segment(
        frames.orders.select("order_id", "customer_id", "day", total="net_revenue"),
        usage,
        people.select("customer_id", "segment"),
        start_day=_day(bundle.live_from, shop.timezone),
        window_days=min(max(days_live, 1), WINDOW_DAYS),
    )
    verdict = recommend(
        account, days_live=days_live, effect=effect, past=past, related=_related(shop_id, bundle)
    )
    if bundle.terms.segment:
        able = people.filter("treated").select("customer_id")
        lines, usage = (frame.join(able, on="customer_id", how="semi") for frame in (lines, usage))
    attached = attach_rate(lines, usage, bundle.terms, live_from=bundle.live_from, ended=ended)
    if days_live < _EARLIEST_DAYS:
        by_segment = by_segment.clear()
    return result_of(account, attached, effect=effect, past=past, by_segment=by_segment, verdict=verdict) | {
        "window_days": WINDOW_DAYS,
        "days_live": days_live,
        "until": ended.isoformat(),
    }


def _people(shop_id: int, bundle: Bundle, orders: pl.DataFrame) -> tuple[pl.DataFrame, bool]:
    """Return ``customer_id``, ``segment``, ``treated``, ``predicted``, and whether some were left out by lot.

    For an offer to everybody these are all who had ordered before it began, with today's label: whoever came
    since has no past to be compared with, and would pass for a gain.
    """
    if bundle.terms.segment:
        arms = bundle_arms.read(shop_id, bundle.id)
        people = arms.select(
            "customer_id",
            segment=pl.lit(bundle.terms.segment),
            treated=pl.col("arm") == "treatment",
            predicted=pl.col("predicted").fill_null(0.0),
        )
        return people, not bool(people["treated"].all())
    earlier = orders.filter(pl.col("at") < bundle.live_from).select("customer_id")
    labelled = customer_scores.read_columns(shop_id, ("segment",)).select("customer_id", "segment")
    labelled = labelled.join(earlier, on="customer_id", how="semi")
    return labelled.with_columns(treated=pl.lit(value=True), predicted=pl.lit(0.0)), False


def _spent(
    people: pl.DataFrame, orders: pl.DataFrame, began: datetime, *, as_of: datetime
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    """Return what everybody paid in the window, net of returns, and in a span as long before it."""
    span = min(as_of - began, timedelta(days=WINDOW_DAYS))

    def paid(since: datetime, until: datetime) -> np.ndarray[Any, np.dtype[np.float64]]:
        within = orders.filter(pl.col("at") >= since, pl.col("at") < until)
        sums = within.group_by("customer_id").agg(paid=pl.col("net_revenue").sum())
        joined = people.select("customer_id").join(sums, on="customer_id", how="left", maintain_order="left")
        return joined["paid"].fill_null(0).cast(pl.Float64).to_numpy()

    return paid(began, began + span), paid(began - span, began)


def _effect(
    people: pl.DataFrame,
    spent: np.ndarray[Any, np.dtype[np.float64]],
    before: np.ndarray[Any, np.dtype[np.float64]],
    shop: ShopSettings,
    bundle: Bundle,
    days_live: int,
) -> Effect:
    treated = people["treated"].to_numpy()
    percent = PushChoices.of(shop).holdouts.get(bundle.terms.segment, 0)
    planned = bundle.facts.get("treatment_ratio") or 1 - percent / _PERCENT
    return measure_effect(
        spent,
        treated,
        predicted=people["predicted"].to_numpy(),
        past=before,
        plan=Plan(
            treatment_ratio=planned if 0 < planned < 1 else float(treated.mean()), window_days=WINDOW_DAYS
        ),
        days_passed=days_live,
    )


def _related(shop_id: int, bundle: Bundle) -> tuple[str, ...]:
    """Return the segments that buy the same things together and do not have this offer yet."""
    pair = bundle.facts.get("evidence", {}).get("pair") or bundle.facts.get("evidence", {}).get("segment")
    if not pair:
        return ()
    with transaction(shop_id) as connection:
        found = [
            each.facts
            for kind, segment in basket_findings.count(connection)
            if kind == "segment_pair"
            for each in basket_findings.list_findings(connection, kind, segment=segment, limit=1_000)
        ]
        others = bundles.list_bundles(connection, states=("approved", "live", "paused"))
    if not found:
        return ()
    taken = {each.terms.segment for each in others if each.terms.item_ids == bundle.terms.item_ids}
    columns = ("segment", "a", "b", "count", "is_found", "is_enough")
    frame = pl.DataFrame([{name: row[name] for name in columns} for row in found])
    return related_segments(frame, pair["a"], pair["b"], taken=taken | {bundle.terms.segment})


def _day(moment: datetime, timezone: str) -> int:
    return (moment.astimezone(ZoneInfo(timezone)).date() - datetime(1970, 1, 1).date()).days  # noqa: DTZ001 (a date)
