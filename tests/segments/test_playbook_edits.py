from datetime import date

import pytest

from shop_app.segments.playbook import PLAYBOOK, play_words
from shop_app.segments.playbook_edits import PlayError, edit_play, is_review_due
from shop_app.segments.plays import Exclusion, Play, PlayEdit, Step

AT_RISK = PLAYBOOK["at-risk"]
TODAY, REVIEW = date(2026, 7, 1), date(2026, 10, 1)


def edited(changes, *, play=AT_RISK, review_at=REVIEW):
    return edit_play(play, changes, review_at=review_at, edited_at=TODAY)


def plain(**changes):
    return AT_RISK.to_json() | changes


def test_a_change_is_taken_and_carries_its_review_date():
    play = edited({"max_depth_ratio": 0.12, "channels": ["email"]})
    assert (play.max_depth_ratio, play.channels) == (0.12, ("email",))
    assert play.edits == (
        PlayEdit("max_depth_ratio", TODAY, REVIEW),
        PlayEdit("channels", TODAY, REVIEW),
    )
    assert Play.from_json(play.to_json()) == play
    assert play_words(play)["review"] == (
        "Changed by you: channels and max depth ratio. To be looked at again on 2026-10-01."
    )


def test_what_stays_the_same_is_no_change():
    same = {name: AT_RISK.to_json()[name] for name in ("message", "steps", "exclusions", "not_to_do", "offer")}
    assert edited(same) == AT_RISK


def test_a_second_change_of_a_field_takes_the_place_of_the_first():
    first = edited({"pause_days": 10, "kpi": "kept-90d"})
    later = edit_play(first, {"pause_days": 12}, review_at=date(2026, 9, 1), edited_at=date(2026, 8, 1))
    assert [edit.field for edit in later.edits] == ["kpi", "pause_days"]
    assert later.review_at == date(2026, 9, 1)


def test_a_review_is_due_on_its_day_and_after_it():
    play = edited({"pause_days": 10})
    assert not is_review_due(play, on=date(2026, 9, 30))
    assert is_review_due(play, on=REVIEW)
    assert not is_review_due(AT_RISK, on=date(2099, 1, 1))


def test_steps_and_exclusions_are_read_from_plain_values():
    steps = [
        {"after_days": 0, "kind": "message", "words": "A reminder."},
        {"after_days": 20, "kind": "offer", "words": " An offer. "},
    ]
    spared = [{"slug": slug, "days": None} for slug in ("no-consent", "left-alone", "holdout")]
    play = edited({"steps": steps, "exclusions": [*spared, {"slug": "recent-refund", "days": 30}]})
    assert play.steps == (Step(0, "message", "A reminder."), Step(20, "offer", "An offer."))
    assert play.exclusions[-1] == Exclusion("recent-refund", 30)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "vip"}, "slug"),
        ({"edits": []}, "edits"),
        ({"message": "  "}, "message"),
        ({"message": "x" * 501}, "message"),
        ({"purpose": 7}, "purpose"),
        ({"max_depth_ratio": 0.6}, "max_depth_ratio"),
        ({"max_depth_ratio": True}, "max_depth_ratio"),
        ({"max_depth_ratio": float("nan")}, "max_depth_ratio"),
        ({"max_depth_ratio": 0}, "max_depth_ratio"),
        ({"offer": "always"}, "offer"),
        ({"offer": "never"}, "max_depth_ratio"),
        ({"offer": "never", "max_depth_ratio": 0}, "steps"),
        ({"offer_ends_days": None}, "offer_ends_days"),
        ({"offer_ends_days": 0}, "offer_ends_days"),
        ({"channels": []}, "channels"),
        ({"channels": ["email", "email"]}, "channels"),
        ({"channels": ["pigeon"]}, "channels"),
        ({"channels": [["email"]]}, "channels"),
        ({"pause_days": 1.5}, "pause_days"),
        ({"most_messages_30d": 31}, "most_messages_30d"),
        ({"kpi": "likes"}, "kpi"),
        ({"steps": []}, "steps"),
        ({"steps": "now"}, "steps"),
        ({"steps": [{"after_days": 0, "kind": "shout", "words": "Buy."}]}, "steps[0].kind"),
        ({"steps": [{"after_days": -1, "kind": "message", "words": "Buy."}]}, "steps[0].after_days"),
        ({"steps": [{"after_days": 0, "kind": "message", "words": ""}]}, "steps[0].words"),
        ({"steps": [{"day": 0}]}, "steps[0]"),
        ({"steps": [AT_RISK.to_json()["steps"][1]] * 2}, "steps"),
        ({"exclusions": [{"slug": "no-consent"}, {"slug": "left-alone"}]}, "exclusions"),
        ({"exclusions": AT_RISK.to_json()["exclusions"] * 2}, "exclusions"),
        ({"exclusions": [{"slug": "recent-refund", "days": 0}]}, "exclusions[0].days"),
        ({"exclusions": [{"slug": "red-hair"}]}, "exclusions[0].slug"),
        ({"not_to_do": ["Fine.", ""]}, "not_to_do[1]"),
    ],
)
def test_a_change_that_does_not_do_is_refused_with_its_field(changes, field):
    with pytest.raises(PlayError) as refused:
        edited(changes)
    assert refused.value.field == field
    assert str(refused.value).startswith(f"{field}: ")


@pytest.mark.parametrize("review_at", [TODAY, date(2026, 6, 30), date(2027, 7, 3)])
def test_a_review_is_within_a_year(review_at):
    with pytest.raises(PlayError, match="review_at"):
        edited({"pause_days": 9}, review_at=review_at)


@pytest.mark.parametrize("slug", ["champions", "vip", "best-customers"])
def test_nobody_can_give_discounts_to_the_best_customers(slug):
    changes = {"offer": "standing", "max_depth_ratio": 0.1, "offer_ends_days": 7}
    with pytest.raises(PlayError, match="offer: must stay never"):
        edited(changes, play=PLAYBOOK[slug])


def test_another_group_can_be_given_offers_by_hand():
    changes = {"offer": "standing", "max_depth_ratio": 0.1, "offer_ends_days": 7}
    assert edited(changes, play=PLAYBOOK["loyal"]).offer == "standing"
