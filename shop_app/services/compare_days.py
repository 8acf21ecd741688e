"""Who moved from which segment to which between two days, each looked at as it was then."""

from datetime import datetime
from typing import Any

import polars as pl

from shop_app.errors import InvalidInputError, RefusedError
from shop_app.segments.movements import movements
from shop_app.services.live_models import find_edges, read_models, read_models_at
from shop_app.services.money_words import money_words
from shop_app.services.segment_reasons import segment_names
from shop_app.services.segments_as_of import rebuild
from shop_app.storage import shop_settings
from shop_app.storage.engine import transaction


def compare_days(shop_id: int, before: datetime, after: datetime) -> dict[str, Any]:
    """Compare two moments of a shop's time.

    Both are worked out anew from the facts and fits of then. Where the shop's groups are younger than a moment,
    today's are used for it: two ways of grouping cannot be compared.

    Returns
    -------
    dict
        What :func:`~shop_app.segments.movements.movements` gives, with ``from``, ``to`` (the moments),
        ``names`` (by slug), ``currency`` and ``with_todays_groups``: whether that was needed.

    Raises
    ------
    InvalidInputError
        The later moment is not later.
    RefusedError
        The shop has no segments yet.
    """
    if before >= after:
        raise InvalidInputError("from: give a day before the other one.", field="from")
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
        edges = find_edges(connection)
        if edges is None:
            raise RefusedError("This shop has no segments yet; `kindred refresh` works them out.")
        live = read_models(connection, edges)
        then = [read_models_at(connection, moment) for moment in (before, after)]

    younger = live.segmentation is not None and any(not at or at.segmentation is None for at in then)
    looks = [
        rebuild(shop_id, shop, as_of=moment, models=live if younger else at)
        for moment, at in zip((before, after), then, strict=True)
    ]
    names = segment_names(shop, live)
    found = movements(
        _held(looks[0].scores),
        _held(looks[1].scores),
        names=names,
        money=lambda amount: money_words(amount, shop.currency),
    )
    return {
        **found,
        "from": before.isoformat(),
        "to": after.isoformat(),
        "names": names,
        "currency": shop.currency,
        "with_todays_groups": younger,
    }


def _held(scores: pl.DataFrame) -> pl.DataFrame:
    return scores.select("customer_id", "segment", "total_spent")
