"""What a person is shown before and after a push: moves, names, values, who is left out, what is untouched."""

from datetime import timedelta

import pytest
from labelled_shop import BUYERS, NOW, a_labelled_shop, with_all_labels_there
from push_shop import CUSTOMERS, sent, the_plan
from tellings import one, rows

from shop_app.errors import NotFoundError, RefusedError
from shop_app.services import connect_destination as connecting
from shop_app.services.arrange_pushes import arrange_pushes
from shop_app.services.decide_pushes import clean_up, undo_push
from shop_app.services.describe_pushes import describe_push, dry_run, list_push_rows, list_pushes
from shop_app.services.plan_pushes import plan_pushes
from shop_app.services.push_choices import change_push_choices
from shop_app.services.push_due import push_due
from shop_app.storage import destinations, push_marks, push_states
from shop_app.storage.engine import transaction


@pytest.fixture
def labelled(shop_id):
    """The shop, which asks before anything is sent."""
    a_labelled_shop(shop_id)
    with transaction(shop_id) as connection:
        destinations.set_state(connection, "shopify", "on")
        destinations.need_approval(connection, "shopify", needed=True)
    return shop_id


@pytest.fixture
def planned(labelled):
    """The shop with its first plan before somebody."""
    plan_pushes(labelled, now=NOW)
    arrange_pushes(labelled, "shopify", now=NOW)
    return labelled


@pytest.fixture
def fresh(shop_id):
    """The shop with all its labels there; half of its customers may change without anybody asking."""
    with_all_labels_there(a_labelled_shop(shop_id))
    change_push_choices(shop_id, {"approve_ratio": 0.5}, who="Ann", at=NOW)
    with transaction(shop_id) as connection:
        push_marks.clear(connection, push_marks.read(connection, 10))
    return shop_id


def move_one(shop_id):
    """Let one customer, whose labels are all there, want another tag."""
    with transaction(shop_id) as connection:
        (number,) = push_states.list_ids(connection, "shopify", after=0, limit=1)
        state = push_states.read_some(connection, "shopify", [number])[number]
        document = {**state.desired, "tags": ["kindred:moved"]}
        wanted = push_states.Desired(number, document, "moved")
        push_states.write_desired(connection, "shopify", [wanted], at=NOW)
    return number


def test_a_plan_tells_exactly_who_moves_where_and_which_tags_come(planned):
    story = describe_push(planned, the_plan(planned)["id"])
    labels = rows(planned, "SELECT segment, count(*) AS n FROM customer_scores GROUP BY 1")
    assert {(move.from_slug, move.from_name, move.to_slug): move.customers for move in story.moves} == {
        ("", "No segment", row["segment"]): row["n"] for row in labels
    }
    added = {change.name: change.added for change in story.names if change.part == "tags"}
    assert {f"kindred:{row['segment']}": row["n"] for row in labels}.items() <= added.items()
    assert sum(change.removed for change in story.names) == 0
    assert all(move.to_name and move.to_name != move.to_slug for move in story.moves)


def test_a_plan_says_what_it_is_and_what_it_leaves_alone(planned):
    story = describe_push(planned, the_plan(planned)["id"])
    assert story.card.title == f"Plan for Shopify customers: {BUYERS} customers"
    assert (story.card.can_decide, story.card.can_undo) == (True, False)
    assert story.card.counts == {"planned": BUYERS}
    assert story.foreign_untouched == 2 * BUYERS
    assert "permission" in story.consent_words
    assert story.left_out == {"no-consent": BUYERS}
    assert set(story.left_out_words) == {"no-consent"}


def test_a_row_names_the_customer_and_every_value(planned):
    story = describe_push(planned, the_plan(planned)["id"])
    row = story.sample[0]
    assert len(story.sample) == BUYERS
    assert row.label == "Ann1"
    assert (row.from_name, row.state, row.removed) == ("No segment", "planned", ())
    values = {key: (before, after) for key, before, after in row.values}
    assert values["segment"][0] is None
    assert f"kindred:{values['segment'][1]}" in row.added


def test_rows_come_page_by_page_and_by_segment(planned):
    push_id = the_plan(planned)["id"]
    first = list_push_rows(planned, push_id, limit=2)
    rest = list_push_rows(planned, push_id, after_id=first[-1].customer_id)
    assert [len(first), len(rest)] == [2, BUYERS - 2]
    move = describe_push(planned, push_id).moves[0]
    assert len(list_push_rows(planned, push_id, segment=move.to_slug)) == move.customers
    assert list_push_rows(planned, push_id, state="sent") == []


def test_what_was_sent_can_be_undone_once_and_says_so(push_shop, store):
    sent(push_shop, store)
    (card,) = list_pushes(push_shop)
    assert (card.state, card.can_undo, card.can_decide) == ("done", True, False)
    assert card.counts == {"sent": CUSTOMERS}
    assert describe_push(push_shop, card.id).left_out == {}, "who is left out now is no part of what is over"
    undo_push(push_shop, card.id, who="Ann", at=NOW)
    back, undone = list_pushes(push_shop)
    assert back.title == f"Push {card.id} taken back from Shopify customers: {CUSTOMERS} customers"
    assert [back.can_undo, undone.can_undo] == [False, False]
    assert [each.id for each in list_pushes(push_shop, before_id=back.id)] == [card.id]
    assert list_pushes(push_shop, kind="somewhere-else") == []
    push_due(push_shop, now=NOW)
    clean_up(push_shop, "shopify", who="Ann", at=NOW)
    assert list_pushes(push_shop, limit=1)[0].title.startswith("Everything of ours taken back")


def test_a_dry_run_makes_the_plan_that_is_approved_and_makes_it_anew(labelled):
    (story,) = dry_run(labelled, now=NOW)
    assert story.card.id == the_plan(labelled)["id"]
    assert story.card.counts == {"planned": BUYERS}
    (again,) = dry_run(labelled, now=NOW + timedelta(minutes=1))
    assert again.card.id > story.card.id
    assert describe_push(labelled, story.card.id).card.state == "superseded"


def test_a_dry_run_says_where_nothing_differs(fresh):
    (story,) = dry_run(fresh, now=NOW, kind="shopify")
    assert (story.card.id, story.card.state) == (0, "nothing")
    assert story.card.title == "Nothing differs at Shopify customers."
    assert list_pushes(fresh) == []


def test_a_dry_run_tells_what_would_flow_and_lets_nothing_flow(fresh):
    number = move_one(fresh)
    (story,) = dry_run(fresh, now=NOW)
    assert (story.card.id, story.card.state, story.card.can_decide) == (0, "ahead", False)
    assert story.card.title == "Ready for Shopify customers: 1 customer"
    assert [row.customer_id for row in story.sample] == [number]
    assert story.sample[0].added == ("kindred:moved",)
    assert list_pushes(fresh) == []
    assert one(fresh, "SELECT count(*) AS n FROM push_states WHERE state = 'ready'")["n"] == 0


def test_a_dry_run_of_a_paused_destination_says_that_it_is_paused(fresh):
    move_one(fresh)
    connecting.pause(fresh, "shopify", reason="You paused it.", who="Ann", at=NOW)
    (story,) = dry_run(fresh, now=NOW)
    assert story.card.why == "Nothing is sent while this destination is paused. You paused it."


def test_what_is_not_there_is_refused_in_words(labelled, make_shop):
    with pytest.raises(NotFoundError, match="no push 9999999"):
        describe_push(labelled, 9_999_999)
    with pytest.raises(NotFoundError, match="no push 9999999"):
        list_push_rows(labelled, 9_999_999)
    with pytest.raises(NotFoundError):
        dry_run(labelled, now=NOW, kind="nowhere")
    with pytest.raises(RefusedError, match="no segments yet"):
        dry_run(make_shop(), now=NOW)
