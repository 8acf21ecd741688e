"""Labels in Klaviyo: properties of profiles that there are, lists that are ours, and nothing else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from push_shop import NOW, a_push_shop, pushed, settled, told
from stand_in_klaviyo import StandInKlaviyo
from tellings import one, rows

from sandbox.klaviyo.server import make_account, make_key
from sandbox.shopify import documents
from shop_app.errors import RefusedError
from shop_app.services import connect_destination as connecting
from shop_app.services.decide_pushes import approve_push, clean_up, undo_push
from shop_app.services.plan_pushes import label_maker
from shop_app.services.push_access import built
from shop_app.services.push_choices import change_push_choices
from shop_app.services.push_due import push_due
from shop_app.services.read_engagement import read_engagement
from shop_app.storage import destinations, due_work, email_engagement
from shop_app.storage.email_engagement import EngagementDay
from shop_app.storage.engine import shopless, transaction
from shop_app.storage.signals import read_signals

CUSTOMERS = 12
UNKNOWN = {11, 12}
"""Customers whom Klaviyo does not know."""


@pytest.fixture
def klaviyo(tmp_path, monkeypatch):
    made = StandInKlaviyo(tmp_path, monkeypatch)
    yield made
    made.stop()


@pytest.fixture
def shop_id(store, klaviyo):
    """Twelve buyers who may be mailed, ten of them known to Klaviyo, each with a foreign property."""
    found = a_push_shop(store, customers=CUSTOMERS, destination=None, consent="SUBSCRIBED")
    for number in range(1, CUSTOMERS + 1):
        if number not in UNKNOWN:
            klaviyo.do("create_profile", email=f"ann{number}@example.com", properties={"shoe_size": number})
    connecting.save_destination(found, "klaviyo", {"private_key": klaviyo.key}, who="Ann", at=NOW)
    change_push_choices(found, {"approve_ratio": 1.0}, who="Ann", at=NOW)
    return found


def rest(shop_id, now):
    for _ in range(30):
        push_due(shop_id, now=now)
        if settled(shop_id):
            return now
        with shopless() as connection:
            now = max(now + timedelta(seconds=1), due_work.list_of_shop(connection, shop_id)["push"])
    raise AssertionError(rows(shop_id, "SELECT state, reason, count(*) FROM push_states GROUP BY 1, 2"))


def sent(shop_id):
    connecting.switch_on(shop_id, "klaviyo", who="Ann", at=NOW)
    pushed(shop_id, NOW)
    approve_push(shop_id, one(shop_id, "SELECT id FROM pushes WHERE state = 'open'")["id"], who="Ann", at=NOW)
    return rest(shop_id, NOW)


def segments(shop_id):
    return {
        f"ann{row['shopify_id']}@example.com": row["segment"]
        for row in rows(
            shop_id,
            "SELECT c.shopify_id, s.segment FROM customer_scores s JOIN customers c ON c.id = s.customer_id",
        )
    }


def properties(klaviyo, email):
    return klaviyo.profile(email)["properties"]


def list_members(shop_id, klaviyo):
    """Who is in which of our lists, by address."""
    by_id = {each["id"]: each["email"] for each in klaviyo.world.state.each_profile(klaviyo.account)}
    return {
        row["slug"]: {by_id[member] for member in klaviyo.members(row["remote_id"])}
        for row in rows(shop_id, "SELECT slug, remote_id FROM remote_groups WHERE role = 'list'")
    }


def known(found):
    return {
        email: slug for email, slug in found.items() if email not in {f"ann{n}@example.com" for n in UNKNOWN}
    }


def by_segment(found):
    return {slug: {email for email, held in found.items() if held == slug} for slug in set(found.values())}


def test_properties_and_lists_follow_the_labels_and_nobody_is_made(shop_id, klaviyo):
    before = klaviyo.profile_count()
    sent(shop_id)
    for email, slug in known(segments(shop_id)).items():
        held = properties(klaviyo, email)
        assert held["kindred_segment"] == slug
        assert held["shoe_size"] == int(email.removeprefix("ann").removesuffix("@example.com"))
    filled = {slug: members for slug, members in list_members(shop_id, klaviyo).items() if members}
    assert filled == by_segment(known(segments(shop_id)))
    assert klaviyo.profile_count() == before
    assert one(shop_id, "SELECT count(*) AS n FROM push_states WHERE state = 'absent'")["n"] == len(UNKNOWN)


def test_a_customer_who_moves_leaves_one_list_and_joins_another(shop_id, store, klaviyo):
    sent(shop_id)
    before = segments(shop_id)
    for number in range(6):
        store.order(60_000 + number, customer=4, at="2026-06-15T12:05:00Z")
    told(shop_id, NOW, NOW + timedelta(minutes=6))
    rest(shop_id, NOW + timedelta(minutes=6))
    after = segments(shop_id)
    assert before["ann4@example.com"] != after["ann4@example.com"]
    filled = {slug: members for slug, members in list_members(shop_id, klaviyo).items() if members}
    assert filled == by_segment(known(after))


def test_whoever_withdraws_consent_leaves_the_list_at_once_even_while_a_plan_waits(shop_id, store, klaviyo):
    sent(shop_id)
    change_push_choices(shop_id, {"approve_count": 0}, who="Ann", at=NOW)
    person = store.find("customer", 4)
    withdrawn = documents.make_consent("UNSUBSCRIBED", "2026-06-15T12:01:00Z")
    store.put("customer", person | {"emailMarketing": withdrawn, "updatedAt": "2026-06-15T12:01:00Z"})
    store.order(61_000, customer=5, at="2026-06-15T12:01:00Z")
    told(shop_id, NOW, NOW + timedelta(minutes=2))
    for minutes in (2, 3, 4):
        pushed(shop_id, NOW + timedelta(minutes=minutes))
    assert all("ann4@example.com" not in members for members in list_members(shop_id, klaviyo).values())


def test_those_who_may_not_be_mailed_get_the_property_and_no_list(store, klaviyo, shop_id):
    with transaction(shop_id) as connection:
        connection.exec_driver_sql("UPDATE customers SET email_consent = NULL WHERE shopify_id = 4")
    sent(shop_id)
    assert properties(klaviyo, "ann4@example.com")["kindred_segment"] == segments(shop_id)["ann4@example.com"]
    assert all("ann4@example.com" not in members for members in list_members(shop_id, klaviyo).values())


def test_an_objection_to_the_sale_of_data_keeps_a_customer_out_of_klaviyo(shop_id, klaviyo):
    with transaction(shop_id) as connection:
        connection.exec_driver_sql("UPDATE customers SET data_sale_opt_out = true WHERE shopify_id = 4")
    sent(shop_id)
    assert "kindred_segment" not in properties(klaviyo, "ann4@example.com")


def test_undo_and_clean_up_leave_nothing_of_ours(shop_id, klaviyo):
    now = sent(shop_id)
    undo_push(shop_id, one(shop_id, "SELECT id FROM pushes")["id"], who="Ann", at=now)
    for minutes in range(5):
        pushed(shop_id, now + timedelta(minutes=minutes))
    assert not any(list_members(shop_id, klaviyo).values())
    clean_up(shop_id, "klaviyo", who="Ann", at=now)
    for minutes in range(5):
        pushed(shop_id, now + timedelta(minutes=10 + minutes))
    for number in set(range(1, CUSTOMERS + 1)) - UNKNOWN:
        held = properties(klaviyo, f"ann{number}@example.com")
        assert held["shoe_size"] == number
        assert held.get("kindred_segment", "none") == "none"


def test_a_key_of_another_account_is_refused_and_nothing_is_sent(shop_id, klaviyo):
    other = make_account(klaviyo.world, "Somebody else", key="OTHER1")["id"]
    key = make_key(klaviyo.world, other)["id"]
    with pytest.raises(RefusedError):
        connecting.save_destination(shop_id, "klaviyo", {"private_key": key}, who="Ann", at=NOW)
    assert one(shop_id, "SELECT account_id FROM destinations")["account_id"] == klaviyo.account


def test_a_revoked_key_pauses_with_a_reason(shop_id, klaviyo):
    sent(shop_id)
    klaviyo.do("revoke_key")
    change_push_choices(shop_id, {"no_discounts": False, "refund_days": 3}, who="Ann", at=NOW)
    with transaction(shop_id) as connection:
        connection.exec_driver_sql("UPDATE customer_scores SET segment = 'somewhere-else'")
    pushed(shop_id, NOW + timedelta(hours=1))
    kept = one(shop_id, "SELECT state, reason FROM destinations")
    assert kept["state"] == "paused"
    assert kept["reason"]


def test_clicks_become_signals_and_those_unknown_to_klaviyo_stay_unknown(shop_id, klaviyo):
    now = datetime.now(tz=UTC)
    sent(shop_id)
    ann4, ann5 = (klaviyo.profile(f"ann{number}@example.com")["id"] for number in (4, 5))
    at = (now - timedelta(minutes=1)).isoformat()
    klaviyo.do("receive_email", profile=ann4, at=at)
    klaviyo.do("click_email", profile=ann4, at=at)
    klaviyo.do("click_email", profile=ann5, at=at, bot=True)
    with transaction(shop_id) as connection:
        stored = destinations.find(connection, shop_id, "klaviyo")
    for _ in range(2):  # what is read twice counts once
        read_engagement(shop_id, built(shop_id, stored, now=now), now=now + timedelta(minutes=1))
    clicks = {
        row["customer_id"]: row["email_clicks_30d"]
        for row in read_signals(
            shop_id, None, as_of=now + timedelta(minutes=1), currency="EUR", member_tag=""
        ).to_dicts()
    }
    ids = {row["shopify_id"]: row["id"] for row in rows(shop_id, "SELECT id, shopify_id FROM customers")}
    assert (clicks[ids[4]], clicks[ids[5]], clicks[ids[11]]) == (1, 0, None)


def test_a_day_that_is_read_again_takes_the_place_of_what_was_there(shop_id):
    sent(shop_id)
    remote = one(shop_id, "SELECT remote_id FROM push_states WHERE remote_id IS NOT NULL LIMIT 1")["remote_id"]
    for received in (3, 2):
        day = EngagementDay(remote, date(2026, 6, 15), received, 0, 0, None)
        with transaction(shop_id) as connection:
            email_engagement.replace_days(connection, "klaviyo", [day], since=date(2026, 6, 15))
    assert one(shop_id, "SELECT received FROM email_engagement")["received"] == 2
    assert label_maker(shop_id) is not None
