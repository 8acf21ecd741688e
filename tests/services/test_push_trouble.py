"""What goes wrong between us and a destination: nothing is lost, nothing foreign touched, people are told."""

from datetime import timedelta

import pytest
from push_shop import (
    CUSTOMERS,
    NOW,
    foreign,
    ours,
    pushed,
    sent,
    settled,
    tags,
    the_plan,
    told,
    wanted,
    without_spared,
)
from tellings import one, rows

from sandbox.shopify import documents
from shop_app.errors import RefusedError
from shop_app.services import connect_destination as connecting
from shop_app.services import deliver_pushes
from shop_app.services.decide_pushes import approve_push, clean_up
from shop_app.services.push_choices import change_push_choices
from shop_app.services.push_due import push_due, serve
from shop_app.services.refresh_customers import refresh_customers
from shop_app.storage import due_work, leases
from shop_app.storage.engine import shopless, transaction


def approved(shop_id):
    connecting.switch_on(shop_id, "shopify", who="Ann", at=NOW)
    pushed(shop_id, NOW)
    approve_push(shop_id, the_plan(shop_id)["id"], who="Ann", at=NOW)


def largest_segment(shop_id):
    return one(shop_id, "SELECT segment FROM customer_scores GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")[
        "segment"
    ]


def come_to_rest(shop_id, now, *, most=40):
    """Look again whenever it is due, on a clock that jumps there."""
    for _ in range(most):
        push_due(shop_id, now=now)
        if settled(shop_id):
            return now
        with shopless() as connection:
            now = max(now + timedelta(seconds=1), due_work.list_of_shop(connection, shop_id)["push"])
    raise AssertionError(rows(shop_id, "SELECT state, reason, count(*) FROM push_states GROUP BY 1, 2"))


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("status", {"status": 503, "count": 12}),
        ("reset", {"count": 6}),
        ("reset", {"count": 6, "after": True}),
        ("timeout", {"count": 2, "seconds": 0.2}),
        ("throttle", {"count": 8}),
        ("html", {"count": 6}),
    ],
)
def test_after_any_passing_trouble_labels_are_as_they_should_be(push_shop, store, kind, how):
    before = foreign(store)
    approved(push_shop)
    store.fault(kind, **how)
    come_to_rest(push_shop, NOW)
    assert without_spared(ours(store)) == wanted(push_shop)
    assert foreign(store) == before


def test_a_worker_that_dies_after_sending_leaves_nothing_half_done(push_shop, store, monkeypatch):
    approved(push_shop)

    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(deliver_pushes, "_keep", die)  # the call was made, and its answer never written down
        with pytest.raises(Killed):
            push_due(push_shop, now=NOW)
    assert any(ours(store).values())
    later = come_to_rest(push_shop, NOW + timedelta(minutes=2))
    assert without_spared(ours(store)) == wanted(push_shop)
    assert later < NOW + timedelta(minutes=30)


def test_a_dead_token_pauses_at_once_with_a_reason(push_shop, store):
    approved(push_shop)
    store.fault(
        "status", status=403, body='{"errors": "This action requires merchant approval for write_customers."}'
    )
    pushed(push_shop, NOW)
    kept = one(push_shop, "SELECT state, reason FROM destinations")
    assert kept["state"] == "paused"
    assert kept["reason"]
    store.forget_calls()
    pushed(push_shop, NOW + timedelta(hours=1))
    assert store.calls(kind="mutation") == []


def test_a_customer_with_too_many_tags_is_told_of_and_the_others_are_served(push_shop, store):
    crowded = store.find("customer", 3)
    store.put(
        "customer",
        crowded | {"tags": [f"t{number}" for number in range(250)], "updatedAt": "2026-06-15T11:59:00Z"},
    )
    told(push_shop, NOW - timedelta(hours=1), NOW)
    sent(push_shop, store)
    (row,) = rows(push_shop, "SELECT s.reason FROM push_states s WHERE state = 'rejected'")
    assert "250" in row["reason"]
    assert len([held for held in ours(store).values() if held]) == CUSTOMERS - 1


def test_a_customer_who_is_gone_in_shopify_is_no_trouble_for_the_others(push_shop, store):
    approved(push_shop)
    store.deed("delete_customer", customer_id=5, force=True)
    pushed(push_shop, NOW)
    assert one(push_shop, "SELECT count(*) AS n FROM push_states WHERE state = 'settled'")["n"] == CUSTOMERS - 1


def test_flapping_comes_to_one_change(push_shop, store):
    change_push_choices(push_shop, {"approve_ratio": 1.0}, who="Ann", at=NOW)
    sent(push_shop, store)
    store.forget_calls()
    for round_ in range(1, 5):
        store.order(90_000 + round_, customer=1, at=f"2026-06-15T12:{round_:02}:00Z")
        told(push_shop, NOW, NOW + timedelta(minutes=round_))
    pushed(push_shop, NOW + timedelta(minutes=11))
    assert len(store.calls(kind="mutation")) <= 4
    assert without_spared(ours(store)) == wanted(push_shop)


def test_more_changes_than_allowed_wait_for_a_person(push_shop, store):
    sent(push_shop, store)
    change_push_choices(push_shop, {"approve_count": 3}, who="Ann", at=NOW)
    store.forget_calls()
    later = NOW + timedelta(days=200)
    refresh_customers(push_shop, None, as_of=later)
    pushed(push_shop, later)
    plan = the_plan(push_shop)
    assert "wait for you" in plan["why"]
    assert store.calls(kind="mutation") == []


def test_nothing_is_sent_in_quiet_hours(push_shop, store):
    change_push_choices(push_shop, {"quiet_from": 12, "quiet_to": 15}, who="Ann", at=NOW)  # of UTC, its clock
    approved(push_shop)
    pushed(push_shop, NOW)
    assert not any(ours(store).values())
    pushed(push_shop, NOW + timedelta(hours=3))
    assert without_spared(ours(store)) == wanted(push_shop)


def test_one_switch_stops_everything(push_shop, store):
    approved(push_shop)
    change_push_choices(push_shop, {"everything_stopped": True}, who="Ann", at=NOW)
    pushed(push_shop, NOW)
    assert not any(ours(store).values())
    change_push_choices(push_shop, {"everything_stopped": False}, who="Ann", at=NOW)
    pushed(push_shop, NOW)
    assert any(ours(store).values())


def test_of_two_workers_one_sends(push_shop, store):
    approved(push_shop)
    with transaction(push_shop) as connection:
        assert leases.take(connection, "push-shopify", seconds=60)
    assert serve(push_shop, "shopify", now=NOW) == NOW + timedelta(seconds=5)
    assert not any(ours(store).values())


def test_a_plan_that_was_overtaken_sends_what_still_stands_and_plans_the_rest_anew(push_shop, store):
    connecting.switch_on(push_shop, "shopify", who="Ann", at=NOW)
    pushed(push_shop, NOW)
    plan = the_plan(push_shop)["id"]
    for number in range(4):
        store.order(80_000 + number, customer=1, at="2026-06-15T12:01:00Z")
    told(push_shop, NOW, NOW + timedelta(minutes=2))
    pushed(push_shop, NOW + timedelta(minutes=2))
    decided = approve_push(push_shop, plan, who="Ann", at=NOW + timedelta(minutes=3))
    assert (decided.sent_on, decided.changed) == (CUSTOMERS - 1, 1)
    with pytest.raises(RefusedError):
        approve_push(push_shop, plan, who="Bob", at=NOW + timedelta(minutes=3))


def test_a_part_of_a_plan_can_be_approved(push_shop, store):
    connecting.switch_on(push_shop, "shopify", who="Ann", at=NOW)
    pushed(push_shop, NOW)
    segment = one(push_shop, "SELECT segment FROM push_rows GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[
        "segment"
    ]
    approve_push(push_shop, the_plan(push_shop)["id"], who="Ann", at=NOW, segments=[segment])
    pushed(push_shop, NOW)
    held = {number: names for number, names in without_spared(ours(store)).items() if names}
    assert held
    assert {name for names in held.values() for name in names} == {f"kindred:{segment}"}


def test_a_refund_takes_the_label_back_and_its_end_brings_it_again(push_shop, store):
    change_push_choices(push_shop, {"approve_ratio": 1.0}, who="Ann", at=NOW)
    sent(push_shop, store)
    held = ours(store)[4]
    assert held
    order = next(each for each in store.world.state.each(store.domain, "order") if each["customerId"] == 4)
    refunded = documents.make_refund(77, at="2026-06-15T12:01:00Z", amount=100, lines=[])
    store.put("order", order | {"refunds": [refunded], "updatedAt": "2026-06-15T12:01:00Z"}, parent=4)
    told(push_shop, NOW, NOW + timedelta(minutes=2))
    pushed(push_shop, NOW + timedelta(minutes=2))
    assert ours(store)[4] == []
    (guards,) = rows(push_shop, "SELECT guards FROM push_states WHERE guards::text LIKE '%refund%'")
    assert guards["guards"][0]["until"].startswith("2026-06-29T12:01")
    with shopless() as connection:
        due = due_work.list_of_shop(connection, push_shop)["push"]
    pushed(push_shop, NOW + timedelta(days=14, minutes=2))
    assert ours(store)[4] != []
    assert due <= NOW + timedelta(days=14, minutes=2)


def test_control_members_get_no_label_and_their_arm_is_kept(push_shop, store):
    largest = one(push_shop, "SELECT segment FROM customer_scores GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[
        "segment"
    ]
    change_push_choices(push_shop, {"holdouts": {largest: 50}}, who="Ann", at=NOW)
    sent(push_shop, store)
    control = {
        row["shopify_id"]
        for row in rows(
            push_shop,
            "SELECT c.shopify_id FROM holdout_members h JOIN customers c ON c.id = h.customer_id "
            "WHERE h.arm = 'control'",
        )
    }
    assert control
    assert all(ours(store)[number] == [] for number in control)
    treated = rows(push_shop, "SELECT exposed_at FROM holdout_members WHERE arm = 'treatment'")
    assert treated
    assert all(row["exposed_at"] for row in treated)


def test_a_changed_prefix_takes_every_old_tag_along_and_no_foreign_one(push_shop, store):
    sent(push_shop, store)
    before = foreign(store)
    connecting.save_destination(push_shop, "shopify", {"tag_prefix": "k2:"}, who="Ann", at=NOW)
    change_push_choices(push_shop, {"approve_ratio": 1.0}, who="Ann", at=NOW)
    pushed(push_shop, NOW)
    held = tags(store)
    assert not any(name.startswith("kindred:") for names in held.values() for name in names)
    assert all(any(name.startswith("k2:") for name in names) for names in held.values())
    assert {n: [t for t in names if not t.startswith("k2:")] for n, names in held.items()} == before


def test_a_tag_of_ours_that_the_merchant_had_already_is_never_taken_away(push_shop, store):
    number, segment = next(
        (row["shopify_id"], row["segment"])
        for row in rows(
            push_shop,
            "SELECT c.shopify_id, s.segment FROM customer_scores s JOIN customers c ON c.id = s.customer_id",
        )
    )
    person = store.find("customer", number)
    store.put(
        "customer",
        person | {"tags": [*person["tags"], f"kindred:{segment}"], "updatedAt": "2026-06-15T11:59:30Z"},
    )
    told(push_shop, NOW - timedelta(hours=1), NOW)
    sent(push_shop, store)
    clean_up(push_shop, "shopify", who="Ann", at=NOW)
    pushed(push_shop, NOW)
    assert f"kindred:{segment}" in tags(store)[number]


def test_a_plan_that_everybody_has_overtaken_is_made_anew_and_not_approved(push_shop, store):
    connecting.switch_on(push_shop, "shopify", who="Ann", at=NOW)
    pushed(push_shop, NOW)
    plan = the_plan(push_shop)["id"]
    with transaction(push_shop) as connection:
        connection.exec_driver_sql("UPDATE push_states SET desired = desired || '{\"metafields\": {}}'")
    with pytest.raises(RefusedError, match="takes its place"):
        approve_push(push_shop, plan, who="Ann", at=NOW)
    newer = the_plan(push_shop)
    assert newer["id"] != plan
    assert one(push_shop, "SELECT needs_approval FROM destinations")["needs_approval"]


def test_an_open_plan_of_which_much_has_changed_is_made_anew_by_itself(push_shop, store):
    connecting.switch_on(push_shop, "shopify", who="Ann", at=NOW)
    pushed(push_shop, NOW)
    plan = the_plan(push_shop)["id"]
    with transaction(push_shop) as connection:
        connection.exec_driver_sql("UPDATE push_states SET desired = desired || '{\"metafields\": {}}'")
    pushed(push_shop, NOW + timedelta(minutes=1))
    assert the_plan(push_shop)["id"] != plan
    assert one(push_shop, f"SELECT state FROM pushes WHERE id = {plan}")["state"] == "superseded"
