"""`docs/cli.md` names every key that `--json` prints, with its type, and no other."""

import json
import re
from datetime import timedelta

import pytest
from bundle_shop import SEGMENT, BundleShop
from commands import a_terminal
from deliveries import Sender, hosted_app
from documented_json import DOCUMENTED, ROOT, check
from sqlalchemy import text
from stored_rows import a_customer, a_product, a_refund, an_order, together

from shop_app.bundles.terms import Form
from shop_app.clock import utc_now
from shop_app.services.backfill_shop import begin_backfill
from shop_app.storage import backfills, bundle_steps, bundles, encryption, engine
from shop_app.storage.engine import shopless, transaction


@pytest.fixture
def run(settings, database, monkeypatch, capsys):
    """Return what runs a command that must be done, and gives its stdout."""
    terminal = a_terminal(settings, monkeypatch, capsys)

    def run(*words):
        ended = terminal(*words)
        assert ended.code == 0, ended.stderr
        return ended.stdout

    return run


@pytest.fixture
def shop(shop_id, as_of):
    """A shop in which every key of every output has something to tell; its name, and Ann's second row."""
    with together(shop_id):
        ann = a_customer(
            shop_id, email="ann@example.com", tags=["vip"], shopify_id=10**9 + shop_id, first_name="Ann"
        )
        again = a_customer(shop_id, email="ann@example.com", phone="+493012345678", country="DE")
        a_customer(shop_id, email="idle@example.com")
        tea, pot = a_product(shop_id, category="Tea"), a_product(shop_id, vendor="Potter")
        for days in (3, 50, 120):
            order = an_order(
                shop_id,
                ann,
                at=as_of - timedelta(days=days, hours=3),
                total=5000,
                lines=[(tea, 4000), (pot, 1000)],
                discount=500,
                discount_codes=["SPRING"],
                channel="web",
            )
        a_refund(shop_id, order_id=order, amount=100, at=as_of - timedelta(days=1))
        a_refund(shop_id, customer_id=again, amount=50)
        an_order(shop_id, again, at=as_of - timedelta(days=9), total=700, currency="USD")
        an_order(shop_id, None, at=as_of - timedelta(days=9), total=700)
    with shopless() as connection:
        named = connection.execute(text("SELECT domain FROM shops WHERE id = :id"), {"id": shop_id})
        return named.scalar_one(), again


@pytest.fixture
def ask(shop, run):
    """Return what runs a command on the shop and reads its JSON."""
    return lambda command, *words: json.loads(run(command, *words, "--shop", shop[0], "--json"))


OWN = """
kindred: 1
segments:
- {slug: all-of-them, name: All, when: {feature: recency_days, at_least: 0}}
- {slug: regulars, name: Regulars, when: {feature: repeat_count, at_least: 2}}
"""


@pytest.fixture
def learned(shop, shop_id, ask, tmp_path, settings, database):
    """The shop with a segment of its own and groups that were learned a month ago; what `rules` said."""
    own = tmp_path / "own.yaml"
    own.write_text(OWN)
    ask("refresh")
    said = ask("rules", own, "--check"), ask("rules", own)
    ask("fit")
    encryption.load_keys(settings.keys, settings.hash_key)
    engine.connect(database)  # each command leaves this process without one
    with transaction(shop_id) as connection:
        for table, moment in (("model_fits", "live_from"), ("membership_changes", "changed_at")):
            connection.execute(text(f"UPDATE {table} SET {moment} = {moment} - interval '1 month'"))
    ask("refresh")
    return said


def test_every_command_that_prints_is_documented_as_it_is(shop, ask):
    _, again = shop
    check("refresh", ask("refresh"))
    rules = "excluded_tags=x", "excluded_channels=fax", "rates=GBP:1.2", "cut_off=2020-01-01"
    words = [word for rule in rules for word in ("--set", rule)]
    check("settings", ask("settings"), ask("settings", *words))
    check("split", ask("split", again))
    check("split", ask("merge", f"id:{again}"))


def test_what_is_told_of_segments_and_chosen_about_them_is_documented_as_it_is(learned, ask):
    shopify, earlier = ask("segments"), ask("segments", "--as-of", "2026-05-01")
    ask("settings", "--set", "vocabulary=klaviyo")
    check("segments", shopify, earlier, ask("segments"))
    nowhere = [key for key in DOCUMENTED["customer"] if key.startswith("destinations[]")]
    known = ask("customer", "ann@example.com"), ask("customer", "idle@example.com")
    check("customer", *known, unseen=nowhere)  # tests/journeys/test_push_commands.py has those
    check("moves", ask("moves", "--from", "2026-05-01", "--to", "2026-06-20"))
    check("rules", *learned)
    dimensions = "--dimension", "order_count", "--dimension", "recency_days"
    own = ask("goals", "--set", "own", "--name", "Ours", *dimensions, "--without", "channel")
    check("goals", ask("goals"), own, unseen={"choices.confirmed[]"})
    check("approve", ask("approve", "--review"))


def test_an_erasure_and_its_replay_are_documented_as_they_are(shop, shop_id, run, settings, database):
    name, _ = shop
    erased = json.loads(run("redact", name, "idle@example.com", "--json"))
    nobody = json.loads(run("redact", name, "nobody@example.com", "--json"))
    encryption.load_keys(settings.keys, settings.hash_key)
    engine.connect(database)  # each command leaves this process without one
    a_customer(shop_id, email="idle@example.com")
    check("redact", erased, nobody, json.loads(run("redact", "--replay", "--json")))


def test_exports_are_documented_as_they_are(shop, learned, run):
    name, *_ = shop
    for what in ("customers", "predictions", "segments", "definitions", "playbook", "ledger"):
        check(f"export {what}", json.loads(run("export", "--shop", name, "--what", what, "--format", "json")))


@pytest.fixture
def sold_together(shop_id):
    """The shop with a finding of every kind; its name, and the key of a candidate."""
    store = BundleShop(shop_id)
    store.looked_at()
    return store.domain, store.made(Form.BUY_GET).key


def test_bundles_are_documented_as_they_are(sold_together, shop_id, run, tmp_path, settings, database):
    name, key = sold_together

    def ask(*words):
        told = json.loads(run("bundles", "--shop", name, *words, "--json"))
        encryption.load_keys(settings.keys, settings.hash_key)
        engine.connect(database)  # each command leaves this process without one
        return told

    rules = ("never_together=Cup+Tea pot", "never_discounted=Teaware", "seasons=Cup:11 12", "left_out=Cup")
    ask(*(word for rule in (*rules, "kept_in=Cup") for word in ("--set", rule)))
    drafted = ask("--draft", key)
    with transaction(shop_id) as connection:
        number = bundle_steps.begin(connection, drafted["bundle"]["id"], "create", at=utc_now())
        bundle_steps.end(connection, drafted["bundle"]["id"], number, "done", words="Made.")
        bundles.write_result(connection, drafted["bundle"]["id"], {"orders": 3}, at=utc_now())
    lists = ("--pairs", "--sets", "--sequences", "--next", "--candidates", "--live")
    told = [drafted, ask("--show", drafted["bundle"]["id"]), ask(*lists), ask("--segment", SEGMENT)]
    (tmp_path / "baskets.csv").write_text("tea,pot\ntea,pot\ntea\n")
    words = ("--file", tmp_path / "baskets.csv", "--least-count", 1, "--sets", "--json")
    check("bundles", *told, json.loads(run("bundles", *words)))
    tables = {what: ("export", "--shop", name, "--what", what) for what in ("pairs", "sequences", "bundles")}
    for what, command in tables.items():
        check(f"export {what}", json.loads(run(*command, "--format", "json")))


def test_links_and_scheduled_files_are_documented_as_they_are(shop, learned, run):
    name, *_ = shop
    check("export", json.loads(run("export", "--shop", name, "--what", "segments", "--link", "--json")))
    added = json.loads(run("export-files", "--shop", name, "--add", "customers", "--json"))
    words = ("--add", "predictions", "--segment", "all-of-them", "--now")
    written = json.loads(run("export-files", "--shop", name, *words, "--json"))
    check("export-files", added, written)
    gone = json.loads(run("export-files", "--shop", name, "--remove", added["schedules"][0]["id"], "--json"))
    assert len(gone["schedules"]) == 1


def test_an_import_is_documented_as_it_is(run, tmp_path):
    table = tmp_path / "orders.csv"
    table.write_text(
        "order_id,customer_id,time,product,quantity,unit_price\n"
        "1,7,2026-05-01 10:00,Tea,1,4.00\n2,7,2026-05-13 10:00,Pot,2,9.50\nx,7,never,Pot,2,9.50\n"
    )
    words = ("import", table, "--shop", "documented", "--currency", "EUR", "--json")
    check("import", json.loads(run(*words)), json.loads(run(*words)))


@pytest.mark.parametrize("command", ["doctor", "make-keys", "migrate"])
def test_housekeeping_is_documented_as_it_is(run, command):
    check(command, json.loads(run(command, "--json")))


def test_every_command_is_documented(run):
    commands = re.findall(r"^  ([a-z-]+)  ", run("--help").split("Commands:")[1], re.MULTILINE)
    described = re.findall(r"`kindred ([a-z-]+)", (ROOT / "docs/cli.md").read_text(encoding="utf-8"))
    assert set(commands) <= set(described)


def test_webhooks_are_documented_as_they_are(shop_id, run, settings):
    sender = Sender(hosted_app(settings), shop_id)
    sender.send("orders/create", b"{")
    sender.drain(utc_now())
    sender.send("orders/create", b"[")
    listed = json.loads(run("webhooks", "--shop", sender.domain, "--json"))
    check("webhooks", listed)
    stuck = listed["stuck"][0]["id"]
    again = json.loads(run("webhooks", "--shop", sender.domain, "--replay", stuck, "--json"))
    assert (again["replayed_count"], again["dead_count"]) == (1, 0)
    assert "orders/create" in run("webhooks", "--shop", sender.domain)


def test_how_far_a_reading_is_is_documented_as_it_is(shop, shop_id, run, as_of, settings, database):
    begin_backfill(shop_id, as_of, "install")
    begun = json.loads(run("backfill", shop[0], "--json"))
    encryption.load_keys(settings.keys, settings.hash_key)
    engine.connect(database)
    with transaction(shop_id) as connection:
        reading = backfills.find_running(connection)
        for part in backfills.list_parts(connection, reading.id):
            known = {"expected_count": 500, "taken_count": 250, "work_seconds": 1.0, "error": "Odd."}
            backfills.change_part(connection, part, state="taking", pieces=2, pieces_taken=1, **known)
        for name in ("first_segments_at", "caught_up_at"):
            backfills.set_date(connection, reading.id, name, as_of)
        backfills.set_error(connection, reading.id, "Shopify is away.")
    going_on = json.loads(run("backfill", shop[0], "--json"))
    engine.connect(database)
    with transaction(shop_id) as connection:
        backfills.end(connection, reading.id, "failed", at=as_of, error="Odd.")
    check("backfill", begun, going_on, json.loads(run("backfill", shop[0], "--json")))
