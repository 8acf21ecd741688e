from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import feature_frames, features, law

from shop_app.segments.labels import label_customers
from shop_app.segments.rfm import fit_rfm, score_rfm
from shop_app.segments.vocabularies import VOCABULARIES, assign_groups, frequency_monetary, ladder_for

LADDERS = ("three", "five", "all")
EVERY = [(name, ladder) for name in VOCABULARIES for ladder in LADDERS]

SHOPIFY_TABLE = {  # reference, C3: recency from 5 down, FM from 1 to 5
    5: ["new", "active", "active", "champions", "champions"],
    4: ["promising", "active", "active", "loyal", "loyal"],
    3: ["almost-lost", "almost-lost", "needs-attention", "loyal", "loyal"],
    2: ["dormant", "dormant", "at-risk", "at-risk", "previously-loyal"],
    1: ["dormant", "dormant", "at-risk", "at-risk", "previously-loyal"],
}


def marks(*rows):
    names = ("recency_mark", "frequency_mark", "monetary_mark")
    columns = {name: pl.Series([row[place] for row in rows], dtype=pl.Int8) for place, name in enumerate(names)}
    return pl.DataFrame({"customer_id": list(range(1, len(rows) + 1))} | columns)


def levels(*rows):
    frame = marks(*rows)
    return frame.rename({name: name.replace("mark", "level") for name in frame.columns[1:]})


def groups(frame, vocabulary, ladder="all", **options):
    return assign_groups(frame, vocabulary, ladder, **options)["rfm_group"].to_list()


@pytest.mark.parametrize(("vocabulary", "buyer_groups"), [("shopify", 10), ("putler", 11), ("klaviyo", 6)])
@pytest.mark.parametrize(("ladder", "limit"), [("three", 3), ("five", 5), ("all", 99)])
def test_a_ladder_has_as_many_groups_of_buyers_as_it_says(vocabulary, buyer_groups, ladder, limit):
    found = VOCABULARIES[vocabulary].groups_at(ladder)
    assert len(found) == min(buyer_groups, limit) + 1
    assert found[-1].slug == "prospects"


@pytest.mark.parametrize(("vocabulary", "ladder"), EVERY)
def test_every_cell_has_exactly_one_group_and_every_group_a_cell(vocabulary, ladder):
    chosen = VOCABULARIES[vocabulary]
    cells = chosen.cells_at(ladder)
    axes = [(1, 2, 3)] * 3 if chosen.has_levels else [(1, 2, 3, 4, 5)] * 2
    assert set(cells) == set(product(*axes))
    assert {*cells.values(), "prospects"} == {group.slug for group in chosen.groups_at(ladder)}


@pytest.mark.parametrize(("vocabulary", "ladder"), EVERY)
def test_every_group_has_words_of_its_own(vocabulary, ladder):
    found = VOCABULARIES[vocabulary].groups_at(ladder)
    for part in ("slug", "name", "description"):
        assert len({getattr(group, part) for group in found}) == len(found)
    for group in found:
        assert group.description.endswith(".")
        assert group.advice.endswith(".")
        assert group.slug == group.slug.lower().replace(" ", "-").replace("'", "")


def test_shopifys_table_is_the_published_one():
    cells = VOCABULARIES["shopify"].cells_at("all")
    assert {recency: [cells[recency, fm] for fm in range(1, 6)] for recency in range(5, 0, -1)} == SHOPIFY_TABLE


def test_klaviyos_loyal_codes_are_the_stated_ones():
    cells = VOCABULARIES["klaviyo"].cells_at("all")
    loyal = {cell for cell, slug in cells.items() if slug == "loyal"}
    assert loyal == {(3, 2, 1), (3, 2, 2), (3, 3, 1), (2, 3, 2), (2, 3, 3)}
    sizes = {slug: list(cells.values()).count(slug) for slug in cells.values()}
    assert sizes == {
        "champions": 3,
        "loyal": 5,
        "recent": 3,
        "needs-attention": 7,
        "at-risk": 6,
        "inactive": 3,
    }


def test_a_coarser_ladder_never_tears_a_group_apart():
    for chosen in VOCABULARIES.values():
        finest = chosen.cells_at("all")
        for ladder in ("three", "five"):
            coarse = chosen.cells_at(ladder)
            assert all(
                len({coarse[cell] for cell in finest if finest[cell] == slug}) == 1 for slug in finest.values()
            )


@pytest.mark.parametrize(
    ("buyers", "ladder"),
    [(0, "three"), (99, "three"), (100, "five"), (499, "five"), (500, "all"), (10**6, "all")],
)
def test_the_number_of_buyers_chooses_the_ladder(buyers, ladder):
    assert ladder_for(buyers) == ladder


@pytest.mark.parametrize(
    ("rounding", "combined"),
    [("half_up", [1, 2, 3, 5]), ("half_down", [1, 1, 2, 4]), ("half_even", [1, 2, 2, 4])],
)
def test_a_half_is_rounded_as_asked(rounding, combined):
    frame = marks((5, 1, 1), (5, 1, 2), (5, 2, 3), (5, 4, 5))
    assert frame.select(frequency_monetary(rounding)).to_series().to_list() == combined


def test_the_rounding_decides_between_neighbouring_groups():
    assert groups(marks((5, 3, 4)), "shopify") == ["champions"]
    assert groups(marks((5, 3, 4)), "shopify", fm_rounding="half_down") == ["active"]


@pytest.mark.parametrize(
    ("recency", "frequency", "monetary", "shopify", "putler"),
    [
        (5, 5, 5, "champions", "champions"),
        (5, 1, 1, "new", "new"),
        (4, 1, 1, "promising", "promising"),
        (4, 2, 3, "active", "potential-loyalist"),
        (3, 3, 3, "needs-attention", "need-attention"),
        (3, 1, 2, "almost-lost", "about-to-sleep"),
        (1, 5, 5, "previously-loyal", "cant-lose"),
        (2, 3, 4, "at-risk", "at-risk"),
        (1, 1, 1, "dormant", "lost"),
        (2, 1, 1, "dormant", "hibernating"),
        (None, None, None, "prospects", "prospects"),
    ],
)
def test_marks_are_named(recency, frequency, monetary, shopify, putler):
    frame = marks((recency, frequency, monetary))
    assert groups(frame, "shopify") == [shopify]
    assert groups(frame, "putler") == [putler]


def test_levels_are_named_by_klaviyo():
    frame = levels((3, 3, 3), (3, 1, 3), (2, 2, 2), (1, 1, 3), (1, 1, 2), (None, None, None))
    assert groups(frame, "klaviyo") == [
        "champions",
        "recent",
        "needs-attention",
        "at-risk",
        "inactive",
        "prospects",
    ]


def test_what_is_unknown_is_refused_by_name():
    with pytest.raises(ValueError, match="vocabulary"):
        groups(marks((1, 1, 1)), "tarot")
    with pytest.raises(ValueError, match="ladder"):
        groups(marks((1, 1, 1)), "shopify", "seven")
    with pytest.raises(ValueError, match="fm_rounding"):
        groups(marks((1, 1, 1)), "shopify", fm_rounding="up")
    with pytest.raises(ValueError, match="Klaviyo need the columns frequency_level"):
        groups(marks((1, 1, 1)), "klaviyo")


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_labels_of_nobody_are_an_empty_frame(vocabulary):
    nobody = features()
    labelled = label_customers(nobody, fit_rfm(nobody), vocabulary, "three")
    assert labelled.is_empty()
    assert labelled.columns[-4:] == ["recency_mark", "frequency_mark", "monetary_mark", "rfm_group"]


@law
@given(feature_frames(max_size=130), st.sampled_from(EVERY))
def test_everybody_is_in_exactly_one_group_of_the_ladder(shop, choice):
    vocabulary, ladder = choice
    edges = fit_rfm(shop)
    labelled = label_customers(shop, edges, vocabulary, ladder)
    assert labelled["customer_id"].to_list() == shop["customer_id"].to_list()
    assert set(labelled["rfm_group"]) <= {group.slug for group in VOCABULARIES[vocabulary].groups_at(ladder)}
    assert ((labelled["rfm_group"] == "prospects") == (shop["order_count"] == 0)).all()
    assert labelled.select(score_rfm(shop, edges).columns).equals(score_rfm(shop, edges))


@law
@given(feature_frames(max_size=130), feature_frames(min_size=1, max_size=10), st.sampled_from(EVERY))
def test_a_customer_gets_the_same_group_alone_as_among_others(shop, labelled, choice):
    edges = fit_rfm(shop)
    alone = [label_customers(row, edges, *choice) for row in labelled.iter_slices(1)]
    assert pl.concat(alone).equals(label_customers(labelled, edges, *choice))
