"""Segments, customers and exports on the command line, as people read them."""

import csv
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from commands import a_terminal
from sqlalchemy import text
from stored_rows import a_customer, an_order, together

from shop_app.storage.engine import shopless


@pytest.fixture
def kindred(settings, database, monkeypatch, capsys):
    return a_terminal(settings, monkeypatch, capsys)


@pytest.fixture
def shop(shop_id, as_of, kindred):
    """Ann in two rows, Bob who tries formulas, and a guest; fitted and refreshed by command."""
    with together(shop_id):
        ann = a_customer(shop_id, email="ann@example.com", first_name="Ann", last_name="Ace")
        again = a_customer(shop_id, email="ann@example.com")
        bob = a_customer(shop_id, email="bob@example.com", first_name="=1+1")
        for days, customer in ((4, ann), (30, again), (60, ann), (300, bob)):
            an_order(shop_id, customer, at=as_of - timedelta(days=days, hours=1), total=1250)
        an_order(shop_id, ann, at=as_of - timedelta(days=5), total=990, test=True, name="#T1")
        an_order(shop_id, None, at=as_of, total=10)
    with shopless() as connection:
        named = connection.execute(text("SELECT domain FROM shops WHERE id = :id"), {"id": shop_id})
        name = named.scalar_one()
    for words in (("fit", "--edges-only"), ("refresh",)):
        assert kindred(*words, "--shop", name).code == 0
    return SimpleNamespace(name=name, ann=ann, again=again, bob=bob)


def test_a_shop_without_segments_says_what_to_do(shop_id, kindred):
    with shopless() as connection:
        named = connection.execute(text("SELECT domain FROM shops WHERE id = :id"), {"id": shop_id})
        name = named.scalar_one()
    ended = kindred("segments", "--shop", name)
    assert (ended.code, ended.stdout) == (1, "")
    assert "kindred refresh" in ended.stderr


def test_segments_are_a_table_with_the_money_of_the_shop(shop, kindred):
    ended = kindred("segments", "--shop", shop.name)
    assert ended.code == 0
    assert "Tea, as of 30 Jun 2026, 23:59 UTC" in ended.stdout
    assert "2 customers, 2 of them buyers; 4 orders; revenue €50.00; average order €12.50" in ended.stdout
    lines = [line.split() for line in ended.stdout.splitlines()]
    assert ["Best", "customers", "1", "50.0%", "€37.50", "75.0%", "€12.50", "4", "days"] in lines
    assert "A test order, not a sale." in ended.stdout


def test_another_day_is_worked_out_and_stored_nowhere(shop, kindred):
    before = json.loads(kindred("segments", "--shop", shop.name, "--json").stdout)
    earlier = json.loads(kindred("segments", "--shop", shop.name, "--as-of", "2026-05-15", "--json").stdout)
    assert (earlier["stored"], earlier["order_count"], earlier["as_of"][:10]) == (False, 2, "2026-05-15")
    assert json.loads(kindred("segments", "--shop", shop.name, "--json").stdout) == before
    same = json.loads(kindred("segments", "--shop", shop.name, "--as-of", "2026-06-30", "--json").stdout)
    assert same == before
    assert same["stored"]


def test_a_customer_is_told_with_reason_and_orders(shop, kindred):
    ended = kindred("customer", "ANN@example.com", "--shop", shop.name)
    assert ended.code == 0
    assert f"Ann Ace (id:{shop.ann})" in ended.stdout
    assert "Best customers: last order 4 days ago (recency 5 of 5), 3 orders" in ended.stdout
    assert "Made of 2 customers" in ended.stdout
    (test_order,) = [line for line in ended.stdout.splitlines() if line.startswith("#T1")]
    assert test_order.endswith("A test order, not a sale.")


def test_a_merge_is_undone_and_done_again_by_command(shop, kindred):
    refused = kindred("split", "ann@example.com", "--shop", shop.name)
    assert refused.code == 1
    assert f"id:{shop.ann}, id:{shop.again}" in refused.stderr
    assert "kept apart" in kindred("split", shop.again, "--shop", shop.name).stdout
    count = "3 customers, 3 of them buyers"
    assert count in kindred("segments", "--shop", shop.name).stdout
    assert kindred("merge", f"id:{shop.again}", "--shop", shop.name).code == 0
    assert count not in kindred("segments", "--shop", shop.name).stdout


def test_a_switch_moves_the_figures_and_a_wrong_one_is_refused(shop, kindred):
    changed = kindred("settings", "--shop", shop.name, "--set", "rates=USD:0.9")
    assert ["rates", "USD:0.9"] in [line.split() for line in changed.stdout.splitlines()]
    wrong = kindred("settings", "--shop", shop.name, "--set", "include_tax=perhaps")
    assert (wrong.code, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith("include_tax must be yes or no")
    assert kindred("settings", "--shop", shop.name, "--set", "include_tax").code == 1


def test_an_exported_table_opens_safely_and_in_units(shop, kindred, tmp_path):
    out = tmp_path / "customers.csv"
    ended = kindred("export", "--shop", shop.name, "--what", "customers", "--out", out)
    assert (ended.code, ended.stdout) == (0, "")
    with out.open(newline="", encoding="utf-8") as file:
        rows = {int(row["customer_id"]): row for row in csv.DictReader(file)}
    assert (rows[shop.bob]["name"], rows[shop.bob]["total_spent"]) == ("'=1+1", "12.50")
    assert [path.name for path in tmp_path.iterdir()] == ["customers.csv"]


def test_an_export_that_fails_leaves_the_old_file_alone(shop, kindred, tmp_path, monkeypatch):
    out = tmp_path / "ledger.csv"
    out.write_text("old")
    monkeypatch.setattr("shop_app.services.export_text.safe_cell", lambda value: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        kindred("export", "--shop", shop.name, "--what", "ledger", "--out", out)
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.csv"]


def test_an_export_of_nobody_has_no_rows(shop, kindred):
    ended = kindred(
        "export", "--shop", shop.name, "--what", "customers", "--segment", "nosuch", "--format", "json"
    )
    assert (ended.code, json.loads(ended.stdout)) == (0, [])


@pytest.mark.parametrize("command", ["segments", "refresh", "fit", "settings", "export"])
def test_a_shop_must_be_named_and_there(shop, kindred, command):
    words = ["--what", "ledger"] if command == "export" else []
    assert kindred(command, *words).code == 2
    ended = kindred(command, *words, "--shop", "nowhere")
    assert ended.code == 1
    assert "There is no shop called 'nowhere'" in ended.stderr
