"""What is kept for a time only is gone after it."""

from datetime import timedelta

import pytest
from privacy_stories import NOW, a_body, a_webhook, an_order_body, receive, requests
from sqlalchemy import text
from tellings import rows

from shop_app.services.erase_bodies import sweep_bodies
from shop_app.services.export_person import hand_out
from shop_app.services.purge_shop import forget_again, purge_due
from shop_app.storage import access_log, due_work, erasure_ledger, gone, pushes
from shop_app.storage.engine import shopless, transaction


@pytest.fixture(autouse=True)
def ledger(tmp_path):
    erasure_ledger.keep_in(tmp_path)


def ago(**length):
    return NOW - timedelta(**length)


def test_bodies_go_a_week_after_use_and_those_that_were_of_no_use_after_a_month(shop_id):
    fresh = a_webhook(shop_id, "orders/updated", {}, at=ago(days=6))
    used = a_webhook(shop_id, "orders/updated", {}, at=ago(days=8))
    stuck = a_webhook(shop_id, "orders/updated", {}, state="dead", at=ago(days=8))
    old = a_webhook(shop_id, "orders/updated", {}, state="quarantined", at=ago(days=31))
    gone_by_now = a_webhook(shop_id, "orders/updated", {}, at=ago(days=61))
    purge_due(shop_id, now=NOW)
    held = {
        row["id"]: row["held"]
        for row in rows(shop_id, "SELECT id, body IS NOT NULL AS held FROM webhook_inbox")
    }
    assert held == {fresh: True, used: False, stuck: True, old: False}
    assert gone_by_now not in held


def test_the_access_log_is_kept_a_year(shop_id):
    with transaction(shop_id) as connection:
        for days in (364, 366):
            access_log.record(connection, shop_id, at=ago(days=days), user_id="1", what="x", customer_id=None)
    purge_due(shop_id, now=NOW)
    assert [row["at"] for row in rows(shop_id, "SELECT at FROM access_log")] == [ago(days=364)]


def test_whom_a_push_concerned_is_known_for_90_days_and_engagement_for_a_year(shop_id):
    with transaction(shop_id) as connection:
        done, running = (pushes.begin(connection, "shopify", "flow", at=NOW, who="Kindred") for _ in range(2))
        pushes.set_state(connection, done, "done")
        for push_id, customer_id, days in ((done, 1, 89), (done, 2, 91), (running, 3, 91)):
            connection.execute(
                text(
                    "INSERT INTO push_rows (shop_id, push_id, customer_id, state, at) "
                    "VALUES (:shop, :push, :customer, 'sent', :at)"
                ),
                {"shop": shop_id, "push": push_id, "customer": customer_id, "at": ago(days=days)},
            )
        for days in (364, 366):
            connection.execute(
                text("INSERT INTO email_engagement (shop_id, customer_id, day) VALUES (:shop, 1, :day)"),
                {"shop": shop_id, "day": ago(days=days).date()},
            )
    purge_due(shop_id, now=NOW)
    kept = rows(shop_id, "SELECT customer_id FROM push_rows ORDER BY 1")
    assert [row["customer_id"] for row in kept] == [1, 3]
    assert [row["day"] for row in rows(shop_id, "SELECT day FROM email_engagement")] == [ago(days=364).date()]


def test_whom_a_request_was_about_is_forgotten_a_month_after_its_end(shop_id):
    receive(shop_id, "customers/data_request", a_body(shop_id, asked=1), at=ago(days=40))
    hand_out(shop_id, requests(shop_id)[0]["id"], now=ago(days=29))
    purge_due(shop_id, now=NOW)
    assert requests(shop_id)[0]["subject"] is None  # void from the first day on: nothing was held
    receive(shop_id, "customers/data_request", a_body(shop_id, asked=2), at=ago(days=29))
    purge_due(shop_id, now=NOW)
    assert requests(shop_id)[1]["subject"] is not None


def test_it_falls_due_every_day(shop_id):
    purge_due(shop_id, now=NOW)
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id)["purge"] == NOW + timedelta(days=1)


def test_a_lease_that_ran_out_long_ago_is_dropped(shop_id):
    with transaction(shop_id) as connection:
        connection.execute(
            text("""
                INSERT INTO leases (shop_id, kind, token, until) VALUES
                    (:shop, 'old', 1, now() - interval '2 days'),
                    (:shop, 'held', 2, now() + interval '1 minute')"""),
            {"shop": shop_id},
        )
    purge_due(shop_id, now=NOW)
    assert rows(shop_id, "SELECT kind FROM leases") == [{"kind": "held"}]


def test_a_late_body_of_somebody_who_was_erased_goes_at_once_and_others_stay(shop_id):
    with transaction(shop_id) as connection:
        gone.remember_erased(connection, [("id", gone.subject_hash("id", 7, shop_id))], at=NOW)
    late = a_webhook(shop_id, "orders/updated", an_order_body(number=7))
    other = a_webhook(shop_id, "orders/updated", an_order_body(number=8))
    assert len(sweep_bodies(shop_id, [late]).blanked) == 1
    assert rows(shop_id, "SELECT id FROM webhook_inbox WHERE body IS NOT NULL") == [{"id": other}]
    assert forget_again(shop_id, now=NOW) == {}
