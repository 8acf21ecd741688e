import json

import numpy as np
import polars as pl
import pytest

from shop_app.segments.fairness import FALSE_FLAG_RATIO, audit_fairness
from shop_app.segments.small_groups import LEAST_PEOPLE, OTHERS

COUNTRIES = ["DE", "FR", "AT", "ES", "PT", "MT"]


def shop(seed, count=2_000, *, offered=None, depth=None, off=None):
    """A shop that treats everybody alike, but for the changes given: functions of the frame so far."""
    chance = np.random.default_rng(seed)
    likely = chance.beta(1, 5, count)
    people = pl.DataFrame(
        {
            "country": chance.choice(COUNTRIES, count, p=[0.5, 0.25, 0.15, 0.07, 0.029, 0.001]),
            "language": chance.choice(["de", "fr", "en", ""], count, p=[0.6, 0.25, 0.1, 0.05]),
            "channel": chance.choice(["web", "pos"], count, p=[0.8, 0.2]),
            "is_b2b": chance.random(count) < 0.04,
            "is_new": chance.random(count) < 0.3,
            "has_offer": chance.random(count) < 0.25,
            "depth_ratio": chance.choice([0.05, 0.07, 0.10, 0.15], count, p=[0.5, 0.2, 0.2, 0.1]),
            "predicted": likely,
            "happened": chance.random(count) < likely,
        }
    )
    people = people.with_columns(language=pl.col("language").replace("", None))
    changes = {"has_offer": offered, "depth_ratio": depth, "predicted": off}
    return people.with_columns(**{name: change for name, change in changes.items() if change is not None})


def flags(audit):
    return {(row["measure"], row["dimension"], row["group"]) for row in audit["rows"] if row["is_flagged"]}


SPAIN = pl.col("country") == "ES"


@pytest.mark.parametrize("count", [300, 2_000])
def test_a_fair_shop_is_flagged_no_more_often_than_stated(count):
    flagged = sum(audit_fairness(shop(seed, count))["flag_count"] > 0 for seed in range(25))
    assert flagged <= 25 * FALSE_FLAG_RATIO


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"offered": pl.col("has_offer") & ~SPAIN}, ("offer_ratio", "country", "ES")),
        (
            {"depth": pl.when("is_b2b").then(0.15).otherwise("depth_ratio")},
            ("depth_ratio", "is_b2b", "businesses"),
        ),
        (
            {
                "off": pl.when(pl.col("channel") == "pos")
                .then(pl.col("predicted") + 0.15)
                .otherwise("predicted")
            },
            ("calibration", "channel", "pos"),
        ),
        (
            {"off": pl.when("is_new").then(pl.lit(0.6)).otherwise("predicted")},
            ("error", "is_new", "new customers"),
        ),
    ],
)
def test_a_planted_disparity_is_flagged(change, expected):
    found = [expected in flags(audit_fairness(shop(seed, 4_000, **change))) for seed in range(10)]
    assert sum(found) >= 9


def test_a_small_difference_is_not_flagged_however_sure_it_is():
    little = pl.when(pl.col("country") == "DE").then(pl.col("depth_ratio") + 0.01).otherwise("depth_ratio")
    audit = audit_fairness(shop(1, 60_000, depth=little))
    assert "depth_ratio" not in {measure for measure, _, _ in flags(audit)}


def test_no_figure_is_of_fewer_than_five_people():
    for seed in range(20):
        audit = audit_fairness(shop(seed, 150))
        assert all(row["group_count"] >= LEAST_PEOPLE for row in audit["rows"])
        named = {row["group"] for row in audit["rows"]}
        assert "MT" not in named
        assert OTHERS in named


def test_a_group_with_few_known_outcomes_is_hidden_in_the_figures_of_outcomes_alone():
    number = pl.int_range(pl.len()).over("country")
    known = pl.when(SPAIN & (number >= 3)).then(None).otherwise("predicted")
    rows = audit_fairness(shop(3, off=known))["rows"]
    shown = {
        measure: {row["group"] for row in rows if row["measure"] == measure}
        for measure in ("error", "offer_ratio")
    }
    assert "ES" in shown["offer_ratio"]
    assert "ES" not in shown["error"]


def test_what_is_said_can_be_read_aloud():
    people = shop(5, 4_000, offered=pl.col("has_offer") & ~SPAIN)
    audit = audit_fairness(people)
    assert audit == json.loads(json.dumps(audit))
    assert audit["words"][0].startswith("Country ES: 0 % are in groups with an offer; of all others 2")
    assert audit["words"][-1].startswith("Look whether this is meant")
    fair = audit_fairness(shop(1))
    none = "none shows a difference that is both large and beyond chance."
    assert fair["words"] == [f"Of {fair['comparison_count']} comparisons {none}"]
    said = {(row["measure"], row["group"]): row["words"] for row in fair["rows"]}
    assert said["calibration", "pos"].startswith("Channel pos: came back ")
    assert said["depth_ratio", "businesses"].startswith("Businesses: offers go to ")
    assert said["error", "new customers"].startswith(
        "New customers: the squared error of the predictions is 0."
    )
    assert ("offer_ratio", "not known") in said


def test_a_shop_that_knows_little_says_so():
    audit = audit_fairness(shop(1).select("country", "has_offer").with_columns(country=pl.lit("DE")))
    assert audit["rows"] == []
    assert audit["not_compared"] == [
        "Language: the shop does not know it.",
        "Channel: the shop does not know it.",
        "Business or private: the shop does not know it.",
        "New or older: the shop does not know it.",
        "Country: there are no two groups of 5 people or more to compare.",
    ]
    assert audit["words"] == [
        "There are too few customers to compare without showing figures of single people."
    ]
    assert audit_fairness(shop(1).clear())["rows"] == []


def test_the_order_of_the_rows_does_not_show():
    assert audit_fairness(shop(1)) == audit_fairness(shop(1).reverse())
