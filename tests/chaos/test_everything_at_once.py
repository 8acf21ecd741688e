"""One run in which everything goes wrong at once; afterwards the app knows what the store knows, to the cent.

Real processes, killed without a word; what must hold at the end is reckoned by :mod:`oracle`, which uses
nothing of the app. The seed is printed with a failure and replays the same schedule.
"""

import json
import os
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import oracle
import oracle_of_labels as labelling
from foreign import account, metafields, without_ours
from patience import eventually
from stack import CLIENT_ID, KLAVIYO_KEY, OTHER, SAMPLE, SECRET, Stack, ask
from storm import Storm

SECONDS = float(os.environ.get("KINDRED_CHAOS_SECONDS", "40"))
SEED = int(os.environ.get("KINDRED_CHAOS_SEED", "20261125"))
SECONDS_OF_SENDING = SECONDS * 3 / 4
"""So long the storm goes on at least after the first labels were let out."""
MOST_SECONDS = 1.6 * SECONDS
REST_SECONDS = 120
"""A minute is plenty; a machine that does other work beside this is given time."""
CUSTOMERS = 150
PLACES = {SAMPLE: ["klaviyo", "shopify"], OTHER: ["shopify"]}
LEAST = {"orders": 400, "deliveries": 100, "kills": 10, "deeds": 80, "foreign writes": 40, "labels sent": 200}
"""A run that did less than this has shown nothing."""


pytestmark = pytest.mark.timeout(900)
"""The storm and the rest after it belong to whichever test asks for them first."""


@pytest.fixture(scope="module")
def after_the_storm():
    """The stack when all faults are off again and everything has come to rest."""
    sys.stdout.write(f"seed {SEED}\n")
    with Stack(customers=CUSTOMERS) as stack:
        stack.start("sandbox", "klaviyo", "web")
        stack.wait_until_ready()
        stack.start("worker", "heavy", "beat", "merchant")
        storm = Storm(stack, SEED)
        for shop in (OTHER, SAMPLE):  # the storm begins while the larger one is being read
            stack.deed("open_app", shop=shop)
            eventually(lambda of=shop: oracle.documents(stack.home.stand_in_state, of, "webhook_subscription"))
        for kind, words in (("duplicate_webhooks", {"rate": 0.1}), ("reorder_webhooks", {"rate": 0.3})):
            stack.faults(kind=kind, seconds=1.0, **words)
        stack.faults(kind="corrupt_signature", rate=0.02)
        erased = rage(stack, storm)
        stack.calm()
        stack.let_an_hour_pass()
        come_to_rest(stack)
        stack.let_fall_due("changes", "compare")  # and a night
        time.sleep(1)
        come_to_rest(stack)
        storm.hear("sandbox", "klaviyo")
        stack.let_everybody_be_compared()
        come_to_rest(stack)
        storm.calls_at_rest = {name: asked(stack, name) for name in storm.calls}
        yield stack, storm, erased


def asked(stack, name):
    """Return what a stand-in was asked since its log was emptied."""
    origin = {"sandbox": stack.origin, "klaviyo": stack.klaviyo_origin}[name]
    return json.loads(ask(f"{origin}/_calls")[1])


def rage(stack, storm):
    """Let everything go wrong for a while, half of it at least after labels are being sent everywhere."""
    began, sends_since, erased = time.monotonic(), None, []
    while (age := time.monotonic() - began) < MOST_SECONDS:
        storm.deeds(storm.chance.randint(3, 8))
        storm.strike()
        if len(erased) < 2 and age > SECONDS / 2:
            erased.append(erase_somebody(stack, storm.others))
        if sends_since is None and are_all_sent_to(stack):
            sends_since = age
        if sends_since is not None and age > max(SECONDS, sends_since + SECONDS_OF_SENDING):
            break
        time.sleep(storm.chance.uniform(0.2, 0.8))
    return erased


def are_all_sent_to(stack):
    """Tell whether every destination of both shops has confirmed something by now."""
    with suppress(Exception):  # a database that is just coming back
        return all(
            labelling.acknowledging(stack.settings.database_owner_url, shop) == places
            for shop, places in PLACES.items()
        )
    return False


def come_to_rest(stack):
    """Wait until nothing is under way; what still is after two minutes is told by the tests."""
    with suppress(AssertionError):
        eventually(lambda: not waiting(stack) or stack.ring(), seconds=REST_SECONDS, every=1)


def erase_somebody(stack, others):
    orders = oracle.documents(stack.home.stand_in_state, SAMPLE, "order")
    people = {
        person["id"]: person for person in oracle.documents(stack.home.stand_in_state, SAMPLE, "customer")
    }
    owner = next(
        order["customerId"]
        for order in reversed(orders)
        if order["customerId"] and (people.get(order["customerId"]) or {}).get("email")
    )
    stack.deed("request_erasure", shop=SAMPLE, customer_id=owner)
    others.tags[SAMPLE][owner] = []  # the store has made them anonymous, and kept no tag
    return {name: people[owner][name] for name in ("id", "email", "phone", "lastName")}


def waiting(stack):
    """Return what is still under way, looked for the way things go: nothing slips by between two looks."""
    found = {}
    for shop in (SAMPLE, OTHER):
        undelivered = [
            one
            for one in oracle.documents(stack.home.stand_in_state, shop, "webhook_delivery")
            if one["status"] == "waiting"
        ]
        if undelivered:
            found[f"{shop} undelivered"] = len(undelivered)
        try:
            rest = oracle.left_over(stack.settings.database_owner_url, shop)
            unsent = labelling.left_over(stack.settings.database_owner_url, shop)
        except Exception as error:  # noqa: BLE001 (a database that is just coming back is not at rest)
            found[f"{shop} database"] = type(error).__name__
        else:
            found |= {f"{shop} {name}": count for name, count in rest.items() if count}
            found |= {f"{shop} {name}": what for name, what in unsent.items()}
    return found


def differences(told, kept):
    return [(name, told[name], kept[name]) for name in told if told[name] != kept[name]]


def numbers(erased):
    return {person["id"] for person in erased}


def test_the_run_did_enough_to_show_anything(after_the_storm):
    stack, storm, _ = after_the_storm
    orders = sum(len(oracle.told_orders(stack.home.stand_in_state, shop)) for shop in (SAMPLE, OTHER))
    kept = sum(len(oracle.deliveries(stack.settings.database_owner_url, shop)) for shop in (SAMPLE, OTHER))
    sent = sum(labelling.count_sent(stack.settings.database_owner_url, shop) for shop in (SAMPLE, OTHER))
    more = {"orders": orders, "deliveries": kept, "foreign writes": storm.others.deeds, "labels sent": sent}
    done = {**storm.done, **more}
    assert {name: done.get(name, 0) for name, least in LEAST.items() if done.get(name, 0) < least} == {}


def test_everything_comes_to_rest_by_itself(after_the_storm):
    stack = after_the_storm[0]
    why = {shop: oracle.why_still(stack.settings.database_owner_url, shop) for shop in (SAMPLE, OTHER)}
    assert waiting(stack) == {}, why


@pytest.mark.parametrize("shop", [SAMPLE, OTHER])
def test_every_order_is_as_the_store_has_it(after_the_storm, shop):
    stack, _, erased = after_the_storm
    told = oracle.told_orders(stack.home.stand_in_state, shop, erased=numbers(erased))
    kept = oracle.kept_orders(stack.settings.database_owner_url, shop)
    assert {number for number in told if number not in kept} == set()
    assert {number for number in kept if number not in told} == set()
    assert [
        (number, *differences(told[number], kept[number])) for number in told if told[number] != kept[number]
    ] == []


@pytest.mark.parametrize("shop", [SAMPLE, OTHER])
def test_every_customer_is_as_the_store_has_them(after_the_storm, shop):
    stack, _, erased = after_the_storm
    told = oracle.told_customers(stack.home.stand_in_state, shop, erased=numbers(erased))
    kept = oracle.kept_customers(stack.settings.database_owner_url, shop)
    assert kept == told


@pytest.mark.parametrize("shop", [SAMPLE, OTHER])
def test_what_customers_are_labelled_by_adds_up_to_what_their_orders_brought(after_the_storm, shop):
    stack, _, erased = after_the_storm
    told = oracle.told_orders(stack.home.stand_in_state, shop, erased=numbers(erased))
    assert oracle.scored_sums(stack.settings.database_owner_url, shop) == oracle.counted_sums(told)


@pytest.mark.parametrize("shop", [SAMPLE, OTHER])
def test_every_delivery_that_was_taken_is_kept_once(after_the_storm, shop):
    stack, _, _ = after_the_storm
    kept = oracle.deliveries(stack.settings.database_owner_url, shop)
    taken = {
        one["webhookId"]
        for one in oracle.documents(stack.home.stand_in_state, shop, "webhook_delivery")
        if one["status"] == "delivered" and one["topic"] != "shop/redact"
    }
    assert taken - {row["webhook_id"] for row in kept} == set()
    assert Counter(row["state"] for row in kept if row["state"] in {"dead", "quarantined"}) == {}


def test_no_log_tells_a_person_a_token_or_a_secret(after_the_storm):
    stack, _, erased = after_the_storm
    people = oracle.documents(stack.home.stand_in_state, SAMPLE, "customer")[:50]
    tokens = [
        value
        for shop in (SAMPLE, OTHER)
        for token in oracle.documents(stack.home.stand_in_state, shop, "token")
        for value in (token["token"], token.get("refreshToken"))
        if value
    ]
    secrets = [person["email"] for person in [*people, *erased] if person["email"]] + tokens
    secrets += [SECRET, KLAVIYO_KEY]
    logs = {name: stack.log(name) for name in ("web", "worker", "heavy", "beat", "merchant")}
    assert CLIENT_ID  # the key itself is public
    assert [(name, secret) for name, text in logs.items() for secret in secrets if secret in text] == []


def test_whoever_was_erased_is_in_no_table_any_more(after_the_storm):
    stack, _, erased = after_the_storm
    assert len(erased) == 2
    kept = oracle.kept_customers(stack.settings.database_owner_url, SAMPLE)
    assert numbers(erased) & set(kept) == set()
    orders = oracle.kept_orders(stack.settings.database_owner_url, SAMPLE)
    assert {order["customer"] for order in orders.values()} & numbers(erased) == set()


def labels_wanted(stack, shop):
    return labelling.labels(stack.settings.database_owner_url, stack.home.stand_in_state, shop)


@pytest.mark.parametrize("shop", [SAMPLE, OTHER])
def test_every_customer_in_the_store_carries_the_label_of_their_segment_and_no_other(after_the_storm, shop):
    stack, storm, _ = after_the_storm
    held = oracle.told_customers(stack.home.stand_in_state, shop)
    told = labelling.tags_told(labels_wanted(stack, shop), held)
    foreign = storm.others.tags[shop]
    ours = {
        number: [
            tag
            for tag in tags
            if tag.startswith("kindred:") and tag != labelling.SPARED and tag not in foreign.get(number, ())
        ]
        for number, tags in held.items()
    }
    assert {number: (told[number], ours[number]) for number in told if told[number] != ours[number]} == {}
    assert sum(map(bool, told.values())) > len(told) / 3
    fields = labelling.metafields(stack.home.stand_in_state, shop)
    assert {number: f"kindred:{label}" for number, label in fields.items() if number in held} == {
        number: tags[0] for number, tags in told.items() if tags
    }


@pytest.mark.parametrize("shop", [SAMPLE, OTHER])
def test_every_tag_that_others_wrote_is_there_as_they_wrote_it(after_the_storm, shop):
    stack, storm, _ = after_the_storm
    foreign, wanted = storm.others.tags[shop], labels_wanted(stack, shop)
    held = oracle.told_customers(stack.home.stand_in_state, shop)
    told = labelling.tags_told(wanted, held)
    theirs = {
        number: sorted(tag for tag in tags if tag not in {*told[number], labelling.SPARED})
        for number, tags in held.items()
    }
    assert {
        number: (tags, foreign.get(number, []))
        for number, tags in theirs.items()
        if tags != sorted(foreign.get(number, []))
    } == {}
    fields = metafields(stack.home.stand_in_state, shop)
    assert {key: fields.get(key) for key in storm.others.metafields[shop]} == storm.others.metafields[shop]
    assert len(fields) > 20


def test_every_profile_says_the_segment_and_lists_hold_only_who_may_be_mailed(after_the_storm):
    stack, storm, _ = after_the_storm
    wanted = labelling.account_told(labels_wanted(stack, SAMPLE), stack.home.stand_in_state, SAMPLE)
    slugs = labelling.our_lists(stack.settings.database_owner_url, SAMPLE)
    kept = labelling.account_kept(stack.home.klaviyo_stand_in_state, slugs, storm.others.profiles)
    told = {email: wanted.get(email, (None, [])) for email in kept}
    assert {email: (told[email], kept[email]) for email in told if told[email] != kept[email]} == {}
    assert sum(label is not None for label, _ in told.values()) > CUSTOMERS / 4
    assert sum(bool(lists) for _, lists in told.values()) > 5


def test_nothing_in_the_account_that_others_wrote_has_changed(after_the_storm):
    stack, storm, _ = after_the_storm
    profiles, groups, members = account(stack.home.klaviyo_stand_in_state)
    others = storm.others
    assert {
        key: (without_ours(profiles[key]), body)
        for key, body in others.profiles.items()
        if without_ours(profiles[key]) != body
    } == {}
    assert set(profiles) == set(others.profiles), "nobody is made a profile"
    assert {key: groups[key] for key in others.groups} == others.groups
    lists_of_theirs = [key for key, body in others.groups.items() if body["kind"] == "list"]
    moved = {groups[key]["name"]: members[key] ^ others.members[key] for key in lists_of_theirs}
    assert {name: who for name, who in moved.items() if who} == {}
    ours = Counter((body["kind"], body["name"]) for key, body in groups.items() if key not in others.groups)
    assert {name: count for name, count in ours.items() if count > 1} == {}, "no list is made twice"


def test_nobody_was_ever_subscribed_or_suppressed_and_hardly_a_call_was_made_in_vain(after_the_storm):
    _, storm, _ = after_the_storm
    calls = storm.calls["klaviyo"]
    assert len(calls) > 100
    assert [call for call in calls if call["consent"]] == []
    undisturbed = [call for call in calls if not call["fault"]]
    assert [call for call in undisturbed if call["status"] == 429] == [], "no call over a window"
    assert len(undisturbed) <= 1.3 * sum(200 <= call["status"] < 300 for call in undisturbed)

    writes = [call for call in storm.calls["sandbox"] if call["kind"] == "mutation" and not call["fault"]]
    went_well = [call for call in writes if call["status"] == 200 and not call["error_codes"]]
    assert len(went_well) > 100
    assert len(writes) <= 1.3 * len(went_well)


def test_what_everybody_holds_already_is_not_sent_again(after_the_storm):
    _, storm, _ = after_the_storm
    assert [call for call in storm.calls_at_rest["sandbox"] if call["kind"] == "mutation"] == []
    assert [call for call in storm.calls_at_rest["klaviyo"] if call["method"] != "GET"] == []
