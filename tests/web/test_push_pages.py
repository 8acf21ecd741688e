import csv
import io
import re

import pytest
from pushing_shop import BUYERS, KIND, PushingStore
from test_fits_pages import rows_of
from test_markup import check
from test_segment_pages import page

from shop_app.services.connect_destination import pause, read_destination
from shop_app.services.describe_pushes import describe_push
from shop_app.services.find_customer import find_customer
from shop_app.services.push_choices import change_push_choices
from shop_app.storage import access_log
from shop_app.storage.engine import transaction


@pytest.fixture
def store(tmp_path, database):
    made = PushingStore(tmp_path)
    made.connected()
    yield made
    made.stop()


@pytest.fixture
def plan(store):
    return store.planned()


@pytest.fixture(scope="module")
def seen_store(tmp_path_factory, database):
    """A store with a plan that waits, for tests that only look."""
    made = PushingStore(tmp_path_factory.mktemp("seen")).connected()
    made.planned()
    yield made
    made.stop()


@pytest.fixture
def seen(seen_store):
    seen_store.answer()
    return seen_store


@pytest.fixture
def waiting(seen):
    """The plan that is only looked at."""
    return seen.plan_id()


@pytest.fixture
def post(client, store, same_origin):
    def post(path, **fields):
        return client.post(f"/pushes/{path}", query_string=store.picked, data=fields, headers=same_origin)

    return post


def card_of(store, push_id):
    return describe_push(store.shop_id, push_id).card


def ours(store):
    held = (each["tags"] for each in store.world.state.each(store.domain, "customer"))
    return sorted(tag for tags in held for tag in tags if tag.startswith("kindred:"))


def targets(store, push_id):
    return {move.to_slug: move for move in describe_push(store.shop_id, push_id).moves}


def test_a_shop_that_has_sent_nothing_is_told_where_to_begin(client, store):
    html = page(client, store, "/pushes")
    assert "Nothing was sent yet." in html
    assert "Set up a destination" in html


def test_a_plan_that_waits_stands_above_all_and_on_the_page_of_segments(client, seen, waiting):
    html = page(client, seen, "/pushes")
    above = html[: html.index("All pushes")]
    assert f"Plan for Shopify customers: {BUYERS} customers" in above
    assert f"/pushes/{waiting}?" in above
    home = page(client, seen)
    assert "A plan for Shopify customers waits for you" in home
    assert f"{BUYERS} customers wait for you to approve the plan." in home
    assert "A plan waits for you" in page(client, seen, "/destinations")


def test_a_plan_shows_exactly_what_is_added_and_what_is_left_alone(client, seen, waiting):
    html = page(client, seen, f"/pushes/{waiting}")
    story = describe_push(seen.shop_id, waiting)
    assert rows_of(html, "Table of moves") == [
        f"{move.to_name} | No segment | {move.customers}" for move in story.moves
    ]
    names = rows_of(html, "Table of tags and lists")
    assert names == [f"{each.name} | Tag | {each.added} | \u2013" for each in story.names]
    assert f"{2 * BUYERS} tags on these customers that Kindred did not write: not touched." in html
    assert f"{BUYERS} customers are not known to have agreed to e-mail" in html
    assert "give nobody permission to mail them" in html
    assert "The first 10 of 20." in html


def test_all_of_a_plan_is_approved_and_the_page_tells_how_far_it_is_by_itself(client, store, post, plan):
    answer = post(f"{plan}/approve", note="Looks  right.")
    assert answer.status_code == 303
    html = client.get(answer.location).text
    assert "It is being sent." in html
    assert f'data-refresh-url="/pushes/{plan}/live?' in html
    assert f"0 of {BUYERS} customers are through." in html
    assert "Note: Looks right." in html
    assert "this machine" in html
    store.work()
    live = client.get(f"/pushes/{plan}/live", query_string=store.picked).text
    assert "data-refresh-url" not in live
    assert "It has been sent." in live
    assert "Undo" in live
    assert len(ours(store)) >= BUYERS


def test_only_the_ticked_segments_are_sent(client, store, post, plan):
    slug, move = next(iter(targets(store, plan).items()))
    html = page(client, store, f"/pushes/{plan}")
    assert f'<s-choice value="{slug}">{move.to_name} ({move.customers} customers)</s-choice>' in html
    answer = post(f"{plan}/approve", choose="yes", segments=[slug])
    assert answer.status_code == 303
    store.work()
    assert set(ours(store)) <= {f"kindred:{slug}", "kindred:no-discounts"}
    counts = card_of(store, plan).counts
    assert counts == {"sent": move.customers, "left out": BUYERS - move.customers}


def test_ticking_nothing_approves_nothing(store, post, plan):
    answer = post(f"{plan}/approve", choose="yes")
    assert answer.status_code == 400
    assert "Tick at least one segment." in answer.text
    assert card_of(store, plan).state == "open"


def test_a_plan_for_a_paused_destination_says_why_it_cannot_be_approved(store, post, plan):
    pause(store.shop_id, KIND, reason="You paused it.", who="Ann", at=store.now)
    answer = post(f"{plan}/approve")
    assert answer.status_code == 409
    assert "This destination is paused: switch it on first, then approve the plan." in answer.text


def test_a_plan_is_turned_down_and_nothing_is_sent(client, store, post, plan):
    html = client.get(post(f"{plan}/reject", note="Too early.").location).text
    assert "It is turned down and nothing of it is sent." in html
    assert "Approve all" not in html
    store.work()
    assert ours(store) == []
    assert not read_destination(store.shop_id, KIND).stored.is_on


def test_a_plan_is_made_anew(client, store, post, plan):
    answer = post(f"{plan}/again")
    assert "This plan is made of what is true now." in client.get(answer.location).text
    assert store.plan_id() != plan
    assert card_of(store, plan).state == "superseded"


def test_what_was_sent_is_undone_after_a_confirmation(client, store, post):
    push_id = store.sent()
    assert f"/pushes/{push_id}/undo?" in page(client, store, "/pushes")
    html = page(client, store, f"/pushes/{push_id}/undo")
    assert f"It changed {BUYERS} customers, who get back exactly what they held before." in html
    assert ours(store) != []
    answer = post(f"{push_id}/undo")
    html = client.get(answer.location).text
    assert "What was sent is being taken back" in html
    assert "Who is left out" not in html
    store.work()
    assert ours(store) == []
    rows = rows_of(page(client, store, "/pushes"), "Table of pushes")
    assert [row.split(" | ")[1] for row in rows] == ["Taken back", "Undone"]
    again = post(f"{push_id}/undo")
    assert again.status_code == 409
    assert "cannot be undone" in again.text
    assert "There is nothing to undo" in page(client, store, f"/pushes/{push_id}/undo")


@pytest.mark.parametrize("deed", ["approve", "reject"])
def test_what_was_decided_is_not_decided_again(store, post, deed):
    answer = post(f"{store.sent()}/{deed}")
    assert answer.status_code == 409
    assert "it has been sent" in answer.text


def test_every_customer_of_a_push_can_be_looked_at_by_segment_and_state(client, seen, waiting):
    rows = rows_of(page(client, seen, f"/pushes/{waiting}/rows"), "Customers of this push")
    assert len(rows) == BUYERS
    slug, move = next(iter(targets(seen, waiting).items()))
    some = rows_of(page(client, seen, f"/pushes/{waiting}/rows", segment=slug), "Customers of this push")
    assert len(some) == move.customers
    assert all(f"No segment → {move.to_name}" in row for row in some)
    html = page(client, seen, f"/pushes/{waiting}/rows", state="sent")
    assert "No customer of this push is among them." in html


def test_long_lists_go_on_where_the_page_ends(client, seen, waiting, monkeypatch):
    monkeypatch.setattr("shop_app.web.push_rows._A_PAGE", 15)
    html = page(client, seen, f"/pushes/{waiting}/rows")
    following = re.search(r'href="(/pushes/\d+/rows\?after=[^"]*)"', html)[1].replace("&amp;", "&")
    further = client.get(following).text
    assert len(rows_of(further, "Customers of this push")) == BUYERS - 15
    assert "First page" in further
    assert "Next page" not in further


def test_the_difference_is_downloaded_as_a_file(client, seen, waiting):
    answer = client.get(f"/pushes/{waiting}/rows.csv", query_string=seen.picked)
    assert f"push-{waiting}" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert len(rows) == BUYERS
    assert all("kindred:" in row["added"] for row in rows)
    assert {row["state"] for row in rows} == {"Planned"}


def test_pushes_of_one_destination_can_be_shown_alone(client, seen, waiting):
    assert rows_of(page(client, seen, "/pushes", destination=KIND), "Table of pushes")
    assert 'aria-current="true">Shopify customers</a>' in page(client, seen, "/pushes", destination=KIND)


def test_a_customer_s_page_tells_where_the_labels_are_and_what_keeps_them_back(client, store):
    person = find_customer(store.shop_id, "ann3@example.com")
    assert "Nothing of this customer is there." in page(client, store, f"/customers/{person}")
    store.planned()
    part = page(client, store, f"/customers/{person}").partition("Where the labels are")[2]
    assert "Is to hold:</b> kindred:" in part
    assert "Holds:" not in part
    assert "They have not agreed to e-mail." in part
    store.sent()
    part = page(client, store, f"/customers/{person}").partition("Where the labels are")[2]
    assert "Holds:</b> kindred:" in part
    assert "Is to hold:" not in part


def test_a_segment_tells_its_control_group_and_its_figures_of_before_with_the_unknown_as_unknown(client, store):
    html = page(client, store, "/segments/best-customers")
    assert "No control group" in html
    assert "are kept when the first push for it is approved" in html
    change_push_choices(store.shop_id, {"holdouts": {"best-customers": 30}}, who="Ann", at=store.now)
    store.sent()
    html = page(client, store, "/segments/best-customers").partition("Measured against")[2]
    assert "Control group: 30 %, drawn by lot and left without labels." in html
    assert re.search(r"So far \d+ customers? in it, and \d+ not.", html)
    assert re.search(r"<dt>Opened an e-mail</dt><dd>unknown", html)
    assert re.search(r"<dt>Customers</dt><dd>\d+", html)


@pytest.mark.parametrize("path", ["", "/live", "/rows", "/rows.csv", "/undo"])
def test_a_push_that_there_is_not_is_not_found(client, seen, path):
    assert client.get(f"/pushes/999999999{path}", query_string=seen.picked).status_code == 404


def test_looking_at_customers_of_a_push_is_noted_down(client, store, plan):
    client.get(f"/pushes/{plan}/rows.csv", query_string=store.picked)
    with transaction(store.shop_id) as connection:
        assert access_log.list_newest(connection, limit=1)[0].what == "export of a push"


def test_the_pages_keep_the_laws_of_every_page(client, store, plan):
    for path in ("/pushes", f"/pushes/{plan}", f"/pushes/{plan}/rows", "/"):
        check(client.get(path, query_string=store.picked))
    store.sent()
    for path in ("/segments/best-customers", f"/pushes/{plan}", f"/pushes/{plan}/undo"):
        check(client.get(path, query_string=store.picked))
