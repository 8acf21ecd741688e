"""Faults between labels and a shop: echoes of our own writing, segments that end, rules too private."""

from datetime import timedelta

import pytest
from push_shop import CUSTOMERS, NOW, foreign, ours, pushed, sent, tags, told
from sqlalchemy import text
from tellings import one, rows

from shop_app.services.decide_pushes import clean_up
from shop_app.services.own_segments import list_unconfirmed, read_own_form, retire_own, save_own
from shop_app.services.plan_pushes import label_maker
from shop_app.services.push_choices import change_push_choices
from shop_app.services.read_back_pushes import read_back_due
from shop_app.services.refresh_customers import refresh_customers
from shop_app.storage import own_segments
from shop_app.storage.engine import transaction

LATER = NOW + timedelta(hours=1)
EVERYBODY = {"feature": "recency_days", "at_least": 0}


@pytest.fixture
def flowing(push_shop):
    """A shop whose merchant lets every change flow."""
    change_push_choices(push_shop, {"approve_ratio": 1.0}, who="Ann", at=NOW)
    return push_shop


def own(shop_id, slug, name, *, at=NOW, confirmed=False):
    """Save a segment that holds everybody, and label everybody by it."""
    rule = read_own_form(shop_id, {"slug": slug, "name": name, "description": "", "when": EVERYBODY})
    save_own(shop_id, [rule], confirmed=confirmed, who="Ann", at=at, as_of=at)
    refresh_customers(shop_id, None, as_of=at)


def test_what_we_wrote_coming_back_as_a_change_of_each_customer_is_read_and_writes_nothing(flowing, store):
    sent(flowing, store)
    for number in range(1, CUSTOMERS + 1):
        store.put("customer", store.find("customer", number) | {"updatedAt": "2026-06-15T12:10:00Z"})
    store.forget_calls()
    told(flowing, NOW, LATER)
    assert any("kindred:" in " ".join(row["tags"]) for row in rows(flowing, "SELECT tags FROM customers"))
    for minutes in range(3):
        pushed(flowing, LATER + timedelta(minutes=minutes))
    assert store.calls(kind="mutation") == []


def test_a_segment_of_ones_own_that_ends_takes_its_tag_from_everybody_and_no_other(flowing, store):
    own(flowing, "night-owls", "Night owls")
    sent(flowing, store)
    before, others = tags(store), foreign(store)
    assert all("kindred:night-owls" in held for held in before.values())
    retire_own(flowing, "night-owls", who="Ann", at=LATER, as_of=LATER)
    pushed(flowing, LATER)
    assert tags(store) == {
        number: [tag for tag in held if tag != "kindred:night-owls"] for number, held in before.items()
    }
    assert foreign(store) == others


def test_a_segment_of_a_new_name_keeps_its_tag_and_writes_no_customer(flowing, store):
    own(flowing, "night-owls", "Night owls")
    sent(flowing, store)
    before = tags(store)
    store.forget_calls()
    own(flowing, "night-owls", "Late buyers", at=LATER)
    read_back_due(flowing, now=LATER)
    pushed(flowing, LATER)
    assert tags(store) == before
    named = [each["name"] for each in store.world.state.each(store.domain, "segment")]
    assert "Kindred: Late buyers" in named
    assert "Kindred: Night owls" not in named


def test_a_rule_on_what_the_law_protects_is_no_label_before_somebody_has_confirmed_it(flowing, store):
    own(flowing, "night-owls", "Night owls")
    with transaction(flowing) as connection:
        connection.execute(text("UPDATE own_segments SET slug = 'patients', name = 'Diabetes patients'"))
        assert list_unconfirmed(connection) == {"patients"}
    refresh_customers(flowing, None, as_of=NOW)
    sent(flowing, store)
    assert "patients" not in label_maker(flowing).own_names
    assert not any("patients" in tag for held in ours(store).values() for tag in held)
    assert not any("Diabetes" in each["name"] for each in store.world.state.each(store.domain, "segment"))
    own(flowing, "patients", "Diabetes patients", at=LATER, confirmed=True)
    pushed(flowing, LATER)
    assert all("kindred:patients" in held for held in ours(store).values())
    (line,) = rows(flowing, "SELECT who, note FROM decisions WHERE kind = 'confirmation'")
    assert line["who"] == "Ann"
    assert "health" in line["note"]


def test_a_confirmation_holds_for_the_rule_that_was_confirmed_and_not_for_a_later_one(flowing):
    own(flowing, "patients", "Diabetes patients", confirmed=True)
    with transaction(flowing) as connection:
        assert list_unconfirmed(connection) == set()
        (live,) = own_segments.list_live(connection)
        own_segments.add_version(
            connection,
            slug="patients",
            name="Cancer patients",
            description="",
            rule=live.rule,
            at=LATER,
            who="Ann",
        )
        assert list_unconfirmed(connection) == {"patients"}
    assert one(flowing, "SELECT count(*) AS n FROM own_segments WHERE slug = 'patients'")["n"] == 2


def test_a_clean_up_takes_our_segments_and_definitions_along_and_no_others(flowing, store):
    own(flowing, "night-owls", "Night owls")
    before = tags(store)
    kinds = ("segment", "metafield_definition")
    others = {kind: len(list(store.world.state.each(store.domain, kind))) for kind in kinds}
    sent(flowing, store)
    assert rows(flowing, "SELECT * FROM remote_groups")
    clean_up(flowing, "shopify", who="Ann", at=LATER)
    store.fault("status", status=503, operation="DeleteSegment", count=30)
    pushed(flowing, LATER)
    store.no_faults()
    pushed(flowing, LATER + timedelta(hours=1))
    assert tags(store) == before
    assert {kind: len(list(store.world.state.each(store.domain, kind))) for kind in kinds} == others
    assert rows(flowing, "SELECT * FROM remote_groups") == []
