"""A shop's segments as they looked at another moment, worked out again from the facts and fits of then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from shop_app.segments.rfm import fit_rfm
from shop_app.services.live_models import LiveModels, read_models_at
from shop_app.services.measure_people import Measured, measure_people
from shop_app.services.score_people import score_people
from shop_app.services.segment_choices import SegmentChoices
from shop_app.services.shop_clock import start_of_day
from shop_app.services.shop_summary import SummaryFacts, build_summary
from shop_app.storage import membership_changes, segment_runs, shop_settings
from shop_app.storage.engine import transaction
from shop_app.storage.shop_settings import ShopSettings
from shop_app.storage.signals import read_signals


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Everybody's scores at a moment, and what they were made of."""

    measured: Measured
    scores: pl.DataFrame
    models: LiveModels


def segments_as_of(shop_id: int, as_of: datetime | None) -> dict[str, Any]:
    """Return the stored overview, or for another moment than its own one that is worked out now.

    A shop that has no stored overview, asked for no moment in particular, gives an empty answer. ``stored``
    tells which of the two it is; ``computed_at`` is ``None`` for one that was not stored.
    """
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
        stored = segment_runs.read_newest(connection)
    if stored is not None and as_of in (None, datetime.fromisoformat(stored["as_of"])):
        return {**stored, "stored": True}
    if as_of is None:
        return {}

    built = rebuild(shop_id, shop, as_of=as_of)

    measured = built.measured
    sums = SummaryFacts(measured.judged, measured.refunds, built.scores, built.models, as_of)
    return {**build_summary(sums, shop), "computed_at": None, "stored": False}


def rebuild(shop_id: int, shop: ShopSettings, *, as_of: datetime, models: LiveModels | None = None) -> Rebuilt:
    """Label everybody as they would have been labelled at a moment (or by these models), and store nothing.

    What happened later is not known to it. The fits are those that were live then, and everybody's segment at
    the midnight before is the one that is in the history of moves; from before the shop's first fit, its edges
    are fitted to that moment. Only who is one person with whom, and tags, are today's knowledge.
    """
    with transaction(shop_id) as connection:
        models = models or read_models_at(connection, as_of)
    settled = membership_changes.read_at(shop_id, start_of_day(as_of, shop.timezone))
    measured = measure_people(shop_id, None, shop, as_of=as_of)
    models = models or LiveModels(fit_rfm(measured.features), None, {})
    member_tag = SegmentChoices.of(shop).member_tag
    signals = read_signals(shop_id, None, as_of=as_of, currency=shop.currency, member_tag=member_tag)
    scores = score_people(measured.features, signals, shop, models, settled=settled, as_of=as_of)
    return Rebuilt(measured, scores, models)
