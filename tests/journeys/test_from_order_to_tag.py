"""An order's way to where marketing happens, every process running: tag in Shopify, property at Klaviyo."""

import json
import time

import pytest
from patience import eventually
from stack import SAMPLE, Stack, ask

QUIET = ("drifting-away", "hibernating", "dormant", "at-risk", "one-and-done", "lost", "about-to-sleep")
"""Groups that an order takes somebody out of, whether they were learned by now or are those of a small shop."""

SECONDS_TO_ARRIVE = 60
"""It takes a few; a machine that runs other tests beside this one is given time."""


@pytest.fixture(scope="module")
def stack():
    """A store whose labels are at both destinations, with nothing under way."""
    with Stack(customers=60, web_workers=1) as running:
        running.start("sandbox", "klaviyo", "web")
        running.wait_until_ready()
        running.start("worker", "heavy", "beat", "merchant")
        running.deed("open_app", shop=SAMPLE)
        eventually(lambda: len(labelled(running)) > 20, seconds=120, every=0.25)
        eventually(lambda: len(told_at_klaviyo(running)) > 15, seconds=60, every=0.25)
        yield running


def customers(stack):
    return json.loads(ask(f"{stack.origin}/_store/{SAMPLE}/customer")[1])


def labels_of(customer):
    return {tag for tag in customer["tags"] if tag.startswith("kindred:") and not tag.endswith("no-discounts")}


def labelled(stack):
    return [each for each in customers(stack) if labels_of(each)]


def told_at_klaviyo(stack):
    """Return by address what the account says of whom, with all that others wrote."""
    profiles = json.loads(ask(f"{stack.klaviyo_origin}/_store/profile")[1])
    return {each["email"]: each for each in profiles if "kindred_segment" in each["properties"]}


def the_rest(profile):
    return {name: value for name, value in profile["properties"].items() if not name.startswith("kindred_")}


def test_an_order_changes_tag_and_property_by_itself_and_nothing_else(stack):
    before = told_at_klaviyo(stack)
    quiet = [
        each
        for each in labelled(stack)
        if labels_of(each) & {f"kindred:{slug}" for slug in QUIET} and each["email"] in before
    ]
    assert quiet
    buyer = quiet[0]
    (old,) = labels_of(buyer)
    foreign = set(buyer["tags"]) - labels_of(buyer) - {"kindred:no-discounts"}

    began = time.monotonic()
    stack.deed("place_order", shop=SAMPLE, customer_id=buyer["id"])

    def arrived():
        now = next(each for each in customers(stack) if each["id"] == buyer["id"])
        profile = told_at_klaviyo(stack)[buyer["email"]]
        label = f"kindred:{profile['properties']['kindred_segment']}"
        return (now, profile) if labels_of(now) == {label} != {old} else None

    now, profile = eventually(arrived, seconds=SECONDS_TO_ARRIVE, every=0.2)
    assert time.monotonic() - began < SECONDS_TO_ARRIVE
    assert set(now["tags"]) - labels_of(now) - {"kindred:no-discounts"} == foreign
    assert the_rest(profile) == the_rest(before[buyer["email"]])
    assert profile["consent"] == before[buyer["email"]]["consent"]
