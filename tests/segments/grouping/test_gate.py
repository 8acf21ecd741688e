import numpy as np
import polars as pl
import pytest
from scored_customers import mixed_shop

from shop_app.segments.grouping.gate import Candidate, check_fit
from shop_app.segments.grouping.space import coordinates, fit_space

SHOP = mixed_shop(1_000).filter(pl.col("order_count") > 0)
FEATURES = ("total_spent", "order_count", "cadence_drift_ratio")
COLUMNS = coordinates(SHOP, fit_space(SHOP, FEATURES))
ONCE = (SHOP["repeat_count"] == 0).to_numpy()
AWAY = (SHOP["recency_days"] > 60).to_numpy()
LABELS = np.select([ONCE & AWAY, ONCE, AWAY], [0, 1, 2], 3)
GOOD = {
    "buyers": SHOP,
    "labels": LABELS,
    "names": ["One-and-done", "New customers", "At risk", "Active customers"],
    "archetypes": ["one-and-done", "new", "at-risk", "active"],
    "features": FEATURES,
    "columns": COLUMNS,
}


def checks(**changes):
    found = {}
    for check in check_fit(Candidate(**(GOOD | changes))):
        found.setdefault(check.check, []).append(check)
    return found


def failed(**changes):
    return [check.check for each in checks(**changes).values() for check in each if not check.passed]


def test_groups_that_make_sense_pass_every_check():
    assert failed() == []
    assert [check.words for check in checks()["intuition"]] == [
        "One-and-done have fewer orders than others.",
        "New customers ordered more recently than the average buyer.",
        "New customers have fewer orders than others.",
        "At risk have not ordered for longer than their usual gap.",
        "Active customers ordered more recently than the average buyer.",
    ]


def test_a_tiny_group_is_caught():
    tiny = np.where(np.arange(len(LABELS)) < 3, 3, np.minimum(LABELS, 2))
    assert "group_sizes" in failed(labels=tiny)
    assert checks(labels=tiny)["group_sizes"][0].words == "Too small to act on: Active customers."


def test_a_giant_group_is_caught_and_a_person_may_let_it_pass():
    giant = np.where(np.arange(len(LABELS)) % 10 == 0, LABELS, 3)
    check = checks(labels=giant)["group_sizes"][0]
    assert (check.passed, check.needs_person) == (False, True)
    assert "too broad for one action" in check.words


def test_two_groups_that_are_one_are_caught():
    twins = np.where(LABELS == 3, 3 + (np.arange(len(LABELS)) % 2), LABELS)
    check = checks(
        labels=twins, names=[*GOOD["names"], "Loyal customers"], archetypes=[*GOOD["archetypes"], "loyal"]
    )["no_twins"][0]
    assert (check.passed, check.needs_person) == (False, False)
    assert check.words == "Active customers and Loyal customers are the most alike: they are one."


def test_groups_by_lot_hardly_differ():
    by_lot = np.random.default_rng(1).integers(0, 4, len(LABELS))
    assert {"differences", "no_twins", "intuition"} <= set(failed(labels=by_lot))


def test_one_strategy_for_two_groups_is_caught():
    assert "one_strategy" in failed(archetypes=["one-and-done", "new", "active", "active"])


def test_a_name_that_promises_something_else_is_caught():
    check = next(
        check
        for check in checks(archetypes=["champions", "new", "at-risk", "active"])["intuition"]
        if not check.passed
    )
    assert check.needs_person
    assert check.words.startswith("You would expect this, and it is not so: Champions spent more than the")


def test_more_than_eight_groups_are_too_many():
    many = np.arange(len(LABELS)) % 9
    found = checks(
        labels=many, names=[f"Group {n}" for n in range(9)], archetypes=[f"kind-{n}" for n in range(9)]
    )
    assert not found["group_count"][0].passed
    assert "six to eight are usual" in found["group_count"][0].words


@pytest.mark.parametrize(
    ("changes", "check", "words"),
    [
        ({"lost": ("Loyal customers",)}, "emptied", "Nobody would be left in Loyal customers."),
        (
            {"moved_ratio": 0.22},
            "moves",
            "22 % of the buyers would change their group; you allow 15 % at most.",
        ),
    ],
)
def test_a_fit_that_moves_many_or_empties_a_group_waits_for_a_person(changes, check, words):
    found = checks(**changes)[check][0]
    assert (found.passed, found.needs_person, found.words) == (False, True, words)


def test_a_fit_that_moves_few_does_not_wait():
    assert failed(moved_ratio=0.04) == []


def test_in_a_small_shop_a_group_of_three_is_a_group():
    few = SHOP.head(30)
    labels = np.array([0] * 3 + [1] * 27)
    found = check_fit(
        Candidate(few, labels, ["New customers", "Active customers"], ["new", "active"], FEATURES, COLUMNS)
    )
    assert {check.check for check in found if not check.passed} <= {"intuition"}


def test_a_shop_without_customers_fails_nothing():
    nobody = Candidate(SHOP.head(0), np.zeros(0, dtype=np.int64), ["Active customers"], ["active"], (), ())
    assert [check.check for check in check_fit(nobody) if not check.passed and not check.needs_person] == []


def test_checks_are_plain_values():
    for check in check_fit(Candidate(**GOOD)):
        assert set(check.to_json()) == {"check", "name", "passed", "needs_person", "words", "figures"}
