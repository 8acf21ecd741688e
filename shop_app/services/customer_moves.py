"""What would move a customer to another segment: imagined, and scored the way everybody is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from shop_app.segments.counterfactual import Counterfactual, MoveWords, find_moves
from shop_app.segments.features import build_features
from shop_app.segments.ledger import loose_refunds
from shop_app.services.live_models import LiveModels
from shop_app.services.measure_people import counted_orders, rules_of
from shop_app.services.money_words import money_words
from shop_app.services.score_people import score_people
from shop_app.storage.customer_scores import SIGNAL_COLUMNS
from shop_app.storage.ledger_facts import LedgerFacts
from shop_app.storage.shop_settings import ShopSettings


@dataclass(frozen=True, slots=True)
class MovedBy:
    """What an imagined customer is scored with: their own facts, and what everybody is scored by."""

    facts: LedgerFacts
    judged: pl.DataFrame
    scores: Mapping[str, Any]
    shop: ShopSettings
    models: LiveModels
    names: Mapping[str, str]


def customer_moves(moved: MovedBy, *, usual_value: int) -> Counterfactual:
    """Find the smallest changes that would move one customer, up and down.

    Every change is scored by the same code that labels everybody, for the moment that the customer's stored
    figures are true for; their signals and their segment at the last midnight are their own in each of them.
    """
    as_of = moved.scores["as_of"]
    return find_moves(
        counted_orders(moved.facts, moved.judged),
        lambda imagined: _labelled(imagined, moved, as_of),
        as_of=as_of,
        words=MoveWords(
            names=moved.names,
            money=lambda amount: money_words(amount, moved.shop.currency),
            timezone=moved.shop.timezone,
        ),
        usual_value=usual_value,
    )


def _labelled(imagined: pl.DataFrame, moved: MovedBy, as_of: datetime) -> pl.DataFrame:
    features = build_features(
        imagined,
        moved.facts.categories,
        _loose(imagined, moved, as_of),
        pl.DataFrame(schema={"customer_id": pl.Int64, "signup_source": pl.String}),
        as_of=as_of,
        timezone=moved.shop.timezone,
    )
    features = features.with_columns(signup_source=pl.lit(moved.scores["signup_source"], pl.String))
    return score_people(
        features,
        _for_each(features, {name: moved.scores.get(name) for name in SIGNAL_COLUMNS}),
        moved.shop,
        moved.models,
        settled=_for_each(features, {"settled_segment": moved.scores.get("settled_segment")}),
        as_of=as_of,
    ).select("customer_id", "segment")


def _loose(imagined: pl.DataFrame, moved: MovedBy, as_of: datetime) -> pl.DataFrame:
    """Give every imagined customer the refunds that belong to no order of the real one's."""
    own = loose_refunds(moved.facts.refunds, rules_of(moved.shop), as_of=as_of)["amount"].sum()
    everybody = imagined.select("customer_id").unique().sort("customer_id")
    return everybody.with_columns(amount=pl.lit(own, pl.Int64)).filter(pl.col("amount") > 0)


def _for_each(features: pl.DataFrame, values: Mapping[str, Any]) -> pl.DataFrame:
    """Give every imagined customer what is the real one's own; what is unknown of them is left out."""
    known = {name: value for name, value in values.items() if value is not None}
    if "settled_segment" in values:
        return features.select("customer_id", settled_segment=pl.lit(values["settled_segment"], pl.String))
    return features.select("customer_id", **{name: pl.lit(value) for name, value in known.items()})
