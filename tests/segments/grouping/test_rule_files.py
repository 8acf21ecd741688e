import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_strategies import rules
from segment_frames import law

from shop_app.segments.grouping.rule_files import SegmentRule, segments_from_data, segments_to_data
from shop_app.segments.grouping.rules import Condition, RuleError

REGULARS = {"slug": "regulars", "name": "Regulars", "when": {"feature": "total_spent", "at_least": 250}}


def file(*segments, **header):
    return {"kindred": 1, "segments": list(segments)} | header


def refusal(data, currency="EUR"):
    with pytest.raises(RuleError) as refused:
        segments_from_data(data, currency=currency)
    return str(refused.value)


def test_money_in_files_is_in_whole_units_of_the_shops_currency():
    (euros,) = segments_from_data(file(REGULARS), currency="EUR")
    (yen,) = segments_from_data(file(REGULARS), currency="JPY")
    assert euros == SegmentRule("regulars", "Regulars", "", Condition("total_spent", "at_least", 25_000))
    assert yen.rule.value == 250
    assert segments_to_data([euros], currency="EUR")["segments"][0]["when"] == REGULARS["when"]


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (None, "kindred: is missing; the file begins with kindred: 1"),
        ([], "kindred: is missing"),
        (file(REGULARS, kindred=2), "kindred: is 2, and this version reads 1"),
        (file(REGULARS, kindred=True), "kindred: is True"),
        (file(REGULARS, currency="USD"), "currency: the amounts are in 'USD', and this shop counts in EUR"),
        (file(REGULARS, owner="x"), "owner: is not known here; there are kindred, currency, segments"),
        (file(), "segments: must be a list of at least one segment"),
        (file(segments="x"), "segments: must be a list"),
        (file(*[REGULARS] * 201), "segments: has 201 segments, and 200 are the most"),
        (file(3), "segments[0]: must be a segment with slug, name"),
        (file(REGULARS | {"rule": 1}), "segments[0].rule: is not known here"),
        (file(REGULARS | {"slug": "Two words"}), "segments[0].slug: must be small letters"),
        (file(REGULARS | {"slug": "x" * 61}), "segments[0].slug: has 61 characters, and 60 are the most"),
        (file(REGULARS | {"name": 3}), "segments[0].name: must be a text"),
        (file(REGULARS | {"description": 3}), "segments[0].description: must be a text"),
        (file({"slug": "x", "name": "X"}), "segments[0].when: is missing"),
        (file(REGULARS, REGULARS), "segments[1].slug: 'regulars' is taken by segments[0]"),
        (
            file(REGULARS, REGULARS | {"slug": "x", "when": {"all": [{"feature": "spent"}]}}),
            "segments[1].when.all[0].feature: there is no 'spent'; did you mean total_spent",
        ),
    ],
)
def test_what_makes_no_file_is_refused_with_its_place(data, trouble):
    assert refusal(data).startswith(trouble)


@law
@given(
    st.lists(st.tuples(rules(), st.text(max_size=20)), min_size=1, max_size=5),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_segments_survive_being_written_and_read(parts, currency):
    segments = tuple(
        SegmentRule(f"s-{n}", f"Segment {n}", text.strip(), rule) for n, (rule, text) in enumerate(parts)
    )
    written = json.loads(json.dumps(segments_to_data(segments, currency=currency)))
    assert segments_from_data(written, currency=currency) == segments
