"""From stored facts to judged orders and features: the same lines for one person and for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from shop_app.segments.features import build_features
from shop_app.segments.ledger import LedgerRules, judge_orders, loose_refunds
from shop_app.storage.ledger_facts import LedgerFacts, read_ledger_facts
from shop_app.storage.shop_settings import ShopSettings

_HABIT_COLUMNS = ("item_count", "channel", "first_product_id", "goods_total")


@dataclass(frozen=True, slots=True)
class Measured:
    """Every order with its verdict (and its discount), all refunds, every person with their features."""

    judged: pl.DataFrame
    refunds: pl.DataFrame
    features: pl.DataFrame


def rules_of(shop: ShopSettings) -> LedgerRules:
    """Return the merchant's switches over which orders count."""
    return LedgerRules.from_json({**shop.ledger_rules, "currency": shop.currency})


def judge(facts: LedgerFacts, rules: LedgerRules, *, as_of: datetime) -> pl.DataFrame:
    """Return every order with its verdict, its money, and the discount it was placed with."""
    judged = judge_orders(facts.orders, facts.refunds, rules, as_of=as_of)
    return judged.hstack(facts.orders.select("discount"))


def counted_orders(facts: LedgerFacts, judged: pl.DataFrame) -> pl.DataFrame:
    """Return the judged orders that count, as features are built from them."""
    beside = facts.orders.select(_HABIT_COLUMNS)
    return judged.hstack(beside).filter(pl.col("verdict") == "counts").drop("verdict")


def measure_people(
    shop_id: int, person_ids: Sequence[int] | None, shop: ShopSettings, *, as_of: datetime
) -> Measured:
    """Judge the orders of these people (of everybody for ``None``) and sum the counted ones up.

    Only what was known at ``as_of`` is taken into account.
    """
    rules = rules_of(shop)
    facts = read_ledger_facts(shop_id, person_ids, rules)
    judged = judge(facts, rules, as_of=as_of)
    counted = counted_orders(facts, judged)
    refunds, categories, customers = facts.refunds, facts.categories, facts.customers
    del facts  # a large shop's orders are not kept twice

    features = build_features(
        counted,
        categories,
        loose_refunds(refunds, rules, as_of=as_of),
        customers,
        as_of=as_of,
        timezone=shop.timezone,
    )
    return Measured(judged, refunds, features)
