"""A shop's facts as a whole, to look at them from any day of its past."""

from collections.abc import Callable
from datetime import datetime

import polars as pl

from shop_app.segments.history import History
from shop_app.segments.predictions.model import Predictions, fit_predictions, score_predictions
from shop_app.services.measure_people import rules_of
from shop_app.services.segment_choices import SegmentChoices
from shop_app.storage.ledger_facts import read_ledger_facts
from shop_app.storage.shop_settings import ShopSettings
from shop_app.storage.signals import read_signals


def read_history(shop_id: int, shop: ShopSettings, *, as_of: datetime) -> History:
    """Read everything that is known of a shop, up to ``as_of``."""
    rules = rules_of(shop)
    facts = read_ledger_facts(shop_id, None, rules)
    return History(
        orders=facts.orders,
        refunds=facts.refunds,
        categories=facts.categories,
        customers=facts.customers,
        rules=rules,
        timezone=shop.timezone,
        as_of=as_of,
    )


def look_back(
    shop_id: int, shop: ShopSettings, history: History, predictions: Predictions
) -> Callable[[datetime], pl.DataFrame]:
    """Return what gives everybody's scored features at a moment; each moment is worked out once.

    ``predictions`` are those of the present. Of a moment in the past everything is as it would have been
    then: features, signals, and predictions that were fitted to what was known.
    """
    known: dict[datetime, pl.DataFrame] = {}
    member_tag = SegmentChoices.of(shop).member_tag

    def scored_at(moment: datetime) -> pl.DataFrame:
        if moment not in known:
            fitted = predictions
            if moment != history.as_of:
                fitted = fit_predictions(history, as_of=moment, report=False)
            features = history.features_at(moment)
            signals = read_signals(shop_id, None, as_of=moment, currency=shop.currency, member_tag=member_tag)
            predicted = score_predictions(features, fitted, as_of=moment, timezone=shop.timezone)
            known[moment] = pl.concat([features, predicted.drop("customer_id")], how="horizontal").join(
                signals, on="customer_id", how="left", maintain_order="left"
            )
        return known[moment]

    return scored_at
