import re
from dataclasses import replace

import pytest
from test_segment_pages import page
from web_stores import a_young_store

from shop_app.clock import utc_now
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.services.describe_fit import FitStory, fit_overview
from shop_app.services.segment_choices import SegmentChoices, change_choices, read_choices
from shop_app.web.goals_features import feature_rows, features_words
from shop_app.web.goals_form import GoalForm


@pytest.fixture(scope="module")
def young_store(database):
    return a_young_store("goal")


@pytest.fixture
def send(client, same_origin):
    """Send the form as the page fills it in, with some fields changed."""

    def send(store, **fields):
        form = GoalForm.of(read_choices(store.shop_id))
        filled = {
            "goal": form.goal,
            "way": form.way,
            "group_count": form.group_count,
            "own_name": form.own_name,
            "own_dimensions": list(form.own_dimensions),
            "own_group_count": form.own_group_count,
            "cadence": form.cadence,
            "review": form.review,
            "owner": form.owner,
            "member_tag": form.member_tag,
            "move_limit_percent": form.move_limit_percent,
        }
        return client.post("/goals", query_string=store.picked, data={**filled, **fields}, headers=same_origin)

    return send


def beside(html, field):
    """Return the words below a field, as the component gets them."""
    return re.search(rf'<s-[a-z-]+ name="{field}"[^>]* error="([^"]*)"', html)


def test_the_goals_are_there_with_their_question_and_the_chosen_one_is_marked(client, young_store):
    html = page(client, young_store, "/goals")
    assert '<s-choice value="keep-the-best" selected>Keep the best' in html
    assert "Who has gone quiet, who of them is worth an offer, and who should be left in peace?" in html


def test_the_goal_stands_beside_the_groups_in_use(client, young_store):
    html = page(client, young_store, "/goals")
    facts = re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)<", html)
    assert ("Goal", "Keep the best") in facts
    assert ("Way of grouping", "Named rules") in facts
    assert ("Version", "1") in facts


def test_a_first_version_comes_with_three_groups_to_begin_with(client, young_store):
    html = page(client, young_store, "/goals")
    proposal = html[html.index("Where to begin") : html.index("What the groups are for")]
    assert 1 <= len(re.findall(r'href="/segments/[a-z-]+\?', proposal)) <= 3


def test_a_shop_that_has_learned_nothing_is_told_when_it_will(client, empty_store):
    html = page(client, empty_store, "/goals")
    assert "Nothing was learned yet" in html
    assert "That takes 9 months of orders, and 300 customers" in html
    assert "Where to begin" not in html


def test_choices_are_kept_and_said_to_be(client, empty_store, send):
    answer = send(
        empty_store,
        goal="win-back",
        way="rules",
        group_count="5",
        cadence="monthly",
        review="quarterly",
        owner=" Mia ",
        member_tag="club",
        move_limit_percent="20 %",
    )
    assert answer.status_code == 303
    assert read_choices(empty_store.shop_id) == SegmentChoices(
        goal="win-back",
        method="rules",
        group_count=5,
        cadence="monthly",
        review="quarterly",
        owner="Mia",
        member_tag="club",
        move_limit_ratio=0.2,
    )
    assert "Saved" in client.get(answer.location).text


def test_a_goal_of_one_s_own_is_kept_with_its_name(client, empty_store, send):
    own = {"own_name": "Gift buyers", "own_dimensions": ["order_count", "total_spent"], "own_group_count": "4"}
    assert send(empty_store, goal="own", **own).status_code == 303
    assert read_choices(empty_store.shop_id).chosen_goal().name == "Gift buyers"
    html = page(client, empty_store, "/goals")
    assert 'value="Gift buyers"' in html
    assert '<details class="more" open>' in html


def test_an_own_goal_that_is_not_chosen_may_stay_half_written(empty_store, send):
    assert send(empty_store, own_name="Later").status_code == 303


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"goal": "own"}, "own_name", "Give your goal a name."),
        (
            {
                "goal": "own",
                "own_name": "X",
                "own_dimensions": ["order_count", "total_spent"],
                "own_group_count": "99",
            },
            "own_group_count",
            "Give a whole number from 3 to 10.",
        ),
        ({"move_limit_percent": "none"}, "move_limit_percent", "Give a share from 1 to 100 %, such as 15."),
        ({"goal": "riches"}, "goal", "is not known; choose one of keep-the-best"),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field(empty_store, send, fields, field, words):
    answer = send(empty_store, owner="Mia", **fields)
    assert answer.status_code == 400
    assert "Nothing was saved" in answer.text
    assert words in beside(answer.text, field)[1]
    assert 'value="Mia"' in answer.text
    assert read_choices(empty_store.shop_id) == SegmentChoices()


@pytest.mark.parametrize("count", [0, 1, 9])
def test_too_few_and_too_many_features_are_told(empty_store, send, count):
    features = ["order_count", "total_spent", "recency_days", "tenure_days", "usual_gap_days", "category_count"]
    features += ["refund_rate_ratio", "items_per_order", "average_order_value"]
    answer = send(empty_store, goal="own", own_name="X", own_dimensions=features[:count])
    assert f'<p class="error">Tick 2 to 8 features, not {count}.</p>' in answer.text


def test_more_than_eight_groups_are_warned_of(client, empty_store, send):
    send(empty_store, group_count="9")
    assert "9 groups are more than most teams can act on" in page(client, empty_store, "/goals")


def measured(*rows):
    """A version in whose shop these features were measured."""
    return FitStory(
        card=None,
        goal="win-back",
        method="rules",
        groups=(),
        decisions=(),
        measures={"importance": [{"feature": name, "explained_ratio": ratio} for name, ratio in rows]},
    )


def test_the_features_say_what_each_tells_alone():
    form = replace(GoalForm.of(SegmentChoices()), switched_off=("order_count",))
    story = measured(("recency_days", 0.4), ("order_count", 0.1), ("items_per_order", 0.0004))
    rows, _ = feature_rows(story, form, ("recency_days", "total_spent"))
    assert [(row.label, row.share, row.words, row.is_allowed) for row in rows] == [
        ("Days since the last order", "40.0%", "The goal compares customers by it", True),
        ("Orders", "10.0%", "Left out by you", False),
        ("Pieces per order", "under 0.1%", "", True),
        ("Money spent", "\u2013", "The goal compares customers by it", True),
    ]
    assert 'aria-label="Days since the last order: 40.0%"' in rows[0].bar
    assert rows[-1].bar == ""
    assert features_words(story).startswith(
        "The bar: how much of an order in the following 90 days it explains"
    )


def test_what_tells_little_stands_behind_the_rest_unless_it_is_chosen():
    names = [name for name, feature in FEATURES.items() if feature.is_numeric]
    story = measured(*((name, 0.5 - place / 100) for place, name in enumerate(names)))
    rows, more = feature_rows(story, GoalForm.of(SegmentChoices()), names[-1:])
    assert [row.name for row in rows] == [*names[:8], names[-1]]
    assert [row.name for row in more] == names[8:-1]


def test_an_unticked_feature_is_left_out_and_can_be_taken_back(client, empty_store, send):
    shown = ["order_count", "total_spent"]
    send(empty_store, shown=shown, use=["order_count"])
    assert read_choices(empty_store.shop_id).switched_off == ("total_spent",)
    assert "Left out by you" in page(client, empty_store, "/goals")
    send(empty_store, shown=["recency_days"], use=[])
    assert read_choices(empty_store.shop_id).switched_off == ("total_spent", "recency_days")
    send(empty_store, shown=[*shown, "recency_days"], use=[*shown, "recency_days"])
    assert read_choices(empty_store.shop_id).switched_off == ()


def test_learning_is_asked_for_and_looked_after(client, empty_store, same_origin):
    assert "data-refresh-url" not in page(client, empty_store, "/goals")
    answer = client.post("/goals/learn", query_string=empty_store.picked, headers=same_origin)
    assert answer.status_code == 303
    assert fit_overview(empty_store.shop_id, today=utc_now().date()).is_due
    html = page(client, empty_store, "/goals")
    assert "A worker is learning anew" in html
    assert "Learn now" not in html
    part = client.get("/goals/live", query_string=empty_store.picked).text
    assert 'data-refresh-url="/goals/live' in part
    assert "<html" not in part


def test_a_goal_that_is_chosen_and_not_yet_learned_is_told_apart_from_the_one_in_use(client, young_store):
    now = utc_now()
    change_choices(young_store.shop_id, {"goal": "win-back"}, who="test", at=now)
    try:
        html = page(client, young_store, "/goals")
    finally:
        change_choices(young_store.shop_id, {"goal": "keep-the-best"}, who="test", at=now)
    assert "Chosen: Win back the quiet ones. In use until a version for it is live: Keep the best" in html


def test_a_form_from_elsewhere_changes_nothing(client, empty_store):
    answer = client.post("/goals", query_string=empty_store.picked, data={"goal": "win-back"})
    assert answer.status_code == 403
    assert read_choices(empty_store.shop_id) == SegmentChoices()
