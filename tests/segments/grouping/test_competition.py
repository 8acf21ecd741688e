from dataclasses import replace

import numpy as np
import pytest

from shop_app.segments.grouping.competition import compete
from shop_app.segments.grouping.ways import METHODS, Way, fit_way, label


@pytest.fixture(scope="module")
def contest(buyers, pasts, brief):
    return compete(buyers, brief, pasts)


def test_every_way_is_held_against_plain_rfm(contest):
    rows = {row["method"]: row for row in contest.table}
    assert set(rows) == {*METHODS, "rfm"}
    assert [row["is_chosen"] for row in contest.table].count(True) == 1
    for method in METHODS:
        row = rows[method]
        assert len(row["origins"]) == 3
        assert row["more_than_rfm"] == pytest.approx(row["explained_ratio"] - rows["rfm"]["explained_ratio"])
        assert 0 < row["smallest_ratio"] < row["largest_ratio"] < 1


def test_ways_that_know_the_lifecycle_tell_more_than_plain_rfm_here(contest):
    rows = {row["method"]: row for row in contest.table}
    assert rows["hybrid"]["times_rfm"] > 1
    assert rows["rules"]["times_rfm"] > 1
    assert contest.chosen in ("rules", "hybrid")
    assert rows[contest.chosen]["is_steady"]


def test_labels_by_lot_tell_nothing(buyers, pasts, brief):
    draw = np.random.default_rng(8)
    by_lot = tuple(replace(past, outcome=draw.permutation(past.outcome)) for past in pasts[:1])
    contest = compete(buyers, replace(brief, methods=("rules",)), by_lot)
    assert abs(contest.table[0]["explained_ratio"]) < 0.01


def test_the_merchants_choice_is_taken_and_the_table_still_shown(buyers, pasts, brief):
    contest = compete(buyers, brief, pasts[:1], wished="clusters")
    assert contest.chosen == "clusters"
    assert len(contest.table) == 4
    assert contest.words.startswith("Clusters: you have chosen this way.")


def test_without_a_past_the_hybrid_is_the_default(buyers, brief):
    contest = compete(buyers, brief, ())
    assert contest.chosen == "hybrid"
    assert "too young" in contest.words
    assert {row["explained_ratio"] for row in contest.table} == {None}


def test_the_live_way_stays_while_no_other_leads_clearly(buyers, pasts, brief):
    steady = replace(brief, methods=("rules", "hybrid"))
    live = fit_way("hybrid", buyers, brief, pasts)
    same = tuple(replace(past, outcome=np.zeros(len(past.outcome))) for past in pasts[:1])
    assert compete(buyers, steady, same, live=live).chosen == "hybrid"
    rules = Way("rules", fit_way("rules", buyers, brief, pasts).groups)
    assert compete(buyers, steady, same, live=rules).chosen == "rules"


def test_a_shop_that_can_only_have_rules_gets_rules(buyers, pasts, brief):
    contest = compete(buyers, replace(brief, methods=("rules",)), pasts[:1], wished="hybrid")
    assert contest.chosen == "rules"
    assert label(buyers, contest.ways["rules"].groups)["segment"].null_count() == 0
