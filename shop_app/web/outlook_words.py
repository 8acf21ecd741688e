"""What is expected of one customer and what is known of their habits, in words for screens and terminals."""

from collections.abc import Mapping

from shop_app.segments.grouping.rule_words import WEEKDAYS
from shop_app.services.customer_story import CustomerStory
from shop_app.web.formats import Formats, capital, day_words, days, decimal, percent
from shop_app.web.pages import Fact

_LATE, _EARLY = 1.1, 0.9
"""Times the usual gap within which somebody is about due."""
_HIGH, _LOW = 0.6, 0.3
"""The index of price sensitivity from which on, and below which, it is called high and low."""
_NAMES = {
    "order_probability_90d": "Whether they order again",
    "predicted_clv_365d": "What they will spend",
    "next_order_from": "When the next order comes",
}
"""What a page says is missing where it is not published."""


def expected_facts(story: CustomerStory, formats: Formats) -> tuple[Fact, ...]:
    """Say what to expect of somebody, as ranges; nothing of what this shop does not publish."""
    facts = []
    chance, churn = story.order_probability_90d, story.churn_probability_90d
    if chance is not None:
        facts.append(
            Fact("Orders again in 90 days", percent(chance), f"{percent(churn)} risk that they do not")
        )
    if story.expected_orders_90d is not None:
        facts.append(Fact("Orders expected", _orders(story.expected_orders_90d), "in the next 90 days"))
    if story.predicted_clv_365d is not None:
        low, high = story.predicted_clv_365d_low, story.predicted_clv_365d_high
        span = f"between {formats.money(low)} and {formats.money(high)}" if low is not None else ""
        facts.append(Fact("Spends in 365 days", formats.money(story.predicted_clv_365d), span))
    if story.next_order_from is not None:
        until = f"and {day_words(story.next_order_to)}, most likely"
        facts.append(Fact("Next order between", day_words(story.next_order_from), until))
    return tuple(facts)


def habit_facts(story: CustomerStory) -> tuple[Fact, ...]:
    """Say what somebody is used to, as far as it is known."""
    facts = [
        ("Rhythm", _rhythm_words(story)),
        ("Best time to write", _time_words(story)),
        ("Price sensitivity", _price_words(story.price_sensitivity_index)),
        ("Drawn to", _taste_words(story)),
        ("Unlike the others", "They fit into no group well." if story.is_outlier else ""),
    ]
    return tuple(Fact(name, words) for name, words in facts if words)


def missing_words(story: CustomerStory, published: Mapping[str, str]) -> tuple[str, ...]:
    """Say what is not published yet and why; a reason that several share is said once.

    ``published`` says of each prediction why this shop does not publish it, "" where it does.
    """
    reasons: dict[str, list[str]] = {}
    for column, name in _NAMES.items():
        if getattr(story, column) is None and published.get(column):
            reasons.setdefault(published[column], []).append(name)
    return tuple(
        f"Not published yet: {'; '.join(_lower(name) for name in names)}. {capital(reason)}"
        for reason, names in reasons.items()
    )


def _orders(number: float) -> str:
    """Write a mean of orders: with two digits where one would make it nothing."""
    return decimal(number) if number >= 1 else f"{number:.2f}"


def _rhythm_words(story: CustomerStory) -> str:
    gap, drift = story.usual_gap_days, story.cadence_drift_ratio
    if gap is None or drift is None:
        return ""
    usual = f"their usual gap of {days(gap)}"
    if drift > _LATE:
        return f"{decimal(drift)} times past {usual}."
    if drift < _EARLY:
        return f"Within {usual}."
    return f"About due: they have waited {usual}."


def _time_words(story: CustomerStory) -> str:
    """Say the hour and the weekday, as far as they are known; weekdays count from Monday, 1."""
    if story.send_hour is None and story.send_weekday is None:
        return ""
    weekday = f"{WEEKDAYS[story.send_weekday - 1]}s" if story.send_weekday is not None else "Any day"
    return f"{weekday} around {story.send_hour}:00" if story.send_hour is not None else weekday


def _price_words(index: float | None) -> str:
    if index is None:
        return ""
    level = "High" if index >= _HIGH else "Low" if index < _LOW else "Medium"
    meaning = {
        "High": "they mostly buy when the price is down",
        "Medium": "a lower price helps now and then",
        "Low": "they buy at full price",
    }[level]
    return f"{level}: {meaning} ({index:.2f} on a scale from 0 to 1)."


def _taste_words(story: CustomerStory) -> str:
    if story.affinity_category is None:
        return ""
    if story.affinity_ratio is None:
        return story.affinity_category
    return f"{story.affinity_category}: {decimal(story.affinity_ratio)} times the share that others buy of it."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
