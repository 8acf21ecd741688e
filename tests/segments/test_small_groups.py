from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import law

from shop_app.segments.small_groups import LEAST_PEOPLE, OTHERS, shown_groups


def of_one(**counts):
    names = shown_groups({(value,): count for value, count in counts.items()}, ["country"])
    return names.get("country")


def test_groups_of_five_and_more_are_shown_as_they_are():
    assert of_one(de=5, fr=900) == {"de": "de", "fr": "fr"}


def test_small_groups_are_folded_together():
    assert of_one(de=90, fr=80, pt=3, es=4) == {"de": "de", "fr": "fr", "pt": OTHERS, "es": OTHERS}


def test_one_small_group_takes_the_smallest_large_one_with_it():
    # Else the total less Germany and France would be Portugal.
    assert of_one(de=90, fr=80, es=7, pt=3) == {"de": "de", "fr": "fr", "es": OTHERS, "pt": OTHERS}


@pytest.mark.parametrize("counts", [{"de": 90}, {"de": 90, "pt": 4}, {"de": 2, "pt": 2}, {}])
def test_where_two_groups_cannot_be_shown_none_is(counts):
    assert of_one(**counts) is None


def test_two_dimensions_together_give_nobody_away():
    # All 50 in France speak French, and so do 3 people in Belgium: 53 less 50 would be these three.
    rows = [("fr", "french", 50), ("be", "french", 3), ("be", "dutch", 60), ("de", "german", 70)]
    names = shown_groups({row[:-1]: row[-1] for row in rows}, ["country", "language"])
    assert set(names["country"].values()) == {"be", "de", "fr"}
    assert names["language"] == {"dutch": OTHERS, "french": OTHERS, "german": "german"}


def test_dimensions_that_overlap_widely_are_both_shown():
    rows = [("de", "pos", 40), ("de", "web", 60), ("fr", "pos", 30), ("fr", "web", 50)]
    names = shown_groups({row[:-1]: row[-1] for row in rows}, ["country", "channel"])
    assert {name: set(found.values()) for name, found in names.items()} == {
        "country": {"de", "fr"},
        "channel": {"pos", "web"},
    }


tables = st.dictionaries(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz"), st.sampled_from("01")),
    st.integers(1, 30),
    max_size=20,
)


@law
@given(tables)
def test_nothing_shown_and_no_difference_of_two_is_of_few_people(table):
    dimensions = ["country", "language", "is_new"]
    names = shown_groups(table, dimensions)
    everybody = {(values, number) for values, count in table.items() for number in range(count)}
    groups = [
        {person for person in everybody if found[person[0][dimensions.index(name)]] == label}
        for name, found in names.items()
        for label in sorted(set(found.values()))
    ]
    sides = [side for group in groups for side in (group, everybody - group)]
    assert all(len(side) >= LEAST_PEOPLE for side in sides)
    for one, other in combinations(sides, 2):
        if other < one or one < other:
            assert len(one ^ other) >= LEAST_PEOPLE
