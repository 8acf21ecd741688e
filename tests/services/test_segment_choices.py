"""The merchant's choices: checked field by field, kept as differences from the defaults, on record."""

from datetime import UTC, datetime

import pytest

from shop_app.errors import InvalidInputError
from shop_app.services.playbook import change_play, read_plays, reset_play
from shop_app.services.segment_choices import SegmentChoices, change_choices, read_choices
from shop_app.storage import decisions
from shop_app.storage.engine import transaction

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
REVIEW = datetime(2026, 9, 1, tzinfo=UTC)


def change(shop_id, **changes):
    return change_choices(shop_id, changes, who="ann", at=NOW)


def test_a_shop_that_has_chosen_nothing_has_the_defaults(shop_id):
    assert read_choices(shop_id) == SegmentChoices()
    assert read_choices(shop_id).chosen_goal().slug == "keep-the-best"


def test_a_choice_is_kept_and_the_record_says_who_made_it(shop_id):
    change(shop_id, goal="win-back", switched_off=("discount_share_ratio",))
    kept = read_choices(shop_id)
    assert (kept.goal, kept.switched_off) == ("win-back", ("discount_share_ratio",))
    with transaction(shop_id) as connection:
        lines = decisions.list_newest(connection, kind="goal")
    assert {(line.who, line.about, line.to_state) for line in lines} == {
        ("ann", "goal", "win-back"),
        ("ann", "switched_off", "('discount_share_ratio',)"),
    }


def test_a_goal_of_ones_own_has_a_name_dimensions_and_a_number_of_groups(shop_id):
    own = {"name": "Big baskets", "dimensions": ["items_per_order", "average_order_value"], "group_count": 5}
    change(shop_id, goal="own", own_goal=own)
    goal = read_choices(shop_id).chosen_goal()
    assert (goal.name, goal.dimensions, goal.group_count) == ("Big baskets", tuple(own["dimensions"]), 5)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"goal": "world-peace"}, "goal"),
        ({"goal": "own"}, "own_goal"),
        ({"goal": "own", "own_goal": {"name": "X", "dimensions": ["colour"], "group_count": 4}}, "own_goal"),
        ({"cadence": "hourly"}, "cadence"),
        ({"review": "never"}, "review"),
        ({"method": "magic"}, "method"),
        ({"switched_off": ("colour",)}, "switched_off"),
        ({"group_count": 2}, "group_count"),
        ({"move_limit_ratio": 0.0}, "move_limit_ratio"),
    ],
)
def test_a_choice_there_is_not_is_refused_and_changes_nothing(shop_id, changes, field):
    with pytest.raises(InvalidInputError) as refused:
        change(shop_id, **changes)
    assert (refused.value.field or str(refused.value).split(":")[0]) == field
    assert read_choices(shop_id) == SegmentChoices()


def test_a_play_can_be_changed_is_reviewed_in_time_and_goes_back(shop_id):
    before = read_plays(shop_id, ("at-risk",), now=NOW)["at-risk"]
    change_play(shop_id, "at-risk", {"message": "Ring them."}, review_at=REVIEW.date(), who="ann", at=NOW)
    changed = read_plays(shop_id, ("at-risk",), now=NOW)["at-risk"]
    assert (changed.play.message, changed.is_edited, changed.is_review_due) == ("Ring them.", True, False)
    assert read_plays(shop_id, ("at-risk",), now=REVIEW)["at-risk"].is_review_due
    reset_play(shop_id, "at-risk", who="ann", at=NOW)
    assert read_plays(shop_id, ("at-risk",), now=NOW)["at-risk"] == before


def test_a_play_cannot_give_discounts_to_the_best(shop_id):
    with pytest.raises(InvalidInputError):
        change_play(
            shop_id,
            "champions",
            {"max_depth_ratio": 0.3},
            review_at=REVIEW.date(),
            who="a",
            at=NOW,
        )
