import time
from dataclasses import replace

import pytest
from battery import AT_RISK, LOYAL, NOTHING, OK, bring, do_step, is_as_wanted, rows_for
from harness_shopify import ShopifyHarness

from sandbox.shopify import call_log
from sandbox.shopify.graph import bulk
from shop_app.destinations import shopify_bulk, shopify_writes
from shop_app.destinations.base import Job
from shop_app.destinations.errors import (
    BrokenConnectionError,
    OutcomeUnknownError,
    RejectedError,
    SlowDownError,
)
from shop_app.errors import TemporaryError

STEPS = ("remove-tags", "add-tags", "set-metafields", "delete-metafields")


@pytest.fixture
def crowd(tmp_path):
    """1,200 customers: more than are written to one by one."""
    harness = ShopifyHarness(tmp_path, customers=1200)
    yield harness
    harness.stop()


@pytest.fixture
def shopify(tmp_path, monkeypatch):
    """A dozen customers, who are a crowd already here."""
    monkeypatch.setattr(shopify_bulk, "FROM_ROWS", 10)
    harness = ShopifyHarness(tmp_path, customers=12)
    yield harness
    bulk.wait_for_all(harness.store.world)
    harness.stop()


def ends(harness, step, job, rows):
    """Ask until the job is over."""
    until = time.monotonic() + 30
    while isinstance(job, Job):
        assert time.monotonic() < until
        time.sleep(0.02)
        job = harness.destination.poll(step, job.key, rows, ())
    return job.outcomes


def test_twelve_hundred_customers_take_a_file_a_step_and_nobody_elses_is_touched(crowd):
    foreign = crowd.foreign()
    crowd.destination = crowd.connected(write_metafields=False)
    rows = rows_for(crowd, AT_RISK, crowd.known)
    assert bring(crowd, rows) == dict.fromkeys(crowd.known, OK)
    assert is_as_wanted(crowd, rows)
    back = rows_for(crowd, NOTHING, crowd.known, rows[0].after)
    assert bring(crowd, back) == dict.fromkeys(crowd.known, OK)
    assert is_as_wanted(crowd, back)
    mutations = [call["operation"] for call in crowd.store.calls(kind="mutation")]
    assert mutations == ["StageUpload", "StartBulkMutation"] * 2
    assert crowd.foreign() == foreign


def test_a_crowd_that_moves_takes_one_operation_a_step(shopify):
    foreign = shopify.foreign()
    rows = rows_for(shopify, AT_RISK, shopify.known)
    bring(shopify, rows)
    shopify.store.forget_calls()
    moved = rows_for(shopify, replace(LOYAL, rfm=None), shopify.known, rows[0].after)
    assert bring(shopify, moved) == dict.fromkeys(shopify.known, OK)
    mutations = [call["operation"] for call in shopify.store.calls(kind="mutation")]
    assert mutations == ["StageUpload", "StartBulkMutation"] * 4
    assert is_as_wanted(shopify, moved)
    back = rows_for(shopify, NOTHING, shopify.known, moved[0].after)
    assert bring(shopify, back) == dict.fromkeys(shopify.known, OK)
    assert is_as_wanted(shopify, back)
    assert shopify.values(12) == {}
    assert shopify.foreign() == foreign


def test_each_line_of_the_answer_is_its_own_customers(shopify):
    shopify.store.deed("delete_customer", customer_id=5)
    crowd = [f"Club {number}" for number in range(248)]
    shopify.store.deed("edit_customer", customer_id=7, add_tags=crowd)
    shopify.store.world.settings["bulk_order"] = "wild"
    rows = rows_for(shopify, AT_RISK, shopify.known)
    outcomes = do_step(shopify.destination, "add-tags", list(reversed(rows)))
    assert [number for number in shopify.known if outcomes[number] != OK] == [5, 7]
    assert outcomes[5].kind == "absent"
    assert outcomes[7].kind == "rejected"
    assert "250 tags" in outcomes[7].words
    assert is_as_wanted(shopify, [replace(row, after={"tags": row.after["tags"]}) for row in rows[7:]])


def test_a_value_that_is_refused_is_one_line_of_many(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    values = rows[3].after["metafields"] | {"as_of": "lately"}
    rows[3] = replace(rows[3], after=rows[3].after | {"metafields": values})
    outcomes = do_step(shopify.destination, "set-metafields", rows)
    assert outcomes.pop(4).kind == "rejected"
    assert set(outcomes.values()) == {OK}


def test_those_who_need_nothing_and_those_who_cannot_be_have_their_outcome_too(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    rows[0] = replace(rows[0], before=rows[0].after, owned=frozenset(rows[0].after["tags"]))
    rows[1] = replace(rows[1], after={"tags": ["kindred:a,b"]})
    outcomes = ends(shopify, "add-tags", shopify.destination.submit("add-tags", rows, ()), rows)
    assert (outcomes[1], outcomes[2].kind, outcomes[3]) == (OK, "rejected", OK)
    assert "kindred:a" not in shopify.tags(2)


def test_as_many_operations_as_may_run_are_waited_for(shopify):
    shopify.store.world.settings["bulk_pause"] = 20.0
    for labels in range(bulk.AT_ONCE):
        rows = rows_for(shopify, replace(AT_RISK, segment=f"s{labels}"), shopify.known)
        assert isinstance(shopify.destination.submit("add-tags", rows, ()), Job)
    with pytest.raises(SlowDownError) as asked:
        shopify.destination.submit("add-tags", rows_for(shopify, AT_RISK, shopify.known), ())
    assert asked.value.retry_after_seconds >= 10
    for document in bulk.running(shopify.store.world, shopify.store.domain, "MUTATION"):
        bulk.cancel(shopify.store.world, shopify.store.domain, document["id"])


def test_where_no_operation_may_run_it_is_done_one_by_one(shopify, monkeypatch):
    monkeypatch.setattr(shopify_writes, "LONGEST_SECONDS", -1.0)
    shop = next(shopify.store.world.state.each(shopify.store.domain, "shop"))
    shopify.store.put("shop", shop | {"bulkEnabled": False})
    rows = rows_for(shopify, AT_RISK, shopify.known)
    assert isinstance(shopify.destination.submit("add-tags", rows, ()), Job)
    assert bring(shopify, rows) == dict.fromkeys(shopify.known, OK)
    assert is_as_wanted(shopify, rows)
    assert shopify.destination.recover("add-tags", rows) is None


@pytest.mark.parametrize("fault", ["timeout", "reset"])
def test_an_operation_whose_start_went_unanswered_is_found_again(shopify, fault):
    shopify.store.world.settings["bulk_pause"] = 1.0
    rows = rows_for(shopify, AT_RISK, shopify.known)
    shopify.store.fault(fault, operation="StartBulkMutation", count=1, seconds=0.05, after=True)
    with pytest.raises(OutcomeUnknownError):
        shopify.destination.submit("add-tags", rows, ())
    job = shopify.destination.recover("add-tags", rows)
    assert job is not None
    assert shopify.destination.recover("set-metafields", rows) is None
    assert shopify.destination.recover("add-tags", rows[:-1]) is None
    assert ends(shopify, "add-tags", job, rows) == dict.fromkeys(shopify.known, OK)
    assert shopify.destination.recover("add-tags", rows) is None  # over: sending it again does no harm
    assert len(list(shopify.store.world.state.each(shopify.store.domain, bulk.KIND))) == 1


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "reset"}, {"kind": "timeout"}])
def test_an_upload_that_fails_has_done_nothing(shopify, fault):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    shopify.store.fault(**fault, path="/_uploads/", seconds=0.05)
    with pytest.raises(TemporaryError) as failed:
        shopify.destination.submit("add-tags", rows, ())
    assert not isinstance(failed.value, OutcomeUnknownError)
    assert not list(shopify.store.world.state.each(shopify.store.domain, bulk.KIND))
    shopify.heal()
    assert bring(shopify, rows) == dict.fromkeys(shopify.known, OK)


def test_an_operation_that_failed_or_that_nobody_knows_says_nothing_of_anybody(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    shopify.store.world.settings["bulk_fail_after"] = 5
    job = shopify.destination.submit("add-tags", rows, ())
    assert ends(shopify, "add-tags", job, rows) == {}
    unknown = f"gid://shopify/BulkOperation/1#{job.key.partition('#')[2]}"
    assert shopify.destination.poll("add-tags", unknown, rows, ()).outcomes == {}
    assert bring(shopify, rows) == dict.fromkeys(shopify.known, OK)
    assert is_as_wanted(shopify, rows)


def test_lines_are_not_counted_by_other_rows_than_were_sent(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    job = shopify.destination.submit("add-tags", rows, ())
    assert ends(shopify, "add-tags", job, rows[1:]) == {}
    assert ends(shopify, "add-tags", job, rows) == dict.fromkeys(shopify.known, OK)


def test_lines_that_are_missing_are_left_to_be_tried_again(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    job = shopify.destination.submit("add-tags", rows, ())
    bulk.wait_for_all(shopify.store.world)
    (path,) = bulk.folder_of(shopify.store.world).glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    kept = b"".join([*lines[:6], b'{"data": {"tagsAdd"\n', b"[]\n", lines[8]])
    path.write_bytes(kept)
    document = next(shopify.store.world.state.each(shopify.store.domain, bulk.KIND))
    shopify.store.put(bulk.KIND, document | {"fileSize": len(kept)})
    assert set(shopify.destination.poll("add-tags", job.key, rows, ()).outcomes) == {1, 2, 3, 4, 5, 6, 9}


@pytest.mark.parametrize("kind", ["truncate_bulk", "status"])
def test_a_file_that_does_not_come_is_asked_for_again(shopify, kind):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    job = shopify.destination.submit("add-tags", rows, ())
    bulk.wait_for_all(shopify.store.world)
    shopify.store.fault(kind, path="/_bulk/", bytes=100, status=503)
    with pytest.raises(TemporaryError):
        shopify.destination.poll("add-tags", job.key, rows, ())
    shopify.heal()
    assert ends(shopify, "add-tags", job, rows) == dict.fromkeys(shopify.known, OK)


def test_a_link_that_is_dead_says_nothing_of_anybody(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    job = shopify.destination.submit("add-tags", rows, ())
    bulk.wait_for_all(shopify.store.world)
    shopify.store.fault("expire_bulk")
    assert ends(shopify, "add-tags", job, rows) == {}


def test_leave_that_was_taken_away_meanwhile_is_told(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    job = shopify.destination.submit("add-tags", rows, ())
    bulk.wait_for_all(shopify.store.world)
    document = next(shopify.store.world.state.each(shopify.store.domain, bulk.KIND))
    shopify.store.put(bulk.KIND, document | {"status": "FAILED", "errorCode": "ACCESS_DENIED"})
    with pytest.raises(BrokenConnectionError):
        shopify.destination.poll("add-tags", job.key, rows, ())


def test_the_file_goes_up_without_the_shops_token(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    shopify.destination.submit("add-tags", rows, ())
    (upload,) = call_log.of(shopify.store.world).listed(path="/_uploads/")
    assert upload["shop"] == ""  # nothing in the request says whose it is, but for the key of the place


def test_a_mutation_that_may_not_run_in_bulk_is_told(shopify, monkeypatch):
    monkeypatch.setitem(shopify_bulk._DOCUMENTS, "add-tags", "ShopFacts")
    with pytest.raises(RejectedError):
        shopify.destination.submit("add-tags", rows_for(shopify, AT_RISK, shopify.known), ())


def test_steps_are_in_an_order_that_never_puts_a_customer_in_two_segments(shopify):
    before = rows_for(shopify, AT_RISK, [1])[0].after
    (row,) = rows_for(shopify, replace(LOYAL, rfm=None), [1], before)
    assert shopify.destination.steps([row]) == STEPS
