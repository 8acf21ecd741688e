"""The first reading of a shop: whole, once, and picked up wherever it was left."""

import shutil
from datetime import timedelta

import pytest
from bulk_shopify import a_customer, an_order, answers, breaks_off_at
from reading_history import NOW, look_at, read_through, stored
from sqlalchemy import text
from stored_rows import a_shop

from shop_app.errors import RefusedError
from shop_app.queueing import QueueName, TaskName, queue_of
from shop_app.services import backfill_shop, backfill_step, backfill_taking, spool
from shop_app.services.backfill_plan import search_of
from shop_app.services.backfill_shop import (
    backfill_due,
    begin_backfill,
    bulk_finished,
    retry_backfill,
    stop_backfill,
)
from shop_app.services.describe_backfill import describe_backfill
from shop_app.services.take_facts import take_facts
from shop_app.shopify import bulk_pieces
from shop_app.shopify.nodes import orders_to_facts
from shop_app.storage import backfills, due_work, leases, model_fits, segment_runs, sync_marks
from shop_app.storage.engine import shopless, transaction

WHOLE = {
    "orders": 120,
    "lines": 240,
    "owners": 120,
    "customers": 30,
    "products": 8,
    "variants": 17,
    "members": 5,
}


@pytest.fixture
def small_pieces(monkeypatch):
    """Files of many pieces."""
    monkeypatch.setattr(bulk_pieces, "PIECE_BYTES", 12_000)


def counts(shop_id):
    return {name: len(rows) for name, rows in stored(shop_id).items()}


def due(shop_id):
    with shopless() as connection:
        return due_work.list_of_shop(connection, shop_id)


def refetched(shop_id):
    with transaction(shop_id) as connection:
        rows = connection.execute(text("SELECT resource, shopify_id FROM refetches ORDER BY 1, 2"))
        return [tuple(row) for row in rows]


def test_everything_in_the_shop_is_read_and_labelled(shop_id, shopify, spooled, labels):
    newest, parts = read_through(shop_id)
    assert (newest.state, newest.error, newest.reason) == ("done", None, "install")
    assert newest.watermark == NOW - timedelta(minutes=5)
    assert {part.state for part in parts.values()} == {"done"}
    assert counts(shop_id) == WHOLE
    assert list(spooled.iterdir()) == []
    with transaction(shop_id) as connection:
        assert segment_runs.read_newest(connection)["customer_count"] == 30
        assert model_fits.find_live(connection, "rfm") is not None
        assert set(sync_marks.list_marks(connection)) == {"customers", "orders", "products", "collections"}
    assert {"changes", "compare", "subscriptions", "refresh", "fit"} <= set(due(shop_id))
    assert "backfill" not in due(shop_id)


def test_all_parts_are_asked_for_before_the_first_of_them_is_read(shop_id, shopify):
    read_through(shop_id)
    starts = [place for place, call in enumerate(shopify.calls) if call == "StartBulkQuery"]
    assert len(starts) == 5
    assert max(starts) < shopify.calls.index("PollBulk")
    assert [each.resource for each in shopify.operations] == [
        "products",
        "collections",
        "customers",
        "orders",
        "orders",
    ]


def test_sold_items_get_the_names_of_the_catalogue(shop_id, shopify):
    read_through(shop_id)
    titles = {row[2]: row[3] for row in stored(shop_id)["lines"]}
    assert titles["variant:12"] == "Tea of the house 2 - 0 g"
    assert titles["variant:13"] == "Tea of the house 3"
    assert all(title.startswith("Tea of the house") for title in titles.values())


def test_reading_again_changes_nothing(shop_id, shopify):
    read_through(shop_id)
    before = stored(shop_id)
    assert begin_backfill(shop_id, NOW + timedelta(days=1), "by hand")
    newest, _ = read_through(shop_id, now=NOW + timedelta(days=1))
    assert (newest.state, newest.reason) == ("done", "by hand")
    assert stored(shop_id) == before


def test_a_shop_that_is_being_read_is_not_begun_twice(shop_id, shopify):
    assert begin_backfill(shop_id, NOW, "install")
    assert not begin_backfill(shop_id, NOW, "by hand")
    newest, parts = look_at(shop_id)
    assert (newest.reason, len(parts)) == ("install", 5)


def test_first_segments_stand_before_the_older_orders_are_in(shop_id, shopify, labels, monkeypatch):
    seen = []
    real = backfill_taking.take_pieces

    def watch(step, part):
        if part.name == "orders-older":
            with transaction(shop_id) as connection:
                seen.append((segment_runs.read_newest(connection), backfills.find_running(connection)))
        real(step, part)

    monkeypatch.setitem(backfill_shop._ACTS, "taking", watch)
    read_through(shop_id)
    summary, running = seen[0]
    assert 0 < summary["order_count"] < 120
    assert running.first_segments_at is not None
    with transaction(shop_id) as connection:
        assert segment_runs.read_newest(connection)["order_count"] == 120


def test_an_empty_shop_is_read_too(shop_id, shopify):
    for name in shopify.objects:
        shopify.objects[name] = []
    newest, parts = read_through(shop_id)
    assert newest.state == "done"
    assert {part.state for part in parts.values()} == {"done"}
    assert shopify.downloads == []


# B1, Q1, Q6: stopped anywhere


def test_a_reading_that_stops_after_every_single_thing_comes_to_the_same(
    shop_id, shopify, small_pieces, monkeypatch
):
    monkeypatch.setattr(backfill_step, "_STEP_SECONDS", 0.0)
    monkeypatch.setattr(backfill_step.StepClock, "has_time", lambda self: self.elapsed_seconds() < 0.001)
    monkeypatch.setattr(backfill_shop, "_go_on", one_act_at_a_time)
    newest, parts = read_through(shop_id, steps=400)
    assert newest.state == "done"
    assert sum(part.pieces or 0 for part in parts.values()) > 20
    assert counts(shop_id) == WHOLE


def one_act_at_a_time(shop_id, lease, clock):
    step = backfill_step.Step(shop_id, "EUR", backfill_shop.shop_api(shop_id, clock.now()), lease, clock)
    found = step.running()
    if found is None:
        return None
    backfill_shop._one_act(step, *found)
    return clock.began_at


def test_what_was_begun_and_not_committed_is_done_again(shop_id, shopify, small_pieces, monkeypatch):
    real, tries = leases.extend, []

    def dies_now_and_then(connection, lease, *, seconds):
        real(connection, lease, seconds=seconds)
        tries.append(1)
        if len(tries) % 7 == 0:
            raise KeyboardInterrupt  # in the middle of a transaction, as its last act

    monkeypatch.setattr(leases, "extend", dies_now_and_then)
    for number in range(60):
        try:
            backfill_due(shop_id, now=NOW + timedelta(seconds=number * 20))
        except KeyboardInterrupt:
            continue
        if look_at(shop_id)[0].state == "done":
            break
    assert look_at(shop_id)[0].state == "done"
    assert counts(shop_id) == WHOLE


def test_an_operation_whose_start_was_never_answered_is_taken_up(shop_id, shopify):
    shopify.start_answers = ["lost"] * 5
    newest, parts = read_through(shop_id)
    assert newest.state == "done"
    assert len(shopify.operations) == 5
    assert {part.bulk_id for part in parts.values()} == {each.id for each in shopify.operations}
    assert counts(shop_id) == WHOLE


def test_another_process_leaves_the_shop_alone_while_one_is_at_it(shop_id, shopify):
    with transaction(shop_id) as connection:
        assert leases.take(connection, backfill_shop.KIND, seconds=60) is not None
    begin_backfill(shop_id, NOW, "install")
    backfill_due(shop_id, now=NOW)
    assert shopify.calls == []
    assert due(shop_id)["backfill"] <= NOW + timedelta(minutes=1)
    rival = a_shop()
    with transaction(rival) as connection:
        assert leases.take(connection, backfill_shop.KIND, seconds=60) is not None


def test_whoever_slept_through_the_lease_writes_nothing_more(shop_id, shopify, small_pieces, monkeypatch):
    real, stolen = backfill_taking.write_told, []

    def another_takes_over(connection, step, told, told_at):
        if not stolen:
            with transaction(shop_id) as other:
                other.execute(text("UPDATE leases SET token = nextval('lease_tokens')"))
            stolen.append(look_at(shop_id)[1])
        return real(connection, step, told, told_at)

    monkeypatch.setattr(backfill_taking, "write_told", another_takes_over)
    backfill_due(shop_id, now=NOW)
    assert look_at(shop_id)[1] == stolen[0]
    assert counts(shop_id)["products"] == 0


def test_a_file_that_another_machine_held_is_fetched_again_and_taken_on_from_there(
    shop_id, shopify, small_pieces, spooled, monkeypatch
):
    real, lost = backfill_taking._take_piece, []

    def loses_the_disk(step, part, ready, began):
        after = real(step, part, ready, began)
        if part.name == "orders-recent" and after.pieces_taken == 3:
            lost.append(after)
            shutil.rmtree(spooled)
            step.clock.end()
        return after

    monkeypatch.setattr(backfill_taking, "_take_piece", loses_the_disk)
    newest, parts = read_through(shop_id)
    assert (newest.state, len(lost)) == ("done", 1)
    assert counts(shop_id) == WHOLE
    assert parts["orders-recent"].taken_count == 60


# B2, B9: what happens meanwhile


def tell(shop_id, order, *, at):
    root, lines = order
    facts = orders_to_facts([{**root, "lineItems": {"nodes": lines}}], "EUR", at)
    with transaction(shop_id) as connection:
        take_facts(connection, shop_id, facts, at=at, currency="EUR")


def test_webhooks_during_the_reading_win_where_they_are_newer(shop_id, shopify):
    date = shopify.objects["orders"][4][0]["createdAt"]
    tell(shop_id, an_order(5, at=date, updated_at="2026-06-30T11:59:00Z", price=77.0), at=NOW)
    tell(shop_id, an_order(6, at=date, updated_at="2020-01-01T00:00:00Z", price=55.0), at=NOW)
    read_through(shop_id)
    totals = {row[0]: row[2] for row in stored(shop_id)["orders"]}
    assert totals[5] == 7_700
    assert totals[6] == 1_000 * (1 + 6 % 3)


def test_what_changes_while_shopify_gathers_is_read_at_the_end(shop_id, shopify):
    real = shopify._begin

    def changes_afterwards(query):
        started = real(query)
        if len(shopify.operations) == 5:
            at = "2026-06-30T12:00:05Z"
            date = shopify.objects["orders"][6][0]["createdAt"]
            shopify.objects["orders"][6] = an_order(7, customer=8, at=date, updated_at=at, price=99.0, lines=1)
            shopify.objects["orders"].append(an_order(500, customer=31, at=at))
            shopify.objects["customers"].append(a_customer(31, at=at))
        return started

    shopify._begin = changes_afterwards
    read_through(shop_id)
    kept = stored(shop_id)
    assert len(kept["orders"]) == 121
    assert {row[0]: row[2] for row in kept["orders"]}[7] == 9_900
    assert (500, 31) in kept["owners"]


# B3: operations that do not end well


@pytest.mark.parametrize(
    "outcome",
    [("FAILED", "TIMEOUT"), ("FAILED", "INTERNAL_SERVER_ERROR"), ("CANCELED", None), ("EXPIRED", None)],
)
def test_an_operation_that_fails_is_asked_for_again_and_its_partial_file_never_read(shop_id, shopify, outcome):
    shopify.outcomes = {"customers": [outcome]}
    newest, parts = read_through(shop_id)
    assert newest.state == "done"
    failed, whole = (each for each in shopify.operations if each.resource == "customers")
    assert parts["customers"].bulk_id == whole.id
    assert parts["customers"].attempts == 1
    assert list(parts["customers"].refused_ids) == [failed.id]
    assert counts(shop_id) == WHOLE


def test_a_part_that_fails_twice_is_asked_for_in_halves(shop_id, shopify):
    shopify.outcomes = {"orders": [("COMPLETED", None), ("FAILED", "TIMEOUT"), ("FAILED", "TIMEOUT")]}
    newest, parts = read_through(shop_id)
    assert newest.state == "done"
    assert parts["orders-older"].state == "split"
    first, second = parts["orders-older-1"], parts["orders-older-2"]
    assert first.until == second.since
    assert second.until == parts["orders-older"].until
    assert f"created_at:>='{first.until:%Y}" in search_of(second)
    assert first.taken_count + second.taken_count == 60
    assert counts(shop_id) == WHOLE


def test_without_access_a_part_fails_at_once_with_a_sentence_and_the_rest_is_read(shop_id, shopify):
    shopify.outcomes = {"products": [("FAILED", "ACCESS_DENIED")]}
    newest, parts = read_through(shop_id)
    assert newest.state == "failed"
    assert "refuses access" in newest.error
    assert {name: part.state for name, part in parts.items()} == {
        "products": "failed",
        "collections": "done",
        "customers": "done",
        "orders-recent": "done",
        "orders-older": "done",
    }
    assert counts(shop_id)["orders"] == 120
    retry_backfill(shop_id, NOW + timedelta(hours=1))
    newest, _ = read_through(shop_id, now=NOW + timedelta(hours=1))
    assert (newest.state, newest.error) == ("done", None)
    assert counts(shop_id) == WHOLE


def test_after_five_attempts_a_part_is_given_up_until_somebody_asks(shop_id, shopify):
    shopify.outcomes = {"customers": [("CANCELED", None)] * 5}
    newest, parts = read_through(shop_id)
    assert newest.state == "failed"
    assert "tried 5 times" in parts["customers"].error
    with pytest.raises(RefusedError):
        retry_backfill(a_shop(), NOW)
    retry_backfill(shop_id, NOW)
    assert read_through(shop_id)[0].state == "done"
    assert counts(shop_id) == WHOLE


# B4: files that are not what was counted


def without_last_line(body):
    return body[: body.rstrip(b"\n").rfind(b"\n") + 1]


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[:-30],
        without_last_line,
        lambda body: body + body.split(b"\n")[0] + b"\n",
        lambda body: body.replace(b'{"id":"gid://shopify/Order/', b'{"nothing":"', 1),
        lambda body: b"",
    ],
    ids=["cut in a line", "a line short", "a line twice", "a line of nobody", "empty"],
)
def test_a_file_that_differs_from_the_count_is_never_taken_for_whole(shop_id, shopify, change):
    shopify.change_file = {"orders": [change]}
    newest, parts = read_through(shop_id)
    assert newest.state == "done"
    assert parts["orders-recent"].attempts == 1
    assert counts(shop_id) == WHOLE


def test_a_line_that_cannot_be_read_has_its_order_read_by_itself(shop_id, shopify):
    shopify.change_file = {
        "orders": [
            lambda body: body.replace(
                b'{"id":"gid://shopify/Order/9","name":', b'{"id":"gid://shopify/Order/9",name:'
            )
        ]
    }
    newest, parts = read_through(shop_id)
    assert (newest.state, parts["orders-recent"].bad_lines) == ("done", 1)
    assert refetched(shop_id) == [("order", 9)]
    assert len(stored(shop_id)["orders"]) == 119


# How a file comes: B5


@pytest.mark.parametrize("byte", [0, 1, 3_000])
def test_a_download_that_breaks_off_goes_on_from_there(shop_id, shopify, byte):
    shopify.file_faults = [breaks_off_at(byte), breaks_off_at(byte)]
    newest, _ = read_through(shop_id)
    assert (newest.state, len(shopify.operations)) == ("done", 5)
    assert counts(shop_id) == WHOLE


def test_an_expired_link_and_one_to_another_host(shop_id, shopify):
    shopify.file_faults = [answers(403), answers(302, Location="http://169.254.169.254/latest")]
    _, parts = read_through(shop_id)
    refused = [part for part in parts.values() if part.state == "failed"]
    assert [part.error for part in refused] == ["The file's link leads to another host."]
    assert sum(part.attempts for part in parts.values()) == 1  # the expired one was asked for anew
    retry_backfill(shop_id, NOW)
    assert read_through(shop_id)[0].state == "done"
    assert counts(shop_id) == WHOLE


# B6, B7: webhooks about operations, and operations of others


def test_a_finished_operation_knocks_once_it_is_ours_and_else_nothing_happens(shop_id, shopify, knocks):
    begin_backfill(shop_id, NOW, "install")
    with transaction(shop_id) as connection:
        part = backfills.list_parts(connection, backfills.find_running(connection).id)[0]
        later = NOW + timedelta(hours=1)
        backfills.change_part(
            connection, part, state="asked", bulk_id="gid://shopify/BulkOperation/77", next_at=later
        )
    knocks.clear()
    assert not bulk_finished(shop_id, "gid://shopify/BulkOperation/1", NOW)
    assert knocks == []
    for _ in range(2):
        assert bulk_finished(shop_id, "gid://shopify/BulkOperation/77", NOW)
    assert set(knocks) == {(TaskName.BACKFILL_SHOP, shop_id)}
    assert look_at(shop_id)[1]["products"].next_at == NOW
    assert not bulk_finished(a_shop(), "gid://shopify/BulkOperation/77", NOW)


def test_where_others_run_operations_it_waits_for_its_turn(shop_id, shopify):
    shopify.start_answers = ["busy"] * 8
    newest, parts = read_through(shop_id)
    assert newest.state == "done"
    assert {part.method for part in parts.values()} == {"bulk"}
    assert {part.attempts for part in parts.values()} == {0}


@pytest.mark.parametrize("refusal", ["limit", "denied"])
def test_where_bulk_is_switched_off_everything_is_read_in_pages(shop_id, shopify, refusal):
    shopify.start_answers = [refusal] * 5
    newest, parts = read_through(shop_id)
    assert newest.state == "done"
    assert {part.method for part in parts.values()} == {"pages"}
    assert shopify.operations == []
    assert counts(shop_id) == WHOLE
    assert parts["orders-recent"].taken_count == 60


def test_pages_go_on_where_they_were_left(shop_id, shopify, monkeypatch):
    shopify.start_answers = ["limit"] * 5
    shopify.page_size = 7
    monkeypatch.setattr(backfill_shop, "_go_on", one_act_at_a_time)
    monkeypatch.setattr(backfill_step.StepClock, "has_time", lambda self: self.elapsed_seconds() < 0.001)
    newest, parts = read_through(shop_id, steps=200)
    assert newest.state == "done"
    assert counts(shop_id) == WHOLE
    assert parts["customers"].taken_count == 30


def test_a_missing_scope_in_pages_fails_with_shopifys_own_sentence(shop_id, shopify):
    shopify.start_answers = ["denied"] * 5
    shopify.refused_pages = {"customers"}
    newest, parts = read_through(shop_id)
    assert newest.state == "failed"
    assert "No scope." in parts["customers"].error
    assert "Retry" in parts["customers"].error


# What is left behind, and whom it keeps waiting: B8 and B10


def test_files_that_nobody_needs_are_swept_when_a_worker_starts(shop_id, shopify, spooled):
    begin_backfill(shop_id, NOW, "install")
    newest, parts = look_at(shop_id)
    with transaction(shop_id) as connection:
        backfills.change_part(connection, parts["customers"], state="taking")
    needed = spool.folder_of(shop_id, newest.id, "customers")
    for name in (
        f"{shop_id}.{newest.id}.products",
        f"{shop_id}.{newest.id + 9}.customers",
        "0.1.orders",
        "odd",
    ):
        (spooled / name).mkdir()
        (spooled / name / "file.jsonl").write_text("{}")
    assert len(spool.sweep()) == 4
    assert list(spooled.iterdir()) == [needed]
    assert spooled.stat().st_mode & 0o777 == 0o700


def test_a_shop_that_leaves_is_not_read_on_and_leaves_no_file(shop_id, shopify, spooled):
    begin_backfill(shop_id, NOW, "install")
    newest, _ = look_at(shop_id)
    spool.folder_of(shop_id, newest.id, "customers")
    stop_backfill(shop_id, NOW)
    assert look_at(shop_id)[0].state == "stopped"
    assert list(spooled.iterdir()) == []
    stop_backfill(shop_id, NOW)


def test_a_backfill_waits_in_the_queue_that_holds_up_nobodys_webhook():
    assert queue_of(TaskName.BACKFILL_SHOP) is QueueName.HEAVY
    assert queue_of(TaskName.DRAIN_WEBHOOKS) is QueueName.KINDRED


# What is said of how far it is


def test_progress_grows_and_says_what_it_knows(shop_id, shopify, small_pieces, monkeypatch):
    seen = []
    monkeypatch.setattr(backfill_shop, "_go_on", one_act_at_a_time)
    monkeypatch.setattr(backfill_step.StepClock, "has_time", lambda self: self.elapsed_seconds() < 0.001)
    assert describe_backfill(shop_id) is None
    begin_backfill(shop_id, NOW, "install")
    for number in range(400):
        seen.append(describe_backfill(shop_id))
        if seen[-1].state != "running":
            break
        backfill_due(shop_id, now=NOW + timedelta(seconds=20 * number))
    ratios = [each.ratio for each in seen]
    assert ratios[0] == 0
    assert ratios[-1] == 1
    assert all(ratio < 1 for ratio in ratios[:-1])
    taken = [each.taken for each in seen]
    assert taken == sorted(taken)
    assert seen[-1].taken == 8 + 2 + 30 + 120
    assert any(each.first_segments_at for each in seen if each.state == "running")
    assert any(each.is_catching_up for each in seen)
