"""Rules of every kind, for laws."""

from hypothesis import strategies as st

from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.rules import All, Any_, Condition, operators_for


@st.composite
def rules(draw, depth=4):
    if depth > 1 and draw(st.booleans()):
        parts = draw(st.lists(rules(depth - 1), min_size=1, max_size=3))
        return draw(st.sampled_from([All, Any_]))(tuple(parts))
    feature = draw(st.sampled_from(list(FEATURES.values())))
    operator = draw(st.sampled_from(operators_for(feature)))
    if operator in ("known", "unknown"):
        return Condition(feature.name, operator)
    single = {
        "text": st.sampled_from(["tea", "no", "1", "é: x", "- y"]),
        "yes_no": st.booleans(),
        "share": st.floats(0, 1),
        "probability": st.floats(0, 1),
        "hour": st.integers(0, 23),
        "weekday": st.integers(1, 7),
        "money": st.integers(-(10**13), 10**13),
    }.get(feature.unit, st.integers(0, 10**6) if feature.whole else st.floats(0, 1e9))
    if operator in ("one_of", "none_of"):
        return Condition(
            feature.name, operator, tuple(draw(st.lists(single, min_size=1, max_size=3, unique=True)))
        )
    has_border = operator in ("at_least", "more_than", "at_most", "less_than") and not feature.counts_orders
    return Condition(
        feature.name, operator, draw(single), draw(st.sampled_from([0.0, 0.1])) if has_border else 0.0
    )
