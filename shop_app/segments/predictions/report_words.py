"""The report card in a few sentences."""

from collections.abc import Mapping
from typing import Any

from shop_app.segments.grouping.percents import percent
from shop_app.segments.predictions.publishing import has_skill

MUCH_DRIFT = 0.25


def report_words(card: Mapping[str, Any]) -> list[str]:
    """Sum the report card up for the merchant, a sentence a point."""
    chance = card["order_probability_90d"]
    sentences = [*card["missing"], *_store_rate(card["store_rate_90d"])]
    if not chance:
        return [*sentences, "Nothing could be tried on this shop's own past yet."]
    if card["missing"]:
        return [*sentences, "Everything was tried on the past; with so little of it, that says little."]
    days = len(chance["origins"])
    sentences.append(
        f"Tried on {days} day{'s' * (days != 1)} of the shop's past, knowing only what was known on each."
    )
    sentences += [_ranking(chance), _level(chance)]
    sentences += [part for part in (_skill(chance), _interval(card), _band(card)) if part]
    if card["warning"]:
        sentences.append(card["warning"]["words"])
    if card["season"]:
        sentences.append(card["season"]["words"])
    drift = card["drift"]
    if drift and drift["stability_index"] is not None and drift["stability_index"] > MUCH_DRIFT:
        sentences.append("Customers' chances look very different from 13 weeks ago.")
    return sentences


def _store_rate(rate: Mapping[str, Any]) -> list[str]:
    if rate["ratio"] is None or not rate["low_data"]:
        return []
    return [f"Of all customers {percent(rate['ratio'])} ordered in the last 90 days known (low data)."]


def _ranking(chance: Mapping[str, Any]) -> str:
    if chance["auc"] is None:
        return "In the days tried either everybody ordered or nobody did."
    times = round(100 * chance["auc"])
    return f"Of two customers of whom one ordered, that one had the higher chance {times} times in 100."


def _level(chance: Mapping[str, Any]) -> str:
    said, true = percent(chance["predicted_ratio"]), percent(chance["observed_ratio"])
    return f"{said} were expected to order within 90 days, {true} did."


def _skill(chance: Mapping[str, Any]) -> str | None:
    skill, rule = chance["skill"], chance["best_baseline_words"]
    if skill is None:
        return None
    if not has_skill(skill):
        return f"That is not surely, or hardly, better than going by {rule}."
    return f"Errors were {percent(skill['ratio'])} smaller than when going by {rule}."


def _interval(card: Mapping[str, Any]) -> str | None:
    value = card["predicted_clv_365d"]
    covered = value["interval"]["coverage_ratio"] if value else None
    if covered is None:
        return None
    return f"{percent(covered)} of customers brought a sum within their interval, over {value['days']} days."


def _band(card: Mapping[str, Any]) -> str | None:
    band = card["next_order"]["band"] if card["next_order"] else None
    if not band or band["coverage_ratio"] is None:
        return None
    return f"{percent(band['coverage_ratio'])} of the orders that came did so within their band of days."
