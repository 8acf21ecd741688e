import json
from collections import Counter
from dataclasses import replace

import pytest
from battery import AT_RISK, LOYAL, NOTHING, OK, bring, do_step, is_as_wanted, rows_for, wants
from harness_shopify import ShopifyHarness

from shop_app.destinations import shopify_writes
from shop_app.destinations.base import Contact, Job, Labels
from shop_app.destinations.errors import (
    BrokenConnectionError,
    OutcomeUnknownError,
    RejectedError,
    SlowDownError,
)
from shop_app.destinations.shopify import ShopifyCustomers
from shop_app.errors import RefusedError, TemporaryError
from shop_app.shopify import cost_budget


@pytest.fixture
def shopify(tmp_path):
    harness = ShopifyHarness(tmp_path, customers=6)
    yield harness
    harness.stop()


@pytest.fixture
def many(tmp_path):
    harness = ShopifyHarness(tmp_path, customers=61)
    yield harness
    harness.stop()


def operations(harness):
    return Counter(call["operation"] for call in harness.store.calls(kind="mutation"))


def answer(harness, status, body="{}", **how):
    harness.store.fault("status", status=status, body=body, headers={"Content-Type": "application/json"}, **how)


# Calls.


def test_a_first_push_takes_as_few_calls_as_there_can_be(many):
    rows = rows_for(many, AT_RISK, many.known)
    bring(many, rows)
    assert operations(many) == {"AddTagsTo25": 2, "AddTagsTo5": 2, "AddTags": 1, "SetMetafields": 21}
    assert is_as_wanted(many, rows)
    many.store.forget_calls()
    many.destination.read_back(rows, ())
    assert len(many.store.calls()) == 1


def test_one_customer_who_moves_takes_three_calls(shopify):
    rows = rows_for(shopify, LOYAL, [1])
    bring(shopify, rows)
    shopify.store.forget_calls()
    bring(shopify, rows_for(shopify, AT_RISK, [1], rows[0].after))
    assert operations(shopify) == {"RemoveTags": 1, "AddTags": 1, "SetMetafields": 1}


def test_tags_are_never_written_as_a_whole(many):
    bring(many, rows_for(many, AT_RISK, many.known))
    asked = {field for call in many.store.calls(kind="mutation") for field in call["fields"]}
    assert asked <= {"tagsAdd", "tagsRemove", "metafieldsSet", "metafieldsDelete"}


def test_a_row_that_needs_nothing_is_done_without_a_call(shopify):
    row = shopify.row(1, wants(shopify, LOYAL), wants(shopify, LOYAL))
    assert shopify.destination.steps([row]) == ()
    assert do_step(shopify.destination, "add-tags", [row]) == {1: OK}
    assert shopify.store.calls() == []


# S1: patience.


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0.05"}])
def test_too_many_requests_are_waited_out(shopify, headers):
    shopify.store.fault("status", status=429, headers=headers, count=1)
    rows = rows_for(shopify, AT_RISK, [1])
    assert bring(shopify, rows) == {1: OK}
    assert is_as_wanted(shopify, rows)


def test_a_spent_budget_is_no_failure_and_the_rest_is_done_later(tmp_path):
    harness = ShopifyHarness(tmp_path, customers=55, patience_seconds=0.01, bucketSize=300, restoreRate=1)
    try:
        harness.store.deed("delete_customer", customer_id=3)
        rows = rows_for(harness, AT_RISK, harness.known)
        job = harness.destination.submit("add-tags", rows, ())
        assert isinstance(job, Job)
        assert job.poll_after_seconds > 0
        with pytest.raises(SlowDownError) as asked:
            harness.destination.poll("add-tags", job.key, rows, ())
        assert asked.value.retry_after_seconds > 0
        with pytest.raises(SlowDownError):
            harness.destination.submit("add-tags", rows, ())
        shop = next(harness.store.world.state.each(harness.store.domain, "shop"))
        harness.store.put("shop", shop | {"restoreRate": 100_000})
        cost_budget.connect(None)
        outcomes = harness.destination.poll("add-tags", job.key, rows, ()).outcomes
        assert outcomes.pop(3).kind == "absent"
        assert set(outcomes.values()) == {OK}
        assert set(outcomes) == set(harness.known) - {3}
        assert all("kindred:at-risk" in harness.tags(number) for number in outcomes)
        assert operations(harness)["AddTagsTo25"] >= 2
    finally:
        harness.stop()


def test_what_takes_long_is_done_in_goes_and_nothing_of_it_twice(many, monkeypatch):
    monkeypatch.setattr(shopify_writes, "LONGEST_SECONDS", -1.0)
    rows = rows_for(many, AT_RISK, many.known)
    many.store.deed("delete_customer", customer_id=2)
    rows[10] = replace(rows[10], after={"tags": ["kindred:a,b"]})
    outcomes = do_step(many.destination, "add-tags", rows)
    assert [number for number in many.known if outcomes[number] != OK] == [2, 11]
    assert (outcomes[2].kind, outcomes[11].kind) == ("absent", "rejected")
    assert operations(many) == {"AddTagsTo25": 2, "AddTagsTo5": 2}


def test_a_go_that_broke_off_is_done_again(many, monkeypatch):
    monkeypatch.setattr(shopify_writes, "LONGEST_SECONDS", -1.0)
    rows = rows_for(many, AT_RISK, many.known)
    job = many.destination.submit("set-metafields", rows, ())
    many.lose_answers(6)
    with pytest.raises(OutcomeUnknownError):
        many.destination.poll("set-metafields", job.key, rows, ())
    many.heal()
    while isinstance(job, Job):
        job = many.destination.poll("set-metafields", job.key, rows, ())
    assert job.outcomes == dict.fromkeys(many.known, OK)
    do_step(many.destination, "add-tags", rows)
    assert is_as_wanted(many, rows)


# S2: failures and lost answers.


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_fails_a_little_is_asked_again(shopify, status):
    answer(shopify, status, count=2)
    rows = rows_for(shopify, AT_RISK, shopify.known)
    assert set(bring(shopify, rows).values()) == {OK}
    assert is_as_wanted(shopify, rows)


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "reset", "after": True}])
def test_a_server_that_fails_for_long_leaves_open_what_was_done(shopify, fault):
    shopify.store.fault(**fault)
    rows = rows_for(shopify, AT_RISK, shopify.known)
    with pytest.raises(OutcomeUnknownError):
        shopify.destination.submit("add-tags", rows, ())
    with pytest.raises(TemporaryError) as read:
        shopify.destination.read_back(rows, ())
    assert not isinstance(read.value, OutcomeUnknownError)  # reading leaves nothing open
    shopify.heal()
    assert set(bring(shopify, rows).values()) == {OK}
    assert is_as_wanted(shopify, rows)


# S3: an answer of 200 that says no.


@pytest.mark.parametrize("code", ["undefinedField", "INVALID_VARIABLE", "MAX_COST_EXCEEDED"])
@pytest.mark.parametrize("step", ["add-tags", "set-metafields"])
def test_a_call_that_is_wrong_is_never_a_success(shopify, code, step):
    body = {"data": {"tagsAdd": None}, "errors": [{"message": "No.", "extensions": {"code": code}}]}
    answer(shopify, 200, json.dumps(body))
    with pytest.raises(RejectedError):
        shopify.destination.submit(step, rows_for(shopify, AT_RISK, [1, 2]), ())


def test_a_call_that_is_wrong_about_one_customer_is_that_ones(shopify):
    bad = replace(shopify.row(2, None, wants(shopify, AT_RISK)), contact=Contact(-5))
    rows = [*rows_for(shopify, AT_RISK, [1, 3, 4, 5]), bad]
    outcomes = bring(shopify, rows)
    assert outcomes.pop(2).kind in {"absent", "rejected"}
    assert set(outcomes.values()) == {OK}


# S4: nothing works before somebody has done something.


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423])
def test_a_shop_that_is_shut_is_told_of_at_the_first_call(shopify, status):
    answer(shopify, status)
    rows = rows_for(shopify, AT_RISK, shopify.known)
    for speak in (
        lambda: shopify.destination.submit("add-tags", rows, ()),
        lambda: shopify.destination.read_back(rows, ()),
        lambda: shopify.destination.prepare((), ()),
        shopify.destination.check,
    ):
        shopify.store.forget_calls()
        with pytest.raises(BrokenConnectionError):
            speak()
        assert len(shopify.store.calls()) == 1


def test_a_shop_that_has_left_is_not_asked(shopify):
    def gone():
        raise RefusedError("This shop has uninstalled Kindred.")

    left = ShopifyCustomers({}, replace(shopify.access, api=gone))
    with pytest.raises(BrokenConnectionError, match="uninstalled"):
        left.submit("add-tags", rows_for(shopify, AT_RISK, [1]), ())


def test_a_scope_that_is_missing_is_named(shopify):
    for document in list(shopify.store.world.state.each(shopify.store.domain, "token")):
        shopify.store.put("token", document | {"scopes": ["read_customers", "read_orders"]})
    with pytest.raises(BrokenConnectionError, match="write_customers"):
        shopify.destination.check()
    with pytest.raises(BrokenConnectionError, match="write_customers"):
        shopify.destination.submit("add-tags", rows_for(shopify, AT_RISK, [1]), ())


# S5: one customer's trouble.


def test_deleted_and_merged_customers_are_absent_in_every_step(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    bring(shopify, rows)
    shopify.store.deed("delete_customer", customer_id=2)
    shopify.store.deed("merge_customers", kept_id=3, deleted_id=4)
    moved = rows_for(shopify, LOYAL, shopify.known, rows[0].after)
    back = rows_for(shopify, NOTHING, shopify.known, rows[0].after)
    for step, wanted in (
        ("remove-tags", moved),
        ("add-tags", moved),
        ("set-metafields", moved),
        ("delete-metafields", back),
    ):
        outcomes = do_step(shopify.destination, step, wanted)
        assert {number: each.kind for number, each in outcomes.items()} == {
            1: "ok",
            2: "absent",
            3: "ok",
            4: "absent",
            5: "ok",
            6: "ok",
        }
    assert set(shopify.destination.read_back(back, ())) == {1, 3, 5, 6}


def test_a_value_that_shopify_refuses_is_that_customers_alone(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    for place, (key, value) in {1: ("next_order_from", "soon"), 4: ("value_365d", "much")}.items():
        after = rows[place].after
        rows[place] = replace(rows[place], after=after | {"metafields": after["metafields"] | {key: value}})
    outcomes = bring(shopify, rows)
    assert [outcomes[number].kind for number in shopify.known] == [
        "ok",
        "rejected",
        "ok",
        "ok",
        "rejected",
        "ok",
    ]
    assert "format" in outcomes[2].words
    assert is_as_wanted(shopify, [row for row in rows if row.customer_id in {1, 3, 4, 6}])
    assert shopify.values(2) == {}


def test_a_tag_that_differs_in_case_only_is_the_merchants_own(shopify):
    shopify.store.deed("edit_customer", customer_id=1, add_tags=["KINDRED:Loyal"])
    there = shopify.tags(1)
    row = shopify.row(1, None, wants(shopify, LOYAL), foreign=frozenset(there))
    assert bring(shopify, [row]) == {1: OK}
    assert is_as_wanted(shopify, [row])
    # Even where it has been written down as ours, as it is before anything is sent.
    back = shopify.row(1, row.after, {"tags": [], "metafields": {}}, foreign=row.foreign)
    assert bring(shopify, [back]) == {1: OK}
    assert is_as_wanted(shopify, [back])
    assert shopify.tags(1) == there


# S11 and settings.


def test_a_changed_prefix_leaves_no_old_tag_behind(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    bring(shopify, rows)
    foreign = shopify.foreign()
    shopify.destination = shopify.connected(tag_prefix="k2:")
    renamed = rows_for(shopify, AT_RISK, shopify.known, rows[0].after)
    assert set(bring(shopify, renamed).values()) == {OK}
    assert is_as_wanted(shopify, renamed)
    assert not [tag for number in shopify.known for tag in shopify.tags(number) if tag.startswith("kindred:")]
    bring(shopify, [shopify.row(row.customer_id, row.after, rows[0].after) for row in renamed])
    assert shopify.foreign() == foreign


def test_without_metafields_nothing_is_defined_and_nothing_set(shopify):
    shopify.destination = shopify.connected(write_metafields=False, native_segments=False)
    assert shopify.destination.prepare((), ()) == ([], [])
    assert set(bring(shopify, rows_for(shopify, AT_RISK, shopify.known)).values()) == {OK}
    assert shopify.values(1) == {}
    assert "kindred:at-risk" in shopify.tags(1)


def test_definitions_say_in_words_what_they_hold_and_the_merchant_may_read_them(shopify):
    shopify.destination.prepare((), ())
    made = {each["key"]: each for each in shopify.ours()[3]}
    assert made["churn_risk_90d"]["name"] == "Risk of leaving"
    assert all(each["description"] for each in made.values())
    assert {each["access"]["admin"] for each in made.values()} == {"MERCHANT_READ"}
    assert [key for key, each in made.items() if not each["capabilities"].get("adminFilterable")] == [
        "reason",
        "as_of",
    ]


def test_a_shop_whose_filters_are_used_up_gets_definitions_all_the_same(shopify):
    definition = {"ownerKind": "customer", "namespace": "care", "type": "boolean", "name": "x"}
    for number in range(50):
        filters = {"capabilities": {"adminFilterable": True}, "key": f"k{number}", "id": 600 + number}
        shopify.store.put("metafield_definition", definition | filters)
    groups, problems = shopify.destination.prepare((), ())
    assert problems == []
    assert len(groups) == 8
    assert not [each for each in shopify.ours()[3] if each["capabilities"].get("adminFilterable")]


def test_a_definition_of_another_type_is_told_of(shopify):
    shopify.destination.prepare((), ())
    found = next(each for each in shopify.ours()[3] if each["key"] == "value_365d")
    shopify.store.put("metafield_definition", found | {"type": "money"})
    _, problems = shopify.destination.prepare((), ())
    assert len(problems) == 1
    assert "Value within a year" in problems[0]


def test_a_few_changes_are_no_job_and_nothing_is_to_be_recovered(shopify):
    rows = rows_for(shopify, AT_RISK, shopify.known)
    assert not isinstance(shopify.destination.submit("add-tags", rows, ()), Job)
    assert shopify.destination.recover("add-tags", rows) is None


def test_nobody_is_named_in_what_goes_wrong(shopify):
    shopify.store.deed("delete_customer", customer_id=2)
    rows = rows_for(shopify, replace(AT_RISK, next_order_from="soon"), shopify.known)
    words = " ".join(outcome.words for outcome in bring(shopify, rows).values())
    assert "ann" not in words.casefold()
    assert "gid://" not in words


def test_labels_of_nobody_are_nothing(shopify):
    assert shopify.destination.desired(Labels(None, others=("no-discounts",)), previous=None) is None
