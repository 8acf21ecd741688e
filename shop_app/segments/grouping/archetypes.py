"""The names that groups go by: what each means, by which written rule, and what a shop must know for it."""

from dataclasses import dataclass

import polars as pl

from shop_app.segments.grouping.archetype_rules import (
    archetype_rules,
    fit_archetypes,
)

__all__ = [
    "ARCHETYPES",
    "Archetype",
    "archetype_rules",
    "fit_archetypes",
    "missing_signals",
]


@dataclass(frozen=True, slots=True)
class Archetype:
    """A kind of customer that every shop knows by name.

    Attributes
    ----------
    slug
        Leaves the house in tags and is never translated.
    name
        What a screen calls it.
    description
        Who they are, in one sentence.
    rule_words
        The written rule with its thresholds, before a shop's own figures are put in.
    needs
        Columns without which nobody can tell who they are; empty where every shop knows enough.
    """

    slug: str
    name: str
    description: str
    rule_words: str
    needs: tuple[str, ...] = ()


_ALL = (
    Archetype(
        "champions",
        "Champions",
        "They have spent the most of all and are still buying.",
        "Among the top eighth (12.5 %) of buyers by money spent, came back at least once, and active.",
    ),
    Archetype(
        "vip",
        "VIP",
        "They bought very recently, buy often and are among the tenth who spend the most.",
        "Among the top tenth by money spent and the top fifth by orders (three at least), with a last order "
        "more recent than three fifths of buyers have, and active.",
    ),
    Archetype(
        "high-value-active",
        "High-value active",
        "They spend well and are buying right now.",
        "Active, and among the top fifth by the money expected in 365 days, or by money spent where no "
        "expectation is published.",
    ),
    Archetype(
        "loyal",
        "Loyal customers",
        "They order often and regularly, for less money than the Champions.",
        "Among the top fifth by orders (three at least), spent less than Champions, and active.",
    ),
    Archetype(
        "rising-stars",
        "Rising stars",
        "They come back sooner each time, and did so lately.",
        "Came back on three later days or more, the later gaps at most two thirds as long as the earlier ones, "
        "and active.",
    ),
    Archetype(
        "potential-loyalist",
        "Potential loyalists",
        "They have come back and are on the way to becoming regulars.",
        "Came back at least once, with fewer orders than loyal customers, and active.",
    ),
    Archetype(
        "active",
        "Active customers",
        "They have come back and are within their usual rhythm.",
        "Came back at least once, and active: not yet twice past the usual gap.",
    ),
    Archetype(
        "new",
        "New customers",
        "They bought for the first time not long ago.",
        "Bought on one day only, within the shop's usual gap (30 to 90 days).",
    ),
    Archetype(
        "big-spenders",
        "Big spenders",
        "They order seldom, and spend much when they do.",
        "Among the top fifth by money spent, with no more orders than half of the repeat buyers have, and "
        "among the top fifth by the value of an order.",
    ),
    Archetype(
        "price-sensitive",
        "Price-sensitive shoppers",
        "They have come back, mostly when there was something off.",
        "Came back at least once, with a discount on six of ten orders or more.",
        ("discount_share_ratio",),
    ),
    Archetype(
        "one-and-done",
        "One-and-done",
        "They bought on one day, and the usual time for a second order has passed.",
        "Bought on one day only, longer ago than the shop's usual gap (30 to 90 days).",
    ),
    Archetype(
        "at-risk",
        "At risk",
        "They used to come back, and are well past their own usual gap.",
        "Came back at least once, twice past their own usual gap or more, and away for less than half a year.",
    ),
    Archetype(
        "previously-loyal",
        "Previously loyal",
        "They were among the best customers and have stayed away for half a year or more.",
        "As many orders as loyal customers or as much money as Champions, and half a year without an order.",
    ),
    Archetype(
        "dormant",
        "Dormant",
        "They used to come back, and have been away so long that most never return.",
        "Came back at least once, four times past their own usual gap or half a year without an order.",
    ),
    Archetype(
        "hibernating",
        "Hibernating",
        "They have not ordered for half a year or more.",
        "Six months (183 days) or more without an order.",
    ),
    Archetype(
        "interested",
        "Quiet but interested",
        "They have not ordered for long, but still visit the shop, fill carts or click in e-mails.",
        "Twice past the usual gap, or one order longer ago than that; and two visits, two clicks in e-mails or "
        "a cart in the last 30 days.",
        ("visits_30d", "carts_30d", "email_clicks_30d", "last_checkout_days"),
    ),
    Archetype(
        "high-intent",
        "High intent",
        "They have left a valuable cart behind for the third time.",
        "Three checkouts left in 90 days, worth three valuable orders together (valuable: among the top "
        "quarter of the shop's order values).",
        ("checkouts_abandoned_90d", "abandoned_value_90d"),
    ),
    Archetype(
        "habit-buyers",
        "Habit buyers",
        "They come regularly by themselves, without being members of the loyalty programme.",
        "Active, no member, and as many orders as loyal customers.",
        ("is_member",),
    ),
    Archetype(
        "members",
        "Loyalty members",
        "They belong to the loyalty programme and are buying.",
        "Active, and a member of the loyalty programme.",
        ("is_member",),
    ),
    Archetype(
        "prime-like",
        "Like members",
        "They are no members of the loyalty programme, but buy as members do.",
        "Active, no member, with at least as many orders and as much money as half of the active members have.",
        ("is_member",),
    ),
    Archetype(
        "outliers",
        "Fits no group",
        "They are unlike everybody else, and so fit into no group.",
        "Further from every group than all but a few customers, by the density of customers around them.",
        ("is_outlier",),
    ),
    Archetype(
        "prospects",
        "Prospects",
        "They are known to the shop but have no order that counts.",
        "No order that counts.",
    ),
)

ARCHETYPES: dict[str, Archetype] = {archetype.slug: archetype for archetype in _ALL}


_ANY_IS_ENOUGH = frozenset({"interested"})
_SOURCES = {
    "visits_30d": "visits to the shop, carts, left checkouts or clicks in e-mails",
    "discount_share_ratio": "which orders had a discount",
    "checkouts_abandoned_90d": "left checkouts",
    "abandoned_value_90d": "left checkouts",
    "is_member": "who is a member; choose the tag that members have",
    "is_outlier": "which customers stand apart; that is worked out with the groups, from 300 buyers on",
}


def missing_signals(scored: pl.DataFrame) -> dict[str, str]:
    """Say which archetypes cannot be told in this shop, and what is missing for each.

    Parameters
    ----------
    scored
        One row a customer. A column that is not there, or empty for everybody, is unknown.

    Returns
    -------
    dict
        Slug to one sentence; archetypes that can be told are not in it.
    """
    known = {name for name in scored.columns if scored[name].null_count() < scored.height}
    missing: dict[str, str] = {}
    for archetype in _ALL:
        absent = [need for need in archetype.needs if need not in known]
        enough = len(absent) < len(archetype.needs) if archetype.slug in _ANY_IS_ENOUGH else not absent
        if not enough and archetype.needs:
            missing[archetype.slug] = (
                f"{archetype.name} cannot be told yet: this shop does not know {_SOURCES[absent[0]]}."
            )
    return missing
