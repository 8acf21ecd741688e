"""Look at all baskets of a shop: what sells together and after each other, for whom, and what to make of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from shop_app.bundles.associations import AssociationRules, Associations, find_associations
from shop_app.bundles.baskets import Baskets, make_baskets
from shop_app.bundles.candidates import Assumptions, Candidates, Findings, find_candidates
from shop_app.bundles.demand import count_demand, count_thirds
from shop_app.bundles.for_whom import pairs_by_segment
from shop_app.services.ask_for_bundles import BUNDLES
from shop_app.services.at_work import LATE_AGAIN, at_work
from shop_app.services.basket_frames import BasketFrames, read_basket_frames
from shop_app.services.bundle_choices import BundleChoices
from shop_app.services.find_over_time import find_over_time, last_whole_day
from shop_app.services.finding_rows import as_findings, candidate_findings, suggestion_rows
from shop_app.services.foresee_effect import foresee
from shop_app.services.live_models import find_edges, read_models
from shop_app.services.push_choices import PushChoices
from shop_app.services.segment_reasons import segment_names
from shop_app.services.shop_clock import default_as_of
from shop_app.storage import basket_findings, bundles, customer_scores, shop_settings
from shop_app.storage.basket_findings import Finding, Run
from shop_app.storage.engine import transaction

Say = Callable[[str], None]

_EVERY = timedelta(days=7)
_ENOUGH_BASKETS = 300
"""Orders of two or more things; below that hardly any pair can be told from chance."""


def find_bundles_due(shop_id: int, *, now: datetime) -> None:
    """Look at all baskets; next in a week, or when a product line is new."""
    with at_work(shop_id, BUNDLES, now, next_at=now + _EVERY, again_after=LATE_AGAIN):
        find_bundles(shop_id, as_of=default_as_of(shop_id, now), at=now)


def find_bundles(
    shop_id: int, *, as_of: datetime, at: datetime, say: Say = lambda _: None, least_count: int | None = None
) -> Run:
    """Find what sells together as it was known at ``as_of``, and keep it in the place of what was found before.

    Nothing is offered to anybody by this: what could be is listed for a person to look at. ``least_count`` is
    how many orders a pair must be in to be looked at at all.
    """
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
        edges = find_edges(connection)
        names = {} if edges is None else segment_names(shop, read_models(connection, edges))
        own = bundles.list_made_products(connection)
    choices = BundleChoices.of(shop)
    say("Reading every order.")
    frames = read_basket_frames(shop_id, shop, level=choices.level, left_out=choices.merchandise, as_of=as_of)
    frames = replace(
        frames, items=frames.items.filter(~pl.col("product_number").is_in(own).fill_null(value=False))
    )
    segments = _segments(shop_id)
    baskets = make_baskets(frames.lines, frames.keys)
    say("Counting what is bought together.")
    rules = AssociationRules() if least_count is None else AssociationRules(least_count=least_count)
    associations = find_associations(baskets, rules)
    say("Looking at who comes back for what.")
    local = as_of.astimezone(ZoneInfo(shop.timezone))
    found = find_over_time(frames, segments, choices, last_day=last_whole_day(local))
    found["segment_pair"] = pairs_by_segment(baskets, segments, associations.pairs, rules)
    say("Working out what could be offered.")
    candidates = _candidates(frames, segments, associations, found, choices, local)
    rows = _rows(associations, baskets, found, candidates, frames)
    foreseen = foresee(frames.orders, segments, PushChoices.of(shop).holdouts, as_of=as_of)
    told = {
        slug: foreseen.get(slug, {}) | facts for slug, facts in _segment_facts(baskets, segments, names).items()
    }
    with transaction(shop_id) as connection:
        return basket_findings.write(
            connection,
            as_of=as_of,
            at=at,
            facts=_facts(frames, baskets, choices, rows, associations, told),
            findings=rows,
        )


def _segments(shop_id: int) -> pl.DataFrame:
    """Return today's label of every customer."""
    return customer_scores.read_columns(shop_id, ("segment",)).select("customer_id", "segment")


def _candidates(
    frames: BasketFrames,
    segments: pl.DataFrame,
    associations: Associations,
    found: Mapping[str, pl.DataFrame],
    choices: BundleChoices,
    local: datetime,
) -> Candidates:
    """Return what could be offered; of sequences those of the whole store alone make offers."""
    day = last_whole_day(local) + 1
    of_store = pl.col("segment") == ""
    return find_candidates(
        Findings(
            demand=count_demand(frames.lines, frames.keys, segments, as_of_day=day),
            pairs=associations.pairs,
            sets=associations.sets,
            sequences=found["sequence"].filter(of_store),
            by_segment=found["segment_pair"],
            thirds=count_thirds(frames.lines, frames.items, segments, as_of_day=day),
        ),
        frames.items,
        frames.keys,
        choices.rules,
        as_of=local,
        assumptions=Assumptions(uptake=choices.uptake),
        collections=frames.collections,
    )


def _rows(
    associations: Associations,
    baskets: Baskets,
    found: Mapping[str, pl.DataFrame],
    candidates: Candidates,
    frames: BasketFrames,
) -> list[Finding]:
    """Return everything as rows in the order in which it is shown."""
    return [
        *as_findings("pair", associations.pairs, ("a", "b")),
        *as_findings("set", associations.sets, ("items",)),
        *as_findings("suggestion", suggestion_rows(associations, baskets), ("a",)),
        *as_findings("sequence", found["sequence"], ("first", "then")),
        *as_findings("next", found["next"], ("place", "after", "key")),
        *as_findings("one_and_done", found["one_and_done"], ("key",)),
        *as_findings("segment_pair", found["segment_pair"], ("a", "b")),
        *as_findings("category_pair", found["category_pair"], ("first", "second")),
        *candidate_findings(candidates),
        *as_findings("left_out", frames.left_out, ("item_id",)),
    ]


def _facts(
    frames: BasketFrames,
    baskets: Baskets,
    choices: BundleChoices,
    rows: list[Finding],
    associations: Associations,
    told: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return what the look was made of, and in words what there is not enough of."""
    wide = int((baskets.sizes > 1).sum())
    days = frames.lines["day"]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.kind] = counts.get(row.kind, 0) + 1
    # Lines of goods that were looked at and left out are known as well, or each gift card would ask for a look.
    known = pl.concat([frames.lines["item_id"], frames.left_out["item_id"]])
    categories = frames.items.filter(pl.col("item_id").is_in(known.unique().to_list()))["category"].drop_nulls()
    return {
        "level": choices.level,
        "baskets": baskets.basket_count,
        "baskets_of_several": wide,
        "lines": frames.lines.height,
        "items": frames.lines["item_id"].n_unique(),
        "customers": frames.lines["customer_id"].drop_nulls().n_unique(),
        "window_days": choices.window_days,
        "days": [days.min(), days.max()] if days.len() else [None, None],
        "capped_baskets": associations.wide_basket_count,
        "tested_pairs": associations.tested_pair_count,
        "counts": counts,
        "segments": told,
        "categories": sorted(set(categories.to_list())),
        "words": _words(frames, choices, wide),
        "enough": wide >= _ENOUGH_BASKETS,
        "baskets_needed": _ENOUGH_BASKETS,
    }


def _words(frames: BasketFrames, choices: BundleChoices, wide: int) -> list[str]:
    """Return in sentences what there is not enough of."""
    words = []
    if wide < _ENOUGH_BASKETS:
        words.append(
            f"There {'is 1 order' if wide == 1 else f'are {wide:,} orders'} with two things or more. From "
            f"about {_ENOUGH_BASKETS} on it can be told what sells together and what is chance."
        )
    first, last = frames.lines["day"].min(), frames.lines["day"].max()
    horizon = Assumptions().horizon_days
    days = last - first + 1 if isinstance(first, int) and isinstance(last, int) else horizon
    if days < horizon:
        words.append(
            f"Orders are known of {days} {'day' if days == 1 else 'days'} only: what offers are expected to "
            f"bring in {horizon} days is scaled up from them."
        )
    if frames.items["cost"].null_count() == frames.items.height and choices.rules.assumed_cost_ratio is None:
        words.append(
            "No product has a cost, so nothing can be offered: set a cost per item in Shopify, or say under "
            "rules which share of the price to assume."
        )
    return words


def _segment_facts(
    baskets: Baskets, segments: pl.DataFrame, names: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    counted = (
        baskets.orders.join(segments, on="customer_id")
        .group_by("segment")
        .agg(customers=pl.col("customer_id").n_unique(), baskets=pl.len())
    )
    return {
        row["segment"]: {
            "name": names.get(row["segment"], row["segment"]),
            "customers": row["customers"],
            "baskets": row["baskets"],
        }
        for row in counted.sort("segment").iter_rows(named=True)
    }
