"""What speaks for an offer in plain words: how often, how many times as often as by chance, how certain."""

from collections.abc import Callable, Mapping
from typing import Any

from shop_app.services.bundle_words import joined

_MOST_TIMES = 100


def evidence_words(evidence: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Say what speaks for an offer, out of the findings behind it by their kind; the unknown is not said."""
    lines: list[str] = []
    for kind, told in _EVIDENCE.items():
        if kind in evidence:
            lines += [line for line in told(evidence[kind]) if line not in lines]
    return tuple(lines)


def interval_words(low: float | None, high: float | None) -> str:
    """Say between which two multiples the truth lies in 95 of 100 cases."""
    if low is None or high is None:
        return ""
    return f"between {times(low)} and {times(high)}"


def times(ratio: float | None) -> str:
    """Return a multiple with its sign; a dash where there is none."""
    if ratio is None:
        return "\u2013"
    return f"over {_MOST_TIMES}\u00d7" if ratio > _MOST_TIMES else f"{ratio:.1f}\u00d7"


def times_words(ratio: float | None, low: float | None) -> str:
    """Return a multiple; where chance brought not one, what it is at the least."""
    return f"at least {times(low)}" if ratio is None and low is not None else times(ratio)


def _pair_words(found: Mapping[str, Any]) -> list[str]:
    lines = []
    count, baskets = found.get("count"), found.get("basket_count")
    if count and baskets:
        lines.append(
            f"{count:,} of {baskets:,} orders ({_percent(count / baskets)}) since both are sold hold both."
        )
    first, second = found.get("a_name"), found.get("b_name")
    for name, number, other in ((first, found.get("a_count"), second), (second, found.get("b_count"), first)):
        if count and number and name and other:
            lines.append(f"Of orders with {name}, {_percent(count / number)} hold {other} too.")
    if found.get("adjusted_lift") is not None:
        lines.append(
            f"That is {times(found['adjusted_lift'])} what orders of these sizes would hold by chance"
            f"{_interval_behind(found, 'adjusted_lift')}"
        )
    return [*lines, *_chance_words(found)]


def _sequence_words(found: Mapping[str, Any]) -> list[str]:
    customers, first = found.get("customers"), found.get("first_customers")
    if not customers or not first:
        return []
    share, names = _percent(customers / first), (found.get("first_name"), found.get("then_name"))
    lines = [
        f"{customers:,} of {first:,} customers ({share}) who bought {names[0]} bought {names[1]} soon after."
    ]
    if found.get("median_gap_days") is not None:
        lines.append(f"Half of them did so within {found['median_gap_days']:.0f} days.")
    if found.get("ratio_low") is not None:
        many = times_words(found.get("ratio"), found["ratio_low"])
        lines.append(
            f"That is {many} as many as among baskets swapped between customers of one week"
            f"{_interval_behind(found, 'ratio')}"
        )
    if found.get("is_ordered") is not None:
        lines.append(
            "The order is more than chance: the other way round is rarer."
            if found["is_ordered"]
            else "Which of them comes first cannot be told from chance."
        )
    return [*lines, *_chance_words(found)]


def _set_words(found: Mapping[str, Any]) -> list[str]:
    names = joined([str(name) for name in found.get("names") or found.get("items") or ("they",)])
    lines = []
    if found.get("count") and found.get("basket_count"):
        lines.append(f"{found['count']:,} of {found['basket_count']:,} orders hold {names} together.")
    if found.get("adjusted_lift") is not None:
        lines.append(
            f"That is {times(found['adjusted_lift'])} what their pairs explain"
            f"{_interval_behind(found, 'adjusted_lift')}"
        )
    return [*lines, *_chance_words(found)]


def _segment_words(found: Mapping[str, Any]) -> list[str]:
    lines = []
    if found.get("count") and found.get("segment_baskets"):
        share = _percent(found["count"] / found["segment_baskets"])
        lines.append(
            f"In this segment {found['count']:,} of {found['segment_baskets']:,} orders ({share}) hold both."
        )
    if found.get("lift_over_store") is not None:
        lines.append(
            f"Against the whole store that is {times(found['lift_over_store'])}"
            f"{_interval_behind(found, 'lift_over_store')}"
        )
    return lines


def _third_words(found: Mapping[str, Any]) -> list[str]:
    two, three = found.get("two_count"), found.get("three_count")
    if not two:
        return []
    line = found.get("category") or "the line"
    return [f"{two:,} orders held two of {line}, and {three or 0:,} held three or more."]


def _chance_words(found: Mapping[str, Any]) -> list[str]:
    if found.get("is_found") is None:
        return []
    if not found["is_found"]:
        return ["It does not pass the guard against chance."]
    return [
        "It passes the guard against chance: of all that pass, one in twenty at most is expected to be chance."
    ]


def _interval_behind(found: Mapping[str, Any], name: str) -> str:
    interval = interval_words(found.get(f"{name}_low"), found.get(f"{name}_high"))
    return f"; in 95 of 100 cases the truth lies {interval}." if interval else "."


_EVIDENCE: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "pair": _pair_words,
    "set": _set_words,
    "sequence": _sequence_words,
    "segment": _segment_words,
    "third": _third_words,
}


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.1f} %"
