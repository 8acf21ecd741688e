import json
from itertools import pairwise

import pytest

from shop_app.segments.grouping.archetypes import ARCHETYPES as LEARNED
from shop_app.segments.playbook import ALIASES, PLAYBOOK, play_for, play_words
from shop_app.segments.plays import (
    CHANNELS,
    EXCLUSIONS,
    KPIS,
    NEVER_DISCOUNTED,
    NEVER_LIFTED,
    OFFERS,
    STEP_KINDS,
    Play,
)
from shop_app.segments.vocabularies import VOCABULARIES

ARCHETYPES = (
    *("champions", "vip", "loyal", "at-risk", "hibernating", "new", "potential-loyalist", "big-spenders"),
    *("rising-stars", "one-and-done", "high-value-active", "price-sensitive", "dormant", "high-intent"),
    *("outliers", "prime-like", "habit-buyers", "members", "interested", "prospects"),
)
NAMED = sorted(
    {
        group.slug
        for vocabulary in VOCABULARIES.values()
        for ladder in ("three", "five", "all")
        for group in vocabulary.groups_at(ladder)
    }
)
EVERY_PLAY = pytest.mark.parametrize("play", PLAYBOOK.values(), ids=PLAYBOOK)


@pytest.mark.parametrize("slug", sorted({*ARCHETYPES, *LEARNED, *NAMED}))
def test_every_archetype_and_every_named_group_has_a_play(slug):
    assert PLAYBOOK[slug].slug == slug


@EVERY_PLAY
def test_a_play_is_of_known_words_alone(play):
    assert play.offer in OFFERS
    assert play.kpi in KPIS
    assert set(play.channels) <= set(CHANNELS)
    assert {step.kind for step in play.steps} <= set(STEP_KINDS)
    assert {exclusion.slug for exclusion in play.exclusions} <= set(EXCLUSIONS)
    assert play.name
    assert play.purpose
    assert play.message
    assert play.not_to_do


@EVERY_PLAY
def test_a_play_is_stored_and_read_back_as_it_was(play):
    assert Play.from_json(json.loads(json.dumps(play.to_json()))) == play


@EVERY_PLAY
def test_a_play_begins_at_once_and_keeps_its_own_cadence(play):
    messages = [step.after_days for step in play.steps if step.kind != "stop"]
    assert play.steps[0].after_days == 0
    assert all(later - earlier >= play.pause_days for earlier, later in pairwise(messages))
    assert all(sum(day <= at < day + 30 for at in messages) <= play.most_messages_30d for day in messages)


@EVERY_PLAY
def test_nothing_is_mailed_after_the_stop(play):
    assert all(step.kind != "stop" for step in play.steps[:-1])


@EVERY_PLAY
def test_offers_are_in_the_steps_where_and_only_where_the_play_has_them(play):
    has_offer = play.offer != "never"
    assert has_offer == any(step.kind == "offer" for step in play.steps)
    assert has_offer == (play.max_depth_ratio > 0)
    assert has_offer == (play.offer_ends_days is not None)


@EVERY_PLAY
def test_everybody_who_must_not_be_written_to_is_spared(play):
    spared = {exclusion.slug: exclusion.days for exclusion in play.exclusions}
    assert set(NEVER_LIFTED) <= set(spared)
    assert spared["recent-refund"] >= 7
    assert spared["recent-complaint"] >= 7
    assert spared["bad-experience"] >= 7
    assert "over-mailed" in spared


@EVERY_PLAY
def test_sentences_for_the_merchant_end_and_do_not_shout(play):
    said = play_words(play)
    lines = [line for words in said.values() for line in ([words] if isinstance(words, str) else words)]
    assert all(line.endswith(".") for line in lines)
    assert not any("!" in line or "{" in line or "None" in line for line in lines)


@pytest.mark.parametrize("slug", sorted(NEVER_DISCOUNTED))
def test_the_best_customers_are_never_discounted_and_the_play_says_so(slug):
    play = PLAYBOOK[slug]
    assert play.offer == "never"
    assert any("No discounts" in line for line in play.not_to_do)


def test_those_at_risk_get_a_gentle_reminder_and_an_offer_after_two_weeks():
    reminder, offer, _ = PLAYBOOK["at-risk"].steps
    assert (reminder.after_days, reminder.kind) == (0, "message")
    assert "gentle reminder" in reminder.words
    assert (offer.after_days, offer.kind) == (14, "offer")


@pytest.mark.parametrize("slug", ["hibernating", "dormant", "inactive", "lapsed"])
def test_those_long_gone_get_one_last_offer_that_ends_and_then_no_mail(slug):
    play = PLAYBOOK[slug]
    assert [step.kind for step in play.steps] == ["offer", "message", "stop"]
    assert play.steps[-1].after_days >= play.offer_ends_days


def test_who_is_quiet_in_orders_but_looks_around_gets_no_discount():
    assert PLAYBOOK["interested"].offer == "never"
    assert PLAYBOOK["high-intent"].offer == "never"
    assert PLAYBOOK["high-intent"].channels[0] == "chat"


def test_a_group_by_another_name_has_the_same_play_under_its_own():
    for slug, (original, name) in ALIASES.items():
        assert PLAYBOOK[slug].steps == PLAYBOOK[original].steps
        assert PLAYBOOK[slug].name == name


def test_a_group_nobody_knows_gets_a_play_that_gives_nothing_away():
    play = play_for("our-tea-club", name="Our tea club")
    assert (play.slug, play.name, play.offer) == ("our-tea-club", "Our tea club", "never")


def test_a_play_reads_the_same_everywhere():
    said = play_words(play_for("at-risk"))
    assert said["offer"] == (
        "The higher the risk of losing them, the deeper the offer. At most 15 %, and never more than half of "
        "the margin. It ends after 14 days."
    )
    assert said["cadence"] == "At most 3 messages in 30 days, and at least 7 days between two."
    assert said["channels"] == "By e-mail or text message."
    assert said["steps"][1].startswith("After 14 days without an order: If two weeks bring no order")
    assert said["kpi"].startswith("Judge it by the share who order within 45 days")
    assert said["exclusions"][0] == "Leave out whoever has not agreed to be written to on this channel."
    assert said["review"] == "As recommended."
    assert play_words(play_for("lost"))["cadence"] == "No mail."
