"""The laws that hold for every destination, whatever its vendor; `battery.py` says how one joins."""

import random
from contextlib import suppress
from dataclasses import replace

import pytest
from battery import (
    AT_RISK,
    GROUPS,
    LOYAL,
    NOTHING,
    OK,
    UNSURE,
    bring,
    found_harnesses,
    is_as_wanted,
    reads,
    rows_for,
    same,
    wants,
)

from shop_app.destinations.errors import BrokenConnectionError, OutcomeUnknownError, SlowDownError
from shop_app.errors import TemporaryError

HARNESSES = found_harnesses()
CHANGES = (("segment", "loyal"), ("rfm", "New"), ("churn_risk_90d", 0.9), ("others", ("vip",)))
AGEING = {"churn_risk_90d": 0.45, "value_365d": "124.00", "reason": "81 days.", "as_of": "2026-12-01"}


@pytest.fixture(params=sorted(HARNESSES))
def harness(request, tmp_path):
    made = HARNESSES[request.param](tmp_path)
    yield made
    made.stop()


@pytest.fixture
def groups(harness):
    made, problems = harness.destination.prepare(GROUPS, ())
    assert problems == []
    return made


# What a merchant is asked for, and who answers.


def test_everything_that_can_be_set_has_words(harness):
    names = [setting.name for setting in harness.destination.schema]
    assert len(set(names)) == len(names)
    for setting in harness.destination.schema:
        assert setting.label
        assert setting.help
        assert setting.kind != "choice" or setting.default in {value for value, _ in setting.choices}


def test_no_secret_stands_in_what_is_printed(harness):
    harness.destination.check()
    shown = f"{harness.destination!r} {harness.destination.access!r}"
    assert not [secret for secret in harness.secrets if secret in shown]


def test_a_check_names_the_account(harness):
    connected = harness.destination.check()
    assert connected.account_id == harness.account_id
    assert connected.account_name


# What is wanted.


@pytest.mark.parametrize("labels", [AT_RISK, LOYAL, UNSURE, NOTHING])
@pytest.mark.parametrize("earlier", [AT_RISK, UNSURE, NOTHING, None])
def test_wanting_the_same_twice_wants_no_change(harness, labels, earlier):
    before = None if earlier is None else wants(harness, earlier)
    wanted = wants(harness, labels, before)
    assert wants(harness, labels, before) == wanted
    assert wants(harness, labels, wanted) == wanted


def test_ageing_alone_changes_nothing(harness):
    wanted = wants(harness, AT_RISK)
    assert wants(harness, replace(AT_RISK, **AGEING), wanted) == wanted


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_what_counts_changes_what_is_wanted(harness, name, value):
    if name in ("rfm", "churn_risk_90d") and not harness.tells_figures:
        pytest.skip("it tells of no figures")
    wanted = wants(harness, AT_RISK)
    assert not same(wants(harness, replace(AT_RISK, **AGEING | {name: value}), wanted), wanted)


def test_nothing_is_said_of_those_of_whom_nothing_was_ever_said(harness):
    assert wants(harness, NOTHING) is None


def test_what_was_said_is_taken_back(harness):
    before = wants(harness, AT_RISK)
    after = wants(harness, NOTHING, before)
    assert after is not None
    assert not same(after, before)
    assert "at-risk" not in str(after)
    assert AT_RISK.reason not in str(after)
    assert not [name for part in after.values() if isinstance(part, list) for name in part]


# What is done.


def test_what_was_sent_is_what_is_read_back_and_nobody_elses_is_touched(harness, groups):
    foreign = harness.foreign()
    rows = rows_for(harness, AT_RISK, harness.known)
    assert bring(harness, rows, groups) == dict.fromkeys(harness.known, OK)
    assert is_as_wanted(harness, rows, groups)
    assert harness.foreign() == foreign


def test_doing_every_step_again_changes_nothing(harness, groups):
    rows = rows_for(harness, AT_RISK, harness.known)
    bring(harness, rows, groups)
    ours, foreign = harness.ours(), harness.foreign()
    assert bring(harness, rows, groups) == dict.fromkeys(harness.known, OK)
    assert (harness.ours(), harness.foreign()) == (ours, foreign)


def test_there_and_back_is_as_before(harness, groups):
    start = rows_for(harness, LOYAL, harness.known)
    bring(harness, start, groups)
    ours, foreign = harness.ours(), harness.foreign()
    there = rows_for(harness, AT_RISK, harness.known, start[0].after)
    bring(harness, there, groups)
    assert is_as_wanted(harness, there, groups)
    back = [harness.row(row.customer_id, row.after, row.before) for row in there]
    assert bring(harness, back, groups) == dict.fromkeys(harness.known, OK)
    assert is_as_wanted(harness, back, groups)
    assert harness.ours() == ours
    assert harness.foreign() == foreign


def test_taking_everything_back_leaves_nothing_of_ours_at_anybody(harness, groups):
    there = rows_for(harness, AT_RISK, harness.known)
    bring(harness, there, groups)
    back = rows_for(harness, NOTHING, harness.known, there[0].after)
    assert bring(harness, back, groups) == dict.fromkeys(harness.known, OK)
    assert is_as_wanted(harness, back, groups)
    assert "at-risk" not in str(reads(harness, back, groups))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_others_write_meanwhile_stays_as_they_wrote_it(harness, groups, seed):
    draws = random.Random(seed)
    held = dict.fromkeys(harness.known)
    for turn in range(4):
        rows = [
            harness.row(number, held[number], wants(harness, labels, held[number]))
            for number in harness.known
            for labels in [draws.choice([AT_RISK, LOYAL, UNSURE, NOTHING])]
        ]
        for number in draws.sample(harness.known, 2):
            harness.write_foreign(number, turn)
        foreign = harness.foreign()
        bring(harness, rows, groups)
        assert harness.foreign() == foreign
        assert is_as_wanted(harness, rows, groups)
        held = {row.customer_id: row.after for row in rows}


def test_who_is_not_there_comes_out_absent_and_the_others_do_not_mind(harness, groups):
    if not harness.knows_customers:
        pytest.skip("the other side takes everybody")
    rows = rows_for(harness, AT_RISK, [*harness.known, harness.unknown])
    outcomes = bring(harness, rows, groups)
    assert outcomes.pop(harness.unknown).kind == "absent"
    assert outcomes == dict.fromkeys(harness.known, OK)
    assert harness.unknown not in reads(harness, rows, groups)
    assert is_as_wanted(harness, rows[:-1], groups)


def test_one_bad_row_does_not_sink_the_others(harness, groups):
    rows = rows_for(harness, AT_RISK, harness.known)
    rows[1] = harness.spoil(rows[1])
    outcomes = bring(harness, rows, groups)
    refused = outcomes.pop(rows[1].customer_id)
    assert refused.kind == "rejected"
    assert len(refused.words) > 20
    assert set(outcomes.values()) == {OK}
    assert is_as_wanted(harness, [rows[0], *rows[2:]], groups)


# What goes wrong.


def test_a_dead_key_is_told_at_once_and_nothing_is_sent(harness, groups):
    rows = rows_for(harness, AT_RISK, harness.known)
    harness.refuse_us()
    ours, writes = harness.ours(), harness.writes()
    with pytest.raises(BrokenConnectionError) as refused:
        bring(harness, rows, groups)
    assert (harness.ours(), harness.writes()) == (ours, writes)
    assert not [secret for secret in harness.secrets if secret in str(refused.value)]


def test_being_asked_for_patience_is_waited_out_or_told(harness, groups):
    rows = rows_for(harness, AT_RISK, harness.known)
    harness.ask_for_patience(2)
    with suppress(SlowDownError):
        bring(harness, rows, groups)
    harness.heal()
    assert bring(harness, rows, groups) == dict.fromkeys(harness.known, OK)
    assert is_as_wanted(harness, rows, groups)


@pytest.mark.parametrize("times", [1, 6])
def test_a_lost_answer_is_told_or_mended_and_the_next_try_converges(harness, groups, times):
    rows = rows_for(harness, AT_RISK, harness.known)
    foreign = harness.foreign()
    harness.lose_answers(times)
    with suppress(TemporaryError if harness.knows_repeats else OutcomeUnknownError):
        bring(harness, rows, groups)
    harness.heal()
    assert bring(harness, rows, groups) == dict.fromkeys(harness.known, OK)
    assert is_as_wanted(harness, rows, groups)
    assert harness.foreign() == foreign


# What stands by itself.


def test_preparing_twice_makes_nothing_twice(harness, groups):
    ours, foreign = harness.ours(), harness.foreign()
    again, problems = harness.destination.prepare(GROUPS, groups)
    assert problems == []
    assert sorted(again, key=str) == sorted(groups, key=str)
    assert (harness.ours(), harness.foreign()) == (ours, foreign)
    if harness.keeps_groups:
        assert len({(group.role, group.slug) for group in groups}) == len(groups) > 0


def test_preparing_after_a_lost_answer_makes_nothing_twice(harness):
    if not harness.keeps_groups:
        pytest.skip("nothing stands there by itself")
    harness.lose_answers(1)
    try:
        made, _ = harness.destination.prepare(GROUPS, ())
    except OutcomeUnknownError:
        harness.heal()
        made, _ = harness.destination.prepare(GROUPS, ())
    ours = harness.ours()
    again, problems = harness.destination.prepare(GROUPS, made)
    assert problems == []
    assert sorted(again, key=str) == sorted(made, key=str)
    assert harness.ours() == ours


def test_dropping_what_stands_by_itself_takes_only_ours(harness):
    foreign, nothing = harness.foreign(), harness.ours()
    groups, _ = harness.destination.prepare(GROUPS, ())
    harness.destination.drop_groups(groups)
    harness.destination.drop_groups(groups)  # what is gone already is let be
    assert harness.foreign() == foreign
    assert harness.ours() == nothing
