"""Labels sent, shown, approved and taken back on the command line, to a store in the stand-in."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from commands import a_terminal
from documented_json import DOCUMENTED, check
from push_shop import foreign, ours
from stand_in_store import StandInStore

from shop_app.clock import utc_now
from shop_app.destinations import registry
from shop_app.destinations.base import Connected, Setting
from shop_app.destinations.shopify import ShopifyCustomers
from shop_app.errors import RefusedError
from shop_app.services.read_changes import read_changes_since
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.refresh_dirty import refresh_dirty
from shop_app.services.resolve_people import resolve_people
from shop_app.shopify import config
from shop_app.storage import encryption, engine, push_states, shops
from shop_app.storage.engine import shopless, transaction

BUYERS = 12


@pytest.fixture
def store(tmp_path, database):
    """A store of twelve buyers with tags of the merchant's own, who have bought until now."""
    made = StandInStore(tmp_path)
    made.product(7)
    now = utc_now()
    for number in range(1, BUYERS + 1):
        made.customer(number, tags=["vip-2019", "Wholesale"])
        for order in range(1 + number % 4):
            placed = now - timedelta(days=5 * number + 20 * order + 1)
            made.order(number * 100 + order, customer=number, at=f"{placed:%Y-%m-%dT%H:%M:%SZ}")
    yield made
    made.stop()


@pytest.fixture
def labelled(store):
    now = utc_now()
    found = store.connect(now)
    read_changes_since(found, now - timedelta(days=900), now)
    resolve_people(found)
    refresh_customers(found, None, as_of=now)
    refresh_dirty(found, now=now)
    return found


@pytest.fixture
def kindred(store, labelled, settings, database, monkeypatch, capsys):
    """Return what runs a command on the shop, and leaves the test connected."""
    run = a_terminal(settings, monkeypatch, capsys)
    shopify = store.settings()
    for name, value in (
        ("SHOPIFY_API_KEY", shopify.api_key),
        ("SHOPIFY_API_SECRET", shopify.api_secret),
        ("SHOPIFY_ADMIN_ORIGIN", shopify.admin_origin),
        ("SHOPIFY_ADMIN_WEB_ORIGIN", shopify.admin_web_origin),
        ("APP_URL", shopify.app_url),
    ):
        monkeypatch.setenv(name, value)

    def run_and_return(*words):
        ended = run(*words, "--shop", store.domain)
        encryption.load_keys(settings.keys, settings.hash_key)
        engine.connect(database)
        return ended

    return run_and_return


@pytest.fixture
def plain(shop_id, settings, monkeypatch, capsys):
    """Return what runs a command on a shop that is empty and connected to nothing."""
    with shopless() as connection:
        name = shops.domain_of(connection, shop_id)
    run = a_terminal(settings, monkeypatch, capsys)
    return lambda *words: run(*words, "--shop", name)


def read(ended):
    assert ended.code == 0, ended.stderr
    return json.loads(ended.stdout)


def shopify_of(told):
    return next(each for each in told["destinations"] if each["kind"] == "shopify")


def plan_of(kindred):
    (story,) = read(kindred("push", "--dry-run", "--json"))["stories"]
    return story["card"]["id"]


@pytest.fixture
def connected(kindred):
    """The shop with Shopify's customers as a destination that is on; what connecting said."""
    said = read(kindred("destinations", "--connect", "shopify", "--json"))
    assert kindred("destinations", "--on", "shopify").code == 0
    return said


@pytest.fixture
def sent(connected, kindred):
    """The shop with its first plan approved and sent; its number."""
    plan = plan_of(kindred)
    assert kindred("push", "--approve", plan).code == 0
    assert kindred("push", "--now").code == 0
    return plan


def test_before_anything_is_connected_the_way_there_is_shown(plain):
    listed = plain("destinations")
    assert "Shopify customers (shopify): not connected. `--connect shopify` begins." in listed.stdout
    assert "no segments yet" in plain("push", "--dry-run").stderr
    assert plain("push").stdout.startswith("Nothing was sent yet")


def test_a_destination_is_connected_tried_switched_and_forgotten(kindred, store, connected):
    assert shopify_of(connected)["is_on"] is False
    assert store.domain in connected["checked"]["account_name"]
    checked = kindred("destinations", "--check", "shopify")
    assert "It answers as" in checked.stderr
    paused = kindred("destinations", "--pause", "shopify")
    assert "Shopify customers (shopify): paused. You paused it." in paused.stdout
    changed = read(kindred("destinations", "--connect", "shopify", "--set", "native_segments=no", "--json"))
    assert shopify_of(changed)["settings"]["native_segments"] is False
    stopped = kindred("destinations", "--stop-all")
    assert stopped.stdout.startswith("Everything is stopped")
    assert read(kindred("destinations", "--resume-all", "--json"))["everything_stopped"] is False
    gone = read(kindred("destinations", "--disconnect", "shopify", "--json"))
    assert shopify_of(gone)["is_connected"] is False
    check("destinations", connected, changed, gone, unseen=["checked.warnings[]", "destinations[].notices[]"])


def test_a_plan_is_shown_approved_sent_and_undone(kindred, store, connected):
    before = foreign(store)
    shown = kindred("push", "--dry-run")
    assert f"Plan for Shopify customers: {BUYERS} customers" in shown.stdout
    assert f"{2 * BUYERS} tags of these customers are not ours, and stay." in shown.stdout
    assert "Who moves" in shown.stdout
    assert not any(ours(store).values())

    planned = read(kindred("push", "--dry-run", "--json"))
    plan = planned["stories"][0]["card"]["id"]
    assert f"Plan {plan} waits for you" in kindred("push").stdout
    approved = read(kindred("push", "--approve", plan, "--note", "Looks right.", "--json"))
    assert approved["decided"] == {"push_id": plan, "sent_on": BUYERS, "changed": 0}
    now = kindred("push", "--now")
    assert "Shopify customers: fresh." in now.stderr
    assert all(ours(store).values())
    assert foreign(store) == before

    undone = read(kindred("push", "--undo", plan, "--json"))
    assert undone["decided"]["sent_on"] == BUYERS
    assert kindred("push", "--now").code == 0
    assert not any(ours(store).values())
    assert foreign(store) == before
    back = read(kindred("push", "--show", undone["decided"]["push_id"], "--json"))
    assert "taken back" in kindred("push", "--show", undone["decided"]["push_id"]).stdout
    unset = ["choices.complaint_tags[]", "choices.holdouts.{segment}"]  # another test sets these
    check("push", planned, approved, back, unseen=unset)


def test_part_of_a_plan_can_be_approved(kindred, store, connected):
    plan = plan_of(kindred)
    (story,) = read(kindred("push", "--show", plan, "--json"))["stories"]
    move = story["moves"][-1]
    told = read(kindred("push", "--approve", plan, "--segment", move["to_slug"], "--json"))
    assert told["decided"]["sent_on"] == move["customers"]
    assert kindred("push", "--now").code == 0
    assert sum(1 for held in ours(store).values() if held) == move["customers"]


def test_a_plan_is_turned_down_and_nothing_is_sent(kindred, store, connected):
    plan = plan_of(kindred)
    turned_down = kindred("push", "--reject", plan)
    assert f"Plan {plan} is turned down" in turned_down.stderr
    assert kindred("push", "--now").code == 0
    assert not any(ours(store).values())
    refused = kindred("push", "--approve", plan)
    assert refused.code == 1
    assert "it was turned down" in refused.stderr


def test_a_customer_is_told_with_what_is_where(kindred, store, sent, labelled):
    told = read(kindred("customer", "ann3@example.com", "--json"))
    (place,) = told["destinations"]
    others = [key for key in DOCUMENTED["customer"] if not key.startswith("destinations[]")]
    check("customer", {"destinations": told["destinations"]}, unseen=others)
    assert (place["kind"], place["state"]) == ("shopify", "settled")
    assert set(ours(store)[3]) <= set(place["holds"])
    words = kindred("customer", "ann3@example.com").stdout
    assert "Shopify customers: What is wanted is there, and confirmed." in words
    assert "  They have not agreed to e-mail." in words


def test_who_was_refused_is_tried_again_by_command(kindred, store, sent, labelled):
    assert "Nobody was refused" in kindred("push", "--retry", "shopify").stderr
    with transaction(labelled) as connection:
        (number,) = push_states.list_ids(connection, "shopify", after=0, limit=1)
        push_states.put_aside(connection, "shopify", "rejected", {number: "Too many tags."}, next_at=None)
    assert shopify_of(read(kindred("destinations", "--json")))["freshness"]["rejected"] == 1
    assert "1 customer to be tried again" in kindred("push", "--retry", "shopify").stderr
    assert shopify_of(read(kindred("destinations", "--json")))["freshness"]["rejected"] == 0


def test_everything_is_taken_back_before_a_destination_is_forgotten(kindred, store, sent):
    refused = kindred("destinations", "--disconnect", "shopify")
    assert refused.code == 1
    assert "--clean-up shopify" in refused.stderr
    assert "All of ours is to be taken back" in kindred("push", "--clean-up", "shopify").stderr
    assert kindred("push", "--now").code == 0
    assert not any(ours(store).values())
    assert kindred("destinations", "--disconnect", "shopify").code == 0


def test_limits_and_guards_are_set_by_name(plain):
    changes = (
        "refund_days=30",
        "holdouts=at-risk:10,champions:5",
        "no_discounts=no",
        "complaint_tags=angry,b2b",
    )
    words = [word for change in changes for word in ("--set", change)]
    choices = read(plain("push", *words, "--json"))["choices"]
    assert (choices["refund_days"], choices["no_discounts"]) == (30, False)
    assert choices["holdouts"] == {"at-risk": 10, "champions": 5}
    assert choices["complaint_tags"] == ["angry", "b2b"]
    shown = plain("push", "--set", "holdouts=").stdout
    assert ["refund_days", "30"] in [line.split() for line in shown.splitlines()]
    assert read(plain("push", "--json"))["choices"]["holdouts"] == {}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("push", "--set", "refund_days=never"), "Days after a refund"),
        (("push", "--set", "no_discounts=perhaps"), "no_discounts must be yes or no"),
        (("push", "--set", "holdouts=10"), "write at-risk:10"),
        (("push", "--set", "everything_stopped=yes"), "--stop-all"),
        (("push", "--set", "colour=red"), "no setting colour"),
        (("push", "--approve", "9999999"), "no plan 9999999"),
        (("push", "--show", "9999999"), "no push 9999999"),
        (("push", "--retry", "shopify"), "not connected"),
        (("push", "--clean-up", "shopify"), "not connected"),
        (("destinations", "--check", "shopify"), "not connected"),
        (("destinations", "--on", "nowhere"), "There is no destination"),
        (("destinations", "--connect", "shopify", "--set", "colour=red"), "no setting colour"),
        (("destinations", "--connect", "shopify", "--set", "tag_prefix=a b"), "prefix"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(plain, words, reason):
    ended = plain(*words)
    assert (ended.code, ended.stdout) == (1, "")
    assert reason in ended.stderr


class Vault(ShopifyCustomers):
    """A destination that wants a key, and lets whoever has the right one in."""

    kind = "vault"
    name = "Vault"
    schema = (Setting("key", "Private key", "secret", required=True),)

    def check(self):
        if self.settings["key"] != "right-key":
            raise RefusedError("The vault does not know this key.")
        return Connected("1", "The vault", ("Mind the step.",))


def test_a_secret_is_read_from_a_file_or_from_standard_input_and_shown_nowhere(plain, tmp_path, monkeypatch):
    monkeypatch.setitem(registry.KINDS, "vault", Vault)
    file = tmp_path / "key"
    file.write_text("right-key\n")
    connect = ("destinations", "--connect", "vault")
    bare = plain(*connect, "--set", "key=right-key")
    assert (bare.code, bare.stdout) == (1, "")
    assert "--set key=@FILE" in bare.stderr
    assert "right-key" not in bare.stderr
    missing = plain(*connect)
    assert missing.code == 1
    assert "“Private key” is missing: write --set key=@FILE" in missing.stderr

    done = plain(*connect, "--set", f"key=@{file}", "--json")
    told = read(done)
    assert told["checked"]["warnings"] == ["Mind the step."]
    (vault,) = [each for each in told["destinations"] if each["kind"] == "vault"]
    assert set(vault["settings"]["key"]) == {"•"}
    assert "right-key" not in done.stdout + done.stderr
    assert plain(*connect).code == 0, "a key that is kept need not be given again"

    monkeypatch.setattr("sys.stdin", StringIO("wrong-key\n"))
    wrong = plain(*connect, "--set", "key=@-")
    assert (wrong.code, wrong.stderr) == (1, "The vault does not know this key.\n")
    assert plain(*connect, "--set", f"key=@{tmp_path / 'nowhere'}").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("push", "--dry-run", "--now"),
        ("push", "--segment", "at-risk"),
        ("push", "--undo", "1", "--destination", "shopify"),
        ("push", "--now", "--note", "x"),
        ("destinations", "--set", "x=y"),
        ("destinations", "--leave-labels"),
        ("destinations", "--on", "shopify", "--stop-all"),
    ],
)
def test_words_that_do_not_go_together_are_wrong_usage(plain, words):
    assert plain(*words).code == 2


def test_without_the_apps_registration_sending_is_left_to_the_worker(kindred, connected, monkeypatch):
    for name in ("SHOPIFY_API_KEY", "SHOPIFY_API_SECRET", "SHOPIFY_ADMIN_ORIGIN", "APP_URL"):
        monkeypatch.delenv(name)
    config.configure(None)
    ended = kindred("push", "--now")
    assert ended.code == 0
    assert "The worker is asked to do it" in ended.stderr
