"""The sample account: the people of the sample store, what others wrote on them, and their mail."""

from collections import Counter
from datetime import date

import orjson
import pytest
from klaviyo_account import Account
from patience import eventually

from sandbox.klaviyo.sample_account import is_loaded, load_sample
from sandbox.klaviyo.sample_people import LISTS
from sandbox.klaviyo.world import now
from sandbox.shopify.load_sample import SAMPLE_DOMAIN
from sandbox.shopify.load_sample import load_sample as load_store
from sandbox.shopify.state import State

_DAY = 86_400
_EVENTS = "SELECT body FROM events WHERE account = ? AND metric = ?"


@pytest.fixture(scope="module")
def customers(tmp_path_factory):
    state = State(tmp_path_factory.mktemp("store") / "stores.sqlite")
    load_store(state, customers=900, months=14, until=date(2026, 10, 31))
    yield list(state.each(SAMPLE_DOMAIN, "customer"))
    state.close()


@pytest.fixture(scope="module")
def account(tmp_path_factory, customers):
    made = Account(tmp_path_factory.mktemp("sample") / "klaviyo.sqlite")
    load_sample(made.world, made.id, customers)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def people(account):
    return list(account.world.state.each_profile(account.id))


def events(account, name):
    (metric,) = [one["id"] for one in account.world.state.things(account.id, "metric") if one["name"] == name]
    return [orjson.loads(body) for (body,) in account.world.state.rows(_EVENTS, (account.id, metric))]


def test_nine_in_ten_of_those_with_an_address_are_known_and_a_few_more(people, customers):
    addresses = {one["email"].lower() for one in customers if one["email"]}
    known = {one["email"] for one in people} & addresses
    assert 0.87 < len(known) / len(addresses) < 0.93
    assert 0.01 < (len(people) - len(known)) / len(customers) < 0.05


def test_consent_is_that_of_the_store_but_for_bounces_and_complaints(people, customers):
    told = {one["email"].lower(): one["emailMarketing"]["state"] for one in customers if one["email"]}
    found = Counter(
        (told[one["email"]], (one["consent"]["email"] or {}).get("consent"))
        for one in people
        if one["email"] in told
    )
    assert set(found) == {
        ("SUBSCRIBED", "SUBSCRIBED"),
        ("UNSUBSCRIBED", "UNSUBSCRIBED"),
        ("NOT_SUBSCRIBED", None),
    }
    reasons = Counter(each["reason"] for one in people for each in one["consent"]["suppression"])
    assert {"UNSUBSCRIBE", "HARD_BOUNCE", "USER_SUPPRESSED"} <= set(reasons)


def test_everybody_has_something_that_others_wrote_and_nothing_of_ours(people):
    assert all("Source" in one["properties"] for one in people)
    assert not any(name.startswith("kindred") for one in people for name in one["properties"])
    assert sum(len(one["properties"]) for one in people) / len(people) > 2


def test_lists_and_a_segment_are_there_and_filled(account):
    eventually(
        lambda: not any(one["is_processing"] for one in account.world.state.things(account.id, "segment"))
    )
    groups = account.all("/api/lists") + account.all("/api/segments")
    sizes = {one["attributes"]["name"]: len(account.members(one["id"])) for one in groups}
    assert set(LISTS) < set(sizes)
    assert all(sizes.values())


def test_those_who_bought_lately_open_and_click_more(account, people, customers):
    seen = {one["email"].lower(): one["updatedAt"] for one in customers if one["email"]}
    lately = {one["id"] for one in people if seen.get(one["email"], "") > "2026-07"}
    got, opened = Counter(), Counter()
    for one in events(account, "Received Email"):
        got[one["profile"] in lately] += 1
    for one in events(account, "Opened Email"):
        if not one["properties"]["machine_open"]:
            opened[one["profile"] in lately] += 1
    assert opened[True] / got[True] > 2 * opened[False] / got[False]


def test_mail_came_in_the_last_120_days_to_those_who_may_be_mailed(account, people):
    received, clicked = events(account, "Received Email"), events(account, "Clicked Email")
    mailed = {one["profile"] for one in received}
    silent = {one["id"] for one in people if one["consent"]["suppression"] or not one["consent"]["email"]}
    assert mailed
    assert not mailed & silent
    at = [one["at"] for one in received + clicked]
    assert now() - 121 * _DAY < min(at) < max(at) < now()
    assert {one["properties"]["Bot Click"] for one in clicked} == {True, False}


def test_the_same_store_gives_the_same_account(tmp_path, customers, people):
    again = Account(tmp_path / "klaviyo.sqlite")
    load_sample(again.world, again.id, customers)
    assert is_loaded(again.world, again.id)
    same = {one["id"]: (one["email"], one["properties"]) for one in again.world.state.each_profile(again.id)}
    again.stop()
    store = {one["id"]: (one["email"], one["properties"]) for one in people if "reader" not in one["email"]}
    assert store.items() <= same.items()
